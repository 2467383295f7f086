import type { Command } from 'commander';
import type { StoredChange } from '../db/changes.js';
import { answer, type Acted, type GivenAnswer } from '../runs/act.js';
import { COMPLETABLE } from '../runs/complete.js';
import { declarationAnswer, type Declaration } from '../runs/declare.js';
import {
  attachAnswer,
  centreOf,
  completionAnswers,
  createAnswer,
  differentAnswer,
  sameAnswer,
} from '../runs/reply.js';
import { withNames } from '../runs/attribution.js';
import type { RunContext } from '../runs/context.js';
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
      await act(context, options, id, (_run, change, centre) =>
        Promise.resolve([attachAnswer(change, centre, offer)]),
      );
    });
  addAnswerOptions(
    program.command('create <changement>').description('créer une offre nouvelle plutôt que rattacher'),
  )
    .addHelpText('after', '\nExemple :\n  filror create k3x7 --region 28 --as camille\n')
    .action(async (id: string, options: AnswerOptions) => {
      await act(context, options, id, (_run, _change, centre) => Promise.resolve([createAnswer(centre)]));
    });
  addAnswerOptions(
    program
      .command('complete <changement> <valeurs...>')
      .description('compléter une valeur manquante, ou reconfirmer un label avec sa preuve'),
  )
    .option('--proof <texte>', 'ce qui le prouve : acte, date, page')
    .addHelpText('after', COMPLETE_HELP)
    .action(async (id: string, values: readonly string[], options: ProofOptions) => {
      await act(context, options, id, (run, change, centre) =>
        completionAnswers(run, change, centre, { values, proof: options.proof }),
      );
    });
  addAnswerOptions(
    program
      .command('same <changement> <centre>')
      .description('répondre à « même centre ? » : oui, renommé, déplacé ou écrit deux fois'),
  )
    .addHelpText('after', '\nExemple :\n  filror same k3x7 cmr_abcdefghijklmnop --region 28 --as camille\n')
    .action(async (id: string, other: string, options: AnswerOptions) => {
      await act(context, options, id, (_run, change, centre) =>
        Promise.resolve([sameAnswer(change, centre, other)]),
      );
    });
  addAnswerOptions(
    program
      .command('different <changement>')
      .description('répondre à « même centre ? » : non, ce sont deux centres'),
  )
    .addHelpText('after', '\nExemple :\n  filror different k3x7 --region 28 --as camille\n')
    .action(async (id: string, options: AnswerOptions) => {
      await act(context, options, id, (_run, _change, centre) => Promise.resolve([differentAnswer(centre)]));
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

/** Records a departure or a return that a person declares, and shows what it proposes. */
export async function declare(
  context: CommandContext,
  options: ProofOptions,
  kind: Declaration,
  centre: string,
): Promise<void> {
  await withRegion(context, options, async (run) => {
    const { proof, date } = options;
    const acted = await answer(run, [await declarationAnswer(run, kind, centre, { proof, date })]);
    await tell(context, run, options, acted, [centre]);
    const listed = (await centresOf(run))[centre] !== undefined;
    if (kind === 'reopen' && !listed && outputOf(options) === 'text') await context.out(UNLISTED);
  });
}

const UNLISTED =
  'Aucune liste ne dit ce centre aujourd’hui : son retour sera proposé dès qu’une liste lue le dira.\n';

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
