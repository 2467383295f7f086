import type { Command } from 'commander';
import { Option } from 'commander';
import { loadConfig } from '../config/load.js';
import type { RegionProfile } from '../config/schema/region.js';
import { circuitsOf } from '../db/circuits.js';
import { displayNames, type Actor } from '../db/people.js';
import { schedulesOf } from '../db/schedules.js';
import { recentSlots } from '../db/slots.js';
import { rolledBack, type Db } from '../db/types.js';
import { DataError } from '../domain/errors.js';
import { CATCH_UPS, type CatchUp, type JobKind } from '../domain/schedule.js';
import type { WorkerContext } from '../schedule/context.js';
import { addSchedule, pause, pausesOf, removeSchedule, resume } from '../schedule/manage.js';
import { claimNow, dueNow, runDue, type DoneSlot } from '../schedule/request.js';
import { work } from '../schedule/worker.js';
import { integer } from './integer.js';
import { loggerFrom } from './log.js';
import { withDatabase, type CommandContext } from './context.js';
import {
  actorOf,
  addRegionOptions,
  chosenRegion,
  machineAccount,
  outputOf,
  type RegionOptions,
} from './region.js';
import { scheduleContext } from './schedule-context.js';
import { circuitLine, dateTeller, doneLine, pauseLine, scheduleLine, slotLine } from './schedule-text.js';

const HELP = `
Exemples :
  filror schedule add quotidien --region 28 --cron "30 5 * * *"
  filror schedule add filieres --region 28 --source filieres --cron "0 4 * * 1" --catch-up none
  filror schedule add envoi --region 28 --kind apply --cron "0 7 * * 1-5"
  filror schedule add jeu --region 28 --kind export --cron "0 6 * * 1"
  filror schedule list --region 28
  filror schedule pause --region 28 --hours 48 --reason "maintenance du répertoire régional"
  filror schedule resume --region 28
  filror schedule remove quotidien --region 28 --dry-run
  filror schedule run --due --region 28

Une cadence se lit à l’heure de Paris. Une échéance n’est faite qu’une fois, quel que soit le nombre de processus, de
redémarrages ou de changements d’heure. La relecture complète hebdomadaire est toujours présente.
Code de retour : 0 rien à faire, 2 changements ou questions en attente, 1 erreur.`;

const SLOTS_SHOWN = 10;

interface AddOptions extends RegionOptions {
  readonly cron?: string;
  readonly kind: JobKind;
  readonly source?: string;
  readonly catchUp?: CatchUp;
  readonly bound?: number;
  readonly timeZone?: string;
}

interface ScopeOptions extends RegionOptions {
  readonly all?: boolean;
  readonly source?: string;
  readonly reason?: string;
  readonly until?: string;
  readonly hours?: number;
}

interface RunOptions extends RegionOptions {
  readonly due?: boolean;
}

/** What a subcommand works with: the region is null with --all. */
interface Opened {
  readonly worker: WorkerContext;
  readonly region: RegionProfile | null;
  readonly tell: (at: Date) => string;
  actor(): Promise<Actor>;
  say(result: unknown, lines: readonly string[]): Promise<void>;
}

