import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identifyPerson, type PersonId } from '../../src/db/person.js';
import { DAY_MS } from '../../src/domain/time.js';
import { silentLogger } from '../../src/observe/logger.js';
import { addSchedule } from '../../src/schedule/manage.js';
import { claimNow } from '../../src/schedule/request.js';
import { work } from '../../src/schedule/worker.js';
import { trialList } from '../support/region-run.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

/**
 * S6, the August absence: a change needs two people, the second approver is away, and a deputy named with dates stands
 * in. Creations ask for two people here, by the region's own policy.
 */
let web: WebWorld;
const visitors: Record<string, Visitor> = {};
const ids: Record<string, PersonId> = {};
const ABSENT = 'Absente d’essai';
const DEPUTY = 'Suppléante d’essai';
const FIRST = 'Première valideuse d’essai';

beforeAll(async () => {
  web = await openWebWorld({
    list: trialList([1, 2, 3, 4].map((number) => ({ number, label: number === 4 ? 'CRC' : 'CCMR' }))),
    config: { 'review.yaml': JSON.stringify({ quorum: { create: 2 } }) },
  });
  await web.sync();
  await enter('Administratrice d’essai', 'administrator');
  await enter(FIRST, 'reviewer');
  await enter(ABSENT, 'reviewer');
  await enter(DEPUTY, 'reader');
});
afterAll(() => web.close());

async function enter(name: string, ...roles: Parameters<WebWorld['visitor']>[0]): Promise<void> {
  visitors[name] = await web.visitor(roles, name);
  ids[name] = await identifyPerson(web.database.app, {
    issuer: 'https://emetteur.invalid',
    subject: name,
    displayName: name,
  });
}

const by = (name: string): Visitor => visitors[name] as Visitor;
const head = (): Visitor => by('Administratrice d’essai');
const day = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

async function rightNo(name: string, role = 'reviewer'): Promise<string> {
  const row = (await web.database
    .app('person_grant')
    .where({ person: ids[name], role, revoked_at: null })
    .first('no')) as { no: string };
  return row.no;
}

async function deputise(dates: { readonly du: string; readonly au: string }, personne = DEPUTY, of = ABSENT) {
  const form = { personne: ids[personne] ?? '', de: await rightNo(of), ...dates };
  return await head().post('/28/droits/suppleer', form);
}

async function proposed(at: number): Promise<{ id: string; hash: string }> {
  const found = (await web.open()).filter((change) => change.state === 'proposed')[at];
  if (found === undefined) throw new Error(`no proposed change ${String(at)}`);
  return found;
}

async function approve(name: string, change: { id: string; hash: string }) {
  return await by(name).post(`/28/changements/${change.id}/approuver`, { empreinte: change.hash });
}

const stateOf = async (id: string): Promise<string | undefined> =>
  (await web.database.app('change').where({ region: '28', id }).first<{ state: string }>('state')).state;

