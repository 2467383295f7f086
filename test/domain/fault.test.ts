import { expect, it } from 'vitest';
import { DataError, faultOf } from '../../src/domain/errors.js';

it('keeps the words of an error that was foreseen', () => {
  const told = { code: 'ESSAI', message: 'Un essai.', remedy: 'rien à faire.', place: 'ici' };
  expect(faultOf(new DataError(told))).toEqual({ ...told, source: null });
});

it('never keeps those of one that was not: they may quote a row, a number, a secret', () => {
  for (const thrown of [new TypeError('cannot read 0261910011 of secret-d-essai'), 'secret-d-essai']) {
    const { code, message, remedy } = faultOf(thrown);
    expect(code).toBe('BUG');
    expect(`${message}${remedy}`).not.toMatch(/0261910011|secret-d-essai/);
    expect(remedy).toContain('journal du service');
  }
});
