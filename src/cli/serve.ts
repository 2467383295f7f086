import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { DataError } from '../domain/errors.js';
import { regionsToServe, startScheduler } from '../schedule/scheduler.js';
import { withDatabase, type CommandContext } from './context.js';
import { loggerFrom } from './log.js';
import { scheduleContext } from './schedule-context.js';

const HELP = `
Exemples :
  filror serve --scheduler
  FILROR_LOG=warn filror serve --scheduler --config /etc/filror

Plusieurs processus, sur une ou plusieurs machines, peuvent servir la même base : chaque échéance n’est faite qu’une
fois. À l’arrêt (SIGTERM, Ctrl+C), les passages en cours se terminent, ou sont rendus au bout de stopSeconds
(schedule.yaml) ; un second signal les rend tout de suite.`;

interface ServeOptions {
  readonly scheduler?: boolean;
  readonly config?: string;
}

export function registerServe(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('rester en marche : le planificateur des passages')
    .option('--scheduler', 'faire les passages planifiés')
    .option(
      '--config <dossier>',
      'dossier de configuration qui complète celui livré ; défaut : FILROR_CONFIG',
    )
    .addHelpText('after', HELP)
    .action((options: ServeOptions) => serve(context, options));
}

/** @throws DataError `SERVE_WHAT` */
async function serve(context: CommandContext, options: ServeOptions): Promise<void> {
  if (options.scheduler !== true) throw nothingToServe();
  const config = loadConfig(options.config);
  // Nobody looks at a result here: the log is what a service says.
  const log = loggerFrom({ ...context.env, FILROR_LOG: context.env['FILROR_LOG'] ?? 'info' });
  const given = await withDatabase(context, async (database) => {
    const worker = scheduleContext(context, config, database, log);
    const scheduler = startScheduler(worker);
    const regions = (await regionsToServe(worker)).map((region) => region.code);
    log.info('scheduler started', { worker: worker.worker, regions });
    const signal = await Promise.race([nextSignal(), scheduler.crashed]);
    log.info('scheduler stopping', { signal });
    const count = await scheduler.stop(nextSignal());
    log.info('scheduler stopped', { givenBack: count });
    return count;
  });
  // What was given back is still under way here: it may record nothing any more, and must not keep the process up.
  if (given > 0) process.exit(0);
}

function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    const told = (signal: NodeJS.Signals): void => {
      for (const each of SIGNALS) process.off(each, told);
      resolve(signal);
    };
    for (const each of SIGNALS) process.on(each, told);
  });
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

function nothingToServe(): DataError {
  return new DataError({
    code: 'SERVE_WHAT',
    message: 'Dites ce qui doit rester en marche.',
    place: '--scheduler',
    remedy: 'écrivez « filror serve --scheduler ».',
  });
}
