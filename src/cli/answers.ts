import type { Command } from 'commander';
import { centreLinks } from '../db/centres.js';
import type { StoredChange } from '../db/changes.js';
import { DataError } from '../domain/errors.js';
import { answer, type Acted, type GivenAnswer } from '../runs/act.js';
import { checkCompletion, COMPLETABLE, type CompletedCentre } from '../runs/complete.js';
import { withNames } from '../runs/attribution.js';
import type { RunContext } from '../runs/context.js';
import { CodeBook } from '../ror/codes.js';
import type { CommandContext } from './context.js';
import { centresOf, oneChange } from './changes.js';
import {
  addDryRun,
  addRegionOptions,
  outputOf,
  tellDryRun,
  withRegion,
  type RegionOptions,
} from './region.js';
import { changeOutput } from '../runs/report.js';
import { changeLine } from './render.js';
import { hasColour, paint } from './terminal.js';

interface AnswerOptions extends RegionOptions {
  readonly centre?: string;
}

export interface ProofOptions extends AnswerOptions {
  readonly proof?: string;
  readonly date?: string;
}

/** Commands by which a person answers a question of the plan; each records the answer and plans again. */
export function registerAnswers(program: Command, context: CommandContext): void {
  addAnswerOptions(
    program
      .command('attach <changement> <offre>')
      .description('rattacher le centre à une offre qui existe dans le ROR'),
  )
    .addHelpText('after', '\nExemple :\n  filror attach k3x7 28/0012345 --region 28 --as camille\n')
    .action(async (id: string, offer: string, options: AnswerOptions) => {
      await act(context, options, id, async (_run, change, centre) => {
        await Promise.resolve();
        const candidates =
          change.reasons.find((reason) => reason.code === 'attachOrCreate')?.candidates ?? [];
        if (!candidates.some((candidate) => candidate.value === offer)) {
          throw new DataError({
            code: 'OFFER_UNKNOWN',
            message: `L’offre « ${offer} » n’est pas candidate pour ce changement.`,
            place: `changement ${change.id}`,
            remedy: `choisissez parmi : ${candidates.map((candidate) => candidate.value).join(', ') || 'aucune (filror create)'}.`,
          });
        }
        return [{ kind: 'attach', subject: centre, body: { offer } }];
      });
    });
  addAnswerOptions(
    program.command('create <changement>').description('créer une offre nouvelle plutôt que rattacher'),
  )
    .addHelpText('after', '\nExemple :\n  filror create k3x7 --region 28 --as camille\n')
    .action(async (id: string, options: AnswerOptions) => {
      await act(context, options, id, async (_run, _change, centre) =>
        Promise.resolve([{ kind: 'create', subject: centre, body: {} }]),
      );
    });
  addAnswerOptions(
    program
      .command('complete <changement> <valeurs...>')
      .description('compléter une valeur manquante, ou reconfirmer un label avec sa preuve'),
  )
    .option('--proof <texte>', 'ce qui le prouve : acte, date, page')
    .addHelpText('after', COMPLETE_HELP)
    .action(async (id: string, values: readonly string[], options: ProofOptions) => {
      await act(context, options, id, async (run, change, centre) => {
        const codes = new CodeBook(run.config.codes);
        const about = await completedCentre(run, change, centre);
        const answers: GivenAnswer[] = [];
        for (const value of values) {
          const { field, value: checked } = await checkCompletion(run, codes, value, about);
          if (field === 'label' && (options.proof ?? '').trim() === '')
            throw proofMissing('reconfirmer un label');
          answers.push({
            kind: 'complete',
            subject: centre,
            body: { field, value: checked, ...(options.proof === undefined ? {} : { proof: options.proof }) },
          });
        }
        return answers;
      });
    });
  addAnswerOptions(
    program
      .command('same <changement> <centre>')
      .description('répondre à « même centre ? » : oui, renommé, déplacé ou écrit deux fois'),
  )
    .addHelpText('after', '\nExemple :\n  filror same k3x7 cmr_abcdefghijklmnop --region 28 --as camille\n')
    .action(async (id: string, other: string, options: AnswerOptions) => {
      await act(context, options, id, async (_run, change, centre) => {
        await Promise.resolve();
        requireCandidate(change, other);
        return [{ kind: 'continuity', subject: centre, body: { same: other } }];
      });
    });
  addAnswerOptions(
    program
      .command('different <changement>')
      .description('répondre à « même centre ? » : non, ce sont deux centres'),
  )
    .addHelpText('after', '\nExemple :\n  filror different k3x7 --region 28 --as camille\n')
    .action(async (id: string, options: AnswerOptions) => {
      await act(context, options, id, async (_run, _change, centre) =>
        Promise.resolve([{ kind: 'continuity', subject: centre, body: { same: null } }]),
      );
    });
  addDryRun(
    addRegionOptions(
      program
        .command('withdraw <centre>')
        .description('déclarer la perte d’un label, avec sa preuve (deux personnes approuveront)'),
    ),
  )
    .requiredOption('--proof <texte>', 'acte ou document qui le prouve')
    .requiredOption('--date <AAAA-MM-JJ>', 'date d’effet')
    .addHelpText(
      'after',
      '\nExemple :\n  filror withdraw cmr_abcdefghijklmnop --proof "arrêté du …" --date 2026-01-01 --region 28 --as camille\n\nSeul ce que filror a ajouté est retiré ; la consultation reste ouverte.\n',
    )
    .action(async (centre: string, options: ProofOptions) => {
      await declare(context, options, 'withdraw', centre);
    });
  addDryRun(
    addRegionOptions(
      program
        .command('close <centre>')
        .description('déclarer la fermeture d’une offre créée par filror (deux personnes approuveront)'),
    ),
  )
    .requiredOption('--proof <texte>', 'ce que l’établissement a confirmé, et où')
    .requiredOption('--date <AAAA-MM-JJ>', 'premier jour de fermeture')
    .addHelpText(
      'after',
      '\nExemple :\n  filror close cmr_abcdefghijklmnop --proof "courrier du CH du …" --date 2026-06-30 --region 28 --as camille\n\nPerdre un label n’est pas fermer : pour un label, voyez « filror withdraw ».\n',
    )
    .action(async (centre: string, options: ProofOptions) => {
      await declare(context, options, 'close', centre);
    });
}