export function registerSchedule(program: Command, context: CommandContext): void {
  const schedule = program
    .command('schedule')
    .description('planifier les passages, les suivre, les mettre en pause')
    .addHelpText('after', HELP);
  const command = (usage: string, description: string): Command =>
    addRegionOptions(schedule.command(usage).description(description)).addHelpText('after', HELP);
  const dry = 'essai à blanc : rien n’est gardé';

  command('list', 'ce qui est planifié, en pause, dû et fait').action((options: RegionOptions) =>
    opened(context, options, list),
  );
  command('add <nom>', 'ajouter une planification')
    .option(
      '--cron <cadence>',
      'cinq champs : minute heure jour mois jour-de-semaine ; défaut : schedule.yaml',
    )
    .addOption(
      new Option(
        '--kind <quoi>',
        'sync collecte et propose, apply envoie ce qui est approuvé, export écrit le jeu à télécharger (schedule.yaml)',
      )
        .choices(['sync', 'apply', 'export'])
        .default('sync'),
    )
    .option('--source <nom>', 'ne collecter que cette source')
    .addOption(new Option('--catch-up <politique>', 'échéances manquées').choices(CATCH_UPS))
    .option('--bound <n>', 'échéances rattrapées au plus avec --catch-up all', integer(1, 100))
    .option('--time-zone <fuseau>', 'fuseau où se lit la cadence ; défaut : schedule.yaml')
    .option('--dry-run', dry)
    .action((name: string, options: AddOptions) => opened(context, options, (o) => add(o, name, options)));
  command('remove <nom>', 'ôter une planification')
    .option('--dry-run', dry)
    .action((name: string, options: RegionOptions) => opened(context, options, (o) => remove(o, name)));
  scoped(command('pause', 'ne plus rien commencer, jusqu’à une date, pour une raison'))
    .requiredOption('--reason <texte>', 'pourquoi')
    .option('--until <date>', 'jusqu’à quand, AAAA-MM-JJTHH:MM à l’heure de la planification')
    .option('--hours <n>', 'ou pendant combien d’heures', integer(1, 8784))
    .option('--dry-run', dry)
    .action((options: ScopeOptions) => opened(context, options, (o) => setPause(o, options)));
  scoped(command('resume', 'lever une pause avant sa fin'))
    .option('--reason <texte>', 'pourquoi')
    .option('--dry-run', dry)
    .action((options: ScopeOptions) => opened(context, options, (o) => lift(o, options)));
  command('run [nom]', 'faire maintenant ce qui est dû (--due), ou une planification par son nom')
    .option('--due', 'ce qui est dû, dans ce processus, puis finir')
    .option('--dry-run', 'montrer ce qui serait fait, sans rien faire')
    .action((name: string | undefined, options: RunOptions) =>
      opened(context, options, (o) => run(o, name, options)),
    );
}

function scoped(command: Command): Command {
  return command
    .option('--all', 'toutes les régions')
    .option('--source <nom>', 'cette source seulement ; le reste continue');
}

async function opened(
  context: CommandContext,
  options: RegionOptions & { readonly all?: boolean },
  action: (opened: Opened) => Promise<void>,
): Promise<void> {
  const config = loadConfig(options.config);
  const region = options.all === true ? null : chosenRegion(config, options, context.env);
  const output = outputOf(options);
  await withDatabase(context, async (database) => {
    const act = async (db: Db): Promise<void> => {
      const worker = scheduleContext(context, config, database, loggerFrom(context.env), db);
      await action({
        worker,
        region,
        tell: dateTeller(config.schedule.timeZone),
        actor: () => (region === null ? machineAccount(db) : actorOf(db, region, options.as, new Date())),
        say: async (result, lines) => {
          const text = options.dryRun === true ? [...lines, 'Essai à blanc : rien n’a été gardé.'] : lines;
          await context.out(output === 'json' ? `${JSON.stringify(result)}\n` : `${text.join('\n')}\n`);
        },
      });
    };
    await (options.dryRun === true ? rolledBack(database.app, act) : act(database.app));
  });
}

async function list({ worker, region, tell, say }: Opened): Promise<void> {
  const { code, name } = oneRegion(region);
  const schedules = await schedulesOf(worker.db, code);
  const pauses = await pausesOf(worker, code);
  const slots = await recentSlots(worker.db, code, SLOTS_SHOWN);
  const circuits = await circuitsOf(worker.db, code);
  const people = await displayNames(
    worker.db,
    pauses.map((each) => each.author),
  );
  await say({ region: code, schedules, pauses, slots, circuits }, [
    `Région ${code} ${name}`,
    ...(schedules.length === 0 ? ['  Rien de planifié : voyez « filror schedule add --help ».'] : []),
    ...schedules.map((each) => scheduleLine(each, tell)),
    ...pauses.map((each) => pauseLine(each, people.get(each.author) ?? 'personne effacée', tell)),
    ...circuits.flatMap((each) => circuitLine(each, tell) ?? []),
    ...(slots.length === 0 ? [] : ['Dernières échéances :', ...slots.map((each) => slotLine(each, tell))]),
  ]);
}

