import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  consolidate,
  type Completion,
  type ObservationRef,
  type SaidField,
} from '../../src/consolidate/centre.js';
import type { CentreId } from '../../src/domain/ids.js';
import type { RankedField } from '../../src/domain/ranked-fields.js';
import { disagreementText, explainedFields, type ExplainedField } from '../../src/runs/explain.js';
import { propose, type ProposedChange } from '../../src/runs/propose.js';
import { answer, CAMILLE, centreId, material, row, site } from '../support/material.js';

const CENTRE = centreId('un centre');
const A = { source: 'liste-a', precedence: 60 };
const B = { source: 'liste-b', precedence: 40 };
const explain = (
  field: RankedField,
  refs: readonly ObservationRef[],
  completions: readonly Completion[] = [],
): ExplainedField => {
  const { explanations } = consolidate(CENTRE, refs, completions);
  const found = explainedFields(explanations, () => 'Camille (essai)').find((each) => each.field === field);
  if (found === undefined) throw new Error(`${field} is not explained`);
  return found;
};
const saying = (field: RankedField, said: Partial<SaidField>): Pick<ObservationRef, 'said'> => ({
  said: new Map([[field, { since: '2026-10-05', isNew: false, held: null, ...said }]]),
});

describe('the explanation of a value', () => {
  it('names the source, its rank, its place and since when; alone, nothing had to decide', () => {
    expect(explain('public', [row({ public: 'adulte' }, A)])).toEqual({
      field: 'public',
      word: 'Public',
      value: 'adulte',
      state: 'agreed',
      lines: [
        'Retenu : « adulte », de liste-a (rang 60), centres.csv, ligne 2, dit depuis le 01/11/2026. Aucune autre source ne le dit.',
      ],
    });
  });

  it('says what another source says, with its rank and its date, and that it is new', () => {
    const refs = [
      row({ public: 'adulte' }, A),
      row({ public: 'mixte' }, { ...B, ...saying('public', { isNew: true }) }),
    ];
    const { state, lines } = explain('public', refs);
    expect(state).toBe('newDisagreement');
    expect(lines[0]).toContain('Son rang est le plus haut.');
    expect(lines[1]).toBe('liste-b (rang 40) dit « mixte » depuis le 05/10/2026 : désaccord nouveau.');
  });

  it('says that a source never gives the field, and still what it says', () => {
    const { state, lines } = explain('public', [
      row({ public: 'adulte' }, A),
      row({ public: 'mixte' }, { ...B, ranks: { public: 'never' } }),
    ]);
    expect(state).toBe('disagreement');
    expect(lines[1]).toBe('liste-b (ne le donne jamais) dit « mixte » depuis le 01/11/2026 : désaccord.');
  });

  it('puts the value of a person first, with what would be kept otherwise', () => {
    const completion: Completion = {
      field: 'public',
      value: 'pédiatrique',
      author: CAMILLE,
      date: '2026-11-02',
      proof: null,
    };
    const { value, lines } = explain('public', [row({ public: 'adulte' }, A)], [completion]);
    expect(value).toBe('pédiatrique');
    expect(lines[0]).toBe(
      'Camille (essai) a donné « pédiatrique » le 02/11/2026 : cette valeur passe avant toute source.',
    );
    expect(lines[1]).toMatch(/^Sinon retenu : « adulte », de liste-a/);
  });

  it('says that the source swings, and what it says today', () => {
    const held = { now: 'mixte', from: { date: '2026-09-07' }, importedBy: null };
    const { lines } = explain('public', [row({ public: 'adulte' }, { ...A, ...saying('public', { held }) })]);
    expect(lines[1]).toBe(
      'liste-a oscille (elle dit aujourd’hui « mixte ») : la dernière valeur stable est gardée, une alerte dit jusqu’à quand.',
    );
  });

  it('writes a label and a hospital as people do, never as JSON', () => {
    const refs = [
      row({ hospital: 'Hôpital d’essai Un', town: 'Caen' }, A),
      row(
        {
          hospital: 'Hôpital d’essai Deux',
          town: 'Bayeux',
          label: { level: 'CCMR', campaign: 2017, campaignText: '2017' },
        },
        B,
      ),
    ];
    const { explanations } = consolidate(CENTRE, refs, []);
    const told = explanations.map(disagreementText).filter((each) => each !== null);
    expect(told).toEqual([
      'Désaccord entre sources, label : retenu « CCMR, campagne 2023 » de liste-a (rang 60) ; liste-b dit « CCMR, campagne 2017 » (rang 40, 01/11/2026).',
      'Désaccord entre sources, établissement : retenu « Hôpital d’essai Un, Caen » de liste-a (rang 60) ; liste-b dit « Hôpital d’essai Deux, Bayeux » (rang 40, 01/11/2026).',
    ]);
  });
});

