import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { loadConfig, regionOf, type FilrorConfig } from '../config/load.js';
import type { RegionProfile } from '../config/schema/region.js';
import type { Database } from '../db/handle.js';
import type { LocalIssuer } from '../issuer/local.js';
import { openPost } from '../mail/smtp.js';
import type { Logger } from '../observe/logger.js';
import { regionsToServe, startScheduler } from '../schedule/scheduler.js';
import type { WebContext } from '../web/context.js';
import { localIssuer, localPersonas, registeredIssuers } from '../web/issuers.js';
import { withDatabase, type CommandContext } from './context.js';
import { loggerFrom } from './log.js';
import { freePort, listening, portOf } from './port.js';
import { openRun } from './region.js';
import { scheduleContext } from './schedule-context.js';

const HELP = `
Exemples :
  filror serve
  filror serve --region 28 --port 8480
  filror serve --web --scheduler --config /etc/filror
  filror serve --scheduler
  filror serve --fhir

Sans option, filror sert les pages (adresse et émetteurs de connexion : web.yaml). --scheduler fait les passages planifiés.
--fhir sert l’offre aux outils qui lisent (adresse, lecteurs et droits : fhir.yaml) : /fhir/28 enrichie, /ror/28 telle quelle.
Plusieurs processus, sur une ou plusieurs machines, peuvent servir la même base : chaque échéance n’est faite qu’une
fois. À l’arrêt (SIGTERM, Ctrl+C), les passages en cours se terminent, ou sont rendus au bout de stopSeconds
(schedule.yaml) ; un second signal les rend tout de suite.`;

interface ServeOptions {
  readonly web?: boolean;
  readonly scheduler?: boolean;
  readonly fhir?: boolean;
  readonly region?: readonly string[];
  readonly port?: string;
  readonly config?: string;
}

export function registerServe(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description(
      'rester en marche : les pages, le planificateur des passages, l’API de lecture, ou plusieurs',
    )
    .option('--web', 'servir les pages (par défaut, si ni --scheduler ni --fhir n’est donné)')
    .option('--scheduler', 'faire les passages planifiés')
    .option('--fhir', 'servir l’API de lecture FHIR (fhir.yaml)')
    .option('--region <codes...>', 'régions dont les pages sont servies ; défaut : toutes celles configurées')
    .option(
      '--port <port>',
      'port d’écoute des pages (ou de l’API, servie seule) ; défaut : web.yaml, fhir.yaml',
    )
    .option(
      '--config <dossier>',
      'dossier de configuration qui complète celui livré ; défaut : FILROR_CONFIG',
    )
    .addHelpText('after', HELP)
    .action((options: ServeOptions) => serve(context, options));
}

async function serve(context: CommandContext, options: ServeOptions): Promise<void> {
  const config = loadConfig(options.config);
  // Nobody looks at a result here: the log is what a service says.
  const log = loggerFrom({ ...context.env, FILROR_LOG: context.env['FILROR_LOG'] ?? 'info' });
  const given = await withDatabase(context, async (database) => {
    const web = options.web === true || (options.scheduler !== true && options.fhir !== true);
    const pages = web ? await startPages(context, config, options, database, log) : null;
    const fhir = options.fhir === true ? await startFhir(context, config, options, database, log) : null;
    try {
      const worker = options.scheduler === true ? await startWorker(context, config, database, log) : null;
      const signal = await Promise.race([nextSignal(), ...(worker === null ? [] : [worker.crashed])]);
      log.info(worker === null ? 'service stopping' : 'scheduler stopping', { signal });
      return worker === null ? 0 : await worker.stop(nextSignal());
    } finally {
      await fhir?.close();
      await pages?.close();
    }
  });
  // What was given back is still under way here: it may record nothing any more, and must not keep the process up.
  if (given > 0) process.exit(0);
}

async function startFhir(
  context: CommandContext,
  config: FilrorConfig,
  options: ServeOptions,
  database: Database,
  log: Logger,
): Promise<{ close(): Promise<void> }> {
  const { openFhir } = await import('./serve-fhir.js');
  // One port was asked for: it is that of the pages when both are served.
  const own = options.port !== undefined && options.web !== true;
  const port = own ? portOf(options.port) : config.fhir.port;
  const served = await openFhir({ config, regions: regionsAsked(config, options), port, database, log });
  await context.out(`L’offre est servie à ${served.url} (/fhir/…, /ror/…).\n`);
  return served;
}

