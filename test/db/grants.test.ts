import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { actorOf } from '../../src/cli/region.js';
import { loadConfig, regionOf } from '../../src/config/load.js';
import { activeRoles, confirmGrant, revokeGrant } from '../../src/db/people.js';
import { identifyPerson, type PersonId } from '../../src/db/person.js';
import { demoFolder } from '../../src/demo/run.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

/** Rights are rows, and each act on them is in the journal (DESIGN 5, 11). */
const MORNING = new Date('2026-03-12T06:00:00Z');
const EVENING = new Date('2026-03-12T18:00:00Z');
const NEXT_DAY = new Date('2026-03-13T06:00:01Z');

let database: TestDatabase;
let person: PersonId;

beforeEach(async () => {
  database = await testDatabase();
  person = await identifyPerson(database.app, { issuer: 'essai', subject: 'a', displayName: 'Nom d’essai' });
});
afterEach(() => database.drop());

const reviewer = (at: Date) => ({ person, role: 'reviewer', region: '28', at }) as const;

async function entries(): Promise<{ kind: string; subject: string; actor: string | null; body: string }[]> {
  return await database.app('journal').orderBy('no').select('kind', 'subject', 'actor', 'body');
}

async function roles(at: Date): Promise<string[]> {
  const confirmedAfter = new Date(at.getTime() - 86_400_000);
  return [...(await activeRoles(database.app, { person, region: '28', at, confirmedAfter }))];
}

describe('a right', () => {
  it('is journalled when it is given, confirmed and taken back, by key and not by name', async () => {
    const by = await identifyPerson(database.app, { issuer: 'essai', subject: 'b', displayName: 'Autre' });
    expect(await confirmGrant(database.app, reviewer(MORNING), by)).toBe('given');
    expect(await confirmGrant(database.app, reviewer(NEXT_DAY), by)).toBe('confirmed');
    expect(await revokeGrant(database.app, reviewer(NEXT_DAY), by)).toBe(true);
    const told = await entries();
    expect(told.map(({ kind }) => kind)).toEqual(['giveGrant', 'confirmGrant', 'revokeGrant']);
    for (const { subject, actor, body } of told) {
      expect(subject).toBe(`person:${person}`);
      expect(actor).toBe(by);
      expect(JSON.parse(body)).toEqual({ person, role: 'reviewer' });
    }
    expect(JSON.stringify(told)).not.toContain('Nom d’essai');
  });

  it('confirmed again within a day changes nothing', async () => {
    await confirmGrant(database.app, reviewer(MORNING));
    expect(await confirmGrant(database.app, reviewer(EVENING))).toBe('unchanged');
    expect(await entries()).toHaveLength(1);
  });

  it('that was taken back is not given again by use, only by somebody’s decision', async () => {
    await confirmGrant(database.app, reviewer(MORNING));
    await revokeGrant(database.app, reviewer(MORNING), null);
    expect(await confirmGrant(database.app, reviewer(NEXT_DAY))).toBe('revoked');
    expect(await roles(NEXT_DAY)).toEqual([]);
    expect(await revokeGrant(database.app, reviewer(NEXT_DAY), null)).toBe(false);
    expect(await entries()).toHaveLength(2);
    expect(await confirmGrant(database.app, reviewer(NEXT_DAY), null, 'giveAgain')).toBe('given');
    expect(await roles(NEXT_DAY)).toEqual(['reviewer']);
  });

  it('given by two processes at once is given and journalled once', async () => {
    const ends = await Promise.all(
      Array.from({ length: 4 }, () => confirmGrant(database.app, reviewer(MORNING))),
    );
    expect(ends.filter((end) => end === 'given')).toHaveLength(1);
    expect(await database.app('person_grant')).toHaveLength(1);
    expect(await entries()).toHaveLength(1);
  });
});

describe('--as', () => {
  it('does not give a persona back what was taken from it', async () => {
    const region = regionOf(loadConfig(demoFolder), '28');
    const name = region.personas.find((each) => each.roles.includes('reviewer'))?.name ?? '';
    const actor = await actorOf(database.app, region, name, MORNING);
    const grant = { ...reviewer(MORNING), person: actor.id };
    expect(await revokeGrant(database.app, grant, null)).toBe(true);
    await actorOf(database.app, region, name, NEXT_DAY);
    const confirmedAfter = new Date(0);
    const held = await activeRoles(database.app, {
      person: actor.id,
      region: '28',
      at: new Date(),
      confirmedAfter,
    });
    expect(held.has('reviewer')).toBe(false);
  });
});
