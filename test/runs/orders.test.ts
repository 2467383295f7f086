import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { orderDrafts, orderLines, orderProgress, type OrderDraft } from '../../src/db/orders.js';
import { ORDER_READER } from '../../src/domain/source-ids.js';
import { sqlFolder } from '../../src/db/migrations-folder.js';
import { decideLines, type LineDecision } from '../../src/runs/order-decisions.js';
import { validatedLines } from '../../src/runs/order-delivery.js';
import { oneDraft, readDraft } from '../../src/runs/orders.js';
import type { RunContext } from '../../src/runs/context.js';
import { STORED_LINES, storedDraft } from '../support/order-draft.js';
import { pdfkitOrder } from '../support/order-pdfkit.js';
import { PLAIN } from '../support/order-spec.js';
import { regionRun, type RegionRun } from '../support/region-run.js';

let region: RegionRun;
let run: RunContext;
beforeAll(async () => {
  region = await regionRun();
  await region.sync({});
  const orders = Object.entries(loadConfig().sources).filter(([, { reader }]) => reader === ORDER_READER);
  const sources = { ...region.config.sources, ...Object.fromEntries(orders) };
  run = { ...region.context, config: { ...region.config, sources }, actor: region.camille };
});
afterAll(() => region.close());

const spec = (title: string) => ({
  filieres: [
    {
      heading: 'Filière FIMARAD',
      code: 'FIMARAD',
      centres: [
        {
          title,
          sites: [{ head: 'Dr Personne d’essai 1', hospital: 'CH de Dieppe', label: 'Compétence' }],
        },
      ],
    },
  ],
});

describe('an order read twice at once', () => {
  it('gives one draft, and the second is answered as for a known file', async () => {
    const bytes = await pdfkitOrder(spec('Centre d’essai 90'), PLAIN);
    const both = await Promise.all(
      ['a', 'b'].map(() => readDraft(run, { name: 'essai.pdf', bytes }, '2023')),
    );
    expect(both.map(({ known }) => known).sort()).toEqual([false, true]);
    expect(both[0]?.draft).toEqual(both[1]?.draft);
    expect(both.map(({ lines }) => lines.length)).toEqual([1, 1]);
    expect(await orderDrafts(region.database.app, '28')).toHaveLength(1);
  });

  it('for two campaigns, refuses the second with what to do', async () => {
    const bytes = await pdfkitOrder(spec('Centre d’essai 91'), PLAIN);
    const both = await Promise.allSettled(
      ['2017', '2023'].map((year) => readDraft(run, { name: 'campagnes.pdf', bytes }, year)),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'ORDER_OTHER_CAMPAIGN' },
    });
  });

  it('under one name for two orders, tells them apart', async () => {
    const [one, other] = [
      await pdfkitOrder(spec('Centre d’essai 92'), PLAIN),
      await pdfkitOrder(spec('Centre d’essai 93'), PLAIN),
    ];
    const both = await Promise.all(
      [one, other].map((bytes) => readDraft(run, { name: 'annexe.pdf', bytes }, '2023')),
    );
    const names = both.map(({ draft }) => draft.fileName).sort();
    expect(names[0]).toBe('annexe.pdf');
    expect(names[1]).toMatch(/^annexe\.pdf \([0-9a-f]{8}\)$/);
  });
});