/** One centre of two lists, planned. */
function planned(other: ObservationRef | null, change: Partial<ObservationRef> = {}): ProposedChange {
  const own = row({ public: 'adulte' }, { ...A, ...change });
  const observations = other === null ? [own] : [own, other];
  const keys = new Map(observations.map((ref): [string, CentreId] => [`${ref.source}|${ref.key}`, CENTRE]));
  const { changes } = propose(
    material({ establishments: [site(0)], observations, keys, answers: [answer('create', CENTRE, {})] }),
    () => {
      throw new Error('no new centre');
    },
  );
  const [only, ...more] = changes;
  if (only === undefined || more.length > 0) throw new Error(`${String(changes.length)} changes`);
  return only;
}

describe('what an approval is bound to', () => {
  const alone = planned(null);

  it('is not moved by a source that disagrees, by its rank, its date or its place', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<RankedField[]>(['public'], ['label'], ['title'], ['public', 'title', 'label']),
        fc.oneof(fc.integer({ min: 1, max: 59 }), fc.constant('never' as const)),
        fc.constantFrom('2026-01-01', '2026-11-20'),
        fc.nat({ max: 500 }),
        (fields, rank, date, line) => {
          const says = {
            public: fields.includes('public') ? ('mixte' as const) : ('adulte' as const),
            title: fields.includes('title') ? 'Centre d’essai 2' : 'Centre d’essai 1',
            label: {
              level: 'CCMR' as const,
              campaign: fields.includes('label') ? 2017 : 2023,
              campaignText: '',
            },
          };
          const ranks = Object.fromEntries(fields.map((field) => [field, rank]));
          const locator = { file: 'autre.csv', line };
          const change = planned(row(says, { ...B, key: 'autre', ranks, date, locator }));
          expect(change.hash).toBe(alone.hash);
          expect(change.state).toBe(alone.state);
          const told = change.reasons.filter(({ message }) => message.startsWith('Désaccord'));
          expect(told.map(({ field }) => field).sort()).toEqual([...fields].sort());
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is not moved by the words of the explanation: since when, new or held from which delivery', () => {
    const held = { now: 'mixte', from: { date: '2026-09-07', snapshot: 'b'.repeat(64) }, importedBy: null };
    for (const said of [{ isNew: true }, { since: '2020-01-01' }, { held }])
      expect(planned(null, saying('public', said)).hash).toBe(alone.hash);
  });

  it('is moved when a rank makes another value win', () => {
    const raised = row({ public: 'mixte' }, { ...B, key: 'autre', ranks: { public: 95 } });
    expect(planned(raised).hash).not.toBe(alone.hash);
  });

  it('is held back when only a source that may never give the label gives it, with the place to mend', () => {
    const change = planned(null, { ranks: { label: 'never' } });
    expect(change.state).toBe('toComplete');
    expect(change.reasons).toContainEqual(
      expect.objectContaining({ code: 'missing', blocking: true, field: 'label' }),
    );
    expect(change.reasons.map(({ message }) => message).join()).toContain('liste-a.fields.label');
  });

  it('rests on whoever handed over the delivery from which a value is held', () => {
    const held = { now: 'mixte', from: { date: '2026-09-07' }, importedBy: CAMILLE };
    expect(planned(null, saying('public', { held })).authors).toContainEqual({
      person: CAMILLE,
      why: 'import',
    });
  });
});
