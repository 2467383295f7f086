import { describe, expect, it } from 'vitest';
import { isOpen, type WriteWindow } from '../../src/domain/windows.js';

const week: readonly WriteWindow[] = [
  { days: ['lun', 'mar', 'mer', 'jeu', 'ven'], from: '07:30', to: '20:00' },
];
const night: readonly WriteWindow[] = [{ days: ['dim'], from: '22:00', to: '04:00' }];

describe('write windows', () => {
  it.each([
    ['Thursday 07:29 in winter', '2026-03-12T06:29:00Z', false],
    ['Thursday 07:30 in winter', '2026-03-12T06:30:00Z', true],
    ['Thursday 07:30 in summer', '2026-07-16T05:30:00Z', true],
    ['Thursday 07:29 in summer', '2026-07-16T05:29:00Z', false],
    ['Thursday 19:59', '2026-03-12T18:59:00Z', true],
    ['Thursday 20:00', '2026-03-12T19:00:00Z', false],
    ['Saturday noon', '2026-03-14T11:00:00Z', false],
  ])('follow the clock of Paris: %s', (_name, at, open) => {
    expect(isOpen(week, new Date(at))).toBe(open);
  });

  it.each([
    ['Sunday 21:59', '2026-03-15T20:59:00Z', false],
    ['Sunday 22:00', '2026-03-15T21:00:00Z', true],
    ['Monday 03:59', '2026-03-16T02:59:00Z', true],
    ['Monday 04:00', '2026-03-16T03:00:00Z', false],
    ['Monday 22:30', '2026-03-16T21:30:00Z', false],
    // Night of 25/10/2026: 02:30 comes twice, at +02:00 and at +01:00.
    ['02:30 of the long night, first time', '2026-10-25T00:30:00Z', false],
  ])('go on past midnight into the next day: %s', (_name, at, open) => {
    expect(isOpen(night, new Date(at))).toBe(open);
  });

  it('are open twice in the hour that a night of October has twice', () => {
    const saturday: readonly WriteWindow[] = [{ days: ['sam'], from: '23:00', to: '03:00' }];
    expect(isOpen(saturday, new Date('2026-10-25T00:30:00Z'))).toBe(true);
    expect(isOpen(saturday, new Date('2026-10-25T01:30:00Z'))).toBe(true);
    expect(isOpen(saturday, new Date('2026-10-25T02:00:00Z'))).toBe(false);
  });

  it('are always open when none is written', () => {
    expect(isOpen([], new Date('2026-03-14T03:00:00Z'))).toBe(true);
  });
});
