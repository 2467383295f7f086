import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  consolidate,
  type Completion,
  type ConsolidatedCentre,
  type FieldExplanation,
  type ObservationRef,
} from '../../src/consolidate/centre.js';
import { valueOf } from '../../src/consolidate/said.js';
import type { CentreId } from '../../src/domain/ids.js';
import { RANKED_FIELDS, type RankedField } from '../../src/domain/ranked-fields.js';
import { CAMILLE, finess, row } from '../support/material.js';

const CENTRE = 'cmr_aaaaaaaaaaaaaaaa' as CentreId;
const merge = (...refs: readonly ObservationRef[]): ConsolidatedCentre => consolidate(CENTRE, refs, []);
const why = (centre: ConsolidatedCentre, field: RankedField): FieldExplanation => {
  const found = centre.explanations.find((each) => each.field === field);
  if (found === undefined) throw new Error(`no explanation of ${field}`);
  return found;
};
/** What is kept of a field, whichever it is. */
const keptOf = (centre: ConsolidatedCentre, field: RankedField): unknown =>
  field === 'establishment'
    ? valueOf(centre.placed.observation, 'establishment')
    : field === 'label'
      ? centre.label
      : centre[field];

const A = { source: 'liste-a', precedence: 60 };
const B = { source: 'liste-b', precedence: 40 };

describe('the rank of a source for one field', () => {
  it('gives that field to a source that is less trusted for the rest', () => {
    const centre = merge(
      row({ title: 'Centre d’essai A', public: 'adulte' }, A),
      row({ title: 'Centre d’essai B', public: 'mixte' }, { ...B, ranks: { public: 95 } }),
    );
    expect([centre.title, centre.public]).toEqual(['Centre d’essai A', 'mixte']);
    expect(centre.provenance.get('public')).toEqual([
      expect.objectContaining({ kind: 'source', origin: 'liste-b', rank: 95 }),
    ]);
    expect(centre.provenance.get('title')?.[0]).toMatchObject({ origin: 'liste-a', rank: 60 });
  });

  it('takes the whole establishment from one row, never its town from another', () => {
    const a = row({ hospital: 'Hôpital d’essai Un', town: 'Caen' }, A);
    const b = row({ hospital: 'Hôpital d’essai Deux', town: null }, { ...B, ranks: { establishment: 90 } });
    const centre = merge(a, b);
    expect([centre.hospital, centre.town]).toEqual(['Hôpital d’essai Deux', null]);
    expect(centre.placed).toBe(b);
  });

  it('prefers a row that names a hospital to a better one that gives its town only', () => {
    const centre = merge(
      row({ hospital: '', town: 'Caen' }, A),
      row({ hospital: 'Hôpital d’essai', town: null }, B),
    );
    expect(centre.hospital).toBe('Hôpital d’essai');
  });

  it('leaves empty what only a source that may never give it says, and shows it', () => {
    const centre = merge(
      row({ public: null }, A),
      row({ public: 'mixte' }, { ...B, ranks: { public: 'never' } }),
    );
    expect(centre.public).toBeNull();
    expect(why(centre, 'public')).toMatchObject({ because: 'barred', kept: null });
    expect(centre.disagreements).toEqual([
      expect.objectContaining({
        field: 'public',
        kept: 'null',
        others: [expect.objectContaining({ value: '"mixte"' })],
      }),
    ]);
  });

  it('lets any other source win over one that may never give it, be it of rank 0', () => {
    const centre = merge(
      row({ public: 'adulte' }, { ...A, ranks: { public: 'never' } }),
      row({ public: 'mixte' }, { ...B, precedence: 0 }),
    );
    expect(centre.public).toBe('mixte');
  });

  it('still names a centre that only such a source names, and says that it may not', () => {
    const centre = merge(row({ title: 'Centre d’essai A' }, { ...A, ranks: { title: 'never' } }));
    expect(centre.title).toBe('Centre d’essai A');
    expect(why(centre, 'title').because).toBe('barred');
  });

  it('breaks a tie by the name of the source, and says so', () => {
    const [a, b] = [row({ public: 'adulte' }, A), row({ public: 'mixte' }, { ...B, precedence: 60 })];
    for (const centre of [merge(a, b), merge(b, a)]) {
      expect(centre.public).toBe('adulte');
      expect(why(centre, 'public').because).toBe('tie');
    }
  });

  it('is not written where a single source speaks: nothing had to decide', () => {
    expect(merge(row({}, A)).provenance.get('title')?.[0]).not.toHaveProperty('rank');
  });
});

