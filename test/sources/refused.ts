import { expect } from 'vitest';
import { SourceError } from '../../src/domain/errors.js';

/** The fault with which a reading of a delivery `essai.csv` is refused: its code, with a place and a remedy. */
export async function fails(reading: Promise<unknown>, code: string): Promise<SourceError> {
  const error: unknown = await reading.then(
    () => new Error('nothing was refused'),
    (one: unknown) => one,
  );
  expect(error).toBeInstanceOf(SourceError);
  const fault = error as SourceError;
  expect(fault.code).toBe(code);
  expect(fault.remedy).not.toBe('');
  expect(fault.place).toContain('essai.csv');
  return fault;
}
