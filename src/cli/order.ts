import { basename } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { orderDrafts, orderProgress } from '../db/orders.js';
import { counted } from '../domain/counted.js';
import { DataError } from '../domain/errors.js';
import { decideLines, type LineDecision } from '../runs/order-decisions.js';
import { ORDER_FIELDS } from '../runs/order-proposals.js';
import { oneDraft, proposals, readDraft } from '../runs/orders.js';
import { PDF_LIMITS } from '../sources/reading/pdf/limits.js';
import type { CommandContext } from './context.js';
import { readGiven, type GivenFile } from './given-file.js';
import { draftText, linesText, listedText } from './order-text.js';
import {
  addDryRun,
  addRegionOptions,
  outputOf,
  tellDryRun,
  withRegion,
  type RegionOptions,
} from './region.js';

const HELP = `
Exemples :
  filror order read arrete.pdf --campaign 2023 --region 28 --as camille --dry-run
  filror order list --region 28
  filror order show k3x7 --page 12 --region 28
  filror order validate k3x7 214 --set etablissement="Hôpital d’essai 3" --region 28 --as camille
  filror order validate k3x7 --lines 12-18 --region 28 --as camille
  filror order discard k3x7 215 --reason "signature" --region 28 --as camille
  filror order undo k3x7 214 --region 28 --as camille

Essai : aucun vrai arrêté n’était disponible, la lecture est éprouvée sur des PDF d’essai de trois producteurs.
Un arrêté lu est un brouillon : une ligne ne compte qu’une fois validée, au « filror sync » suivant.`;

const TOGETHER =
  'plusieurs lignes qui se suivent (12-18), d’une même page du PDF et dont aucune n’est douteuse ; une ligne douteuse se décide seule';

const ORDER_FILE: GivenFile = {
  // One byte more than the reader takes, so that it says itself what is wrong.
  maxBytes: PDF_LIMITS.bytes + 1,
  remedies: {
    unreadable: 'vérifiez le chemin et les droits de lecture de ce compte.',
    tooLarge:
      'vérifiez que c’est bien l’arrêté ; sinon, n’en gardez que les pages de l’annexe, dans un nouveau PDF.',
  },
};

interface ReadOptions extends RegionOptions {
  readonly campaign: string;
}
interface ShowOptions extends RegionOptions {
  readonly page?: number;
  readonly todo?: boolean;
}
interface DecideOptions extends RegionOptions {
  readonly lines?: readonly number[];
  readonly set?: Readonly<Record<string, string>>;
  readonly reason?: string;
}

