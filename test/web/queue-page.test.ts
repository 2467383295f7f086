import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changesInStates, type StoredChange } from '../../src/db/changes.js';
import { trialList } from '../support/region-run.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

/** "À saisir dans le ROR" by the pages: three centres handed over by sheets. */
let web: WebWorld;
let operator: Visitor;
let reader: Visitor;
let handed: readonly StoredChange[];

beforeAll(async () => {
  web = await openWebWorld({
    list: trialList([
      { number: 1 },
      { number: 2, hospital: 'CH de Coutances', town: 'Coutances' },
      { number: 3, hospital: 'CH Lisieux', town: 'Lisieux' },
    ]),
    repository: { ways: ['sheet'] },
  });
  await web.sync();
  for (const { id } of await web.open()) await web.approve(web.dominique, id);
  expect((await web.apply()).map(({ result }) => result)).toEqual(Array(3).fill('transmitted'));
  handed = await changesInStates(web.database.app, '28', ['transmitted']);
  operator = await web.visitor(['operator']);
  reader = await web.visitor(['reader']);
});
afterAll(() => web.close());

const nth = (at: number): StoredChange => handed[at] as StoredChange;
const atLine = (change: StoredChange): string => `/28/a-saisir/${change.id}`;
const bound = (change: StoredChange): { empreinte: string } => ({ empreinte: change.hash });

async function stateOf({ id }: StoredChange): Promise<string> {
  const row = (await web.database.app('change').where({ id }).first('state')) as { state: string };
  return row.state;
}

describe('the queue', () => {
  it('says in a sentence how many wait, and shows each line with its step and its delays', async () => {
    const { status, text } = await reader.get('/28/a-saisir');
    expect(status).toBe(200);
    expect(text).toContain('3 transmis.');
    for (const { id } of handed) expect(text).toContain(`href="/28/a-saisir/${id}"`);
    expect(text).toContain('à confier');
    expect(text).toMatch(/expire le \d{2}\/\d{2}\/\d{4}/);
    expect((await reader.get('/28/a-saisir?etape=seen')).text).toContain('Aucune ligne à cette étape.');
  });

  it('sums up on one page for the steering committee', async () => {
    const { status, text } = await reader.get('/28/a-saisir/synthese');
    expect(status).toBe(200);
    expect(text.replace(/\s+/g, ' ')).toContain('<th scope="row">FIMARAD</th>');
    expect(text).toContain('data-label="Transmis">3</td>');
    expect(text).toContain('Rien n’est en retard ni en désaccord.');
  });

  it('says of a change that is not in it that it is not there', async () => {
    for (const page of ['', '/fiche', '/fiche.json'])
      expect((await reader.get(`/28/a-saisir/inconnu${page}`)).status).toBe(404);
  });
});

describe('the entry sheet', () => {
  it('is a document of its own, whose policy allows its own style and nothing else', async () => {
    const { status, headers, text } = await reader.get(`${atLine(nth(0))}/fiche`);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(text) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`,
    );
    expect(text).toContain('Fiche de saisie dans le ROR');
    expect(text).toContain(nth(0).hash);
  });

  it('comes as JSON too, as a file to keep', async () => {
    const { headers, text } = await reader.get(`${atLine(nth(0))}/fiche.json`);
    expect(headers.get('content-disposition')).toBe(`attachment; filename="fiche-28-${nth(0).id}.json"`);
    expect(JSON.parse(text)).toMatchObject({
      format: 'filror.sheet/1',
      change: nth(0).id,
      hash: nth(0).hash,
    });
  });
});

describe('acting on a line', () => {
  it('is bound to the form that was shown', async () => {
    const { status, text } = await operator.post(`${atLine(nth(0))}/relancer`, { empreinte: 'f'.repeat(64) });
    expect(status).toBe(409);
    expect(text).toContain('n’est plus celui qui a été montré');
    expect(await web.database.app('followup_event').where({ kind: 'reminded' })).toEqual([]);
  });

  it('names who types it, never by an address', async () => {
    const done = await operator.post(`${atLine(nth(0))}/confier`, {
      ...bound(nth(0)),
      service: 'référent ROR, Hôpital d’essai',
    });
    expect([done.status, done.headers.get('location')]).toEqual([303, atLine(nth(0))]);
    const page = await operator.get(atLine(nth(0)));
    expect(page.text).toContain('<p class="notice">Confié : Centre d’essai');
    expect(page.text).toContain('confié, à référent ROR, Hôpital d’essai');
    const refused = await operator.post(`${atLine(nth(0))}/confier`, {
      ...bound(nth(0)),
      service: 'qui@hopital.example',
    });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('adresse électronique');
  });

  it('notes a reminder', async () => {
    expect((await operator.post(`${atLine(nth(0))}/relancer`, bound(nth(0)))).status).toBe(303);
    expect((await operator.get('/28/a-saisir')).text).toContain('1 relance');
  });

  it('is not offered to who may only read, in words', async () => {
    const { text } = await reader.get(atLine(nth(0)));
    expect(text).toContain('demandent le droit d’opérateur ou de valideur');
    expect(text).not.toContain('Noter une relance');
  });

  it('refuses with a reason that is remembered', async () => {
    expect((await operator.post(`${atLine(nth(1))}/refuser`, { ...bound(nth(1)), raison: ' ' })).status).toBe(
      400,
    );
    expect(await stateOf(nth(1))).toBe('transmitted');
    const done = await operator.post(`${atLine(nth(1))}/refuser`, {
      ...bound(nth(1)),
      raison: 'unité fermée',
    });
    expect(done.status).toBe(303);
    expect(await stateOf(nth(1))).toBe('rejected');
    expect((await operator.get(atLine(nth(1)))).text).toContain('unité fermée');
  });

  it('reads the ROR again and says what it found', async () => {
    expect((await operator.post('/28/a-saisir/relire', {})).headers.get('location')).toBe('/28/a-saisir');
    expect((await operator.get('/28/a-saisir')).text).toContain('ROR relu : rien de nouveau dans la file.');
  });
});
