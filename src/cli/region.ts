import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { loadConfig, regionNotGiven, regionOf, type FilrorConfig } from '../config/load.js';
import type { RegionProfile } from '../config/schema/region.js';
import { identifyPerson } from '../db/person.js';
import type { Actor } from '../db/people.js';
import { rolledBack, type Db } from '../db/types.js';
import { ensureRegion, setRegionRules } from '../db/runs.js';
import { DataError, RefusalError } from '../domain/errors.js';
import { base32, newCentreId } from '../domain/ids.js';
import { personaActor } from '../review/personas.js';
import type { Logger } from '../observe/logger.js';
import { RorClient } from '../ror/client.js';
import type { RunContext } from '../runs/context.js';
import { openReaders, type OpenReader } from '../followup/readers.js';
import { watchCircuits, type CircuitWatch } from './circuit-watch.js';
import { withDatabase, type CommandContext } from './context.js';
import { loggerFrom } from './log.js';
import { Progress } from './terminal.js';

/** Options that every command about a region takes. */
export interface RegionOptions {
  readonly region?: string;
  readonly config?: string;
  readonly as?: string;
  readonly output?: string;
  readonly dryRun?: boolean;
}

export function addRegionOptions(command: Command): Command {
  return command
    .option(
      '--region <code>',
      'code TRE_R30 de la région (28 Normandie) ; défaut : FILROR_REGION, ou la seule configurée',
    )
    .option(
      '--config <dossier>',
      'dossier de configuration qui complète celui livré ; défaut : FILROR_CONFIG',
    )
    .option('--as <personne>', 'agir comme ce personnage (région d’essai seulement)')
    .option('--output <format>', 'text ou json', 'text');
}

/** For what writes: everything is done in one transaction that is rolled back. */
export function addDryRun(command: Command): Command {
  return command.option('--dry-run', 'essai à blanc : tout est fait puis annulé, rien n’est gardé');
}

/** Told last, so that nobody takes what was shown for done. */
export async function tellDryRun(context: CommandContext, options: RegionOptions): Promise<void> {
  if (options.dryRun === true && outputOf(options) === 'text')
    await context.out('Essai à blanc : rien n’a été gardé.\n');
}

/** @throws DataError `OUTPUT_UNKNOWN` */
export function outputOf(options: RegionOptions): 'text' | 'json' {
  if (options.output === undefined || options.output === 'text') return 'text';
  if (options.output === 'json') return 'json';
  throw new DataError({
    code: 'OUTPUT_UNKNOWN',
    message: `Format de sortie « ${options.output} » inconnu.`,
    place: '--output',
    remedy: 'écrivez --output text ou --output json.',
  });
}

export function chosenRegion(
  config: FilrorConfig,
  options: RegionOptions,
  env: NodeJS.ProcessEnv,
): RegionProfile {
  const code = options.region ?? env['FILROR_REGION'];
  if (code !== undefined) return regionOf(config, code);
  const [only, ...others] = [...config.regions.values()];
  if (only !== undefined && others.length === 0) return only;
  throw regionNotGiven(config);
}

/**
 * Opens database and region, builds the context of a run, and closes everything. With `--dry-run` all of it is one
 * transaction that is rolled back: not even who acted is kept.
 */
export async function withRegion<T>(
  context: CommandContext,
  options: RegionOptions,
  work: (run: RunContext) => Promise<T>,
  database: { databaseName?: string } = {},
): Promise<T> {
  const config = loadConfig(options.config);
  const region = chosenRegion(config, options, context.env);
  const output = outputOf(options);
  const progress = new Progress(
    process.stderr,
    output === 'json' ? 'quiet' : process.stderr.isTTY ? 'bar' : 'quiet',
  );
  return await withDatabase(
    context,
    async (opened) => {
      const kept = options.dryRun === true ? null : opened.app;
      const watch = watchCircuits(region.code, loggerFrom(context.env), kept);
      const repository = repositoryOf(region, context.env, watch);
      try {
        const run = async (db: Db): Promise<T> =>
          await work({
            db,
            config,
            region,
            actor: await actorOf(db, region, options.as, new Date()),
            now: () => new Date(),
            newId: systemIds,
            repository,
            progress: progress.tell,
          });
        return options.dryRun === true ? await rolledBack(opened.app, run) : await run(opened.app);
      } finally {
        progress.stop();
        repository?.close();
        await watch.settled();
      }
    },
    database,
  );
}

