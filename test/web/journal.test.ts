import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

let web: WebWorld;
let reader: Visitor;
let approved: string;
beforeAll(async () => {
  web = await openWebWorld();
  await web.sync();
  const change = (await web.open()).find(({ state }) => state === 'proposed');
  if (change === undefined) throw new Error('nothing to approve');
  await web.reject(web.dominique, change.id, 'site fermé en 2025');
  approved = change.id;
  reader = await web.visitor(['reader'], 'Lecteur d’essai');
});
afterAll(() => web.close());

async function numberOf(kind: string): Promise<string> {
  return String(((await web.database.app('journal').where({ kind }).first('no')) as { no: string }).no);
}

describe('the journal of a region', () => {
  it('is searched by kind, subject, person and day', async () => {
    const all = `/28/journal/${await numberOf('reject')}"`;
    const has = async (query: string): Promise<boolean> =>
      (await reader.get(`/28/journal?${query}`)).text.includes(all);
    expect(await has('')).toBe(true);
    expect(await has('genre=reject')).toBe(true);
    expect(await has('genre=giveGrant')).toBe(false);
    expect(await has(`objet=${approved.toUpperCase()}`)).toBe(true);
    expect(await has('personne=DOMINIQUE')).toBe(true);
    expect(await has('personne=camille')).toBe(false);
    expect(await has('du=2020-01-01')).toBe(true);
    expect(await has('au=2020-01-01')).toBe(false);
  });

  it('shows one entry with the values it is about, and none of another region', async () => {
    const { text } = await reader.get(`/28/journal/${await numberOf('reject')}`);
    expect(text).toContain('Raison : « site fermé en 2025 »');
    expect(text).toContain(`changement ${approved}, le`);
    expect((await reader.get('/28/journal?genre=reject')).text).toContain(
      `data-label="Objet">changement ${approved}<`,
    );
    expect(text).toMatch(/par\s+Dominique \(essai\)/);
    expect(text).toContain('<ins>');
    const [other] = (await web.database
      .app('journal')
      .insert({ region: '53', kind: 'essai', subject: 'x', actor: null, body: '{}' })
      .returning('no')) as { no: string }[];
    expect((await reader.get(`/28/journal/${other?.no ?? ''}`)).status).toBe(404);
  });

  it('is downloaded as lines of JSON, with what was looked for', async () => {
    const { headers, text } = await reader.get('/28/journal/export?genre=reject');
    expect(headers.get('content-disposition')).toBe('attachment; filename="journal-28.ndjson"');
    const lines = text.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ kind: 'reject', subject: `change:${approved}` });
  });

  it('is verified on demand, and says which entry was tampered with', async () => {
    expect((await reader.get('/28/journal?verifier=oui')).text).toContain('Journal intact :');
    const no = await numberOf('reject');
    await web.database.owner.transaction(async (trx) => {
      await trx.raw('alter table journal disable trigger user');
      await trx('journal').where({ no }).update({ body: '{}' });
      await trx.raw('alter table journal enable trigger user');
    });
    const { text } = await reader.get('/28/journal?verifier=oui');
    expect(text).toContain(`Le journal est altéré : la première écriture fautive est la n° ${no}`);
  });
});
