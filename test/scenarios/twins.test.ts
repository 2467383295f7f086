import { afterEach, describe, expect, it } from 'vitest';
import type { ChangeOutput, SyncOutput } from '../../src/runs/report.js';
import { blocking, centreIdOf, centresList, openWorld, type CentreRow, type World } from './world.js';

const TITLE = 'Centre d’essai Alpha';
const first: CentreRow = { title: TITLE, hospital: 'CH de Dieppe', town: 'Dieppe', departement: '76' };
const adult: CentreRow = { ...first, public: 'adulte' };
/** The same hospital as another hand writes it. */
const respelled: CentreRow = { ...adult, hospital: 'Centre hospitalier de Dieppe' };

let w: World;
afterEach(() => w.close());

async function planned(...rows: readonly CentreRow[]): Promise<SyncOutput> {
  w = await openWorld({ list: centresList(rows) });
  return await w.sync();
}

function twins(change: ChangeOutput | undefined): string[] {
  return (change?.reasons.find((reason) => reason.code === 'twin')?.candidates ?? []).map(
    (candidate) => candidate.value,
  );
}

describe('one hospital written in two ways', () => {
  it('asks on both rows whether they are one centre, and lets neither be approved', async () => {
    const { changes } = await planned(adult, respelled);
    expect(changes.map((change) => [change.kind, change.state])).toEqual([
      ['create', 'question'],
      ['create', 'question'],
    ]);
    const [one, other] = changes as [ChangeOutput, ChangeOutput];
    expect(blocking(one)).toEqual(['twin']);
    expect(twins(one)).toEqual([centreIdOf(other)]);
    expect(twins(other)).toEqual([centreIdOf(one)]);
    await expect(w.approve(w.dominique, one.id)).rejects.toMatchObject({ code: 'NOT_APPROVABLE' });
  });

  it('names hospital, file and line of the other row', async () => {
    const { changes } = await planned(adult, respelled);
    const labels = changes.flatMap((change) => change.reasons.flatMap((reason) => reason.candidates ?? []));
    expect(labels.map((candidate) => candidate.label).sort()).toEqual([
      `${TITLE}, CH de Dieppe, Dieppe (labelled-centres, ligne 2)`,
      `${TITLE}, Centre hospitalier de Dieppe, Dieppe (labelled-centres, ligne 3)`,
    ]);
  });

  it('is one centre, one change, once a person says "same"; its author does not approve it', async () => {
    const { changes } = await planned(adult, respelled);
    const [one, other] = changes as [ChangeOutput, ChangeOutput];
    const said = await w.filror('same', one.id, centreIdOf(other), '--region', '28', '--as', 'camille');
    expect(said.stderr).toBe('');
    const open = await w.open();
    expect(open.map((change) => [change.kind, change.state, change.centres.length])).toEqual([
      ['create', 'proposed', 1],
    ]);
    await expect(w.approve(w.camille, open[0]?.id ?? '')).rejects.toMatchObject({ code: 'FOUR_EYES' });
    expect(await w.approve(w.dominique, open[0]?.id ?? '')).toMatchObject({ approved: true });
  });

  it('are two centres once a person says "different", on one row for both', async () => {
    const { changes } = await planned(adult, respelled);
    const [one] = changes as [ChangeOutput, ChangeOutput];
    const said = await w.filror('different', one.id, '--region', '28', '--as', 'camille');
    expect(said.stderr).toBe('');
    const open = await w.open();
    expect(open.map((change) => [change.kind, change.state])).toEqual([
      ['create', 'proposed'],
      ['create', 'proposed'],
    ]);
    const again = await w.sync();
    expect(again.changes.flatMap(twins)).toEqual([]);
  });

  it('asks when only one row gives the public', async () => {
    const { changes } = await planned(first, respelled);
    expect(changes.map((change) => twins(change).length)).toEqual([1, 1]);
  });

  it.each([
    ['public', { public: 'pédiatrique' }],
    ['network', { network: 'ESSAI' }],
    ['filière', { filiere: 'FILFOIE' }],
    ['title', { title: 'Centre d’essai Bêta' }],
  ])('does not ask about a centre of another %s', async (_what, other) => {
    const { changes } = await planned(adult, { ...respelled, ...other });
    expect(changes.map((change) => twins(change))).toEqual([[], []]);
  });

  it('does not hold back a centre whose offer is ours already: the new row alone is asked about', async () => {
    const before = await planned(adult);
    await w.approve(w.dominique, before.changes[0]?.id ?? '');
    expect((await w.apply()).map((receipt) => receipt.result)).toEqual(['applied']);
    w.list(centresList([adult, respelled]));
    const { changes } = await w.sync();
    expect(changes.map((change) => [change.kind, change.state])).toEqual([['create', 'question']]);
    expect(changes.map(twins)).toEqual([[centreIdOf(before.changes[0] as ChangeOutput)]]);
  });

  it('asks about a row that comes after "different" was said of others', async () => {
    const { changes } = await planned(adult, respelled);
    const [one] = changes as [ChangeOutput, ChangeOutput];
    await w.filror('different', one.id, '--region', '28', '--as', 'camille');
    w.list(centresList([adult, respelled, { ...adult, hospital: 'C.H. Dieppe' }]));
    const later = await w.sync();
    expect(later.changes.map((change) => twins(change).length).sort()).toEqual([1, 1, 2]);
  });
});
