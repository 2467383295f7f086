import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalIssuer } from '../../src/issuer/local.js';
import { localIssuer } from '../../src/web/issuers.js';
import { OidcClient } from '../../src/web/oidc.js';
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.js';
import { openWebWorld, Visitor, type WebWorld } from '../support/web-world.js';

/** A level of authentication that the configuration asks for is held: asking for it binds an issuer to nothing. */
const AUDIENCE = 'filror-api-essai';

let issuer: TokenIssuer;
let web: WebWorld;
beforeAll(async () => {
  issuer = await startTokenIssuer(AUDIENCE);
  const exacting = {
    ...{ name: 'exigeant', label: 'Émetteur d’essai', url: issuer.url },
    ...{ clientId: 'filror', apiAudience: AUDIENCE, acrValues: 'eidas2 eidas3' },
  };
  web = await openWebWorld({ config: { 'web.yaml': JSON.stringify({ issuers: [exacting] }) } });
});
afterAll(async () => {
  await web.close();
  await issuer.close();
});

describe('a sign-in by an issuer of which a level is asked', () => {
  it.each(['eidas2', 'eidas3'])('opens when %s is attested', async (level) => {
    issuer.attested = level;
    const visitor = new Visitor(web.url);
    await visitor.follow(new URL('/connexion/vers/exigeant', web.url));
    expect(issuer.asked().get('acr_values')).toBe('eidas2 eidas3');
    expect(visitor.cookies.has('filror')).toBe(true);
  });

  it.each([
    [null, 'Émetteur d’essai n’en annonce aucun'],
    ['eidas1', 'Émetteur d’essai annonce « eidas1 »'],
    ['eidas2 eidas3', 'Émetteur d’essai annonce « eidas2 eidas3 »'],
  ])('is refused in words when %j is attested, and opens nothing', async (level, says) => {
    issuer.attested = level;
    const visitor = new Visitor(web.url);
    const { status, text } = await visitor.follow(new URL('/connexion/vers/exigeant', web.url));
    expect([status, text.includes('SIGN_IN_LEVEL')]).toEqual([403, true]);
    expect(text).toContain(`Cet accès demande le niveau d’authentification eidas2 ou eidas3 ; ${says}.`);
    expect(text).toContain('recommencez par le moyen de connexion qui donne ce niveau');
    expect(visitor.cookies.has('filror')).toBe(false);
  });

  it('is refused as well by an issuer (oidc-provider) that does not know the level and signs in all the same', async () => {
    const back = 'http://127.0.0.1:9/connexion/retour';
    const personas = [{ subject: '28:dominique', displayName: 'Dominique d’essai', told: 'valideur' }];
    const local = await startLocalIssuer(personas, back);
    try {
      const arrive = async (acrValues: string | null): Promise<unknown> => {
        const client = new OidcClient({ ...localIssuer(local), acrValues }, back);
        const left = await client.depart();
        const browser = new Visitor(local.url);
        let shown = await browser.follow(new URL(left.to));
        const body = new URLSearchParams({ personnage: '28:dominique' });
        let [at, init]: [URL, RequestInit] = [(shown as { at: URL }).at, { method: 'POST', body }];
        while (!at.href.startsWith(back)) {
          shown = { ...(await browser.step(at, init)), at };
          at = new URL(shown.headers.get('location') ?? '', at);
          init = {};
        }
        return await client.arrive(at, left);
      };
      await expect(arrive('eidas2')).rejects.toMatchObject({ code: 'SIGN_IN_LEVEL' });
      await expect(arrive(null)).resolves.toEqual({ subject: '28:dominique', name: 'Dominique d’essai' });
    } finally {
      await local.close();
    }
  });
});

describe('an access token of such an issuer', () => {
  const me = async (acr?: string): Promise<{ status: number; code: unknown }> => {
    const token = await issuer.token('machine', acr === undefined ? {} : { acr });
    const response = await fetch(`${web.url}/api/v1/28/me`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return { status: response.status, code: ((await response.json()) as { code: unknown }).code };
  };

  it('is taken with the level, and is no way around it', async () => {
    // Nobody gave this machine a right: what is refused then is the right, and no more the token.
    expect(await me('eidas3')).toEqual({ status: 403, code: 'NO_GRANT' });
    expect(await me('eidas1')).toEqual({ status: 401, code: 'TOKEN_LEVEL' });
    expect(await me()).toEqual({ status: 401, code: 'TOKEN_LEVEL' });
  });
});