describe('a deputy', () => {
  it.each([
    [
      'the end before the beginning',
      { du: day(5), au: day(4) },
      'la dernière journée vient avant la première',
    ],
    ['over already', { du: day(-9), au: day(-3) }, 'la dernière journée est passée'],
    ['longer than a year', { du: day(0), au: day(400) }, 'une suppléance dure 366 jours au plus'],
    ['no day at all', { du: '30/02/2026', au: day(3) }, 'deux dates qui existent sont attendues'],
  ])('is refused with %s', async (_why, dates, words) => {
    const { status, text } = await deputise(dates);
    expect(status).toBe(400);
    expect(text).toContain(words);
  });

  it('stands in for somebody who holds the role, and not for oneself, nor in one’s own', async () => {
    const dates = { du: day(0), au: day(3) };
    const ofReader = await head().post('/28/droits/suppleer', {
      personne: ids[FIRST] ?? '',
      de: await rightNo(DEPUTY, 'reader'),
      ...dates,
    });
    expect(ofReader.status).toBe(409);
    expect(ofReader.text).toContain('ne peut pas être suppléé');
    expect((await deputise(dates, ABSENT)).text).toContain('Une personne ne se supplée pas elle-même.');
    expect((await deputise(dates, FIRST)).text).toContain('a déjà ce droit en propre');
    expect((await deputise(dates, 'Administratrice d’essai')).status).toBe(403);
  });

  it('may not decide before, then may: the page says in whose name, and the journal keeps it', async () => {
    const change = await proposed(0);
    expect((await approve(DEPUTY, change)).status).toBe(403);
    expect((await deputise({ du: day(0), au: day(3) })).status).toBe(303);
    expect((await head().get('/28/droits')).text).toMatch(
      /valideur, au nom de Absente d’essai du \d\d\/\d\d\/\d{4} au \d\d\/\d\d\/\d{4}/,
    );
    expect((await approve(FIRST, change)).status).toBe(303);
    const before = (await by(DEPUTY).get(`/28/changements/${change.id}`)).text;
    expect(before).toContain('Vous approuvez au nom de Absente d’essai');
    expect((await approve(DEPUTY, change)).status).toBe(303);
    expect(await stateOf(change.id)).toBe('approved');
    const after = (await by(FIRST).get(`/28/changements/${change.id}`)).text;
    expect(after).toMatch(/Suppléante d’essai, au nom de Absente d’essai/);
    const entries = (await web.database
      .app('journal')
      .where({ kind: 'approve', subject: `change:${change.id}`, actor: ids[DEPUTY] })) as { body: string }[];
    expect(entries).toHaveLength(1);
    expect(JSON.parse(entries[0]?.body ?? '')).toMatchObject({ onBehalfOf: ids[ABSENT], approvals: 2 });
  });

  it('is one voice with the person stood in for: both together are not two people', async () => {
    const change = await proposed(0);
    expect((await approve(ABSENT, change)).status).toBe(303);
    const { text } = await by(DEPUTY).get(`/28/changements/${change.id}`);
    expect(text).toContain('vous n’avez à vous deux qu’une voix');
    for (const name of [ABSENT, DEPUTY])
      expect((await by(name).get('/28')).text).toContain('1 changement qui a déjà votre voix,');
    await approve(DEPUTY, change);
    expect(await stateOf(change.id)).toBe('proposed');
    expect((await by(FIRST).get(`/28/changements/${change.id}`)).text).toContain('Approbation 2 sur 2 :');
    expect((await approve(FIRST, change)).status).toBe(303);
    expect(await stateOf(change.id)).toBe('approved');
  });

  it('of an author is refused, on the page and by the server', async () => {
    const change = await proposed(0);
    await web.database
      .owner('change_author')
      .insert({ region: '28', change_id: change.id, person: ids[ABSENT], why: 'completion' });
    const { text } = await by(DEPUTY).get(`/28/changements/${change.id}`);
    expect(text).toContain('La personne que vous suppléez est à l’origine d’une valeur de ce changement');
    const refused = await approve(DEPUTY, change);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('supplée une personne à l’origine d’une valeur');
    expect(await stateOf(change.id)).toBe('proposed');
  });

  it('is refused after the dates, and before them', async () => {
    const change = await proposed(0);
    const deputies = () =>
      web.database.owner('person_grant').where({ person: ids[DEPUTY], role: 'reviewer' });
    const now = Date.now();
    // What was approved in time still counts once the time is over (the sending below): it ends only now.
    for (const [from, until] of [
      [now + DAY_MS, now + 9 * DAY_MS],
      [now - 9 * DAY_MS, now],
    ] as const) {
      await deputies().update({ valid_from: new Date(from), valid_until: new Date(until) });
      const { status, text } = await approve(DEPUTY, change);
      expect(status).toBe(403);
      expect(text).toContain('n’ouvre pas cette page');
    }
  });
});

describe('a right withdrawn between approval and sending', () => {
  it('makes its approval not count, in a scheduled sending as well', async () => {
    const approved = (await web.open()).filter((change) => change.state === 'approved');
    expect(approved).toHaveLength(2);
    expect((await head().post('/28/droits/retirer', { droit: await rightNo(FIRST) })).status).toBe(303);
    const receipts = await web.apply();
    expect(receipts.map(({ result }) => result)).toEqual(['skipped', 'skipped']);
    for (const { message } of receipts) expect(message).toContain('1 approbation(s) valable(s) sur 2');
    const worker = {
      db: web.database.app,
      database: { place: 'base d’essai' },
      config: web.context.config,
      log: silentLogger,
      worker: 'essai:1',
      newRunId: web.context.newId.run,
      openRun: () => ({ run: web.context, close: () => undefined }),
    };
    const daily = { kind: 'apply', source: null, name: 'envoi', cron: '0 7 * * *' } as const;
    const unsaid = { timeZone: null, catchUp: null, bound: null };
    await addSchedule(worker, '28', { ...daily, ...unsaid }, web.camille);
    const ended = await work(worker, await claimNow(worker, web.context.region, 'envoi', web.camille));
    expect(ended).toMatchObject({
      state: 'done',
      exitCode: 2,
      outcome: { results: { skipped: 2 }, left: 2 },
    });
    expect(await web.database.app('apply_attempt').where({ region: '28' })).toEqual([]);
    for (const { id } of approved) expect(await stateOf(id)).toBe('approved');
  });
});
