import { afterEach, describe, expect, it } from 'vitest';
import { changesByIds, type StoredChange } from '../../src/db/changes.js';
import type { Actor } from '../../src/db/people.js';
import { undoAnswerAnswer, undoChangeAnswer } from '../../src/runs/undo.js';
import { centreIdOf, centresList, changeOf, openWorld, type CentreRow, type World } from './world.js';

/** "Undo as an inverse plan" (issue 3): what was applied is taken back as a change like another, with four eyes. */
const ALPHA = 'Centre d’essai Alpha';
const alpha: CentreRow = {
  title: ALPHA,
  hospital: 'CH de Dieppe',
  town: 'Dieppe',
  departement: '76',
  public: 'adulte',
};
const list = (label: string): string => centresList([{ ...alpha, label }]);
const REASON = 'le titre vient d’un brouillon';

let w: World;
afterEach(() => w.close());

async function only(centre: string): Promise<StoredChange> {
  const found = (await w.open()).filter((change) => change.centres.some((id) => id === centre));
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${String(found.length)} changes for ${centre}`);
  return found[0];
}

async function applyOnly(centre: string): Promise<StoredChange> {
  const change = await only(centre);
  const people = [w.dominique, w.eloi].slice(0, change.quorum);
  for (const person of people) await w.approve(person, change.id);
  expect((await w.apply()).map(({ result }) => result)).toEqual(['applied']);
  const [stored] = await changesByIds(w.database.app, '28', [change.id]);
  if (stored === undefined) throw new Error(change.id);
  return stored;
}

/** An offer of ours, created at level 11, whose label then became another one, applied too. */
async function modified(): Promise<{ centre: string; offer: string; first: string; change: StoredChange }> {
  w = await openWorld({ list: list('CCMR') });
  const centre = centreIdOf(changeOf(await w.sync(), ALPHA));
  await applyOnly(centre);
  const offer = (w.sandbox.list('HealthcareService')[0] as { id: string }).id;
  const first = w.sandbox.text('HealthcareService', offer) ?? '';
  w.list(list('CRMR constitutif'));
  await w.sync();
  const change = await applyOnly(centre);
  expect(change.kind).toBe('modify');
  return { centre, offer, first, change };
}

/** What an offer says, versions aside; the order of its characteristics says nothing. */
function content(text: string): unknown {
  const { characteristic, ...rest } = JSON.parse(text) as { characteristic: readonly unknown[] };
  return { ...rest, meta: null, characteristic: characteristic.map((each) => JSON.stringify(each)).sort() };
}

describe('a change that was applied', () => {
  it('is taken back by an inverse change that others approve, and is not proposed again by the same list', async () => {
    const { centre, offer, first, change } = await modified();
    expect(content(w.sandbox.text('HealthcareService', offer) ?? '')).not.toEqual(content(first));
    await w.answer(w.camille, await undoChangeAnswer(w.context, change, REASON));
    const inverse = await only(centre);
    expect([inverse.kind, inverse.state]).toEqual(['modify', 'proposed']);
    expect(inverse.elements.map(({ key, operation }) => `${operation} ${key}`).sort()).toEqual(
      change.elements
        .map(({ key, operation }) => {
          const back = operation === 'add' ? 'delete' : operation === 'delete' ? 'add' : 'replace';
          return `${back} ${key}`;
        })
        .sort(),
    );
    expect(inverse.reasons.map(({ message }) => message)).toContain(
      `Annulation du changement ${change.id} demandée, raison : ${REASON}.`,
    );
    for (const { provenance } of inverse.elements)
      expect(provenance.map(({ kind }) => kind)).toEqual(['decision']);
    await expect(w.approve(w.camille, inverse.id)).rejects.toMatchObject({ code: 'FOUR_EYES' });
    await applyOnly(centre);
    expect(content(w.sandbox.text('HealthcareService', offer) ?? '')).toEqual(content(first));
    const again = await w.sync();
    expect(again.changes.filter(({ centres }) => centres.some(({ id }) => id === centre))).toEqual([]);
    expect(again.alerts).toEqual([]);
  });

  it('comes back when its undoing is taken back: the list says it still', async () => {
    const { centre, change } = await modified();
    await w.answer(w.camille, await undoChangeAnswer(w.context, change, REASON));
    const inverse = await applyOnly(centre);
    await w.answer(w.camille, await undoChangeAnswer(w.context, inverse, 'le titre était juste'));
    const forth = await only(centre);
    expect(forth.elements.map(({ key, after }) => [key, after])).toEqual(
      change.elements.map(({ key, after }) => [key, after]),
    );
  });

  it('leaves the place to what the list says next', async () => {
    const { centre, change } = await modified();
    await w.answer(w.camille, await undoChangeAnswer(w.context, change, REASON));
    await applyOnly(centre);
    w.list(list('CRMR coordonnateur'));
    await w.sync();
    const next = await only(centre);
    const served = next.elements.filter(({ channel }) => channel === 'served').map(({ after }) => after);
    expect(JSON.stringify(served)).toContain('coordonnateur');
  });

  it('is not taken back where somebody else wrote since: their value is kept, and told', async () => {
    const { centre, offer, change } = await modified();
    const named = change.elements.find(({ key }) => key === 'name');
    expect(named).toBeDefined();
    w.sandbox.edit(
      'HealthcareService',
      offer,
      (body) => void (body['name'] = 'Nom donné par l’hôpital d’essai'),
    );
    await w.sync();
    await w.answer(w.camille, await undoChangeAnswer(w.context, change, REASON));
    const inverse = await only(centre);
    expect(inverse.elements.map(({ key }) => key)).not.toContain('name');
    expect(inverse.reasons.filter(({ code }) => code === 'drift').map(({ field }) => field)).toEqual([
      'name',
    ]);
  });

  it('that created an offer is undone by a declaration, one not written yet by a rejection, and both say so', async () => {
    w = await openWorld({ list: list('CCMR') });
    const centre = centreIdOf(changeOf(await w.sync(), ALPHA));
    await expect(undoChangeAnswer(w.context, await only(centre), REASON)).rejects.toMatchObject({
      code: 'UNDO_NOT_APPLIED',
    });
    const created = await applyOnly(centre);
    await expect(undoChangeAnswer(w.context, created, REASON)).rejects.toMatchObject({
      code: 'UNDO_BY_DECLARATION',
      remedy: expect.stringContaining('filror close') as string,
    });
  });

  it('cannot be taken back twice', async () => {
    const { centre, change } = await modified();
    await w.answer(w.camille, await undoChangeAnswer(w.context, change, REASON));
    await applyOnly(centre);
    await expect(undoChangeAnswer(w.context, change, REASON)).rejects.toMatchObject({ code: 'UNDO_NOTHING' });
  });
});

describe('an answer', () => {
  it('is taken back, and its question is asked again', async () => {
    w = await openWorld({ list: centresList([{ ...alpha, public: '' }]) });
    const centre = centreIdOf(changeOf(await w.sync(), ALPHA));
    expect((await only(centre)).state).toBe('toComplete');
    await w.answer(w.camille, {
      kind: 'complete',
      subject: centre,
      body: { field: 'public', value: 'adulte' },
    });
    const answered = await only(centre);
    expect(answered.state).toBe('proposed');
    const rows: { no: string }[] = await w.database.app('answer').where({ kind: 'complete' }).select('no');
    await w.answer(w.camille, await undoAnswerAnswer(w.context, answered, Number(rows[0]?.no), REASON));
    expect((await only(centre)).state).toBe('toComplete');
    await expect(undoAnswerAnswer(w.context, answered, Number(rows[0]?.no), REASON)).rejects.toMatchObject({
      code: 'ANSWER_UNKNOWN',
    });
  });

  it('that shows again because a later one was taken back rests on whoever took it back as well', async () => {
    w = await openWorld({ list: centresList([{ ...alpha, public: '' }]) });
    const centre = centreIdOf(changeOf(await w.sync(), ALPHA));
    const say = async (who: Actor, value: string): Promise<void> =>
      void (await w.answer(who, { kind: 'complete', subject: centre, body: { field: 'public', value } }));
    await say(w.camille, 'adulte');
    await say(w.camille, 'pédiatrique');
    const corrected = await only(centre);
    const rows: { no: string }[] = await w.database.app('answer').where({ kind: 'complete' }).orderBy('no');
    const back = await undoAnswerAnswer(w.context, corrected, Number(rows[1]?.no), REASON);
    await w.answer(w.dominique, back);
    const disowned = await only(centre);
    await expect(w.approve(w.dominique, disowned.id)).rejects.toMatchObject({ code: 'FOUR_EYES' });
    expect(await w.approve(w.eloi, disowned.id)).toMatchObject({ approved: true });
  });

  it('is not taken back without a reason, nor with one that names an address', async () => {
    w = await openWorld({ list: centresList([alpha]) });
    const change = await only(centreIdOf(changeOf(await w.sync(), ALPHA)));
    await expect(undoAnswerAnswer(w.context, change, 1, ' ')).rejects.toMatchObject({
      code: 'REASON_MISSING',
    });
    await expect(undoAnswerAnswer(w.context, change, 1, 'voir quelquun@essai.invalid')).rejects.toMatchObject(
      {
        code: 'TEXT_PERSONAL',
      },
    );
  });
});
