import { stringify } from 'yaml';
import { redactUrl } from '../http/redact.js';
import type { FilrorConfig } from './load.js';

/**
 * The effective configuration as YAML. Secrets live in the environment: only whether each is set is printed. Code
 * lists are summed up by their number of codes.
 */
export function printable(config: FilrorConfig, env: NodeJS.ProcessEnv): string {
  const regions = Object.fromEntries(
    [...config.regions].map(([code, region]) => [
      code,
      {
        ...region,
        repository: {
          ...region.repository,
          clientSecret: set(env, region.repository.clientSecretEnv),
          ...(region.repository.certificate === null
            ? {}
            : { passphrase: set(env, region.repository.certificate.passphraseEnv) }),
        },
      },
    ]),
  );
  return stringify({
    folder: config.folder,
    hash: config.hash,
    database: {
      DATABASE_URL: maskedUrl(env['DATABASE_URL']),
      DATABASE_OWNER_URL: maskedUrl(env['DATABASE_OWNER_URL']),
    },
    regions: withoutSecrets(regions),
    sources: withoutSecrets(config.sources),
    schedule: config.schedule,
    mail: withoutAddresses(config.mail, env),
    fhir: config.fhir,
    gates: config.gates,
    review: config.review,
    matching: config.matching,
    defaults: config.defaults,
    crosswalk: config.crosswalk,
    codes: Object.fromEntries(
      config.codes.map((system) => [
        system.name,
        `${Object.keys(system.active).length} codes actifs, version ${system.version}`,
      ]),
    ),
  });
}

/** Whom mail goes to is counted, not told: what is printed ends in tickets. */
function withoutAddresses(
  { from, server, regions, ...others }: FilrorConfig['mail'],
  env: NodeJS.ProcessEnv,
): unknown {
  const count = (addresses: readonly string[]): string => `${addresses.length} adresse(s)`;
  return {
    server:
      server === null
        ? null
        : { ...server, ...(server.user === null ? {} : { password: set(env, server.passwordEnv) }) },
    from: from === null ? null : `***@${from.split('@')[1] ?? ''}`,
    ...others,
    regions: Object.fromEntries(
      Object.entries(regions).map(([code, { operators, reviewers, establishments }]) => [
        code,
        {
          operators: count(operators),
          reviewers: count(reviewers),
          establishments: Object.fromEntries(
            Object.entries(establishments).map(([ej, addresses]) => [ej, count(addresses)]),
          ),
        },
      ]),
    ),
  };
}

/** Every address of the configuration, wherever it stands, without what opens it. */
function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? redactUrl(value) : value;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutSecrets(each)]));
}

/** Whether a secret is there, never the secret. */
function set(env: NodeJS.ProcessEnv, name: string | null): string {
  return name === null || (env[name] ?? '') === '' ? '(non défini)' : '***';
}

/** A database address without account, password nor any secret parameter. */
function maskedUrl(url: string | undefined): string {
  if (url === undefined || url === '') return '(non défini)';
  if (!URL.canParse(url)) return '***';
  return redactUrl(url);
}
