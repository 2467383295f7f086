import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identifyPerson, type PersonId } from '../../src/db/person.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

/** Rights are given, confirmed and taken back by people, on a page, each act journalled by key (DESIGN 5). */
let web: WebWorld;
let head: Visitor;
let headId: PersonId;
beforeAll(async () => {
  web = await openWebWorld();
  head = await web.visitor(['administrator'], 'Administratrice d’essai');
  headId = await person('Administratrice d’essai');
});
afterAll(() => web.close());

async function person(name: string): Promise<PersonId> {
  return await identifyPerson(web.database.app, {
    issuer: 'https://emetteur.invalid',
    subject: name,
    displayName: name,
  });
}

async function rightOf(of: PersonId, role: string): Promise<{ no: string; revoked_at: Date | null }> {
  const row = (await web.database
    .app('person_grant')
    .where({ person: of, role })
    .orderBy('no', 'desc')
    .first()) as { no: string; revoked_at: Date | null } | undefined;
  if (row === undefined) throw new Error(`no right ${role}`);
  return row;
}

async function journalled(kind: string, about: PersonId): Promise<{ actor: string; body: string }[]> {
  return await web.database
    .app('journal')
    .where({ kind, subject: `person:${about}` })
    .orderBy('no');
}

describe('the rights of a region', () => {
  it('are shown with who, from where, since when, and whether they count', async () => {
    await web.visitor(['reviewer'], 'Valideuse d’essai');
    const late = await person('Lecteur d’essai');
    await web.visitor(['reader'], 'Lecteur d’essai');
    await web.database
      .owner('person_grant')
      .where({ person: late })
      .update({ confirmed_at: new Date(0) });
    const { text } = await head.get('/28/droits');
    expect(text).toContain('<h1>Droits</h1>');
    expect(text).toMatch(/Valideuse d’essai[\s\S]{1,400}?valideur[\s\S]{1,200}?en vigueur/);
    expect(text).toMatch(/Lecteur d’essai[\s\S]{1,400}?lecteur[\s\S]{1,200}?à confirmer : ne compte plus/);
  });

  it('are given to somebody found by name, without accents, who then has it at once', async () => {
    const visitor = await web.visitor([], 'Éléonore d’essai');
    expect((await visitor.get('/28/changements')).status).toBe(403);
    const id = await person('Éléonore d’essai');
    expect((await head.get('/28/droits?cherche=eleonore')).text).toContain(`/28/droits?personne=${id}`);
    expect((await head.get(`/28/droits?personne=${id}`)).text).toContain(
      'Donner ce droit à Éléonore d’essai',
    );
    const { status, headers } = await head.post('/28/droits/donner', { personne: id, droit: 'reader' });
    expect([status, headers.get('location')]).toEqual([303, '/28/droits']);
    expect((await head.get('/28/droits')).text).toContain('Droit donné : lecteur, Éléonore d’essai.');
    expect((await visitor.get('/28/changements')).status).toBe(200);
    const [entry] = await journalled('giveGrant', id);
    expect(entry?.actor).toBe(headId);
    expect(JSON.parse(entry?.body ?? '')).toEqual({ person: id, role: 'reader' });
    expect(entry?.body).not.toContain('Éléonore');
  });

  it('are given once: the same right again is refused in words', async () => {
    const id = await person('Double d’essai');
    const form = { personne: id, droit: 'operator' };
    expect((await head.post('/28/droits/donner', form)).status).toBe(303);
    const again = await head.post('/28/droits/donner', form);
    expect(again.status).toBe(409);
    expect(again.text).toContain('Cette personne a déjà ce droit.');
  });

  it('are never given or confirmed to oneself', async () => {
    const given = await head.post('/28/droits/donner', { personne: headId, droit: 'reviewer' });
    expect(given.status).toBe(403);
    expect(given.text).toContain('Personne ne se donne ni ne se confirme un droit.');
    const { no } = await rightOf(headId, 'administrator');
    expect((await head.post('/28/droits/confirmer', { droit: no })).status).toBe(403);
    const { text } = await head.get('/28/droits');
    expect(text).toContain('C’est votre droit : un autre administrateur le confirme.');
  });

  it('that are confirmed count again', async () => {
    const visitor = await web.visitor(['reader'], 'Oubliée d’essai');
    const id = await person('Oubliée d’essai');
    await web.database
      .owner('person_grant')
      .where({ person: id })
      .update({ confirmed_at: new Date(0) });
    expect((await visitor.get('/28')).status).toBe(403);
    const { no } = await rightOf(id, 'reader');
    expect((await head.post('/28/droits/confirmer', { droit: no })).status).toBe(303);
    expect((await visitor.get('/28')).status).toBe(200);
    expect(await journalled('confirmGrant', id)).toHaveLength(1);
  });

  it('that are taken back open nothing from the next page on, and are taken back once', async () => {
    const visitor = await web.visitor(['reader'], 'Partie d’essai');
    const id = await person('Partie d’essai');
    const { no } = await rightOf(id, 'reader');
    expect((await head.post('/28/droits/retirer', { droit: no })).status).toBe(303);
    expect((await visitor.get('/28')).status).toBe(403);
    expect((await journalled('revokeGrant', id))[0]?.actor).toBe(headId);
    const again = await head.post('/28/droits/retirer', { droit: no });
    expect(again.status).toBe(409);
    expect(again.text).toContain('a déjà été retiré');
  });

  it('of an establishment are for one legal entity, and of no other role', async () => {
    const id = await person('Référent d’essai');
    const give = (droit: string, ej: string) => head.post('/28/droits/donner', { personne: id, droit, ej });
    expect((await give('establishment', '')).status).toBe(400);
    expect((await give('establishment', '70000481')).status).toBe(400);
    expect((await give('reader', '760780239')).status).toBe(400);
    expect((await give('establishment', '760780239')).status).toBe(303);
    expect((await head.get('/28/droits')).text).toContain('établissement de l’entité juridique 760780239');
  });

  it('of another region are neither seen nor touched', async () => {
    const id = await person('Bretonne d’essai');
    await web.database.app('region_state').insert({ region: '53' });
    const at = new Date();
    const [row] = (await web.database
      .app('person_grant')
      .insert({ person: id, role: 'reader', region: '53', granted_at: at, confirmed_at: at })
      .returning('no')) as { no: string }[];
    const refused = await head.post('/28/droits/retirer', { droit: row?.no ?? '' });
    expect(refused.status).toBe(404);
    expect((await rightOf(id, 'reader')).revoked_at).toBeNull();
  });
});

