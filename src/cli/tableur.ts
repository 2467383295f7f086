import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { DataError } from '../domain/errors.js';
import { answer } from '../runs/act.js';
import type { RunContext } from '../runs/context.js';
import {
  centresWorkbook,
  confirmedAnswers,
  emptyList,
  workbookDiff,
  type WorkbookDiff,
} from '../runs/workbook.js';
import { titleOf } from '../workbook/columns.js';
import type { CommandContext } from './context.js';
import { centresOf } from './changes.js';
import { readGiven, type GivenFile } from './given-file.js';
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
  filror tableur export centres.xlsx --region 28
  filror tableur importer centres.xlsx --region 28 --dry-run
  filror tableur importer centres.xlsx --empreinte 1a2b3c4d5e6f --region 28 --as camille
  filror tableur modele liste.xlsx --region 28

Le classeur de nos centres revient complété : une cellule vide ne change rien. Une liste remplie sur le modèle se lit
par « filror sync --source labelled-centres=liste.xlsx ».`;

const WORKBOOK_FILE: GivenFile = {
  // Larger than any workbook of centres.
  maxBytes: 16 * 1024 ** 2,
  remedies: {
    unreadable: 'donnez le classeur complété (.xlsx).',
    tooLarge: 'c’est trop pour un classeur de centres : donnez le classeur complété (.xlsx).',
  },
};
/** Characters of a fingerprint that a person copies. */
const SHORT = 12;

interface ImportOptions extends RegionOptions {
  readonly empreinte?: string;
}

/** Our centres as a workbook that comes back, and the empty list of a region's first day. */
export function registerTableur(program: Command, context: CommandContext): void {
  const tableur = program
    .command('tableur')
    .description('nos centres en classeur (XLSX), et le modèle de liste du premier jour')
    .addHelpText('after', HELP);
  addRegionOptions(
    tableur.command('export <fichier>').description('écrire le classeur de nos centres, à compléter'),
  )
    .addHelpText('after', '\nExemple :\n  filror tableur export centres.xlsx --region 28\n')
    .action(async (path: string, options: RegionOptions) => {
      await withRegion(context, options, async (run) => {
        await writeNew(path, await centresWorkbook(run));
        await context.out(`Classeur écrit : ${path}\n`);
      });
    });
  addRegionOptions(
    tableur.command('modele <fichier>').description('écrire le modèle vide d’une liste de centres'),
  )
    .addHelpText('after', '\nExemple :\n  filror tableur modele liste.xlsx --region 28\n')
    .action(async (path: string, options: RegionOptions) => {
      await withRegion(context, options, async (run) => {
        await writeNew(path, await emptyList(run));
        await context.out(`Modèle écrit : ${path}\n`);
      });
    });
  addDryRun(
    addRegionOptions(
      tableur
        .command('importer <fichier>')
        .description('montrer ce qu’un classeur complété changerait, puis l’enregistrer'),
    ),
  )
    .option(
      '--empreinte <texte>',
      'empreinte de ce qui a été montré par --dry-run : ceci, et rien d’autre, est enregistré',
    )
    .addHelpText(
      'after',
      '\nExemple :\n  filror tableur importer centres.xlsx --region 28 --dry-run\n  filror tableur importer centres.xlsx --empreinte 1a2b3c4d5e6f --region 28 --as camille\n\nCode de retour : 0 rien à faire, 2 réponses enregistrées ou à confirmer, 1 erreur.\n',
    )
    .action(async (path: string, options: ImportOptions) => {
      await withRegion(context, options, (run) => importWorkbook(context, run, options, path));
    });
}

async function importWorkbook(
  context: CommandContext,
  run: RunContext,
  options: ImportOptions,
  path: string,
): Promise<void> {
  const diff = await workbookDiff(run, basename(path), await readGiven(path, WORKBOOK_FILE));
  if (outputOf(options) === 'json') await context.out(`${JSON.stringify(diff)}\n`);
  else await context.out(await diffText(run, diff));
  process.exitCode = diff.edits.length + diff.faults.length === 0 ? 0 : 2;
  if (options.dryRun !== true && diff.edits.length > 0) {
    requireShown(options.empreinte, diff);
    const { report } = await answer(run, (held) => confirmedAnswers(held, diff.edits, diff.hash));
    if (outputOf(options) === 'text')
      await context.out(`${String(diff.edits.length)} réponse(s) enregistrée(s). ${report.summary}\n`);
  }
  await tellDryRun(context, options);
}

/** @throws DataError `DIFF_NOT_SHOWN` */
function requireShown(given: string | undefined, { hash }: WorkbookDiff): void {
  if (given !== undefined && given.length >= SHORT && hash.startsWith(given)) return;
  throw new DataError({
    code: 'DIFF_NOT_SHOWN',
    message:
      given === undefined
        ? 'Rien n’est enregistré sans l’empreinte de ce qui a été montré.'
        : 'Cette empreinte n’est pas celle de ce que le classeur changerait aujourd’hui : rien n’est enregistré.',
    place: '--empreinte',
    remedy: `relisez ce qui est montré (--dry-run), puis relancez avec --empreinte ${hash.slice(0, SHORT)}.`,
  });
}

async function diffText(run: RunContext, { edits, faults, unchanged, hash }: WorkbookDiff): Promise<string> {
  const centres = await centresOf(run);
  const changed = edits.map(({ centre, field, before, after, proof }) => {
    const title = centres[centre]?.title ?? centre;
    const why = proof === null ? '' : ` (preuve : ${proof})`;
    return `~ ${title} (${centre}), ${titleOf(field)} : ${before === '' ? 'vide' : before} → ${after}${why}`;
  });
  const wrong = faults.map(
    ({ line, column, message, remedy }) =>
      `! ligne ${String(line)}${column === null ? '' : `, colonne « ${column} »`} : ${message} Que faire : ${remedy}`,
  );
  const summary = `${String(edits.length)} modification(s), ${String(unchanged)} ligne(s) inchangée(s), ${String(faults.length)} point(s) à corriger.`;
  const mark = edits.length === 0 ? [] : [`Empreinte : ${hash.slice(0, SHORT)}`];
  return `${[summary, ...changed, ...wrong, ...mark].join('\n')}\n`;
}

/** A workbook that somebody filled in is never written over. @throws DataError `FILE_EXISTS` */
async function writeNew(path: string, content: Buffer): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new DataError({
      code: error.code === 'EEXIST' ? 'FILE_EXISTS' : 'FILE_NOT_WRITTEN',
      message:
        error.code === 'EEXIST'
          ? `Le fichier ${path} existe déjà.`
          : `Le fichier ${path} ne peut pas être écrit.`,
      place: path,
      remedy: 'donnez un autre nom, dans un dossier où vous pouvez écrire.',
      cause: error,
    });
  }
}
