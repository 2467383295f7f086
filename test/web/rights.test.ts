import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/db/people.js';
import { routes } from '../../src/web/routes.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

/** Which role opens which address, written by hand: the table of the server is held against it, role by role. */
const EVERYONE: readonly Role[] = ['reader', 'operator', 'reviewer', 'administrator'];
const OPENS: Readonly<Record<string, readonly Role[]>> = {
  'GET ': EVERYONE,
  'GET /changements': EVERYONE,
  'GET /changements/:change': EVERYONE,
  'POST /changements/:change/approuver': ['reviewer'],
  'POST /changements/:change/rejeter': ['reviewer'],
  'POST /changements/:change/repondre': ['operator', 'reviewer'],
  'POST /changements/:change/annuler': ['operator', 'reviewer'],
  'POST /changements/:change/reprendre': ['operator', 'reviewer'],
  'POST /changements/recalculer': ['operator', 'reviewer'],
  'GET /changements/approuver-en-nombre': ['reviewer'],
  'POST /changements/approuver-en-nombre': ['reviewer'],
  'GET /rapprochements': EVERYONE,
  'POST /rapprochements/:mention/reconnaitre': ['operator', 'reviewer'],
  'POST /rapprochements/:mention/aucun': ['operator', 'reviewer'],
  'POST /rapprochements/:mention/annuler': ['operator', 'reviewer'],
  'GET /declarer': ['operator', 'reviewer'],
  'POST /declarer': ['operator', 'reviewer'],
  'GET /droits': ['administrator'],
  'POST /droits/donner': ['administrator'],
  'POST /droits/suppleer': ['administrator'],
  'POST /droits/confirmer': ['administrator'],
  'POST /droits/retirer': ['administrator'],
  'GET /signalements': EVERYONE,
  'POST /signalements/:report': ['operator', 'reviewer'],
  'GET /envoi': EVERYONE,
  'POST /envoi': ['operator'],
  'GET /passages': EVERYONE,
  'POST /passages': ['operator'],
  'GET /passages/:run': EVERYONE,
  'GET /passages/:run/mises-a-part': EVERYONE,
  'GET /sources': EVERYONE,
  'POST /sources/pause': ['operator'],
  'POST /sources/reprise': ['operator'],
  'GET /journal': EVERYONE,
  'GET /journal/export': EVERYONE,
  'GET /journal/:no': EVERYONE,
  'GET /a-saisir': EVERYONE,
  'GET /a-saisir/synthese': EVERYONE,
  'GET /a-saisir/:change': EVERYONE,
  'GET /a-saisir/:change/fiche': EVERYONE,
  'GET /a-saisir/:change/fiche.json': EVERYONE,
  'POST /a-saisir/:change/confier': ['operator', 'reviewer'],
  'POST /a-saisir/:change/relancer': ['operator', 'reviewer'],
  'POST /a-saisir/:change/refuser': ['operator', 'reviewer'],
  'POST /a-saisir/relire': ['operator', 'reviewer'],
  'GET /visible': EVERYONE,
  'GET /accords': EVERYONE,
  'GET /accords/:change': EVERYONE,
  'GET /accords/:change/document': EVERYONE,
  'POST /accords/:change/accord': ['operator', 'reviewer'],
  'POST /accords/:change/refus': ['operator', 'reviewer'],
  'POST /accords/:change/reprise': ['operator', 'reviewer'],
  'POST /accords/lien': ['operator', 'reviewer'],
  'GET /accord': ['establishment'],
  'GET /accord/:change': ['establishment'],
  'POST /accord/:change/accord': ['establishment'],
  'POST /accord/:change/refus': ['establishment'],
  'GET /centres': EVERYONE,
  'GET /centres/:centre': EVERYONE,
  'GET /sources/:source/contenus': ['administrator'],
  'GET /sources/:source/contenus/:livraison': ['administrator'],
  'GET /tableur': EVERYONE,
  'GET /tableur/centres.xlsx': EVERYONE,
  'GET /tableur/modele.xlsx': EVERYONE,
  'POST /tableur/apercu': ['operator', 'reviewer'],
  'POST /tableur/confirmer': ['operator', 'reviewer'],
  'POST /tableur/liste': ['operator', 'reviewer'],
  'POST /tableur/liste/confirmer': ['operator', 'reviewer'],
  'GET /arretes': EVERYONE,
  'POST /arretes': ['operator', 'reviewer'],
  'GET /arretes/:arrete': EVERYONE,
  'POST /arretes/:arrete/valider': ['operator', 'reviewer'],
  'POST /arretes/:arrete/reprendre': ['operator', 'reviewer'],
  'POST /arretes/:arrete/:ligne/valider': ['operator', 'reviewer'],
  'POST /arretes/:arrete/:ligne/ecarter': ['operator', 'reviewer'],
  'POST /arretes/:arrete/:ligne/reprendre': ['operator', 'reviewer'],
  'GET /centres/:centre/au': EVERYONE,
  'GET /offres/au': EVERYONE,
  'GET /couverture': EVERYONE,
  'GET /couverture/:figure/svg': EVERYONE,
  'GET /couverture/:figure/csv': EVERYONE,
  'GET /offres': EVERYONE,
  'GET /offres/liste': EVERYONE,
};
const ROLES: readonly Role[] = ['reader', 'operator', 'reviewer', 'establishment', 'administrator'];

let web: WebWorld;
const visitors = new Map<Role | 'nobody', Visitor>();
beforeAll(async () => {
  web = await openWebWorld();
  for (const role of ROLES) visitors.set(role, await web.visitor([role]));
  visitors.set('nobody', await web.visitor([]));
});
afterAll(() => web.close());

describe('rights', () => {
  it('are written here for every address that the server has, and for no other', () => {
    expect(routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(Object.keys(OPENS).sort());
  });

  const cases = Object.entries(OPENS).flatMap(([address, opens]) =>
    [...ROLES, 'nobody' as const].map((role) => ({
      address,
      role,
      may: role !== 'nobody' && opens.includes(role),
    })),
  );
  it.each(cases)('of $role: $address is open: $may', async ({ address, role, may }) => {
    const [method, path = ''] = address.split(' ');
    const visitor = visitors.get(role) as Visitor;
    const asked = `/28${path.replaceAll(/:[a-z]+/g, 'inconnu')}`;
    const { status, text } = method === 'GET' ? await visitor.get(asked) : await visitor.post(asked, {});
    if (may) {
      expect(status).not.toBe(403);
      expect(status).toBeLessThan(500);
    } else {
      expect(status).toBe(403);
      expect(text).toMatch(/Votre (compte n’a aucun droit|droit \(.+\) n’ouvre pas cette page)/);
    }
  });
});