function regionsAsked(config: FilrorConfig, options: ServeOptions): readonly RegionProfile[] {
  return (options.region ?? [...config.regions.keys()]).map((code) => regionOf(config, code));
}

interface Worker {
  readonly crashed: Promise<never>;
  /** @returns how many slots were given back */
  stop(again: Promise<string>): Promise<number>;
}

async function startWorker(
  context: CommandContext,
  config: FilrorConfig,
  database: Database,
  log: Logger,
): Promise<Worker> {
  const worker = scheduleContext(context, config, database, log);
  // A secret that is missing is said now, not at the first thing to tell.
  openPost(config.mail, context.env)?.close();
  if (config.mail.server === null) log.info('mail is off', { remedy: 'mail.yaml, server' });
  const scheduler = startScheduler(worker);
  const regions = (await regionsToServe(worker)).map((region) => region.code);
  log.info('scheduler started', { worker: worker.worker, regions });
  return {
    crashed: scheduler.crashed,
    stop: async (again) => {
      const count = await scheduler.stop(again);
      log.info('scheduler stopped', { givenBack: count });
      return count;
    },
  };
}

async function startPages(
  context: CommandContext,
  config: FilrorConfig,
  options: ServeOptions,
  database: Database,
  log: Logger,
): Promise<{ close(): Promise<void> }> {
  const regions = regionsAsked(config, options);
  const port = options.port === undefined ? config.web.port : portOf(options.port);
  const pages = await openPages(context, { config, regions, port, database, log });
  await context.out(`filror est servi à ${pages.url} (Ctrl+C pour arrêter).\n`);
  return pages;
}

/**
 * The pages, listening; the local issuer beside them when no other is configured. Both are loaded here only: no other
 * command waits for them.
 * @throws RefusalError `PORT_TAKEN`, before anything is built
 */
export async function openPages(
  context: CommandContext,
  given: {
    readonly config: FilrorConfig;
    readonly regions: readonly RegionProfile[];
    readonly port: number;
    readonly database: Pick<Database, 'app'>;
    readonly log: Logger;
    /** Environment of the repositories' secrets; the process's own by default. */
    readonly env?: NodeJS.ProcessEnv;
  },
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { config, regions, database, log } = given;
  const env = given.env ?? context.env;
  const { host } = config.web;
  // The address is known before anything is built on it: the issuer sends people back to it.
  const port = await freePort(host, given.port);
  const publicUrl = (config.web.publicUrl ?? `http://${host}:${String(port)}`).replace(/\/$/, '');
  let local: LocalIssuer | null = null;
  let issuers = registeredIssuers(config.web.issuers, env);
  if (issuers.length === 0) {
    const personas = await localPersonas(database.app, regions);
    const { startLocalIssuer } = await import('../issuer/local.js');
    local = await startLocalIssuer(personas, `${publicUrl}/connexion/retour`);
    issuers = [localIssuer(local)];
  }
  const web: WebContext = {
    db: database.app,
    config,
    regions,
    issuers,
    publicUrl,
    log,
    now: () => new Date(),
    newToken: () => randomBytes(32).toString('base64url'),
    openRun: (region, actor) => openRun({ db: database.app, config, env, log, keep: true }, region, actor),
  };
  const { buildServer } = await import('../web/server.js');
  const app = await buildServer(web);
  try {
    await listening(host, port, () => app.listen({ host, port }));
  } catch (error) {
    await local?.close();
    throw error;
  }
  log.info('pages served', { url: publicUrl, regions: regions.map((region) => region.code) });
  return {
    url: publicUrl,
    close: async () => {
      await app.close();
      await local?.close();
    },
  };
}

export function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    const told = (signal: NodeJS.Signals): void => {
      for (const each of SIGNALS) process.off(each, told);
      resolve(signal);
    };
    for (const each of SIGNALS) process.on(each, told);
  });
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
