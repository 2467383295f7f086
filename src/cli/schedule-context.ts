import { hostname } from 'node:os';
import type { FilrorConfig } from '../config/load.js';
import type { Database } from '../db/handle.js';
import type { Db } from '../db/types.js';
import type { Logger } from '../observe/logger.js';
import type { WorkerContext } from '../schedule/context.js';
import type { CommandContext } from './context.js';
import { isMailOn, mailRound } from '../mail/round.js';
import { mailContext } from './mail-context.js';
import { openRun, systemIds } from './region.js';

/** What the scheduler needs, from what a command has. A scheduled run is nobody's act: it has no actor. */
export function scheduleContext(
  context: CommandContext,
  config: FilrorConfig,
  database: Database,
  log: Logger,
  db: Db = database.app,
): WorkerContext {
  const mail = mailContext(config, context.env, log, db);
  return {
    db,
    database,
    config,
    log,
    worker: `${hostname()}:${process.pid}`,
    newRunId: systemIds.run,
    openRun: (region) =>
      openRun({ db, config, env: context.env, log, keep: db === database.app }, region, null),
    mail: async (region) => (isMailOn(mail, region) ? await mailRound(mail, region, 'due') : null),
  };
}
