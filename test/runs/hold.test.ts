import { describe, expect, it } from 'vitest';
import type { AsideRow } from '../../src/domain/rows.js';
import { faultIdentity, hold, type HeldBefore } from '../../src/runs/hold.js';

const FIRST_SEEN: HeldBefore = { faults: new Set(), doubtful: new Set() };

function aside(given: Partial<AsideRow>): AsideRow {
  const text = { message: 'essai', remedy: 'essai' };
  return { kind: 'aside', code: 'ESSAI', locator: { file: 'essai.csv', line: 7 }, ...text, ...given };
}

const ALPHA = 'alpha|fimarad|ch de dieppe';
const BETA = 'beta|fimarad|ch argentan';
const GAMMA = 'gamma|filfoie|ch de coutances';

describe('a row set aside', () => {
  it.each([
    ['its own key', ALPHA],
    ['a filière that cannot be read', 'alpha|*|ch de dieppe'],
    ['a place that cannot be read', 'alpha|fimarad|*'],
    ['a title that cannot be read', '*|fimarad|ch de dieppe'],
    ['a public that the list used to leave out', `${ALPHA}#adulte`],
  ])('holds the entry that it names, and no other: %s', (_name, key) => {
    const held = hold([ALPHA, BETA, GAMMA], [aside({ key })], FIRST_SEEN);
    expect([held.keys, held.doubtful]).toEqual([[ALPHA], []]);
  });

  it('does not name an entry of another public or campaign', () => {
    const held = hold(
      [`${ALPHA}#adulte`, `${ALPHA}#pédiatrique`, `${ALPHA}@2017`],
      [aside({ key: `${ALPHA}#adulte` }), aside({ key: `${ALPHA}@2017` })],
      FIRST_SEEN,
    );
    expect(held.keys).toEqual([`${ALPHA}#adulte`, `${ALPHA}@2017`]);
  });

  it('that could not be cut names every entry whose parts stand in it', () => {
    const words = ['ccmr', 'alpha', 'fimarad', 'ch de dieppe', 'beta', 'ch argentan', 'filfoie'];
    expect(hold([ALPHA, BETA, GAMMA], [aside({ words })], FIRST_SEEN).keys).toEqual([ALPHA, BETA]);
  });

  it('that names nobody may be any entry that shares something with it', () => {
    const row = aside({ key: 'delta|fimarad|ch du havre' });
    const held = hold([ALPHA, BETA, GAMMA], [row], FIRST_SEEN);
    expect(held).toEqual({ keys: [ALPHA, BETA], doubtful: [ALPHA, BETA], by: [row] });
  });

  it.each([
    ['under an unreadable key', { key: '*|*|*' }],
    ['in no column', { words: ['x'] }],
  ])('of which nothing is known may be anybody: %s', (_name, given) => {
    expect(hold([ALPHA, GAMMA], [aside(given)], FIRST_SEEN).doubtful).toEqual([ALPHA, GAMMA]);
  });

  it('holds nothing when it repeats a header or a row that was kept', () => {
    const rows = [aside({ code: 'HEADER_REPEATED' }), aside({ code: 'DUPLICATE', key: BETA })];
    expect(hold([ALPHA], rows, FIRST_SEEN).keys).toEqual([]);
  });
});

describe('a fault that lasts', () => {
  const row = aside({ key: '*|*|*', value: '=A1' });
  const before = { faults: new Set([faultIdentity(row)]), doubtful: new Set([ALPHA]) };

  it('goes on holding what it held, and lets go what stood beside it until now', () => {
    expect(hold([ALPHA, BETA], [row], before)).toEqual({ keys: [ALPHA], doubtful: [ALPHA], by: [row] });
  });

  it('goes on holding the entry that it names', () => {
    const named = aside({ key: 'beta|*|ch argentan' });
    const known = { faults: new Set([faultIdentity(named)]), doubtful: new Set<string>() };
    expect(hold([ALPHA, BETA], [named], known).keys).toEqual([BETA]);
  });
});
