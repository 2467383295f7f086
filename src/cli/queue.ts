import type { Command } from 'commander';
import { changesInStates, type StoredChange } from '../db/changes.js';
import { DataError } from '../domain/errors.js';
import { assign, refuse, remind } from '../followup/keep.js';
import { followupContext } from '../followup/context.js';
import { queueOf } from '../followup/queue.js';
import { CodeBook } from '../ror/codes.js';
import { replanNow } from '../runs/act.js';
import type { RunContext } from '../runs/context.js';
import { followNow } from '../runs/follow-now.js';
import { centresOf, oneChange } from './changes.js';
import type { CommandContext } from './context.js';
import { followedLine, queueJson, queueText, reminderText } from './queue-text.js';
import {
  addDryRun,
  addRegionOptions,
  outputOf,
  tellDryRun,
  withRegion,
  type RegionOptions,
} from './region.js';
import { DEFAULT_FOLDER, printSheets, sheetsTold } from './sheets.js';

const HELP = `
Exemples :
  filror queue list --region 28
  filror queue sheet k3x7 --out fiches --region 28
  filror queue assign k3x7 --to "référent ROR, CHU de Rouen" --region 28
  filror queue remind --region 28 --dry-run
  filror queue refuse k3x7 --reason "l’unité ferme en juin" --region 28
  filror queue follow --region 28

Ce qui est approuvé et que filror n’écrit pas lui-même : accord attendu, à transmettre, transmis, puis vu, différent,
refusé ou expiré. « filror sync » constate les saisies à chaque relecture du ROR ; rien n’est proposé entre-temps pour
les éléments transmis.`;

interface QueueOptions extends RegionOptions {
  readonly to?: string;
  readonly reason?: string;
  readonly out?: string;
}

export function registerQueue(program: Command, context: CommandContext): void {
  const queue = program
    .command('queue')
    .description('la file « À saisir dans le ROR »')
    .addHelpText('after', HELP);
  registerReading(queue, context);
  registerActs(queue, context);
}

function registerReading(queue: Command, context: CommandContext): void {
  addRegionOptions(queue.command('list').description('montrer la file : étape, qui saisit, âge, relance'))
    .addHelpText(
      'after',
      '\nExemples :\n  filror queue list --region 28\n  filror queue list --region 28 --output json\n\nCode de retour : 0 rien n’attend, 2 quelque chose attend, 1 erreur.\n',
    )
    .action(async (options: QueueOptions) => {
      await withRegion(context, options, async (run) => {
        const items = await queueOf(run.db, run.region, run.config.followup, run.now());
        const centres = await centresOf(run);
        await context.out(
          outputOf(options) === 'json'
            ? `${JSON.stringify(items.map(queueJson))}\n`
            : queueText(items, centres, run.region.name, new CodeBook(run.config.codes)),
        );
        const waits = ['agreement', 'disagreed', 'ready', 'transmitted'];
        process.exitCode = items.some((item) => waits.includes(item.step)) ? 2 : 0;
      });
    });
  addRegionOptions(
    queue
      .command('sheet [changements...]')
      .description('imprimer de nouveau des fiches transmises (toutes par défaut)'),
  )
    .option('--out <dossier>', 'où écrire les fiches', DEFAULT_FOLDER)
    .addHelpText('after', '\nExemple :\n  filror queue sheet k3x7 --out fiches --region 28\n')
    .action(async (ids: readonly string[], options: QueueOptions) => {
      await withRegion(context, options, async (run) => {
        const pages = await printSheets(run, await chosen(run, ids), options.out);
        await context.out(outputOf(options) === 'json' ? `${JSON.stringify(pages)}\n` : sheetsTold(pages));
      });
    });
}

