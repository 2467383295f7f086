import type { Command } from 'commander';
import { openChanges } from '../db/changes.js';
import { DataError } from '../domain/errors.js';
import { sync } from '../runs/sync.js';
import type { CentreIdentity, SyncOutput } from '../runs/report.js';
import { originOf } from '../snapshots/open-place.js';
import type { Logger } from '../observe/logger.js';
import { loggerFrom } from './log.js';
import type { CommandContext } from './context.js';
import { addRegionOptions, outputOf, withRegion, type RegionOptions } from './region.js';
import { syncText } from './render.js';
import { hasColour, paint } from './terminal.js';

const HELP = `
Exemples :
  filror sync --region 28 --source labelled-centres=centres.csv --source finess-etalab=finess.csv
  filror sync --region 28 --dry-run --output json

Un fichier, un dossier (son fichier le plus récent) ou une adresse http(s) donné par --source remplace le lieu
configuré pour ce passage. --dry-run fait tout et ne garde rien.
Code de retour : 0 rien à faire, 2 changements ou questions en attente, 1 erreur.`;

interface SyncOptions extends RegionOptions {
  readonly source: readonly string[];
  readonly dryRun?: boolean;
}

export function registerSync(program: Command, context: CommandContext): void {
  addRegionOptions(
    program.command('sync').description('collecter les listes, comparer au répertoire et proposer un plan'),
  )
    .option('--source <nom=lieu>', 'lieu d’une source pour ce passage (répétable)', collectOption, [])
    .option('--dry-run', 'essai à blanc : rien n’est gardé')
    .addHelpText('after', HELP)
    .action(async (options: SyncOptions) => {
      const replaced = parseSources(options.source);
      const output = outputOf(options);
      const log = loggerFrom(context.env);
      await withRegion(context, options, async (run) => {
        log.info('run started', { region: run.region.code, dryRun: options.dryRun === true });
        const result = await sync(run, { replaced }, options.dryRun === true ? 'dry' : 'real');
        tellStory(log, result);
        if (output === 'json') await context.out(`${JSON.stringify(result)}\n`);
        else {
          const p = paint(hasColour(process.stdout, context.env) ? 'colour' : 'plain');
          const changes = options.dryRun === true ? [] : await openChanges(run.db, run.region.code);
          await context.out(`${syncText(result, changes, p, identities(result))}\n`);
          if (options.dryRun === true) await context.out('Essai à blanc : rien n’a été gardé.\n');
        }
        process.exitCode = result.exitCode;
      });
    });
}

/** The story of a run in a few lines: one per source, one per alert, one for the plan. */
function tellStory(log: Logger, result: SyncOutput): void {
  const { run, region } = result;
  for (const source of result.sources) {
    const { status, read, kept, outOfRegion } = source;
    log.info('source read', {
      run,
      region,
      source: source.source,
      status,
      read,
      kept,
      setAside: source.setAside.length,
      outOfRegion,
    });
  }
  const missed = result.gates.filter((gate) => !gate.ok && gate.level !== 'I');
  for (const gate of missed) log.warn('gate not met', { run, region, gate: gate.code });
  for (const alert of result.alerts) log.warn('alert', { run, region, code: alert.code });
  log.info('plan made', { run, region, unchanged: result.unchanged, ...result.plan.states });
}

function identities(output: SyncOutput): Record<string, CentreIdentity> {
  const found: Record<string, CentreIdentity> = {};
  for (const change of output.changes) {
    for (const centre of change.centres) if ('title' in centre) found[centre.id] = centre;
  }
  return found;
}

export function collectOption(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

/** `nom=lieu`, repeated. @throws DataError `SOURCE_OPTION` */
export function parseSources(values: readonly string[]): Map<string, string> {
  const places = new Map<string, string>();
  for (const value of values) {
    const cut = value.indexOf('=');
    const name = value.slice(0, cut).trim();
    const place = value.slice(cut + 1).trim();
    if (cut <= 0 || place === '' || places.has(name)) {
      throw new DataError({
        code: 'SOURCE_OPTION',
        message: `« ${cut > 0 ? `${name}=${originOf(place)}` : value} » n’est pas de la forme NOM=LIEU, ou la source est donnée deux fois.`,
        place: '--source',
        remedy: 'écrivez par exemple --source labelled-centres=centres.csv.',
      });
    }
    places.set(name, place);
  }
  return places;
}
