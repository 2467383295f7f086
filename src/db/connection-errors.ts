import { DataError, FilrorError, RemoteError } from '../domain/errors.js';

/** Oldest PostgreSQL supported: Debian 12's. */
const OLDEST = 150_000;

/** `host:port/database` of a connection address, never its password. @throws DataError `DB_URL_INVALID`. */
export function placeOf(url: string): string {
  const { hostname, port, pathname } = parseUrl(url);
  return `${hostname || 'localhost'}:${port || '5432'}${decodeURIComponent(pathname)}`;
}

/** @throws DataError `DB_URL_INVALID`; the address is not repeated, it may hold a password. */
export function parseUrl(url: string): URL {
  const parsed = URL.parse?.(url) ?? tryUrl(url);
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new DataError({
      code: 'DB_URL_INVALID',
      message: 'L’adresse de la base (DATABASE_URL ou DATABASE_OWNER_URL) n’est pas valide.',
      remedy:
        'écrivez-la sous la forme postgresql://compte:motdepasse@machine:5432/base, les caractères spéciaux du mot de passe encodés (%40 pour @).',
    });
  }
  return parsed;
}

function tryUrl(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

/** The address of another database of the same server. */
export function withDatabaseName(url: string, name: string): string {
  const parsed = parseUrl(url);
  parsed.pathname = `/${encodeURIComponent(name)}`;
  return parsed.toString();
}

/** @throws RemoteError `DB_TOO_OLD`, `DB_ENCODING`. `version` is `server_version_num`: 150004 is 15.4. */
export function checkServer(version: number, encoding: string, place: string): void {
  if (version < OLDEST) {
    throw new RemoteError({
      code: 'DB_TOO_OLD',
      message: `Le serveur PostgreSQL est en version ${Math.floor(version / 10_000)} ; filror demande la version 15 ou une plus récente.`,
      place,
      remedy:
        'mettez le serveur à jour, ou effacez DATABASE_URL pour utiliser la base que filror démarre lui-même.',
    });
  }
  if (encoding !== 'UTF8') {
    throw new RemoteError({
      code: 'DB_ENCODING',
      message: `La base est en ${encoding} ; filror demande UTF8 (les empreintes du journal portent sur ces octets).`,
      place,
      remedy: 'créez la base avec « CREATE DATABASE filror ENCODING UTF8 TEMPLATE template0 ».',
    });
  }
}

interface Explanation {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly transient: boolean;
}

const START_IT =
  'vérifiez que le serveur PostgreSQL est démarré et joignable, ou effacez DATABASE_URL pour utiliser la base que filror démarre lui-même.';

/** By SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html) or by the system's error code. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: down('La base refuse la connexion.'),
  ETIMEDOUT: down('La base ne répond pas à temps.'),
  ECONNRESET: down('La connexion à la base a été coupée.'),
  EPIPE: down('La connexion à la base a été coupée.'),
  EHOSTUNREACH: down('La machine de la base est injoignable.'),
  ENETUNREACH: down('La machine de la base est injoignable.'),
  ENOTFOUND: {
    code: 'DB_HOST',
    message: 'Le nom de la machine de la base est inconnu.',
    remedy: 'corrigez la machine dans DATABASE_URL.',
    transient: false,
  },
  EAI_AGAIN: down('Le nom de la machine de la base ne peut pas être résolu pour l’instant.'),
  '28P01': refused('La base refuse le mot de passe.'),
  '28000': refused('La base refuse ce compte.'),
  '3D000': {
    code: 'DB_ABSENT',
    message: 'Cette base n’existe pas sur le serveur.',
    remedy: 'créez-la (« CREATE DATABASE filror ENCODING UTF8 »), ou corrigez son nom dans DATABASE_URL.',
    transient: false,
  },
  '42501': {
    code: 'DB_RIGHTS',
    message: 'Le compte de la base n’a pas le droit de faire cela.',
    remedy:
      'donnez dans DATABASE_OWNER_URL un compte propriétaire de la base, avec l’attribut CREATEROLE, puis relancez « filror db migrate ».',
    transient: false,
  },
  '53300': {
    code: 'DB_BUSY',
    message: 'La base n’accepte plus de connexion.',
    remedy: 'fermez des connexions, ou augmentez max_connections, puis relancez.',
    transient: true,
  },
  '53100': {
    code: 'DB_DISK',
    message: 'Le disque de la base est plein.',
    remedy: 'libérez de la place, puis relancez : rien n’a été écrit à moitié.',
    transient: true,
  },
  '25006': {
    code: 'DB_READ_ONLY',
    message: 'La base est en lecture seule.',
    remedy: 'donnez dans DATABASE_URL le serveur principal, pas une réplique.',
    transient: true,
  },
  '57P01': down('Le serveur PostgreSQL s’arrête.'),
  '57P02': down('Le serveur PostgreSQL redémarre après une panne.'),
  '57P03': down('Le serveur PostgreSQL démarre.'),
  '08006': down('La connexion à la base a été coupée.'),
};

function down(message: string): Explanation {
  return { code: 'DB_DOWN', message, remedy: START_IT, transient: true };
}

function refused(message: string): Explanation {
  return {
    code: 'DB_LOGIN',
    message,
    remedy: 'corrigez le compte et le mot de passe dans DATABASE_URL ou DATABASE_OWNER_URL.',
    transient: false,
  };
}

/** What pg and knex say in words, without a code. */
const BY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [/Connection terminated|timeout expired|Timeout acquiring a connection/i, 'ETIMEDOUT'],
  [/password must be a string/, '28P01'],
];

/**
 * The French error of a database that cannot be reached or refuses the account, its rights or its disk; any
 * other error (a fault in our SQL, a constraint) is returned as it is and keeps its stack.
 */
export function explainDatabaseError(error: unknown, place: string): unknown {
  if (error instanceof FilrorError || !(error instanceof Error)) return error;
  const explanation = EXPLANATIONS[codeOf(error) ?? ''];
  if (explanation === undefined) return error;
  const { code, message, remedy, transient } = explanation;
  return new RemoteError({ code, message, place, remedy, transient, cause: error });
}

/** SQLSTATE or system error code; node groups the tries on several addresses of one name in an AggregateError. */
export function codeOf(error: Error): string | undefined {
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return codeOf(error.errors[0]);
  return BY_MESSAGE.find(([pattern]) => pattern.test(error.message))?.[1];
}

/** A statement that PostgreSQL stopped because it lasted too long (query_canceled). */
export function hasTimedOut(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === '57014';
}