function registerActs(queue: Command, context: CommandContext): void {
  act(
    queue,
    'assign <changements...>',
    'dire qui saisit : un service ou une fonction',
    'assign k3x7 --to "référent ROR, CHU de Rouen"',
  )
    .requiredOption('--to <service>', 'service ou fonction, sans nom de personne')
    .action(async (ids: readonly string[], options: QueueOptions) => {
      await withRegion(context, options, async (run) => {
        const changes = await chosen(run, ids);
        await assign(followupContext(run), changes, options.to ?? '');
        await tell(context, options, changes, (id) => `Confié : ${id}, ${options.to ?? ''}.\n`);
      });
    });
  act(
    queue,
    'remind [changements...]',
    'relancer qui tarde (par défaut : tout ce qui est à relancer)',
    'remind --dry-run',
  ).action(async (ids: readonly string[], options: QueueOptions) => {
    await withRegion(context, options, async (run) => {
      const items = (await queueOf(run.db, run.region, run.config.followup, run.now())).filter(
        (item) => item.step === 'transmitted',
      );
      const named = ids.length === 0 ? null : new Set((await chosen(run, ids)).map((change) => change.id));
      const due = items.filter((item) => (named === null ? item.reminderDue : named.has(item.change.id)));
      await remind(
        followupContext(run),
        due.map((item) => item.change),
      );
      const centres = await centresOf(run);
      await context.out(
        outputOf(options) === 'json' ? `${JSON.stringify(due.map(queueJson))}\n` : reminderText(due, centres),
      );
      await tellDryRun(context, options);
    });
  });
  act(
    queue,
    'refuse <changements...>',
    'l’établissement ou le GRADeS ne saisira pas (retenu)',
    'refuse k3x7 --reason "l’unité ferme en juin"',
  )
    .requiredOption(
      '--reason <texte>',
      'pourquoi ; les mêmes valeurs ne seront plus proposées pour cette offre',
    )
    .action(async (ids: readonly string[], options: QueueOptions) => {
      await withRegion(context, options, async (run) => {
        const changes = await chosen(run, ids);
        await refuse(followupContext(run), changes, options.reason ?? '');
        const { report } = await replanNow(run);
        await tell(context, options, changes, (id) => `Refusé : ${id}. ${report.summary}\n`);
      });
    });
  act(queue, 'follow', 'relire le ROR et constater ce qui est saisi, différent ou expiré', 'follow').action(
    async (options: QueueOptions) => {
      await withRegion(context, options, async (run) => {
        const followed = await followNow(run);
        await context.out(
          outputOf(options) === 'json'
            ? `${JSON.stringify(followed)}\n`
            : followed.length === 0
              ? 'Rien de nouveau dans la file.\n'
              : followed.map((each) => `${followedLine(each)}\n`).join(''),
        );
        await tellDryRun(context, options);
      });
    },
  );
}

function act(queue: Command, usage: string, description: string, example: string): Command {
  return addDryRun(addRegionOptions(queue.command(usage).description(description))).addHelpText(
    'after',
    `\nExemple :\n  filror queue ${example} --region 28\n`,
  );
}

/** @throws DataError `CHANGE_UNKNOWN`, `CHANGE_AMBIGUOUS`, `QUEUE_EMPTY` */
async function chosen(run: RunContext, ids: readonly string[]): Promise<readonly StoredChange[]> {
  if (ids.length > 0) return await Promise.all(ids.map((id) => oneChange(run, id)));
  const all = await changesInStates(run.db, run.region.code, ['transmitted']);
  if (all.length > 0) return all;
  throw new DataError({
    code: 'QUEUE_EMPTY',
    message: 'Aucun changement n’est transmis.',
    remedy:
      'voyez la file avec « filror queue list » ; « filror apply » transmet ce qui est approuvé et accordé.',
  });
}

async function tell(
  context: CommandContext,
  options: QueueOptions,
  changes: readonly StoredChange[],
  line: (id: string) => string,
): Promise<void> {
  await context.out(
    outputOf(options) === 'json'
      ? `${JSON.stringify(changes.map(({ id }) => ({ change: id })))}\n`
      : changes.map(({ id }) => line(id)).join(''),
  );
  await tellDryRun(context, options);
}
