import { describe, expect, it } from 'vitest';
import { consolidate, type ObservationRef } from '../../src/consolidate/centre.js';
import { identify, type Sighting } from '../../src/consolidate/identity.js';
import type { CentreObservation } from '../../src/domain/centre.js';
import type { CentreId } from '../../src/domain/ids.js';

const base: CentreObservation = {
  title: 'Centre d’essai',
  network: 'ESSAI',
  filiere: 'FIMARAD',
  label: { level: 'CCMR', campaign: 2023, campaignText: '2023' },
  hospital: 'Hôpital d’essai',
  town: null,
  departement: null,
  region: null,
  public: null,
  head: null,
  finessEj: null,
  finessEg: null,
  specificActs: [],
  evidence: null,
};

function ref(key: string, change: Partial<CentreObservation> = {}, source = 'liste-a'): ObservationRef {
  return {
    source,
    precedence: source === 'liste-a' ? 60 : 40,
    key,
    observation: { ...base, ...change },
    locator: { file: 'essai.csv', line: 2 },
    snapshot: 'x',
    date: '2026-01-01',
    importedBy: null,
  };
}

const at = (one: ObservationRef, ej: string | null = '760780239'): Sighting => ({
  ref: one,
  place: { ej, eg: null },
});

function ids(): () => CentreId {
  let made = 0;
  return () => `cmr_${'abcdefgh'[made++] ?? 'z'}aaaaaaaaaaaaaaa` as CentreId;
}

const older = { level: 'CCMR', campaign: 2017, campaignText: '2017' } as const;

describe('one centre under several rows', () => {
  it('is one when a list keeps the label of an older campaign beside the present one', () => {
    const found = identify(
      [at(ref('essai')), at(ref('essai@2017', { label: older, public: 'adulte' }))],
      new Map(),
      [],
      ids(),
    );
    expect(found.centres.size).toBe(1);
    for (const vague of ['essai@avant 2017', 'essai@']) {
      const rows = [at(ref('essai')), at(ref(vague, { label: older, public: 'adulte' }))];
      expect(identify(rows, new Map(), [], ids()).centres.size).toBe(1);
    }
    const [sightings] = [...found.centres.values()];
    const centre = consolidate(
      'cmr_aaaaaaaaaaaaaaaa' as CentreId,
      (sightings ?? []).map((each) => each.ref),
      [],
    );
    expect(centre.label.campaign).toBe(2023);
    expect(centre.disagreements).toEqual([]);
  });

  it('is one when two sources name it by the same network, filière, hospital and public', () => {
    const found = identify([at(ref('essai')), at(ref('autre clé', {}, 'liste-b'))], new Map(), [], ids());
    expect(found.centres.size).toBe(1);
  });

  it('is two as long as the hospital of one of them is not certain', () => {
    const found = identify(
      [at(ref('essai')), at(ref('autre clé', {}, 'liste-b'), null)],
      new Map(),
      [],
      ids(),
    );
    expect(found.centres.size).toBe(2);
  });

  it('keeps the centre of a key that is known, whatever else the row says now', () => {
    const known = 'cmr_kkkkkkkkkkkkkkkk' as CentreId;
    const found = identify(
      [at(ref('essai', { filiere: 'OSCAR', public: 'mixte' }))],
      new Map([['liste-a|essai', known]]),
      [],
      ids(),
    );
    expect([...found.centres.keys()]).toEqual([known]);
    expect(found.assignments).toEqual([]);
  });

  it('shows what a source of lower rank says otherwise, and never averages', () => {
    const centre = consolidate(
      'cmr_aaaaaaaaaaaaaaaa' as CentreId,
      [ref('essai', { public: 'adulte' }), ref('autre', { public: 'mixte' }, 'liste-b')],
      [],
    );
    expect(centre.public).toBe('adulte');
    expect(centre.disagreements.map((each) => [each.field, each.others.length])).toEqual([['public', 1]]);
  });
});
