import { describe, expect, it } from 'vitest';
import type { ObservationRef } from '../../src/consolidate/centre.js';
import type { CentreObservation } from '../../src/domain/centre.js';
import type { CentreId } from '../../src/domain/ids.js';
import { damp, type Damped, type Dampable } from '../../src/runs/damping.js';
import type { PastRow, SourceHistory } from '../../src/runs/histories.js';
import type { LostRow } from '../../src/runs/material.js';
import { answer, CAMILLE, centreId, config, INSTANT, observation, row } from '../support/material.js';

const WEEK = 7 * 24 * 3600 * 1000;
const CENTRE = centreId('centre');
const LIST = 'labelled-centres';
/** What a letter says; a dot is a row that is not there. */
const SAYS: Readonly<Record<string, CentreObservation>> = {
  A: observation({ public: 'adulte' }),
  B: observation({ public: 'mixte' }),
  C: observation({ public: 'mixte', title: 'Centre d’essai 1 bis' }),
};

/** A list of one letter a week for each key, the last delivery on the day of the plan. */
function given(keys: Readonly<Record<string, string>>, change: Partial<Dampable> = {}): Dampable {
  const weeks = Math.max(...Object.values(keys).map((letters) => letters.length));
  const at = (no: number): Date => new Date(INSTANT.getTime() - (weeks - no) * WEEK);
  const observations: ObservationRef[] = [];
  const lost: LostRow[] = [];
  const moved = new Map<string, PastRow[]>();
  const firstSeen = new Map<string, number>();
  for (const [key, letters] of Object.entries(keys)) {
    const rows: PastRow[] = [];
    for (const [index, letter] of [...letters].entries()) {
      const last = rows.at(-1);
      const said = SAYS[letter];
      if (last?.closed === null && last.observation === said) continue;
      if (last?.closed === null) rows.splice(-1, 1, { ...last, closed: index + 1 });
      if (said === undefined) continue;
      const date = at(index + 1)
        .toISOString()
        .slice(0, 10);
      const from = {
        snapshot: letter,
        locator: { file: 'centres.csv', line: index + 1 },
        date,
        importedBy: CAMILLE,
      };
      rows.push({ observation: said, first: index + 1, closed: null, from });
    }
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) throw new Error(`${key} is never said`);
    firstSeen.set(`${LIST}|${key}`, first.first);
    const ref = row(last.observation, { key, date: last.from.date });
    if (last.closed === null) observations.push(ref);
    else lost.push({ ref, droppedAt: last.closed, list: { snapshot: 'x', date: '2026-11-21' } });
    if (rows.some(({ closed }) => closed !== null)) moved.set(key, rows);
  }
  const history: SourceHistory = {
    source: LIST,
    deliveries: Array.from({ length: weeks }, (_, index) => ({ no: index + 1, at: at(index + 1) })),
    keys: moved,
  };
  return {
    ...{ observations, lost, firstSeen, histories: [history], answers: [], now: INSTANT },
    keys: new Map(Object.keys(keys).map((key) => [`${LIST}|${key}`, CENTRE])),
    linked: new Set<CentreId>(),
    rules: config.gates.flapping,
    ...change,
  };
}
const said = ({ observations }: Damped): string[] =>
  observations.map(({ key, observation: { public: whom } }) => `${key} ${String(whom)}`).sort();
const told = ({ flaps }: Damped): string[] =>
  flaps.map(({ key, field, state }) => `${key} ${field} ${state}`);
const linked = { linked: new Set([CENTRE]) };

