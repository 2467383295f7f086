import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AppliedRow, LinkEvent, OfferVersion } from '../../src/db/as-of.js';
import type { CentreId } from '../../src/domain/ids.js';
import type { Json } from '../../src/domain/json.js';
import {
  appliedAt,
  differences,
  linkAt,
  lost,
  offerAt,
  writer,
  type Elements,
} from '../../src/runs/as-of-offer.js';

const OFFER = '28/ESSAI-0001';
const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 10, 8, minute));

function version(no: number, minute: number, given: Partial<OfferVersion> = {}): OfferVersion {
  return {
    no,
    remoteId: 'essai-1',
    identifier: OFFER,
    versionId: String(no),
    gone: false,
    seenAt: at(minute),
    ...given,
  };
}

describe('an offer at an instant', () => {
  const versions = [version(1, 10), version(2, 20), version(3, 30, { gone: true }), version(4, 40)];

  it.each([
    [9, 'unread since 10'],
    [10, 'version 1'],
    [19, 'version 1'],
    [20, 'version 2'],
    [29, 'version 2'],
    [30, 'gone since 30'],
    [39, 'gone since 30'],
    [40, 'version 4'],
    [1000, 'version 4'],
  ])('at minute %i is %s', (minute, expected) => {
    const found = offerAt(versions, OFFER, at(minute));
    const told = {
      unread: () => `unread since ${String(found.kind === 'unread' ? found.first?.getUTCMinutes() : '')}`,
      read: () => `version ${String(found.kind === 'read' ? found.version.no : '')}`,
      gone: () => `gone since ${String(found.kind === 'gone' ? found.since.getUTCMinutes() : '')}`,
    }[found.kind]();
    expect(told).toBe(expected);
  });

  it('that was never read says so', () => {
    expect(offerAt([], OFFER, at(0))).toEqual({ kind: 'unread', first: null });
  });

  it('whose resource took another number is no longer there, and is not said to be deleted', () => {
    const renumbered = [version(1, 10), version(2, 20, { identifier: '28/AUTRE' })];
    expect(offerAt(renumbered, OFFER, at(25))).toEqual({ kind: 'gone', since: at(20), how: 'renumbered' });
    expect(offerAt(renumbered, '28/AUTRE', at(25))).toMatchObject({ kind: 'read', twins: 0 });
    expect(offerAt(renumbered, '28/AUTRE', at(15))).toEqual({ kind: 'unread', first: at(20) });
  });

  it('that two resources bore is told with its twin', () => {
    const twins = [version(1, 10), version(2, 20, { remoteId: 'essai-2' })];
    expect(offerAt(twins, OFFER, at(15))).toMatchObject({ version: { no: 1 }, twins: 0 });
    expect(offerAt(twins, OFFER, at(25))).toMatchObject({ version: { no: 2 }, twins: 1 });
  });

  it('is the last version recorded by then, whatever the history', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ minute: fc.integer({ min: 0, max: 59 }), gone: fc.boolean() }), {
          maxLength: 12,
        }),
        fc.integer({ min: 0, max: 59 }),
        (steps, minute) => {
          const history = steps.map(({ minute: seen, gone }, rank) => version(rank + 1, seen, { gone }));
          // Said again, naively: go through the record and keep the last line that is not of later.
          let last: OfferVersion | null = null;
          for (const each of history) if (each.seenAt <= at(minute)) last = each;
          const found = offerAt(history, OFFER, at(minute));
          if (last === null) expect(found.kind).toBe('unread');
          else if (last.gone) expect(found).toMatchObject({ kind: 'gone', since: last.seenAt });
          else expect(found).toMatchObject({ kind: 'read', version: { no: last.no } });
        },
      ),
    );
  });

  it('does not depend on what was recorded after it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 59 }), { maxLength: 12 }),
        fc.integer({ min: 0, max: 59 }),
        (minutes, minute) => {
          const history = [...minutes].sort((a, b) => a - b).map((each, rank) => version(rank + 1, each));
          const known = history.filter(({ seenAt }) => seenAt <= at(minute));
          const [whole, then] = [history, known].map((each) => offerAt(each, OFFER, at(minute)));
          expect(whole?.kind).toBe(then?.kind);
          if (whole?.kind !== 'unread') expect(whole).toEqual(then);
        },
      ),
    );
  });
});

