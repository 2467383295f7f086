import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeOutput, SyncOutput } from '../../src/runs/report.js';
import { centresList, openWorld, type CentreRow, type World } from './world.js';

const alpha: CentreRow = {
  title: 'Centre d’essai Alpha',
  hospital: 'CH de Dieppe',
  town: 'Dieppe',
  departement: '76',
  public: 'adulte',
};
const beta: CentreRow = {
  title: 'Centre d’essai Bêta',
  hospital: 'CH Argentan',
  town: 'Argentan',
  departement: '61',
  public: 'adulte',
};
/** Rows of another filière that wait for their public: one damaged row is then a small part of the list. */
const others: readonly CentreRow[] = Array.from({ length: 20 }, (_, i) => ({
  title: `Centre d’essai ${i + 1} en attente`,
  filiere: 'FILFOIE',
  hospital: 'CH de Coutances',
  town: 'Coutances',
  departement: '50',
}));

const GOOD = centresList([alpha, beta, ...others]);
/** Lines 2 and 3 of the list. */
const ALPHA = 'CCMR;Centre d’essai Alpha;;FIMARAD;CH de Dieppe;Dieppe;76;;adulte;2023;;';
const BETA = 'CCMR;Centre d’essai Bêta;;FIMARAD;CH Argentan;Argentan;61;;adulte;2023;;';
const REFUSED = 'un centre écrit ne doit pas bouger';

/** What the list says in place of the two good lines, and what is told of it: `code ligne`. */
const DAMAGED: readonly [string, string, string][] = [
  ['a NUL byte', ALPHA.replace('essai', 'es\u0000sai'), 'CONTROL_CHARACTER 2'],
  ['a formula in the public', ALPHA.replace('adulte', '=A1'), 'SPREADSHEET_FORMULA 2'],
  ['a formula as title', ALPHA.replace('Centre d’essai Alpha', '=A1'), 'SPREADSHEET_FORMULA 2'],
  ['a formula as hospital', ALPHA.replace('CH de Dieppe', '=A1'), 'SPREADSHEET_FORMULA 2'],
  ['a cell too many', `${ALPHA};x`, 'TOO_MANY_CELLS 2'],
  ['a separator in a title', ALPHA.replace('d’essai', 'd;essai'), 'FILIERE_UNKNOWN 2'],
  ['a line cut short', ALPHA.slice(0, ALPHA.indexOf(';76')), 'TOO_FEW_CELLS 2'],
  ['a typing mistake in the filière', ALPHA.replace('FIMARAD', 'FIMARADX'), 'FILIERE_UNKNOWN 2'],
  ['two filières', ALPHA.replace('FIMARAD', 'FIMARAD / FILFOIE'), 'R6 2'],
  ['no hospital', ALPHA.replace('CH de Dieppe;Dieppe', ';'), 'ESTABLISHMENT_MISSING 2'],
  ['no title', ALPHA.replace('Centre d’essai Alpha', ''), 'TITLE_MISSING 2'],
  ['an unknown label', ALPHA.replace('CCMR', 'labellisé'), 'LABEL_UNKNOWN 2'],
  ['an unknown public', ALPHA.replace('adulte', 'gériatrie'), 'PUBLIC_UNKNOWN 2'],
  ['a FINESS number with a wrong key', ALPHA.replace('2023;;', '2023;70000481;'), 'X1 2'],
  ['cells that are all unusable', '=A1;=A1;;=A1;=A1;=A1;;;=A1;=A1;;', 'SPREADSHEET_FORMULA 2'],
  [
    'a row that became another and a typing mistake',
    ALPHA.replace('Alpha', 'Gamma').replace('CCMR', '?'),
    'LABEL_UNKNOWN 2',
  ],
];

