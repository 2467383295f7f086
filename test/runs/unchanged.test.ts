import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SourceError } from '../../src/domain/errors.js';
import {
  regionRun,
  tableChecksums,
  tableCounts,
  trialList,
  type RegionRun,
  type TrialRow,
} from '../support/region-run.js';

const ROWS: readonly TrialRow[] = [
  { number: 1, hospital: 'CH Falaise', town: 'Falaise' },
  { number: 2, hospital: 'CH de Coutances', town: 'Coutances' },
  { number: 3, hospital: 'CH Argentan', town: 'Argentan', public: '' },
];

/** Tables that a failed run may write: its own row, and the bytes it stored before reading them. */
const OF_A_FAILED_RUN = ['run', 'snapshot', 'snapshot_chunk'];

describe('a run that brings nothing new', () => {
  let run: RegionRun;
  let list: string;
  beforeAll(async () => {
    run = await regionRun();
    list = run.write('centres.csv', trialList(ROWS));
    await run.sync({ 'labelled-centres': list });
  });
  afterAll(() => run.close());

  it('writes one run row and nothing else, and says that what waits still waits', async () => {
    const before = await tableCounts(run.database.owner);
    const sums = await tableChecksums(run.database.owner);
    const output = await run.sync({ 'labelled-centres': list });
    expect(output.unchanged).toBe(true);
    expect(output.plan.summary).toMatch(
      /^Aucun changement nouveau \(vérifié à \d\d:\d\d\)\. Toujours en attente : 3 à créer ; 1 à compléter, 2 à approuver\.$/,
    );
    expect(await tableCounts(run.database.owner)).toEqual({ ...before, run: (before['run'] ?? 0) + 1 });
    const { run: ours, ...others } = await tableChecksums(run.database.owner);
    const { run: former, ...expected } = sums;
    expect(others).toEqual(expected);
    expect(ours).not.toBe(former);
  });

  it('tells a run of the day before, whose process died, as failed; a younger one may still be at work', async () => {
    const db = run.database.owner;
    const started = { region: '28', kind: 'sync', state: 'running' };
    const hours = (count: number): Date => new Date(Date.now() - count * 3_600_000);
    await db('run').insert([
      { ...started, id: 'run_essai1', started_at: hours(25) },
      { ...started, id: 'run_essai2', started_at: hours(23) },
    ]);
    await run.sync({ 'labelled-centres': list });
    const states = await db('run')
      .whereIn('id', ['run_essai1', 'run_essai2'])
      .orderBy('id')
      .select('state', 'error');
    expect(states).toMatchObject([
      { state: 'failed', error: { code: 'RUN_ABANDONED' } },
      { state: 'running', error: null },
    ]);
  });

  it('says "Aucun changement" once everything is applied, and exits with nothing to do', async () => {
    const db = run.database.owner;
    const done = run.write('complets.csv', trialList(ROWS.map((row) => ({ ...row, public: 'adulte' }))));
    await run.sync({ 'labelled-centres': done });
    expect(await run.approveAll()).toBe(3);
    await run.apply();
    await run.sync({ 'labelled-centres': done });
    const before = await tableCounts(db);
    const output = await run.sync({ 'labelled-centres': done });
    expect(output.plan.summary).toMatch(
      /^Aucun changement\. Le référentiel est à jour \(vérifié à \d\d:\d\d\)\.$/,
    );
    expect([output.unchanged, output.exitCode, output.changes]).toEqual([true, 0, []]);
    expect(await tableCounts(db)).toEqual({ ...before, run: (before['run'] ?? 0) + 1 });
  });
});

