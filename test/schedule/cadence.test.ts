import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cadence } from '../../src/domain/schedule.js';
import { checkCadence, dueBetween, instantOfWallClock, nextDue } from '../../src/schedule/cadence.js';

const paris = (cron: string): Cadence => ({ cron, timeZone: 'Europe/Paris' });
const MANY = 1_000;

function due(cadence: Cadence, after: string, upTo: string): string[] {
  const { instants } = dueBetween(cadence, new Date(after), new Date(upTo), MANY);
  return instants.map((instant) => instant.toISOString().slice(0, 16));
}

// In 2026 the clocks of Paris go from 02:00 to 03:00 on 29 March at 01:00Z, and from 03:00 back to 02:00 on 25 October
// at 01:00Z. Every expected value below is counted by hand from these two facts.
describe('the night of March that lacks an hour', () => {
  it('has its 02:30 slot an hour of wall clock later, at 03:30, once', () => {
    expect(due(paris('30 2 * * *'), '2026-03-28T00:00Z', '2026-03-31T00:00Z')).toEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:30',
      '2026-03-30T00:30',
    ]);
  });

  it('has one slot where two times fall together', () => {
    expect(due(paris('0 2,3 * * *'), '2026-03-28T12:00Z', '2026-03-29T23:00Z')).toEqual(['2026-03-29T01:00']);
  });

  it('has 23 hourly slots', () => {
    expect(due(paris('30 * * * *'), '2026-03-28T23:00Z', '2026-03-29T22:00Z')).toHaveLength(23);
  });
});

