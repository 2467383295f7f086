import { DataError, RemoteError } from '../domain/errors.js';
import { isJsonObject, type Json } from '../domain/json.js';
import type { HttpClient } from '../http/client.js';

export interface TokenSettings {
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Null above access profile 0: the client certificate replaces the secret (RFC 8705). */
  readonly clientSecret: string | null;
  readonly timeoutMs: number;
}

/** A token is renewed this long before its end, or after nine tenths of its life when it is short. */
const MARGIN_MS = 30_000;

interface Held {
  readonly token: string;
  /** Milliseconds since the epoch from which it is no longer used. */
  readonly until: number;
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
   * @throws RemoteError `ROR_TOKEN` or what the network threw.
   */
  async get(refused?: string): Promise<string> {
    const held = this.#held;
    if (held !== null && held.token !== refused && this.#now().getTime() < held.until) return held.token;
    this.#pending ??= this.#fetch().finally(() => {
      this.#pending = null;
    });
    this.#held = await this.#pending;
    return this.#held.token;
  }

  async #fetch(): Promise<Held> {
    const { tokenUrl, clientId, clientSecret, timeoutMs } = this.#settings;
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId });
    if (clientSecret !== null) form.set('client_secret', clientSecret);
    const asked = this.#now().getTime();
    const answer = await this.#http.request({
      method: 'POST',
      url: tokenUrl,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
      body: form.toString(),
      timeoutMs,
      retry: 'always',
    });
    const body = answer.status === 200 ? parsed(answer.text) : null;
    const token = isJsonObject(body ?? undefined)
      ? (body as { access_token?: Json }).access_token
      : undefined;
    if (typeof token !== 'string' || token === '') throw tokenRefused(tokenUrl, answer.status);
    const life = lifeMs(token, body as { expires_in?: Json }, asked);
    return { token, until: asked + Math.max(life - MARGIN_MS, life * 0.9) };
  }
}

/** Life in milliseconds: `exp` of the JWT (what the ROR documents), else `expires_in`, else one minute. */
function lifeMs(token: string, body: { expires_in?: Json }, now: number): number {
  const payload = parsed(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const exp = isJsonObject(payload ?? undefined) ? (payload as { exp?: Json }).exp : undefined;
  if (typeof exp === 'number') return Math.max(0, exp * 1000 - now);
  return typeof body.expires_in === 'number' ? body.expires_in * 1000 : 60_000;
}

function parsed(text: string): Json | null {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** The answer's body is not quoted: it may hold what it should not. */
function tokenRefused(place: string, status: number): RemoteError {
  const transient = status === 429 || status >= 500;
  return new RemoteError({
    code: 'ROR_TOKEN',
    message: `Le serveur d’autorisation n’a pas donné de jeton (réponse ${status}).`,
    remedy: transient
      ? 'relancez plus tard ; si cela dure, prévenez l’exploitant du répertoire.'
      : 'vérifiez clientId et la variable d’environnement du secret (clientSecretEnv) dans le profil de la région.',
    place,
    transient,
  });
}

/** Secret of a region profile. @throws DataError `CFG_SECRET` when access profile 0 has none. */
export function clientSecret(
  repository: { readonly accessProfile: number; readonly clientSecretEnv: string },
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  const secret = env[repository.clientSecretEnv];
  if (secret !== undefined && secret !== '') return secret;
  if (repository.accessProfile > 0) return null;
  throw new DataError({
    code: 'CFG_SECRET',
    message: `Le secret du répertoire manque : la variable d’environnement ${repository.clientSecretEnv} est vide.`,
    place: 'repository.clientSecretEnv',
    remedy: `posez ${repository.clientSecretEnv} dans l’environnement du service (jamais dans un fichier de configuration).`,
  });
}
