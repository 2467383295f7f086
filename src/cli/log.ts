import { createLogger, LOG_LEVELS, type Logger, type LogLevel } from '../observe/logger.js';
import { DataError } from '../domain/errors.js';

/**
 * FILROR_LOG gives the level (error by default: a command already says what it does); FILROR_LOG_FORMAT forces json or
 * text. Without it: text on a terminal, JSON elsewhere.
 * @throws DataError `LOG_LEVEL`
 */
export function loggerFrom(env: NodeJS.ProcessEnv): Logger {
  const wanted = env['FILROR_LOG'] ?? 'error';
  const level = LOG_LEVELS.find((each): each is LogLevel => each === wanted);
  if (level === undefined) {
    throw new DataError({
      code: 'LOG_LEVEL',
      message: `Niveau de journalisation « ${wanted} » inconnu.`,
      place: 'FILROR_LOG',
      remedy: `choisissez parmi : ${LOG_LEVELS.join(', ')}.`,
    });
  }
  const format = env['FILROR_LOG_FORMAT'] ?? (process.stderr.isTTY ? 'text' : 'json');
  return createLogger(format === 'text' ? 'text' : 'json', level);
}
