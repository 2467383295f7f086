import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Proposal } from '../../src/runs/order-proposals.js';
import type { SyncOutput } from '../../src/runs/report.js';
import { pdfkitOrder } from '../support/order-pdfkit.js';
import { PLAIN } from '../support/order-spec.js';
import type { Finished } from '../support/node-process.js';
import { centresList, openWorld, type World } from './world.js';

const site = (n: number, hospital: string, label: string) => ({
  head: `Dr Personne d’essai ${String(n)}`,
  hospital,
  label,
});

/** Three sites of one centre over a merged name, and a signature that is no centre. */
const SPEC = {
  filieres: [
    {
      heading: 'Filière FIMARAD',
      code: 'FIMARAD',
      centres: [
        {
          title: 'Centre d’essai 90',
          sites: [
            site(1, 'CH de Dieppe', 'Coordonnateur'),
            site(2, 'CH de Falaise', 'Compétence'),
            site(3, 'CH Aunay-Bayeux', 'Compétence'),
          ],
        },
        { title: 'Centre d’essai 91', sites: [site(4, 'CH de Coutances', 'non précisé')] },
      ],
    },
  ],
};

describe('a labelling order counts line by line, once people said so', () => {
  let w: World;
  let [pdf, id] = ['', ''];
  const order = (...args: readonly string[]): Promise<Finished> =>
    w.filror('order', ...args, '--region', '28', '--as', 'camille');
  const titles = (output: SyncOutput): string[] =>
    output.changes
      .flatMap(({ centres }) =>
        centres.map((centre) => ('title' in centre ? `${centre.title}, ${centre.hospital}` : '')),
      )
      .filter((title) => title.startsWith('Centre d’essai 9'))
      .sort();

  beforeAll(async () => {
    w = await openWorld({
      list: centresList([{ title: 'Centre d’essai 1', hospital: 'CH de Dieppe', town: 'Dieppe' }]),
    });
    await w.sync();
    pdf = join(w.folder, 'arrete-essai.pdf');
    writeFileSync(pdf, await pdfkitOrder(SPEC, PLAIN));
  });
  afterAll(() => w.close());

  it('shows what would be read without keeping it', async () => {
    const tried = await order('read', pdf, '--campaign', '2023', '--dry-run');
    expect([
      tried.code,
      tried.stdout.includes('page 2, ligne 2 : FIMARAD | Compétence | Centre d’essai 90'),
    ]).toEqual([2, true]);
    expect(tried.stdout).toContain('rien n’a été gardé');
    expect((await order('list')).stdout).toBe('Aucun arrêté lu dans cette région.\n');
  });

  it('reads it into a draft once, whatever how often it is read', async () => {
    const first = await order('read', pdf, '--campaign', '2023', '--output', 'json');
    const read = JSON.parse(first.stdout) as {
      draft: { id: string };
      known: boolean;
      lines: readonly Proposal[];
    };
    id = read.draft.id;
    expect([read.known, read.lines.length]).toEqual([false, 4]);
    const again = JSON.parse(
      (await order('read', pdf, '--campaign', '2023', '--output', 'json')).stdout,
    ) as typeof read;
    expect([again.known, again.draft.id]).toEqual([true, id]);
    const other = await order('read', pdf, '--campaign', '2017');
    expect([other.code, other.stderr.includes('Que faire')]).toEqual([1, true]);
  });

  it('proposes nothing of it before a line is validated, and says that lines wait', async () => {
    const output = await w.sync();
    expect(titles(output)).toEqual([]);
    expect(output.alerts.find(({ code }) => code === 'ORDER_WAITING')?.message).toContain('4 ligne(s)');
  });

  it('refuses a line that says no label, a range with a doubtful line, and a list in place of people', async () => {
    const refused = await order('validate', id, '4');
    expect([refused.code, refused.stderr.includes('ne dit pas de label')]).toEqual([1, true]);
    for (const several of [
      ['--lines', '3-4'],
      ['3', '4'],
    ]) {
      const range = await order('validate', id, ...several);
      expect([range.code, range.stderr.includes('douteuse')]).toEqual([1, true]);
    }
    const noNumber = await order('validate', id, '2-4');
    expect(noNumber.code).toBe(1);
    expect(noNumber.stderr).toContain('« 2-4 » n’est pas un numéro de ligne');
    expect(noNumber.stderr).toContain('--lines 2-4');
    const tooMany = await order('validate', id, '--lines', '2-1200');
    expect(tooMany.stderr).toMatch(
      /La valeur « 2-1200 » de l’option --lines .* ne convient pas : deux numéros/,
    );
    const given = await w.filror('sync', '--region', '28', '--source', `labelling-order=${pdf}`, '--dry-run');
    expect([given.code, given.stderr.includes('lignes d’arrêté validées')]).toEqual([1, true]);
    expect(titles(await w.sync())).toEqual([]);
  });

  it('plans the validated lines and no other, with their page', async () => {
    expect((await order('validate', id, '1')).stdout).toContain('1 ligne relue sur 4');
    expect(
      (await order('validate', id, '4', '--set', 'label=CCMR', '--set', 'responsable=Dr Personne d’essai 40'))
        .code,
    ).toBe(0);
    expect((await order('discard', id, '3', '--reason', 'ligne d’essai')).code).toBe(0);
    const output = await w.sync();
    expect(titles(output)).toEqual(['Centre d’essai 90, CH de Dieppe', 'Centre d’essai 91, CH de Coutances']);
    const change = output.changes.find(({ centres }) =>
      centres.some((one) => 'title' in one && one.title === 'Centre d’essai 91'),
    );
    const shown = await w.filror('show', change?.id ?? '', '--region', '28');
    expect(shown.stdout).toContain('arrete-essai.pdf, page 2, ligne 4');
    expect(output.alerts.find(({ code }) => code === 'ORDER_WAITING')?.message).toContain('1 ligne(s)');
    expect((await w.sync()).unchanged).toBe(true);
  });

  it('makes whoever validated a line an author: they cannot approve what it proposes', async () => {
    const { rows } = await w.database.app.raw<{ rows: { person: string }[] }>(
      `select distinct a.person from change_author a join change c on (c.region, c.id) = (a.region, a.change_id) where a.why = 'import' and c.state <> 'superseded'`,
    );
    expect(rows.map(({ person }) => person)).toContain(w.camille.id);
  });

  it('keeps the names of people out of the tables that only grow, and of the journal', async () => {
    for (const table of ['order_draft', 'order_line', 'order_decision', 'observation', 'journal']) {
      const { rows } = await w.database.app.raw<{ rows: object[] }>('select * from ??', [table]);
      expect(JSON.stringify(rows)).not.toContain('Personne d’essai');
    }
    const { rows } = await w.database.app.raw<{ rows: object[] }>(
      'select head from order_line_words where line = 4 union all select head from order_decision_words',
    );
    expect(rows).toEqual([{ head: 'Dr Personne d’essai 4' }, { head: 'Dr Personne d’essai 40' }]);
  });

  it('takes a line back: it is no longer proposed', async () => {
    expect((await order('undo', id, '4')).code).toBe(0);
    const again = await order('show', id);
    expect(again.stdout).toContain('Dr Personne d’essai 4\n');
    expect(again.stdout).not.toContain('Dr Personne d’essai 40');
    expect(titles(await w.sync())).toEqual(['Centre d’essai 90, CH de Dieppe']);
    expect((await order('undo', id, '1')).code).toBe(0);
    expect(titles(await w.sync())).toEqual([]);
    const twice = await order('undo', id, '1');
    expect([twice.code, twice.stderr.includes('Que faire')]).toEqual([1, true]);
  });

  it('is shown as a trial among the sources, with its state', async () => {
    const { stdout } = await w.filror('sources', '--region', '28');
    expect(stdout).toMatch(/labelling-order : essai, sans limite d’âge[^]*dernier passage réussi : \d/);
  });
});