describe('a dry run', () => {
  let run: RegionRun;
  beforeAll(async () => {
    run = await regionRun();
  });
  afterAll(() => run.close());

  it('shows the whole plan and leaves every table as it was, the first time and the next', async () => {
    const db = run.database.owner;
    const first = await tableChecksums(db);
    const list = { 'labelled-centres': run.write('centres.csv', trialList(ROWS)) };
    const shown = await run.sync(list, 'dry');
    expect([shown.dryRun, shown.plan.kinds]).toEqual([true, { create: 3 }]);
    expect(await tableChecksums(db)).toEqual(first);
    await run.sync(list);
    const second = await tableChecksums(db);
    const raised = ROWS.map((row) => ({ ...row, label: 'CRMR constitutif' }));
    const other = await run.sync({ 'labelled-centres': run.write('autre.csv', trialList(raised)) }, 'dry');
    expect(other.changes.map((change) => change.centre)).toMatchObject([
      { label: 'CRMR constitutif' },
      { label: 'CRMR constitutif' },
      { label: 'CRMR constitutif' },
    ]);
    expect(await tableChecksums(db)).toEqual(second);
  });

  it('that fails leaves every table as it was too', async () => {
    const db = run.database.owner;
    const before = await tableChecksums(db);
    const page = run.write('page.csv', '<!DOCTYPE html><html><body>Erreur 500</body></html>');
    await expect(run.sync({ 'labelled-centres': page }, 'dry')).rejects.toBeInstanceOf(SourceError);
    expect(await tableChecksums(db)).toEqual(before);
  });
});

describe('a run that fails', () => {
  let run: RegionRun;
  beforeAll(async () => {
    run = await regionRun();
    await run.sync({ 'labelled-centres': run.write('centres.csv', trialList(ROWS)) });
    await run.approveAll();
  });
  afterAll(() => run.close());

  it.each([
    ['an HTML page served for the list', '<!DOCTYPE html><html><body>Service indisponible</body></html>'],
    ['an empty file', ''],
    [
      'a list without its label column',
      'centre;filière;établissement\nCentre d’essai 1;FIMARAD;CH Falaise\n',
    ],
  ])('for %s leaves all but its own row and the stored bytes untouched', async (_what, content) => {
    const before = await tableChecksums(run.database.owner);
    // Something else moved too: what the run read of the repository must not stay either.
    run.sandbox.edit('HealthcareService', 'essai-1', (body) => ({
      ...body,
      name: `Offre d’essai ${content.length}`,
    }));
    const failed = await run
      .sync({ 'labelled-centres': run.write('faux.csv', content) })
      .catch((e: unknown) => e);
    expect(failed).toBeInstanceOf(SourceError);
    expect((failed as SourceError).remedy).not.toBe('');
    const after = await tableChecksums(run.database.owner);
    const moved = Object.keys(after).filter((table) => after[table] !== before[table]);
    expect(moved.filter((table) => !OF_A_FAILED_RUN.includes(table))).toEqual([]);
    expect(moved).toContain('run');
    const { error } = await run.context
      .db('run')
      .orderBy('no', 'desc')
      .first<{ error: { message: string; remedy: string } }>();
    expect([error.message, error.remedy].every((text) => text.length > 10)).toBe(true);
  });

  it('leaves approvals standing: the next good run keeps them', async () => {
    const output = await run.sync({ 'labelled-centres': run.write('centres.csv', trialList(ROWS)) });
    expect(output.plan.states).toEqual({ approved: 2, toComplete: 1 });
  });
});

describe('a weekly file with the same content', () => {
  let run: RegionRun;
  let ids: readonly string[];
  beforeAll(async () => {
    run = await regionRun();
    await run.sync({ 'labelled-centres': run.write('semaine-1.csv', trialList(ROWS)) });
    await run.approveAll();
    ids = (await run.open()).map((change) => change.id);
  });
  afterAll(() => run.close());

  it.each([
    ['under another name', () => trialList(ROWS)],
    ['with its rows in another order', () => trialList([...ROWS].reverse())],
    ['with Windows line endings', () => trialList(ROWS, '\r\n')],
    ['with a byte order mark', () => `\uFEFF${trialList(ROWS)}`],
    ['in decomposed Unicode', () => trialList(ROWS).normalize('NFD')],
    ['separated by commas', () => trialList(ROWS).replaceAll(',', ' ').replaceAll(';', ',')],
  ])('%s cancels no approval and opens nothing', async (what, content) => {
    const file = run.write(`${what.replaceAll(' ', '-')}.csv`, content());
    const output = await run.sync({ 'labelled-centres': file });
    const open = await run.open();
    expect(open.map((change) => change.id)).toEqual(ids);
    expect(open.map((change) => change.state).sort()).toEqual(['approved', 'approved', 'toComplete']);
    expect(output.plan.summary).toMatch(/^Aucun changement nouveau/);
  });

  it('leaves the approvals good enough to send', async () => {
    const receipts = await run.apply();
    expect(receipts.map((receipt) => receipt.result)).toEqual(['applied', 'applied']);
  });
});