describe('the last administrator', () => {
  it('cannot be removed, by anybody; once there is another, it can', async () => {
    const { no } = await rightOf(headId, 'administrator');
    const refused = await head.post('/28/droits/retirer', { droit: no });
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('C’est le dernier administrateur de la région');
    const terminal = await web.filror('grant', 'revoke', no, '--region', '28');
    expect(terminal.code).toBe(1);
    const other = await web.visitor(['administrator'], 'Autre administrateur d’essai');
    expect((await head.post('/28/droits/retirer', { droit: no })).status).toBe(303);
    expect((await head.get('/28/droits')).status).toBe(403);
    expect((await other.get('/28/droits')).status).toBe(200);
  });
});

describe('« filror grant »', () => {
  it('names the first administrator, who never came, and keeps nothing in a dry run', async () => {
    const args = ['--region', '28', '--issuer', 'https://premier.invalid', '--subject', 'premiere'] as const;
    const dry = await web.filror('grant', 'give', ...args, '--role', 'administrator', '--dry-run');
    expect(dry.stdout).toContain('Essai à blanc : rien n’a été gardé.');
    expect(await web.database.app('person').where({ issuer: 'https://premier.invalid' })).toEqual([]);
    const { code, stdout } = await web.filror('grant', 'give', ...args, '--role', 'administrator');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Droit donné : \d+ {2}administrateur, premiere\n$/);
    const listed = await web.filror('grant', 'list', '--region', '28');
    expect(listed.stdout).toMatch(/ administrateur, premiere {2}= en vigueur\n/);
  });
});