async function add(o: Opened, name: string, options: AddOptions): Promise<void> {
  const wanted = {
    name,
    kind: options.kind,
    source: options.source ?? null,
    cron: options.cron ?? null,
    timeZone: options.timeZone ?? null,
    catchUp: options.catchUp ?? null,
    bound: options.bound ?? null,
  };
  if (wanted.kind !== 'sync' && wanted.source !== null) throw sourceless();
  const actor = await o.actor();
  const added = await addSchedule(o.worker, oneRegion(o.region).code, wanted, actor);
  await o.say(added, ['Ajoutée :', scheduleLine(added, o.tell)]);
}

async function remove(o: Opened, name: string): Promise<void> {
  const removed = await removeSchedule(o.worker, oneRegion(o.region).code, name, await o.actor());
  await o.say(removed, ['Ôtée :', scheduleLine(removed, o.tell)]);
}

async function setPause(o: Opened, options: ScopeOptions): Promise<void> {
  const { until = null, hours = null, source = null } = options;
  if ((until === null) === (hours === null)) throw oneEnd();
  const actor = await o.actor();
  const scope = { region: o.region?.code ?? null, source };
  const made = await pause(o.worker, { ...scope, reason: options.reason ?? '', until, hours }, actor);
  await o.say(made, [
    'Ce qui est en cours continue ; rien de nouveau ne commence.',
    pauseLine(made, actor.displayName, o.tell),
  ]);
}

async function lift(o: Opened, options: ScopeOptions): Promise<void> {
  const scope = { region: o.region?.code ?? null, source: options.source ?? null };
  const count = await resume(o.worker, { ...scope, reason: options.reason ?? null }, await o.actor());
  await o.say({ lifted: count }, [
    count === 0
      ? 'Aucun changement. Aucune pause de cette portée n’est en cours.'
      : `${count} pause(s) levée(s).`,
  ]);
}

async function run(o: Opened, name: string | undefined, options: RunOptions): Promise<void> {
  const region = oneRegion(o.region);
  if ((name === undefined) !== (options.due === true)) throw dueOrName();
  if (options.dryRun === true) return await preview(o, region, name);
  const done = name === undefined ? await runDue(o.worker, region) : [await runNow(o, region, name)];
  const codes = done.map(({ ended }) => (ended === 'lost' ? 0 : ended.exitCode));
  process.exitCode = codes.includes(1) ? 1 : codes.includes(2) ? 2 : 0;
  await o.say(
    done.map(({ slot, ended }) => ({ ...slot, ended })),
    done.length === 0 ? ['Rien n’est dû.'] : done.map((each) => doneLine(each, o.tell)),
  );
}

async function runNow(o: Opened, region: RegionProfile, name: string): Promise<DoneSlot> {
  const claim = await claimNow(o.worker, region, name, await o.actor());
  return { slot: claim.slot, ended: await work(o.worker, claim) };
}

async function preview(o: Opened, region: RegionProfile, name: string | undefined): Promise<void> {
  const slots =
    name === undefined
      ? await dueNow(o.worker, region)
      : [(await claimNow(o.worker, region, name, await o.actor())).slot];
  const lines = slots.map((slot) => slotLine({ ...slot, state: 'due', runId: null }, o.tell));
  process.exitCode = slots.length > 0 ? 2 : 0;
  await o.say(slots, lines.length === 0 ? ['Rien n’est dû.'] : lines);
}

/** @throws DataError `REGION_NEEDED` where --all makes no sense. */
function oneRegion(region: RegionProfile | null): RegionProfile {
  if (region === null) throw new Error('this subcommand has no --all');
  return region;
}

function sourceless(): DataError {
  return new DataError({
    code: 'SCHEDULE_SOURCE',
    message: 'Un envoi, un export ne dépendent d’aucune source.',
    place: '--source',
    remedy: 'ôtez --source, ou écrivez --kind sync.',
  });
}

function oneEnd(): DataError {
  return new DataError({
    code: 'PAUSE_EXPIRY',
    message: 'Une pause a une fin, dite une fois.',
    place: '--until, --hours',
    remedy: 'écrivez par exemple --hours 48, ou --until 2026-12-01T08:00.',
  });
}

function dueOrName(): DataError {
  return new DataError({
    code: 'RUN_WHAT',
    message: 'Dites ce qui doit être fait : ce qui est dû, ou une planification par son nom.',
    remedy: 'écrivez « filror schedule run --due », ou « filror schedule run quotidien ».',
  });
}