export const systemIds: RunContext['newId'] = {
  centre: () => newCentreId((size) => randomBytes(size)),
  change: () => base32(randomBytes(10)),
  run: () => `run_${base32(randomBytes(12))}`,
};

/** What a service does one thing in a region with, and how that ends. */
export function openRun(
  given: {
    readonly db: Db;
    readonly config: FilrorConfig;
    readonly env: NodeJS.ProcessEnv;
    readonly log: Logger;
    /** False in a dry run: the state of the circuits is then logged and not kept. */
    readonly keep: boolean;
  },
  region: RegionProfile,
  actor: Actor | null,
): { readonly run: RunContext; readers(): OpenReader[]; close(): Promise<void> } {
  const { db, config, env, log, keep } = given;
  const watch = watchCircuits(region.code, log, keep ? db : null);
  const repository = repositoryOf(region, env, watch);
  return {
    run: {
      db,
      config,
      region,
      actor,
      now: () => new Date(),
      newId: systemIds,
      repository,
      progress: () => undefined,
    },
    readers: () => openReaders(region, env),
    close: async () => {
      repository?.close();
      await watch.settled();
    },
  };
}

/** Null when neither certificate nor secret is there: planning then says so. */
export function repositoryOf(
  region: RegionProfile,
  env: NodeJS.ProcessEnv,
  { onCircuit }: Pick<CircuitWatch, 'onCircuit'>,
): RorClient | null {
  const { certificate, clientSecretEnv } = region.repository;
  if (certificate === null && (env[clientSecretEnv] ?? '') === '') return null;
  const logger = loggerFrom(env);
  return new RorClient(region, {
    env,
    onCircuit,
    onNotice: (notice) => logger.warn('certificate not renewed', { code: notice.code, place: notice.place }),
  });
}

/** The account of the machine under which the command runs. */
export async function machineAccount(db: Db): Promise<Actor> {
  const subject = userInfo().username;
  const id = await identifyPerson(db, { issuer: 'os', subject, displayName: subject });
  return { id, displayName: subject };
}

/**
 * Who acts. In a sandbox region, a persona by its name, whose roles are confirmed by use, at most once a day;
 * a role that was taken back stays so. Elsewhere the account
 * of the machine, which answers questions but holds no right to approve.
 * @throws RefusalError `AS_REFUSED`, DataError `AS_UNKNOWN`
 */
export async function actorOf(
  db: Db,
  region: RegionProfile,
  as: string | undefined,
  at: Date,
): Promise<Actor> {
  await ensureRegion(db, region.code);
  await setRegionRules(db, region.code, { sandbox: region.sandbox });
  if (as === undefined) return await machineAccount(db);
  if (!region.sandbox) {
    throw new RefusalError({
      code: 'AS_REFUSED',
      message: `--as n’est admis que dans une région d’essai ; ${region.name} n’en est pas une.`,
      place: '--as',
      remedy: 'agissez sous votre propre compte ; l’approbation demande une connexion nominative.',
    });
  }
  const persona = region.personas.find((each) => each.name === as);
  if (persona === undefined) {
    throw new DataError({
      code: 'AS_UNKNOWN',
      message: `Le personnage « ${as} » n’existe pas dans la région ${region.name}.`,
      place: '--as',
      remedy: `choisissez parmi : ${region.personas.map((each) => each.name).join(', ') || 'aucun n’est configuré'}.`,
    });
  }
  return await personaActor(db, region, persona, at);
}
