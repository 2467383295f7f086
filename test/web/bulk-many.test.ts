import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verify } from '../../src/journal/verify.js';
import { centresList } from '../scenarios/world.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

/** A plan of 300 creations, each waiting for one reviewer; the bench approves 5,000 the same way. */
const MANY = 300;
const ADDRESS = '/28/changements/approuver-en-nombre';

let web: WebWorld;
let reviewer: Visitor;
beforeAll(async () => {
  web = await openWebWorld({
    list: centresList(
      Array.from({ length: MANY }, (_, at) => ({
        title: `Centre d’essai ${String(at + 1)}`,
        hospital: 'CH Falaise',
        town: 'Falaise',
        public: 'mixte',
      })),
    ),
  });
  await web.sync();
  reviewer = await web.visitor(['reviewer'], 'Relectrice d’essai');
});
afterAll(() => web.close());

const shownBy = (page: string): string[] =>
  (/ name="montres"\s+value="([^"]*)"/.exec(page)?.[1] ?? '').split(' ');
const rowsOf = (page: string): number => page.match(/<th scope="row">/g)?.length ?? 0;

describe('bulk approval of a plan of hundreds', () => {
  it('shows a hundred at a time, and binds the approval to all of them on each page', async () => {
    const first = await reviewer.get(ADDRESS);
    const last = await reviewer.get(`${ADDRESS}?page=3`);
    expect(first.text).toMatch(/300 changements seraient approuvés par cette\s+règle, 0 non\./);
    expect([rowsOf(first.text), rowsOf(last.text)]).toEqual([100, 100]);
    expect(first.text).toContain('page 1 sur 3');
    expect(first.text).toContain('Le bouton approuve les changements de toutes les pages de cette liste.');
    const forms = (await web.open()).map(({ id, hash }) => `${id}:${hash}`).sort();
    expect(shownBy(first.text).sort()).toEqual(forms);
    expect(shownBy(last.text).sort()).toEqual(forms);
  });

  it('answers a page beyond the last with the last', async () => {
    const { text } = await reviewer.get(`${ADDRESS}?page=99`);
    expect([text.includes('page 3 sur 3'), rowsOf(text)]).toEqual([true, 100]);
  });

  it('approves all that stands as shown with one form; one that moved or was decided meanwhile stops no other', async () => {
    const { text } = await reviewer.get(ADDRESS);
    const [moved, rejected, ...others] = await web.open();
    if (moved === undefined || rejected === undefined) throw new Error('no change');
    await web.reject(web.camille, rejected.id, 'raison d’essai');
    const montres = shownBy(text).join(' ').replace(moved.hash, '0'.repeat(64));
    expect((await reviewer.post(ADDRESS, { montres })).status).toBe(303);
    const said = (await reviewer.get('/28/changements')).text;
    expect(said).toContain('298 approuvés, 2 non : ');
    expect(said).toContain(`(Le changement ${moved.id} n’est plus celui qui a été montré.)`);
    const states = new Map((await web.open()).map(({ id, state }) => [id, state]));
    expect(states.get(moved.id)).toBe('proposed');
    expect(others.every(({ id }) => states.get(id) === 'approved')).toBe(true);
    const decided = await web.database
      .owner('decision as d')
      .join('person as p', 'p.id', 'd.person')
      .where({ verdict: 'approve', display_name: 'Relectrice d’essai' })
      .select('d.change_id', 'd.hash');
    expect(
      decided.map((each: { change_id: string; hash: string }) => `${each.change_id}:${each.hash}`).sort(),
    ).toEqual(others.map(({ id, hash }) => `${id}:${hash}`).sort());
    const entries = await web.database.owner('journal').where({ kind: 'approve' }).pluck('subject');
    expect(entries.sort()).toEqual(others.map(({ id }) => `change:${id}`).sort());
    expect((await verify(web.database.app)).fault).toBeNull();
  });
});
