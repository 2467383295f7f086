import { afterEach, describe, expect, it } from 'vitest';
import { blocking, centresList, changeOf, openWorld, type World } from './world.js';

const TITLE = 'Centre d’essai Alpha';
const row = { title: TITLE, hospital: 'CH Lisieux', town: 'Lisieux', public: 'adulte' };

let w: World;
afterEach(() => w.close());

describe('a creation planned before the repository was ever read', () => {
  it('cannot be approved until its carrier was looked for, then is proposed whole', async () => {
    w = await openWorld({ list: centresList([row]) });
    w.sandbox.faults.next('search', { kind: 'error', status: 503, when: 'before' }, 4);
    const blind = await w.sync();
    expect(blind.mirror.state).toBe('none');
    const change = changeOf(blind, TITLE);
    expect(blocking(change)).toEqual(['providerAbsent:providedBy']);
    await expect(w.approve(w.dominique, change.id)).rejects.toMatchObject({ code: 'NOT_APPROVABLE' });
    const seen = changeOf(await w.sync(), TITLE);
    expect([seen.kind, seen.state]).toEqual(['create', 'proposed']);
    expect(seen.elements.map((element) => element.key)).toContain('providedBy');
    await w.approve(w.dominique, seen.id);
    expect((await w.apply()).map((receipt) => receipt.result)).toEqual(['applied']);
  });
});

describe('a creation planned on a repository that was read and holds nothing', () => {
  it('asks for the site to be created, and does not say that the repository was never read', async () => {
    w = await openWorld({ list: centresList([row]) });
    for (const type of ['HealthcareService', 'Location', 'Organization'] as const)
      for (const body of w.sandbox.list(type)) w.sandbox.remove(type, String(body['id']));
    const { reasons } = changeOf(await w.sync(), TITLE);
    const [absent] = reasons.filter((reason) => reason.code === 'providerAbsent');
    expect(absent).toMatchObject({ blocking: true });
    expect(absent?.message).toMatch(/^Le site FINESS \d{9} n’est pas dans le ROR : demandez sa création/);
  });
});

describe('a creation that was rejected', () => {
  it('is not proposed again while the list says the same, and comes back whole when it says otherwise', async () => {
    w = await openWorld({ list: centresList([row]) });
    const first = changeOf(await w.sync(), TITLE);
    await w.reject(w.dominique, first.id, 'essai : centre à revoir');
    expect((await w.replan()).changes).toEqual([]);
    w.list(centresList([{ ...row, public: 'mixte' }]));
    const again = changeOf(await w.sync(), TITLE);
    expect([again.kind, again.state]).toEqual(['create', 'proposed']);
    expect(again.elements.map((element) => element.key)).toEqual(
      first.elements.map((element) => element.key),
    );
    await w.approve(w.dominique, again.id);
    expect((await w.apply()).map((receipt) => receipt.result)).toEqual(['applied']);
  });
});
