import { readFileSync } from 'node:fs';
import type { RegionProfile } from '../config/schema/region.js';
import { DataError } from '../domain/errors.js';
import type { CircuitState } from '../http/circuit.js';
import { HttpClient } from '../http/client.js';
import { CertificateFile } from './auth-certificate.js';
import { clientSecret, TokenSource, type Proof } from './auth.js';

export interface ConnectionOptions {
  readonly http?: HttpClient;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** A certificate on disk that cannot be used while the last one still serves. */
  readonly onNotice?: (notice: DataError) => void;
  /** A server of this region that is left alone, tried again, or answers again. */
  readonly onCircuit?: (state: CircuitState) => void;
}

/** HTTP manners and tokens of one region, as its profile says. @throws DataError `CFG_SECRET`, `CFG_CA` */
export function connection(
  { repository }: Pick<RegionProfile, 'repository'>,
  options: ConnectionOptions,
): { readonly http: HttpClient; readonly tokens: TokenSource } {
  const { tokenUrl, clientId, timeoutMs } = repository;
  const proof = proofOf(repository, options);
  const http =
    options.http ??
    new HttpClient({
      connectTimeoutMs: repository.timeouts.connectMs,
      firstByteTimeoutMs: repository.timeouts.firstByteMs,
      idleTimeoutMs: repository.timeouts.idleMs,
      timeoutMs,
      concurrency: repository.concurrency,
      rate: repository.rate,
      circuit: repository.circuit,
      extraCa: repository.caFile === null ? null : authorities(repository.caFile),
      now: options.now,
      ...(options.onCircuit === undefined ? {} : { onCircuit: options.onCircuit }),
    });
  return { http, tokens: new TokenSource(http, { tokenUrl, clientId, proof, timeoutMs }, options.now) };
}

/** A certificate when the profile has one, else the secret (access profile 0, and sandbox regions). */
function proofOf(repository: RegionProfile['repository'], options: ConnectionOptions): Proof {
  const env = options.env ?? process.env;
  if (repository.certificate === null) return { kind: 'secret', secret: clientSecret(repository, env) };
  return {
    kind: 'certificate',
    certificate: new CertificateFile(repository.certificate, env, options.onNotice),
  };
}

function authorities(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new DataError({
      code: 'CFG_CA',
      message: `Les autorités de ${path} ne peuvent pas être lues.`,
      place: 'repository.caFile',
      remedy: 'vérifiez le chemin de caFile dans le profil de la région, et que ce compte peut le lire.',
      cause,
    });
  }
}