const COMPLETE_HELP = `
Champs :
${Object.entries(COMPLETABLE)
  .map(([name, { expects }]) => `  ${name.padEnd(16)} ${expects}`)
  .join('\n')}

Exemples :
  filror complete k3x7 public=adulte site=760000158 --region 28 --as camille
  filror complete k3x7 campagne=2023 --proof "BO Santé 2023/24 du 29/12/2023, page 122" --region 28 --as camille`;

function addAnswerOptions(command: Command): Command {
  return addDryRun(addRegionOptions(command)).option(
    '--centre <centre>',
    'centre dont il s’agit, quand le changement en concerne plusieurs (offre partagée)',
  );
}

/** Records answers about the centre of a change, and shows where it stands afterwards. */
async function act(
  context: CommandContext,
  options: AnswerOptions,
  id: string,
  answersFor: (run: RunContext, change: StoredChange, centre: string) => Promise<GivenAnswer[]>,
): Promise<void> {
  await withRegion(context, options, async (run) => {
    const change = await oneChange(run, id);
    const centre = centreOf(change, options.centre);
    const acted = await answer(run, await answersFor(run, change, centre));
    await tell(context, run, options, acted, [centre]);
  });
}

/** @throws DataError `CENTRE_UNKNOWN`: several centres share the offer and none was named, or not one of them */
function centreOf(change: StoredChange, named: string | undefined): string {
  const [only, ...others] = change.centres;
  if (only === undefined) throw new Error(`change ${change.id} without centre`);
  const found = named === undefined && others.length === 0 ? only : change.centres.find((id) => id === named);
  if (found !== undefined) return found;
  throw new DataError({
    code: 'CENTRE_UNKNOWN',
    message:
      named === undefined
        ? `Le changement ${change.id} concerne ${change.centres.length} centres : il faut dire duquel il s’agit.`
        : `Le changement ${change.id} ne concerne pas le centre « ${named} ».`,
    place: '--centre',
    remedy: `relancez avec --centre suivi de l’un de : ${change.centres.join(', ')}.`,
  });
}