/** A labelling order (PDF) as a draft list, that people validate line by line. */
export function registerOrder(program: Command, context: CommandContext): void {
  const order = program
    .command('order')
    .description('arrêté de labellisation (PDF) : le lire en brouillon, valider ses lignes (essai)')
    .addHelpText('after', HELP);
  addDryRun(
    addRegionOptions(
      order.command('read <fichier>').description('lire un arrêté en brouillon, ou retrouver celui déjà lu'),
    ),
  )
    .requiredOption('--campaign <année>', 'année de la campagne de l’arrêté (2023)')
    .addHelpText('after', example('read arrete.pdf --campaign 2023 --region 28 --as camille'))
    .action(async (path: string, options: ReadOptions) => {
      await withRegion(context, options, async (run) => {
        const bytes = await readGiven(path, ORDER_FILE);
        const read = await readDraft(run, { name: basename(path), bytes }, options.campaign);
        await context.out(
          outputOf(options) === 'json'
            ? `${JSON.stringify(read)}\n`
            : draftText(read, options.dryRun === true ? 'lines' : 'head'),
        );
        process.exitCode = read.lines.some(({ row }) => row.decided === null) ? 2 : 0;
        await tellDryRun(context, options);
      });
    });
  addRegionOptions(
    order.command('list').description('les arrêtés lus de la région, et où en est leur relecture'),
  )
    .addHelpText('after', example('list --region 28'))
    .action(async (options: RegionOptions) => {
      await withRegion(context, options, async (run) => {
        const { db, region } = run;
        const drafts = await orderDrafts(db, region.code);
        const progressOf = await orderProgress(db, region.code);
        if (outputOf(options) === 'json') {
          const read = drafts.map(async (draft) => ({
            draft,
            lines: await proposals(run, draft),
            known: true,
          }));
          await context.out(`${JSON.stringify(await Promise.all(read))}\n`);
        } else {
          const texts = drafts.map((draft) => listedText(draft, progressOf(draft.id)));
          await context.out(texts.join('\n') || 'Aucun arrêté lu dans cette région.\n');
        }
        const waits = drafts.map(({ id }) => progressOf(id)).some(({ lines, decided }) => decided < lines);
        process.exitCode = waits ? 2 : 0;
      });
    });
  addRegionOptions(order.command('show <arrêté>').description('les lignes proposées, avec leur page'))
    .option('--page <n>', 'celles de cette page du PDF seulement', numberOf)
    .option('--todo', 'celles qui attendent d’être relues seulement')
    .addHelpText('after', example('show k3x7 --page 12 --region 28'))
    .action(async (id: string, options: ShowOptions) => {
      await withRegion(context, options, async (run) => {
        const all = await proposals(run, await oneDraft(run, id));
        const lines = all.filter(
          ({ row }) =>
            (options.page === undefined || row.page === options.page) &&
            (options.todo !== true || row.decided === null),
        );
        await context.out(
          outputOf(options) === 'json'
            ? `${JSON.stringify(lines)}\n`
            : `${linesText(lines) || 'Aucune ligne.'}\n`,
        );
      });
    });
  deciding(order, 'validate <arrêté> [lignes...]', 'ces lignes sont justes, telles quelles ou corrigées')
    .option(
      '--set <champ=valeur>',
      `corriger un champ (${Object.keys(ORDER_FIELDS).join(', ')}) ; une ligne à la fois`,
      field,
      {},
    )
    .addHelpText('after', example('validate k3x7 214 --set label=CCMR --region 28 --as camille'))
    .action(async (id: string, lines: readonly string[], options: DecideOptions) => {
      await decide(context, options, 'validate', id, lines);
    });
  deciding(order, 'discard <arrêté> [lignes...]', 'ces lignes ne sont pas des centres')
    .option('--reason <texte>', 'pourquoi ; gardée pour toujours')
    .addHelpText('after', example('discard k3x7 215 --reason "signature" --region 28 --as camille'))
    .action(async (id: string, lines: readonly string[], options: DecideOptions) => {
      await decide(context, options, 'discard', id, lines);
    });
  deciding(
    order,
    'undo <arrêté> [lignes...]',
    'reprendre ce qui a été décidé de ces lignes',
    'plusieurs lignes qui se suivent (12-18)',
  )
    .addHelpText('after', example('undo k3x7 214 --region 28 --as camille'))
    .action(async (id: string, lines: readonly string[], options: DecideOptions) => {
      await decide(context, options, 'undo', id, lines);
    });
}

function deciding(order: Command, name: string, description: string, together = TOGETHER): Command {
  return addDryRun(addRegionOptions(order.command(name).description(description))).option(
    '--lines <de-à>',
    together,
    rangeOf,
  );
}

async function decide(
  context: CommandContext,
  options: DecideOptions,
  kind: LineDecision['kind'],
  id: string,
  words: readonly string[],
): Promise<void> {
  await withRegion(context, options, async (run) => {
    const lines = [...words.map(lineOf), ...(options.lines ?? [])];
    const draft = await oneDraft(run, id);
    const set = options.set ?? {};
    const given = await decideLines(run, draft, { kind, lines, set, reason: options.reason ?? null });
    const all = await proposals(run, draft);
    const shown = all.filter(({ row }) => given.includes(row.line));
    await context.out(
      outputOf(options) === 'json'
        ? `${JSON.stringify(shown)}\n`
        : `${linesText(shown)}\n${counted(all.filter(({ row }) => row.decided !== null).length, 'ligne relue', 'lignes relues')} sur ${String(all.length)}. Le prochain « filror sync » en tiendra compte.\n`,
    );
    await tellDryRun(context, options);
  });
}

function numberOf(text: string): number {
  if (/^[1-9][0-9]{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`un numéro est attendu, et non « ${text} ».`);
}

/** @throws DataError `ORDER_LINE_NUMBER` */
function lineOf(text: string): number {
  if (/^[1-9][0-9]{0,6}$/.test(text)) return Number(text);
  const range = /^\d{1,7}-\d{1,7}$/.test(text);
  throw new DataError({
    code: 'ORDER_LINE_NUMBER',
    message: `« ${text.slice(0, 80)} » n’est pas un numéro de ligne.`,
    place: 'lignes',
    remedy: range
      ? `pour des lignes qui se suivent, écrivez --lines ${text} ; sinon leurs numéros, un à un : 214 215.`
      : 'écrivez des numéros montrés par « filror order show » (214 215), ou --lines 12-18.',
  });
}

function rangeOf(text: string): readonly number[] {
  const [, from = '', to = ''] = /^(\d{1,6})-(\d{1,6})$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (first > 0 && last >= first && last - first < 1_000)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  throw new InvalidArgumentError('deux numéros sont attendus, comme 12-18 (mille lignes au plus).');
}

function field(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new InvalidArgumentError('un champ et sa valeur sont attendus, comme label=CCMR.');
}

function example(words: string): string {
  return `\nExemple :\n  filror order ${words}\n`;
}
