import winston from 'winston';

/** What a stage may say: a constant message, the variables in the metadata. No token, no personal data. */
export interface Logger {
  info(message: string, metadata?: Readonly<Record<string, unknown>>): void;
  warn(message: string, metadata?: Readonly<Record<string, unknown>>): void;
  error(message: string, metadata?: Readonly<Record<string, unknown>>): void;
}

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SECRET = /token|secret|password|passwd|authorization|cookie/i;

/** Masks the values of keys that may hold a secret, at any depth. */
export function masked(value: unknown, depth = 0): unknown {
  if (depth > 6 || value === null || typeof value !== 'object' || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((each) => masked(each, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, SECRET.test(key) ? '***' : masked(each, depth + 1)]),
  );
}

/**
 * JSON lines in production, readable text on a terminal; always on standard error, so that a result on standard
 * output stays a result.
 */
export function createLogger(format: 'json' | 'text', level: LogLevel): Logger {
  const { combine, timestamp, json, printf } = winston.format;
  const clean = winston.format((entry) => Object.assign(entry, masked(entry)));
  const text = printf(({ level: at, message, timestamp: when, ...rest }) => {
    const details = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
    return `${String(when)} ${at} ${String(message)}${details}`;
  });
  return winston.createLogger({
    level,
    format: combine(clean(), timestamp(), format === 'json' ? json() : text),
    transports: [new winston.transports.Console({ stderrLevels: [...LOG_LEVELS] })],
  });
}

export const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} };