/** A withdrawal or a closure concerns a centre that stands on an offer; a closure, an offer that filror created. */
async function declare(
  context: CommandContext,
  options: ProofOptions,
  kind: 'withdraw' | 'close',
  centre: string,
): Promise<void> {
  const proof = (options.proof ?? '').trim();
  if (proof === '') throw proofMissing(kind === 'close' ? 'fermer une offre' : 'retirer un label');
  const date = isoDate(options.date);
  await withRegion(context, options, async (run) => {
    const link = (await centreLinks(run.db, run.region.code)).find((each) => each.centre === centre);
    if (link === undefined || (kind === 'close' && !link.createdByUs)) {
      throw new DataError({
        code: link === undefined ? 'CENTRE_NOT_LINKED' : 'CLOSE_NOT_OURS',
        message:
          link === undefined
            ? `Le centre « ${centre} » n’est décrit par aucune offre du ROR.`
            : `L’offre ${link.identifier} n’a pas été créée par filror : elle ne se ferme pas d’ici.`,
        place: centre,
        remedy:
          link === undefined
            ? 'donnez l’identifiant cmr_… d’un centre déjà appliqué (filror show).'
            : 'retirez le label avec « filror withdraw » ; la fermeture appartient à l’établissement.',
      });
    }
    const acted = await answer(run, [{ kind, subject: centre, body: { proof, date } }]);
    await tell(context, run, options, acted, [centre]);
  });
}

export async function tell(
  context: CommandContext,
  run: RunContext,
  options: RegionOptions,
  acted: Acted,
  centres: readonly string[],
): Promise<void> {
  const touched = acted.changes.filter((change) => change.centres.some((id) => centres.includes(id)));
  if (outputOf(options) === 'json') {
    const named = await withNames(run.db, touched);
    await context.out(
      `${JSON.stringify(named.map((change) => changeOutput(change, acted.report.centres)))}\n`,
    );
    return;
  }
  const p = paint(hasColour(process.stdout, context.env) ? 'colour' : 'plain');
  const lines = touched.map((change) => changeLine(change, acted.report.centres, p));
  const done = options.dryRun === true ? 'La réponse donnerait :' : 'Réponse enregistrée.';
  await context.out(`${done}\n${lines.join('\n')}\n${acted.report.summary}\n`);
  await tellDryRun(context, options);
}

async function completedCentre(
  run: RunContext,
  change: StoredChange,
  centre: string,
): Promise<CompletedCentre> {
  return {
    ej: (await centresOf(run))[centre]?.ej ?? null,
    candidates: change.reasons
      .filter((reason) => reason.field === 'site' || reason.field === 'establishment')
      .flatMap((reason) => reason.candidates ?? [])
      .map((candidate) => candidate.value),
  };
}

function requireCandidate(change: StoredChange, centre: string): void {
  const candidates = change.reasons
    .filter((reason) => reason.code === 'continuity' || reason.code === 'twin')
    .flatMap((reason) => reason.candidates ?? []);
  if (candidates.some((candidate) => candidate.value === centre)) return;
  throw new DataError({
    code: 'CENTRE_UNKNOWN',
    message: `Le centre « ${centre} » n’est pas parmi ceux que ce changement demande de comparer.`,
    place: `changement ${change.id}`,
    remedy: `choisissez parmi : ${candidates.map((candidate) => candidate.value).join(', ') || 'aucun'}.`,
  });
}

export function proofMissing(what: string): DataError {
  return new DataError({
    code: 'PROOF_MISSING',
    message: `Une preuve est demandée pour ${what}.`,
    place: '--proof',
    remedy: 'relancez avec --proof "acte, date, page".',
  });
}

export function isoDate(text: string | undefined): string {
  const date = new Date(`${text ?? ''}T00:00:00Z`);
  if (
    text !== undefined &&
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(date.getTime()) &&
    date.toISOString().startsWith(text)
  ) {
    return text;
  }
  throw new DataError({
    code: 'DATE_INVALID',
    message: `« ${text ?? ''} » n’est pas une date.`,
    place: '--date',
    remedy: 'écrivez une date réelle sous la forme AAAA-MM-JJ, par exemple 2026-01-31.',
  });
}