describe('the rows of a list that swings', () => {
  it('say the stable value, with the delivery that said it and who handed it over', () => {
    const damped = damp(given({ un: 'AAABAB' }));
    expect([said(damped), told(damped)]).toEqual([['un adulte'], ['un public held']]);
    expect(damped.observations[0]?.said?.get('public')).toEqual({
      since: '2026-10-17',
      isNew: false,
      held: {
        now: 'mixte',
        from: { snapshot: 'A', locator: { file: 'centres.csv', line: 1 }, date: '2026-10-17' },
        importedBy: CAMILLE,
      },
    });
  });

  it('keep one field still, and follow another that changes for the first time', () => {
    const damped = damp(given({ un: 'ABABAC' }));
    expect(said(damped)).toEqual(['un adulte']);
    expect(damped.observations[0]?.observation.title).toBe('Centre d’essai 1 bis');
    expect(damped.observations[0]?.said?.get('title')).toMatchObject({ isNew: true, held: null });
  });

  it('know since when each field says what it says, whatever else changed on the row', () => {
    const [ref] = damp(given({ un: 'AABBC' })).observations;
    expect(ref?.said?.get('public')).toEqual({ since: '2026-11-07', isNew: false, held: null });
    expect(ref?.said?.get('filiere')).toEqual({ since: '2026-10-24', isNew: false, held: null });
    expect(ref?.said?.get('title')).toEqual({ since: '2026-11-21', isNew: true, held: null });
  });

  it('stay, when they stood before, and are no longer lost', () => {
    const damped = damp(given({ un: 'AA.A.' }));
    expect([said(damped), damped.lost, told(damped)]).toEqual([['un adulte'], [], ['un row held']]);
    expect(damped.observations[0]?.said?.get('public')?.held?.now).toBeNull();
  });

  it('wait outside, neither said nor lost, when they never stayed', () => {
    const damped = damp(given({ un: '.A.A', autre: 'BBBB' }, { keys: new Map() }));
    expect([said(damped), damped.lost]).toEqual([['autre mixte'], []]);
  });

  it('never take a centre away from the offer on which it stands', () => {
    for (const letters of ['.A.A', '.A.A.']) {
      const damped = damp(given({ un: letters }, linked));
      expect([letters, said(damped)]).toEqual([letters, ['un adulte']]);
    }
  });

  it('do not come back when the list says the centre by another row', () => {
    const damped = damp(given({ ancien: 'AA.A.', nouveau: '...BB' }));
    expect(said(damped)).toEqual(['nouveau mixte']);
    expect(damped.lost.map(({ ref }) => ref.key)).toEqual(['ancien']);
  });

  it('are one, when two spellings of one centre take turns', () => {
    expect(said(damp(given({ ancien: 'AA.A.', nouveau: '..B.B' }, linked)))).toEqual(['ancien adulte']);
  });

  it('are followed where a person decided since, and only there', () => {
    const audience = answer('complete', CENTRE, { field: 'public', value: 'pédiatrique' });
    const proof = answer('complete', CENTRE, { field: 'proof', value: 'arrêté d’essai' });
    expect(told(damp(given({ un: 'AABAB' }, { answers: [audience] })))).toEqual(['un public decided']);
    expect(told(damp(given({ un: 'AABAB' }, { answers: [proof] })))).toEqual(['un public held']);
    const gone = damp(given({ un: 'AA.A.' }, { answers: [proof] }));
    expect([said(gone), told(gone)]).toEqual([[], ['un row decided']]);
    const before = { at: new Date('2026-01-01') };
    expect(told(damp(given({ un: 'AABAB' }, { answers: [{ ...audience, ...before }] })))).toEqual([
      'un public decided',
    ]);
    expect(told(damp(given({ un: 'AA.A.' }, { answers: [{ ...proof, ...before }] })))).toEqual([
      'un row held',
    ]);
  });

  it('give the same whatever the order in which they are read', () => {
    const all = given({ un: 'AABAB', deux: 'AA.A.', trois: '.B.B.', quatre: 'BBBBB' });
    const turned = {
      ...all,
      observations: all.observations.toReversed(),
      lost: all.lost.toReversed(),
      histories: all.histories.map((each) => ({ ...each, keys: new Map([...each.keys].reverse()) })),
    };
    const [one, other] = [damp(all), damp(turned)];
    expect(other.flaps).toEqual(one.flaps);
    expect(said(other)).toEqual(said(one));
  });
});
