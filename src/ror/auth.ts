import { DataError, RemoteError } from '../domain/errors.js';
import { isJsonObject, type Json } from '../domain/json.js';
import type { HttpClient, HttpRequest, HttpResponse } from '../http/client.js';
import { HttpError } from '../http/http-error.js';
import type { CertificateFile } from './auth-certificate.js';

/** How we prove who we are at the token endpoint: one or the other, never both. */
export type Proof =
  | { readonly kind: 'secret'; readonly secret: string }
  /** Mutual TLS (RFC 8705): the certificate replaces the secret. */
  | { readonly kind: 'certificate'; readonly certificate: CertificateFile };

export interface TokenSettings {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly proof: Proof;
  readonly timeoutMs: number;
}

/** A token is renewed this long before its end, or after nine tenths of its life when it is short. */
const MARGIN_MS = 30_000;

interface Held {
  readonly token: string;
  /** Milliseconds since the epoch from which it is no longer used. */
  readonly until: number;
  readonly facts: TokenFacts;
}

/** What may be told of the token that is held: never the token. */
export interface TokenFacts {
  readonly receivedAt: Date;
  /** Seconds, by the sooner of the JWT's `exp` and `expires_in`. */
  readonly lifeSeconds: number;
}

/** Access tokens by OAuth2 client_credentials (RFC 6749, 4.4): one request at a time, the token kept in memory only. */
export class TokenSource {
  readonly #http: HttpClient;
  readonly #settings: TokenSettings;
  readonly #now: () => Date;
  #held: Held | null = null;
  #pending: Promise<Held> | null = null;

  constructor(http: HttpClient, settings: TokenSettings, now: () => Date) {
    this.#http = http;
    this.#settings = settings;
    this.#now = now;
  }

  /**
   * A token good for some time yet.
   * @param refused a token that the repository just answered 401 to: it is not given again.
   * @throws RemoteError `ROR_TOKEN`, DataError `CERT_…`, or what the network threw.
   */
  async get(refused?: string): Promise<string> {
    return (await this.#good(refused)).token;
  }

  /** The same, without the token: for a check. */
  async facts(): Promise<TokenFacts> {
    return (await this.#good()).facts;
  }

  async #good(refused?: string): Promise<Held> {
    const held = this.#held;
    if (held !== null && held.token !== refused && this.#now().getTime() < held.until) return held;
    this.#pending ??= this.#fetch().finally(() => {
      this.#pending = null;
    });
    this.#held = await this.#pending;
    return this.#held;
  }

  /** Some servers send no alert about a certificate they refuse: they hang up, and only we can guess why. */
  async #ask(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.#http.request(request);
    } catch (error) {
      if (request.identity !== undefined && error instanceof HttpError && error.code === 'HTTP_CUT')
        throw cutOnCertificate(request.url, error);
      throw error;
    }
  }

  async #fetch(): Promise<Held> {
    const { tokenUrl, clientId, proof, timeoutMs } = this.#settings;
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId });
    if (proof.kind === 'secret') form.set('client_secret', proof.secret);
    const asked = this.#now();
    const answer = await this.#ask({
      method: 'POST',
      url: tokenUrl,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
      body: form.toString(),
      timeoutMs,
      retry: 'always',
      ...(proof.kind === 'certificate' ? { identity: proof.certificate.current().identity } : {}),
    });
    const body = answer.status === 200 ? object(answer.text) : null;
    const token = body?.['access_token'];
    if (typeof token !== 'string' || token === '') throw tokenRefused(tokenUrl, answer.status, proof.kind);
    const life = lifeMs(token, body?.['expires_in'], asked.getTime());
    return {
      token,
      until: asked.getTime() + Math.max(life - MARGIN_MS, life * 0.9),
      facts: { receivedAt: asked, lifeSeconds: Math.round(life / 1000) },
    };
  }
}

/**
 * Life in milliseconds: the sooner of the JWT's end (what the ROR documents) and `expires_in`; one minute when neither
 * is told. `exp` is of the server's clock: counted from `iat` of the same clock when the token has it, so that a clock
 * of ours that is minutes off changes nothing.
 */
function lifeMs(token: string, expiresIn: Json | undefined, now: number): number {
  const payload = object(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const exp = payload?.['exp'];
  const iat = payload?.['iat'];
  const lives: number[] = [];
  if (typeof exp === 'number') lives.push(exp * 1000 - (typeof iat === 'number' ? iat * 1000 : now));
  if (typeof expiresIn === 'number') lives.push(expiresIn * 1000);
  return lives.length === 0 ? 60_000 : Math.max(0, Math.min(...lives));
}

function object(text: string): { readonly [name: string]: Json } | null {
  try {
    const value = JSON.parse(text) as Json;
    return isJsonObject(value) ? value : null;
  } catch {
    // An opaque token has no payload to read, and an answer that is no JSON holds no token: both are told by null.
    return null;
  }
}

/** The answer's body is not quoted: it may hold what it should not. */
function tokenRefused(place: string, status: number, proof: Proof['kind']): RemoteError {
  const transient = status === 429 || status >= 500;
  // A portal, a proxy or a wrong path: our proof was not even looked at.
  const elsewhere = status === 200 || status === 404;
  const remedies = {
    secret:
      'vérifiez clientId et la variable d’environnement du secret (clientSecretEnv) dans le profil de la région.',
    certificate:
      'vérifiez clientId et le certificat (repository.certificate) : il doit être en cours de validité, émis par l’autorité attendue et déclaré à l’ANS pour ce client_id. « filror region check », au terminal, le montre.',
  };
  return new RemoteError({
    code: 'ROR_TOKEN',
    message:
      status === 200
        ? 'Le serveur d’autorisation a répondu autre chose qu’un jeton (réponse 200).'
        : `Le serveur d’autorisation n’a pas donné de jeton (réponse ${status}).`,
    remedy: elsewhere
      ? 'vérifiez tokenUrl dans le profil de la région ; si elle est juste, prévenez l’exploitant du répertoire.'
      : transient
        ? 'relancez plus tard ; si cela dure, prévenez l’exploitant du répertoire.'
        : status >= 300 && status < 400
          ? 'corrigez tokenUrl dans le profil de la région : aucun renvoi n’est suivi.'
          : remedies[proof],
    place,
    transient,
  });
}

function cutOnCertificate(place: string, cause: HttpError): RemoteError {
  return new RemoteError({
    code: 'ROR_TOKEN_CUT',
    message: 'Le serveur d’autorisation a coupé la connexion après avoir vu notre certificat.',
    remedy:
      'c’est souvent un certificat refusé : l’exploitant vérifie avec « filror region check » sa date de fin et son autorité (repository.certificate) ; sinon relancez plus tard.',
    place,
    transient: true,
    cause,
  });
}

/** Secret of a region profile. @throws DataError `CFG_SECRET` */
export function clientSecret(
  repository: { readonly accessProfile: number; readonly clientSecretEnv: string },
  env: Readonly<Record<string, string | undefined>>,
): string {
  const secret = env[repository.clientSecretEnv];
  if (secret !== undefined && secret !== '') return secret;
  throw new DataError({
    code: 'CFG_SECRET',
    message: `Le secret du répertoire manque : la variable d’environnement ${repository.clientSecretEnv} est vide.`,
    place: 'repository.clientSecretEnv',
    remedy: `posez ${repository.clientSecretEnv} dans l’environnement du service (jamais dans un fichier de configuration).`,
  });
}