describe('two dates', () => {
  const older: Elements = new Map<string, Json>([
    ['name', 'Consultation d’essai'],
    ['comment.text', 'bâtiment A'],
    ['characteristic[expertiseLevel]#11', { code: '11' }],
  ]);
  const newer: Elements = new Map<string, Json>([
    ['name', 'Consultation d’essai'],
    ['comment.text', 'bâtiment B'],
    ['characteristic[careMode]#32', { code: '32' }],
  ]);

  it('differ by what one says and the other does not; equal elements are left out', () => {
    expect(differences(older, newer)).toEqual([
      { key: 'comment.text', older: 'bâtiment A', newer: 'bâtiment B' },
      { key: 'characteristic[expertiseLevel]#11', older: { code: '11' } },
      { key: 'characteristic[careMode]#32', newer: { code: '32' } },
    ]);
  });

  it('agree in any order: what one lost is what the other gained', () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean());
    const elements = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value);
    fc.assert(
      fc.property(elements, elements, (one, two) => {
        const [a, b] = [
          new Map<string, Json>(Object.entries(one)),
          new Map<string, Json>(Object.entries(two)),
        ];
        const there = differences(a, b).map(({ key, older: x, newer: y }) => [key, x, y]);
        const back = differences(b, a).map(({ key, older: x, newer: y }) => [key, y, x]);
        expect(back.sort()).toEqual(there.sort());
        expect(differences(a, a)).toEqual([]);
      }),
    );
  });
});

describe('what filror had written', () => {
  const row = (key: string, minute: number, readBack: Json | null): AppliedRow => ({
    identifier: OFFER,
    key,
    readBack,
    channel: 'ror',
    centres: [],
    at: at(minute),
  });
  const rows = [
    row('comment', 10, 'bloc 1'),
    row('name', 10, 'nom'),
    row('comment', 20, 'bloc 2'),
    row('name', 30, null),
  ];

  it('is the last value read back by then, until it is taken back', () => {
    const keysAt = (minute: number): unknown =>
      Object.fromEntries(
        [...appliedAt(rows, OFFER, at(minute))].map(([key, { readBack }]) => [key, readBack]),
      );
    expect(keysAt(9)).toEqual({});
    expect(keysAt(10)).toEqual({ comment: 'bloc 1', name: 'nom' });
    expect(keysAt(25)).toEqual({ comment: 'bloc 2', name: 'nom' });
    expect(keysAt(30)).toEqual({ comment: 'bloc 2' });
    expect([...appliedAt(rows, '28/AUTRE', at(30))]).toEqual([]);
  });

  it('is told apart from what others changed or took away', () => {
    const ours = appliedAt(rows, OFFER, at(25));
    expect(writer(ours, 'comment', 'bloc 2')).toBe('filror');
    expect(writer(ours, 'comment', 'autre chose')).toBe('changedSince');
    expect(writer(ours, 'type', '01')).toBe('others');
    expect(lost(ours, new Map([['comment', 'bloc 2']])).map(({ key }) => key)).toEqual(['name']);
  });
});

describe('a centre and its offer', () => {
  const centre = 'cmr_aaaaaaaaaaaaaaaa' as CentreId;
  const link = (minute: number | null, linked = true): LinkEvent => ({
    centre,
    identifier: OFFER,
    linked,
    createdByUs: false,
    at: minute === null ? null : at(minute),
    changeId: null,
  });
  const told = (links: readonly LinkEvent[], minute: number): unknown => {
    const { link: is, since } = linkAt(links, { centre, identifier: OFFER }, at(minute));
    return [is, since?.getUTCMinutes() ?? null];
  };

  it('are linked since the first writing, however many followed, until it leaves', () => {
    const links = [link(10), link(20), link(30, false), link(40)];
    expect([5, 10, 25, 30, 45].map((minute) => told(links, minute))).toEqual([
      ['notYet', null],
      ['linked', 10],
      ['linked', 10],
      ['left', 30],
      ['linked', 40],
    ]);
  });

  it('are linked at an unknown date where nothing says when', () => {
    expect(told([link(null)], 59)).toEqual(['unknown', null]);
  });
});