describe('the night of October that has an hour twice', () => {
  it('has its 02:30 slot once, the first time', () => {
    expect(due(paris('30 2 * * *'), '2026-10-24T00:00Z', '2026-10-27T00:00Z')).toEqual([
      '2026-10-24T00:30',
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  it.each(['2026-10-25T00:30Z', '2026-10-25T00:45Z', '2026-10-25T01:00Z', '2026-10-25T01:15Z'])(
    'does not have it again for who looks from %s on',
    (from) => {
      expect(nextDue(paris('30 2 * * *'), new Date(from)).toISOString()).toBe('2026-10-26T01:30:00.000Z');
    },
  );

  it('has 25 hourly slots', () => {
    expect(due(paris('30 * * * *'), '2026-10-24T22:00Z', '2026-10-25T23:00Z')).toHaveLength(25);
  });
});

describe('a cadence', () => {
  it('of 29 February comes in leap years alone', () => {
    const leap = paris('30 2 29 2 *');
    expect(nextDue(leap, new Date('2026-11-22T00:00Z')).toISOString()).toBe('2028-02-29T01:30:00.000Z');
    expect(due(leap, '2027-02-01T00:00Z', '2027-03-31T00:00Z')).toEqual([]);
    expect(due(leap, '2028-02-28T00:00Z', '2028-03-02T00:00Z')).toEqual(['2028-02-29T01:30']);
  });

  it('follows its own time zone', () => {
    const reunion = { cron: '30 2 * * *', timeZone: 'Indian/Reunion' };
    expect(due(reunion, '2026-03-28T00:00Z', '2026-03-29T23:00Z')).toEqual([
      '2026-03-28T22:30',
      '2026-03-29T22:30',
    ]);
  });

  it('gives the newest instants when there are too many, and says so', () => {
    const found = dueBetween(
      paris('0 5 * * *'),
      new Date('2026-01-01T00:00Z'),
      new Date('2026-11-22T00:00Z'),
      2,
    );
    expect(found.instants.map((instant) => instant.toISOString())).toEqual([
      '2026-11-20T04:00:00.000Z',
      '2026-11-21T04:00:00.000Z',
    ]);
    expect(found.more).toBe(true);
  });

  it.each([
    ['', 'CRON_INVALID'],
    ['30 2 * *', 'CRON_INVALID'],
    ['* 30 2 * * *', 'CRON_INVALID'],
    ['@daily', 'CRON_INVALID'],
    ['61 2 * * *', 'CRON_INVALID'],
    ['0 0 31 2 *', 'CRON_INVALID'],
    ['tous les jours à cinq', 'CRON_INVALID'],
    ['* * * * *', 'CRON_TOO_OFTEN'],
    ['0,4 5 * * *', 'CRON_TOO_OFTEN'],
    ['0,57 5,6 * * *', 'CRON_TOO_OFTEN'],
  ])('%j is refused as %s', (cron, code) => {
    expect(() => checkCadence(paris(cron), new Date('2026-11-22T00:00Z'))).toThrow(
      expect.objectContaining({ code }) as Error,
    );
  });

  it('is refused in an unknown time zone', () => {
    expect(() => checkCadence({ cron: '0 5 * * *', timeZone: 'Europe/Pari' }, new Date())).toThrow(
      expect.objectContaining({ code: 'TIME_ZONE_UNKNOWN' }) as Error,
    );
  });

  it.each(['*/5 * * * *', '0,57 5 * * *', '30 2 29 2 *', '0 3 * * 0'])('%j is accepted', (cron) => {
    expect(() => checkCadence(paris(cron), new Date('2026-11-22T00:00Z'))).not.toThrow();
  });
});

describe('a date told by the wall clock', () => {
  const now = new Date('2026-11-22T00:00Z');
  it.each([
    ['2026-12-01T08:00', '2026-12-01T07:00:00.000Z'],
    ['2027-07-14 08:00', '2027-07-14T06:00:00.000Z'],
    ['2026-11-21T08:00', undefined],
    ['2027-02-30T08:00', undefined],
    ['demain', undefined],
  ])('%s is %s', (text, expected) => {
    expect(instantOfWallClock(text, 'Europe/Paris', now)?.toISOString()).toBe(expected);
  });
});

/** The wall clock of Paris, asked of Intl: neither of the two cron libraries. */
const WALL = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Europe/Paris',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
});
const wallOf = (ms: number): string => WALL.format(ms).replace(', ', 'T');

const HOUR = 3_600_000;
/** The changes of hour of 2026 and 2027: last Sundays of March and October, 01:00Z. */
const CHANGES = ['2026-03-29', '2026-10-25', '2027-03-28', '2027-10-31'].map((day) =>
  Date.parse(`${day}T01:00Z`),
);
const minutesAway = fc.integer({ min: -4 * 60, max: 4 * 60 });
const threeCuts = fc
  .tuple(fc.constantFrom(...CHANGES), minutesAway, minutesAway, minutesAway)
  .map(([change, ...away]) =>
    away.sort((a, b) => a - b).map((minutes) => new Date(change + minutes * 60_000)),
  );
const daily = fc.record({ minute: fc.integer({ min: 0, max: 59 }), hour: fc.integer({ min: 0, max: 23 }) });

describe('whatever the cadence, around a change of hour', () => {
  it('looking twice gives the same slots as looking once, wherever the cut', () => {
    const hours = fc.constantFrom('*', '*/2', '2', '1-3', '2,3', '0', '3');
    fc.assert(
      fc.property(hours, fc.integer({ min: 0, max: 59 }), threeCuts, (hour, minute, cuts) => {
        const [a, b, c] = cuts as [Date, Date, Date];
        const cadence = paris(`${minute} ${hour} * * *`);
        const instants = (from: Date, to: Date): number[] =>
          dueBetween(cadence, from, to, MANY).instants.map((instant) => instant.getTime());
        expect([...instants(a, b), ...instants(b, c)]).toEqual(instants(a, c));
      }),
      { numRuns: 150 },
    );
  });

  it('a daily slot comes once each day of the calendar, at its time or, when that is lacking, an hour later', () => {
    fc.assert(
      fc.property(daily, fc.constantFrom(...CHANGES), ({ minute, hour }, change) => {
        const [from, to] = [change - 40 * HOUR, change + 40 * HOUR];
        const { instants } = dueBetween(paris(`${minute} ${hour} * * *`), new Date(from), new Date(to), MANY);
        const walls = instants.map((instant) => wallOf(instant.getTime()));
        const days = walls.map((wall) => wall.slice(0, 10));
        expect(new Set(days).size).toBe(days.length);
        const two = (value: number): string => String(value).padStart(2, '0');
        const wanted = `${two(hour)}:${two(minute)}`;
        const shifted = `${two(hour + 1)}:${two(minute)}`;
        const lacking = hour === 2 && wallOf(change).slice(11) === '03:00';
        for (const [index, wall] of walls.entries()) {
          const allowed = lacking && instants[index]?.getTime() === change + minute * 60_000;
          expect(wall.slice(11)).toBe(allowed ? shifted : wanted);
        }
        // Eighty hours: three days of the calendar are whole or cut, never fewer than three slots.
        expect(walls.length).toBeGreaterThanOrEqual(3);
      }),
      { numRuns: 60 },
    );
  });
});