describe('a disagreement', () => {
  const same = (field: RankedField, a: Parameters<typeof row>[0], b: Parameters<typeof row>[0]): void => {
    const centre = merge(row(a, A), row(b, B));
    expect(centre.disagreements.map((each) => each.field)).not.toContain(field);
    expect(why(centre, field).others[0]?.agrees).toBe(true);
  };
  const label = (campaign: number | null, campaignText: string) => ({
    level: 'CCMR' as const,
    campaign,
    campaignText,
  });

  it('is none between two spellings of one value', () => {
    same('title', { title: 'Maladies d’Été' }, { title: 'MALADIES D’ETE' });
    same('network', { network: 'Essai-Derm' }, { network: 'ESSAI DERM' });
    same('label', { label: label(2023, '2023') }, { label: label(2023, '2022-2023') });
    same('label', { label: label(null, 'Avant 2017') }, { label: label(null, 'avant 2017') });
    same('specificActs', { specificActs: ['1635', '1'] }, { specificActs: ['1', '1635'] });
    same('establishment', { hospital: 'CH de Dieppe' }, { hospital: 'Centre hospitalier de DIEPPE' });
  });

  it('is none between two rows that give one site, however they write the hospital', () => {
    const finessEg = finess('14000900') as never;
    same('establishment', { hospital: 'Hôpital Un', finessEg }, { hospital: 'Hôpital Deux', finessEg });
  });

  it('is none with a source that says nothing', () => {
    const centre = merge(row({ public: 'adulte' }, A), row({ public: null, specificActs: [] }, B));
    expect(centre.disagreements).toEqual([]);
    expect(why(centre, 'public').because).toBe('only');
  });

  it('is that of the row by which the other source speaks, not of its older campaigns', () => {
    const key = 'essai';
    const centre = merge(
      row({ label: label(2023, '2023') }, { ...A, key }),
      row({ label: label(2023, '2023') }, { ...B, key }),
      row({ label: label(2017, '2017') }, { ...B, key: `${key}@2017` }),
    );
    expect(centre.disagreements).toEqual([]);
  });

  it('stands beside the value of a person, which wins over every source', () => {
    const completion: Completion = {
      field: 'public',
      value: 'pédiatrique',
      author: CAMILLE,
      date: '2026-11-02',
      proof: null,
    };
    const centre = consolidate(
      CENTRE,
      [row({ public: 'adulte' }, A), row({ public: 'mixte' }, B)],
      [completion],
    );
    expect(centre.public).toBe('pédiatrique');
    expect(why(centre, 'public')).toMatchObject({ completion, kept: { value: 'adulte' } });
    expect(centre.disagreements.map((each) => each.field)).toEqual(['public']);
  });
});

const rank = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant('never' as const));
const said = fc.record({
  title: fc.constantFrom('Centre d’essai 1', 'Centre d’essai 2'),
  network: fc.constantFrom(null, 'ESSAI', 'AUTRE'),
  filiere: fc.constantFrom('FIMARAD', 'FILNEMUS'),
  public: fc.constantFrom(null, 'adulte' as const, 'mixte' as const),
  hospital: fc.constantFrom('', 'Hôpital d’essai Un', 'Hôpital d’essai Deux'),
  specificActs: fc.constantFrom<readonly string[]>([], ['1635'], ['1', '1635']),
  label: fc
    .constantFrom(2017, 2023)
    .map((campaign) => ({ level: 'CCMR' as const, campaign, campaignText: String(campaign) })),
});
const ref = (source: string): fc.Arbitrary<ObservationRef> =>
  fc
    .record({
      said,
      precedence: fc.integer({ min: 0, max: 4 }).map((each) => each * 20),
      ranks: fc.dictionary(fc.constantFrom(...RANKED_FIELDS), rank, { maxKeys: 3 }),
    })
    .map(({ said: what, precedence, ranks }) => row(what, { source, precedence, ranks }));
const refs = fc
  .tuple(ref('liste-a'), ref('liste-b'), ref('liste-c'))
  .chain((all) => fc.subarray(all, { minLength: 1 }));

describe('any rows of any sources', () => {
  it('give the same centre in any order', () => {
    fc.assert(
      fc.property(refs, (all) => {
        expect(consolidate(CENTRE, all.toReversed(), [])).toEqual(consolidate(CENTRE, all, []));
      }),
    );
  });

  it('give values that one of them says, never a mean of two', () => {
    fc.assert(
      fc.property(refs, (all) => {
        const centre = consolidate(CENTRE, all, []);
        for (const field of RANKED_FIELDS) {
          const kept = keptOf(centre, field);
          const empty = kept === null || (Array.isArray(kept) && kept.length === 0);
          const values = all.map((each) => valueOf(each.observation, field));
          if (!empty) expect(values).toContainEqual(kept);
        }
      }),
    );
  });

  it('change in one field only when one source is raised for that field', () => {
    fc.assert(
      fc.property(refs, fc.nat(), fc.constantFrom(...RANKED_FIELDS), (all, at, field) => {
        const raised = all.map((each, index) =>
          index === at % all.length ? { ...each, ranks: { ...each.ranks, [field]: 100 } } : each,
        );
        const [before, after] = [consolidate(CENTRE, all, []), consolidate(CENTRE, raised, [])];
        for (const other of RANKED_FIELDS.filter((each) => each !== field)) {
          expect(keptOf(after, other)).toEqual(keptOf(before, other));
          expect(why(after, other)).toEqual(why(before, other));
        }
        expect(after.key).toBe(before.key);
      }),
    );
  });

  it('give the word of the one source that is above all others, when it says something', () => {
    fc.assert(
      fc.property(refs, fc.constantFrom('title', 'filiere', 'label', 'public'), (all, field) => {
        const [first, ...others] = all;
        if (first === undefined || valueOf(first.observation, field) === null) return;
        const top = [
          { ...first, ranks: { [field]: 100 } },
          ...others.map((each) => ({ ...each, ranks: { [field]: 50 } })),
        ];
        expect(keptOf(consolidate(CENTRE, top, []), field)).toEqual(valueOf(first.observation, field));
      }),
    );
  });
});