describe('a damaged row, after a good delivery and a written centre', () => {
  let w: World;
  let said: readonly unknown[];

  /** Open observations of the two written centres: what a plan rests on. */
  const observed = async (): Promise<readonly unknown[]> =>
    (await w.database
      .owner('observation')
      .where({ source: 'labelled-centres', closed_delivery: null })
      .whereLike('key', '%fimarad%')
      .orderBy('key')
      .select('key', 'content_hash')) as unknown[];

  /** What is proposed besides the rows that wait. */
  const moving = (output: SyncOutput): ChangeOutput[] =>
    output.changes.filter((change) => !JSON.stringify(change.centre).includes('attente'));

  beforeAll(async () => {
    w = await openWorld({ list: GOOD });
    const first = await w.sync();
    for (const change of first.changes.filter((each) => each.state === 'proposed'))
      await w.approve(w.dominique, change.id);
    expect((await w.apply()).map((receipt) => receipt.result)).toEqual(['applied', 'applied']);
    expect(moving(await w.sync())).toEqual([]);
    said = await observed();
    expect(said.length).toBe(2);
  });
  afterAll(() => w.close());

  async function withRows(alphaLine: string, betaLine: string): Promise<SyncOutput> {
    w.list(GOOD.replace(ALPHA, () => alphaLine).replace(BETA, () => betaLine));
    return await w.sync();
  }

  async function nothingMoves(output: SyncOutput): Promise<void> {
    expect(moving(output), REFUSED).toEqual([]);
    expect(await observed(), REFUSED).toEqual(said);
    expect(output.exitCode).toBe(2);
    const list = output.sources.find((each) => each.source === 'labelled-centres');
    for (const fault of list?.setAside ?? []) {
      expect(fault.message).toMatch(/./);
      expect(fault.remedy).toMatch(/./);
    }
  }

  const told = (output: SyncOutput): string[] =>
    (output.sources.find((each) => each.source === 'labelled-centres')?.setAside ?? []).map(
      (fault) => `${fault.code} ${String(fault.locator.line)}`,
    );

  it.each(DAMAGED)('%s: told, counted, and the centre stays as it was', async (_name, line, fault) => {
    const output = await withRows(line, BETA);
    expect(told(output)).toEqual([fault]);
    await nothingMoves(output);
    await nothingMoves(await withRows(ALPHA, BETA));
  });

  it('an unbalanced quote that swallows the next row: both are told, and both centres stay', async () => {
    const output = await withRows(
      ALPHA.replace('Centre d’essai Alpha', '"Centre d’essai Alpha'),
      BETA.replace('CH Argentan', '"CH Argentan"'),
    );
    expect(told(output)).toEqual(['TOO_FEW_CELLS 2']);
    const [fault] = output.sources.find((each) => each.source === 'labelled-centres')?.setAside ?? [];
    expect(fault?.message).toMatch(/^Les lignes 2 à 3, qu’un guillemet réunit, ont ensemble [0-9]+ cellules/);
    await nothingMoves(output);
    await nothingMoves(await withRows(ALPHA, BETA));
  });

  it('a centre that really left is still proposed for withdrawal beside a row that only lacks its label', async () => {
    const output = await withRows(ALPHA.replace('CCMR', ''), '');
    expect(moving(output).map((change) => [change.kind, change.state])).toEqual([['withdraw', 'toComplete']]);
    await nothingMoves(await withRows(ALPHA, BETA));
  });

  it('a damaged row that may be anybody holds a withdrawal, says so, and not for ever', async () => {
    const junk = '?;=A1;;=A1;=A1;=A1;;;;;;';
    const held = (output: SyncOutput): boolean => output.gates.some((gate) => gate.code === 'HELD');
    const first = await withRows(`${ALPHA}\n${junk}`, '');
    await nothingMoves(first);
    expect(held(first)).toBe(true);
    // Same damaged row, and Bêta still missing: it may still be Bêta.
    const second = await withRows(`${junk}\n${ALPHA}`, '');
    await nothingMoves(second);
    expect(held(second)).toBe(true);
    // Bêta came back, beside the damaged row: it was not Bêta, which may now leave.
    await nothingMoves(await withRows(`${ALPHA}\n${junk}`, BETA));
    const last = await withRows(`${ALPHA}\n${junk}\n`, '');
    expect(moving(last).map((change) => change.kind)).toEqual(['withdraw']);
    expect(held(last)).toBe(false);
    await nothingMoves(await withRows(ALPHA, BETA));
  });
});
