import { randomBytes } from 'node:crypto';
import type { FilrorConfig } from '../config/load.js';
import type { Db } from '../db/types.js';
import { base32 } from '../domain/ids.js';
import type { MailContext } from '../mail/context.js';
import { openPost } from '../mail/smtp.js';
import type { Logger } from '../observe/logger.js';

/** What mail needs, from what a command has. */
export function mailContext(config: FilrorConfig, env: NodeJS.ProcessEnv, log: Logger, db: Db): MailContext {
  return {
    db,
    config,
    log,
    newId: () => base32(randomBytes(20)),
    newToken: () => randomBytes(32).toString('base64url'),
    openPost: () => openPost(config.mail, env),
  };
}
