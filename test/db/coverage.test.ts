import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decidedChanges, openedByWeek } from '../../src/db/coverage.js';
import { identifyPerson } from '../../src/db/person.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
const people: string[] = [];
let made = 0;

interface Row {
  readonly region?: string;
  readonly kind?: string;
  readonly state?: string;
  readonly quorum?: number;
  readonly centres?: readonly string[];
  readonly openedAt: string;
}

/** A change as a plan would keep it; every one is about an offer of its own. */
async function change(row: Row): Promise<string> {
  const id = `essai${String(++made)}`;
  await database.app('change').insert({
    region: row.region ?? '28',
    id,
    run_id: `run_${row.region ?? '28'}`,
    kind: row.kind ?? 'create',
    state: row.state ?? 'proposed',
    target: `offer:${id}`,
    centres: [...(row.centres ?? ['a'])],
    hash: 'a'.repeat(64),
    reasons: '[]',
    quorum: row.quorum ?? 1,
    opened_at: new Date(row.openedAt),
  });
  return id;
}

async function decide(
  id: string,
  person: number,
  at: string,
  more: { readonly verdict?: 'approve' | 'reject'; readonly onBehalfOf?: number } = {},
): Promise<void> {
  await database.app('decision').insert({
    region: '28',
    change_id: id,
    hash: 'a'.repeat(64),
    verdict: more.verdict ?? 'approve',
    person: people[person],
    on_behalf_of: more.onBehalfOf === undefined ? null : people[more.onBehalfOf],
    reason: more.verdict === 'reject' ? 'essai' : null,
    at: new Date(at),
  });
}

beforeAll(async () => {
  database = await testDatabase();
  for (const region of ['28', '53']) {
    await database.app('region_state').insert({ region });
    await database
      .app('run')
      .insert({ region, id: `run_${region}`, kind: 'sync', state: 'done', started_at: new Date(0) });
  }
  for (const name of ['un', 'deux', 'trois'])
    people.push(
      await identifyPerson(database.app, {
        issuer: 'https://emetteur.invalid',
        subject: name,
        displayName: `Personne d’essai ${name}`,
      }),
    );
  // The last instant of Sunday 29 March in Paris, the first of Monday 30: the clocks moved that night.
  await change({ openedAt: '2026-03-29T21:59:59Z', kind: 'enrich' });
  await change({ openedAt: '2026-03-29T22:00:00Z', kind: 'create', centres: ['b'] });
  await change({ openedAt: '2026-03-30T10:00:00Z', kind: 'create' });
  await change({ openedAt: '2026-03-30T10:00:00Z', kind: 'create', state: 'superseded' });
  await change({ openedAt: '2026-03-30T10:00:00Z', kind: 'create', region: '53' });
  await change({ openedAt: '2026-03-08T10:00:00Z', kind: 'close', quorum: 2 });
});
afterAll(() => database.drop());

const since = new Date('2026-03-15T23:00:00Z');

describe('changes opened by week', () => {
  it('are counted in weeks of Paris, by kind, of this region alone, those replaced left out', async () => {
    expect(await openedByWeek(database.app, { region: '28', since, centres: null })).toEqual([
      { week: '2026-03-23', kind: 'enrich', count: 1 },
      { week: '2026-03-30', kind: 'create', count: 2 },
    ]);
  });

  it('may be those of some centres', async () => {
    expect(await openedByWeek(database.app, { region: '28', since, centres: ['b', 'c'] })).toEqual([
      { week: '2026-03-30', kind: 'create', count: 1 },
    ]);
    expect(await openedByWeek(database.app, { region: '28', since, centres: [] })).toEqual([]);
  });
});

describe('decided changes', () => {
  it('are decided by the voice that made enough, or by the first rejection; the others are not', async () => {
    const openedAt = '2026-03-20T09:00:00Z';
    const centres = ['decided'];
    const one = await change({ openedAt, centres });
    await decide(one, 0, '2026-03-20T10:00:00Z');
    await decide(one, 1, '2026-03-20T18:00:00Z');
    const two = await change({ openedAt, centres, quorum: 2, kind: 'close' });
    await decide(two, 0, '2026-03-20T11:00:00Z');
    await decide(two, 1, '2026-03-21T09:00:00Z');
    const rejected = await change({ openedAt, centres, quorum: 2 });
    await decide(rejected, 0, '2026-03-20T11:00:00Z');
    await decide(rejected, 1, '2026-03-20T15:00:00Z', { verdict: 'reject' });
    const half = await change({ openedAt, centres, quorum: 2 });
    await decide(half, 0, '2026-03-20T11:00:00Z');
    // Somebody and their own deputy are one voice.
    const sameVoice = await change({ openedAt, centres, quorum: 2 });
    await decide(sameVoice, 0, '2026-03-20T11:00:00Z');
    await decide(sameVoice, 1, '2026-03-20T12:00:00Z', { onBehalfOf: 0 });
    const before = await change({ openedAt: '2026-03-02T09:00:00Z', centres });
    await decide(before, 0, '2026-03-03T09:00:00Z');
    const at = (decidedAt: string): object => ({
      openedAt: new Date(openedAt),
      decidedAt: new Date(decidedAt),
    });
    expect(await decidedChanges(database.app, { region: '28', since, centres: null })).toEqual([
      at('2026-03-20T10:00:00Z'),
      at('2026-03-20T15:00:00Z'),
      at('2026-03-21T09:00:00Z'),
    ]);
    expect(await decidedChanges(database.app, { region: '28', since, centres: ['other'] })).toEqual([]);
    expect(await decidedChanges(database.app, { region: '53', since, centres: null })).toEqual([]);
  });
});