/** Lines 1 to 20 stand on page 2, 21 to 28 on page 3; 2 and 3 are doubtful, 4 validated, 5 discarded. */
describe('lines of a draft', () => {
  let draft: OrderDraft;
  beforeAll(async () => {
    draft = await oneDraft(run, await storedDraft(region, 'Centre d’essai 80', 'lignes d’essai.pdf'));
  });
  const decide = (kind: LineDecision['kind'], lines: readonly number[], more: Partial<LineDecision> = {}) =>
    decideLines(run, draft, { kind, lines, set: {}, reason: kind === 'discard' ? 'essai' : null, ...more });
  const line = async (no: number) =>
    (await orderLines(region.database.app, '28', draft.id)).find((one) => one.line === no);
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const decidedLines = async (): Promise<number[]> =>
    (await orderLines(region.database.app, '28', draft.id)).flatMap(({ decided, line: no }) =>
      decided === null ? [] : [no],
    );

  it.each<LineDecision['kind']>(['validate', 'discard'])(
    'with a doubt are decided alone: several at once are refused (%s), and which are told',
    async (kind) => {
      await expect(decide(kind, [1, 2, 3])).rejects.toMatchObject({
        code: 'ORDER_DOUBTFUL',
        message: expect.stringContaining('2 sont douteuses : 2, 3.') as string,
        place: 'lignes d’essai.pdf, lignes 2, 3',
        remedy: expect.stringMatching(/page « Arrêtés ».*au terminal/) as string,
      });
      expect(await decidedLines()).toEqual([4, 5]);
      expect(await decide(kind, [2])).toEqual([2]);
      await decide('undo', [2]);
    },
  );

  it('of several pages are refused together, with a page to begin with', async () => {
    await expect(decide('validate', range(18, 23))).rejects.toMatchObject({
      code: 'ORDER_SEVERAL_PAGES',
      message: expect.stringContaining('2 pages du PDF (2, 3)') as string,
      remedy: expect.stringContaining('pour la page 2, lignes 18 à 20') as string,
    });
    expect(await decidedLines()).toEqual([4, 5]);
  });

  it('without doubt, on one page, are decided in one act, once, and taken back in one', async () => {
    expect(await decide('validate', [...range(6, 20), 6])).toEqual(range(6, 20));
    await expect(decide('validate', [6, 7])).rejects.toMatchObject({ code: 'ORDER_LINE_DECIDED' });
    await decide('validate', range(21, STORED_LINES));
    expect(await decide('undo', range(6, STORED_LINES))).toEqual(range(6, STORED_LINES));
    expect(await decidedLines()).toEqual([4, 5]);
  });

  it('are corrected one by one, and none is decided where none is given', async () => {
    await expect(decide('validate', [6, 7], { set: { ville: 'Dieppe' } })).rejects.toMatchObject({
      code: 'ORDER_FIELD',
    });
    await expect(decide('validate', [])).rejects.toMatchObject({ code: 'ORDER_NO_LINE' });
    expect(await decidedLines()).toEqual([4, 5]);
  });

  it('keep the head that was read: what a person typed is a correction, which goes with its decision', async () => {
    const heads = async (): Promise<string> => {
      const delivered = await validatedLines(region.database.app, '28');
      let text = '';
      for await (const piece of delivered?.bytes() ?? []) text += Buffer.from(piece).toString();
      return text;
    };
    const read = 'Dr Personne d’essai 6';
    await decide('validate', [6], { set: { responsable: 'Pr Autre d’essai', ville: 'Dieppe' } });
    expect(await line(6)).toMatchObject({
      head: read,
      decided: {
        corrections: { head: 'Pr Autre d’essai', town: 'Dieppe' },
        person: region.camille.id,
      },
    });
    expect(await heads()).toContain('Pr Autre d’essai');
    await decide('undo', [6]);
    expect(await line(6)).toMatchObject({ head: read, decided: null });
    await decide('validate', [6]);
    expect(await line(6)).toMatchObject({ head: read, decided: { corrections: {} } });
    expect(await heads()).toContain(read);
    expect(await heads()).not.toContain('Pr Autre d’essai');
    await decide('undo', [6]);
    await decide('validate', [6], { set: { responsable: '' } });
    expect(await line(6)).toMatchObject({ head: read, decided: { corrections: { head: '' } } });
    expect(await heads()).not.toContain(read);
    await decide('undo', [6]);
    const kept = await region.database.owner('order_decision_words').pluck('head');
    expect(kept).toEqual(['Pr Autre d’essai', '']);
    for (const table of ['order_decision', 'journal']) {
      const { rows } = await region.database.owner.raw<{ rows: object[] }>('select * from ??', [table]);
      expect(JSON.stringify(rows)).not.toContain('Autre d’essai');
    }
  });

  it('are counted without being read', async () => {
    const progressOf = await orderProgress(region.database.app, '28');
    expect(progressOf(draft.id)).toEqual({ lines: STORED_LINES, decided: 2, before: 0 });
    await decide('validate', [1]);
    expect((await orderProgress(region.database.app, '28'))(draft.id)).toEqual({
      lines: STORED_LINES,
      decided: 3,
      before: 1,
    });
    expect(progressOf('inconnu2')).toEqual({ lines: 0, decided: 0, before: 0 });
  });
});

describe('names typed before they were kept apart', () => {
  it('move to the decision that said them; what had been read there is no longer known, and said so', async () => {
    const { owner, app } = region.database;
    const draft = await oneDraft(
      run,
      await storedDraft(region, 'Centre d’essai 81', 'ancien arrêté d’essai.pdf'),
    );
    const typed = 'Pr Ancien d’essai';
    const decide = (kind: LineDecision['kind'], line: number, set: Readonly<Record<string, string>> = {}) =>
      decideLines(run, draft, { kind, lines: [line], set, reason: null });
    await decide('validate', 7, { responsable: typed });
    await decide('undo', 7);
    await decide('validate', 8, { responsable: typed });
    await decide('validate', 9, { ville: 'Dieppe' });
    // As migration 0059 left it: the typed name over the one that was read.
    await owner.raw('drop table order_decision_words');
    await owner('order_line_words')
      .where({ draft: draft.id })
      .whereIn('line', [7, 8])
      .update({ head: typed });
    await owner.raw(readFileSync(join(sqlFolder, '0060_order_head_typed.sql'), 'utf8'));
    const lines = (await orderLines(app, '28', draft.id)).slice(6, 9);
    expect(lines.map(({ head, decided }) => [head, decided?.corrections ?? null])).toEqual([
      ['', null],
      ['', { head: typed }],
      ['Dr Personne d’essai 9', { town: 'Dieppe' }],
    ]);
    expect(await owner('order_decision_words').where({ head: typed }).pluck('head')).toEqual([typed, typed]);
  });
});
