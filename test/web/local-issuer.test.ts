import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalIssuer, type LocalIssuer } from '../../src/issuer/local.js';
import { localIssuer } from '../../src/web/issuers.js';
import { OidcClient } from '../../src/web/oidc.js';
import { Visitor } from '../support/web-world.js';

/** The issuer of the demonstration, in one browser. */
const BACK = 'http://127.0.0.1:9/connexion/retour';
const persona = (name: string) => ({
  subject: `28:${name}`,
  displayName: `${name} d’essai`,
  told: 'valideur',
});

let local: LocalIssuer;
beforeAll(async () => {
  local = await startLocalIssuer([persona('camille'), persona('dominique')], BACK);
});
afterAll(() => local.close());

describe('the local issuer', () => {
  it('asks each time who one plays, so that one may be somebody else at once', async () => {
    const client = new OidcClient(localIssuer(local), BACK);
    const browser = new Visitor(local.url);
    const enterAs = async (name: string): Promise<unknown> => {
      const left = await client.depart();
      const choice = await browser.follow(new URL(left.to));
      expect([choice.status, choice.text.includes('Qui jouez-vous ?')]).toEqual([200, true]);
      let at = choice.at;
      let init: RequestInit = {
        method: 'POST',
        body: new URLSearchParams({ personnage: `28:${name}` }),
      };
      for (let hops = 0; hops < 9 && !at.href.startsWith(BACK); hops += 1) {
        const shown = await browser.step(at, init);
        at = new URL(shown.headers.get('location') ?? '', at);
        init = {};
      }
      return await client.arrive(at, left);
    };
    expect(await enterAs('dominique')).toMatchObject({ subject: '28:dominique' });
    expect(await enterAs('camille')).toMatchObject({ subject: '28:camille' });
    expect(await enterAs('camille')).toMatchObject({ subject: '28:camille' });
  });
});
