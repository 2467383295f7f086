import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWebWorld, Visitor, type WebWorld } from '../support/web-world.js';

let web: WebWorld;
beforeAll(async () => {
  web = await openWebWorld();
});
afterAll(() => web.close());

/** Signs in by the local issuer as a browser without scripts does. */
async function enter(visitor: Visitor, persona: string, to = '/'): Promise<{ at: URL; text: string }> {
  const asked = new URL(`/connexion/vers/local?vers=${encodeURIComponent(to)}`, web.url);
  const choice = await visitor.follow(asked);
  return await visitor.follow(choice.at, {
    method: 'POST',
    body: new URLSearchParams({ personnage: `28:${persona}` }),
  });
}

describe('signing in (OpenID Connect, authorization code with PKCE)', () => {
  it('leads a persona back to the page that was asked for', async () => {
    const visitor = new Visitor(web.url);
    const refused = await visitor.get('/28/changements?etat=proposed');
    expect(refused.status).toBe(303);
    expect(refused.headers.get('location')).toBe('/connexion?vers=%2F28%2Fchangements%3Fetat%3Dproposed');
    const { at, text } = await enter(visitor, 'dominique', '/28/changements?etat=proposed');
    expect(at.pathname + at.search).toBe('/28/changements?etat=proposed');
    expect(text).toContain('<h1>Changements</h1>');
  });

  it('is the same person as on the command line', async () => {
    const visitor = new Visitor(web.url);
    await enter(visitor, 'camille');
    const rows = await web.database.app('web_session').where({ person: web.camille.id });
    expect(rows).toHaveLength(1);
  });

  it('keeps nothing in the database that would open a session', async () => {
    const visitor = new Visitor(web.url);
    await enter(visitor, 'dominique');
    const token = visitor.cookies.get('filror') ?? '';
    expect(token.length).toBeGreaterThan(40);
    const rows = await web.database.app('web_session');
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('refuses the answer of a sign-in that another browser began', async () => {
    const [victim, attacker] = [new Visitor(web.url), new Visitor(web.url)];
    const choice = await attacker.follow(new URL('/connexion/vers/local', web.url));
    // The attacker stops before the last step and gives the address to the victim.
    let at = choice.at;
    let shown = await attacker.step(at, {
      method: 'POST',
      body: new URLSearchParams({ personnage: '28:camille' }),
    });
    while (!new URL(shown.headers.get('location') ?? '', at).href.startsWith(`${web.url}/connexion/retour`)) {
      at = new URL(shown.headers.get('location') ?? '', at);
      shown = await attacker.step(at, {});
    }
    const back = new URL(shown.headers.get('location') ?? '', at);
    const told = await victim.get(back.pathname + back.search);
    expect(told.status).toBe(409);
    expect(told.text).toContain('a été commencée dans un autre navigateur');
    expect(victim.cookies.has('filror')).toBe(false);
  });

  it('goes back to a path of this server only', async () => {
    for (const elsewhere of ['https://ailleurs.invalid/', '//ailleurs.invalid', '/\\ailleurs.invalid']) {
      const { at } = await enter(new Visitor(web.url), 'dominique', elsewhere);
      expect(`${at.origin}${at.pathname}`).toBe(`${web.url}/28`);
    }
  });

  it('ends: the cookie opens nothing afterwards, here or copied', async () => {
    const visitor = await web.visitor(['reader']);
    const copy = new Visitor(web.url, new Map(visitor.cookies));
    expect((await copy.get('/28')).status).toBe(200);
    expect((await visitor.post('/deconnexion', {})).status).toBe(303);
    expect((await copy.get('/28')).headers.get('location')).toBe('/connexion?vers=%2F28');
  });

  it('ends by itself after the minutes without a page, and after its hours whatever is asked', async () => {
    const idle = await web.visitor(['reader'], 'Personne d’essai oisive');
    const old = await web.visitor(['reader'], 'Personne d’essai ancienne');
    const set = (visitor: Visitor, change: string): Promise<unknown> =>
      web.database.owner.raw(
        `update web_session set ${change} where id_hash = encode(sha256(convert_to(?, 'UTF8')), 'hex')`,
        [visitor.cookies.get('filror') ?? ''],
      );
    await set(idle, `seen_at = now() - interval '61 minutes'`);
    await set(old, `expires_at = now() - interval '1 second'`);
    expect((await idle.get('/28')).status).toBe(303);
    expect((await old.get('/28')).status).toBe(303);
  });
});

describe('a form', () => {
  it('is refused without the token of the session, with another one, or from elsewhere', async () => {
    const [visitor, other] = [await web.visitor(['reviewer']), await web.visitor(['reader'])];
    const path = '/28/changements/inconnu/approuver';
    const form = { empreinte: '0'.repeat(64) };
    const forged = [
      await visitor.post(path, { ...form, _jeton: '' }),
      await visitor.post(path, { ...form, _jeton: other.csrf }),
      await visitor.post(path, form, { origin: 'https://ailleurs.invalid' }),
      await visitor.post(path, form, { 'sec-fetch-site': 'cross-site' }),
    ];
    for (const { status, text } of forged) {
      expect(status).toBe(403);
      expect(text).toContain('Ce formulaire ne vient pas d’une page de votre session');
    }
    // The same form as this session's own pages send it comes to the change itself.
    expect((await visitor.post(path, form)).status).toBe(404);
  });

  it('of a session that is over says so, and that nothing was recorded', async () => {
    const { status, text } = await new Visitor(web.url).post('/28/changements/x/approuver', {});
    expect(status).toBe(401);
    expect(text).toContain('Votre session est terminée : rien n’a été enregistré.');
  });

  it('larger than its page allows is refused in words', async () => {
    const visitor = await web.visitor(['reviewer']);
    const { status, text } = await visitor.post('/28/changements/x/rejeter', { raison: 'a'.repeat(70_000) });
    expect(status).toBe(400);
    expect(text).toContain('Ce formulaire est trop grand');
  });
});

describe('every answer', () => {
  it('forbids inline script and style, frames, sniffing and storing', async () => {
    const { headers } = await (await web.visitor(['reader'])).get('/28');
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none'",
    );
  });
});
