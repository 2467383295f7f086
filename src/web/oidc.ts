import * as openid from 'openid-client';
import { RemoteError, RefusalError } from '../domain/errors.js';
import type { Issuer } from './context.js';

/** Milliseconds that an issuer has to answer. */
const TIMEOUT_S = 10;

/** What an issuer says of somebody. */
export interface Vouched {
  readonly subject: string;
  readonly name: string | null;
}

export interface Departure {
  /** Where the browser goes. */
  readonly to: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Authorization code with PKCE (RFC 7636) at one issuer; its description is read once, when first asked for. */
export class OidcClient {
  #found: Promise<openid.Configuration> | null = null;

  constructor(
    readonly issuer: Issuer,
    readonly redirectUri: string,
  ) {}

  /** @throws RemoteError `ISSUER_UNREACHABLE` */
  async depart(): Promise<Departure> {
    const config = await this.#configuration();
    const [state, nonce, verifier] = [
      openid.randomState(),
      openid.randomNonce(),
      openid.randomPKCECodeVerifier(),
    ];
    const { scopes, acrValues } = this.issuer;
    const to = openid.buildAuthorizationUrl(config, {
      redirect_uri: this.redirectUri,
      scope: scopes,
      state,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(acrValues === null ? {} : { acr_values: acrValues }),
    });
    return { to: to.href, state, nonce, verifier };
  }

  /**
   * Exchanges the code that the browser brought back.
   * @throws RefusalError `SIGN_IN_REFUSED`, `SIGN_IN_LEVEL`; RemoteError `ISSUER_UNREACHABLE`
   */
  async arrive(url: URL, left: Pick<Departure, 'state' | 'nonce' | 'verifier'>): Promise<Vouched> {
    const config = await this.#configuration();
    try {
      const tokens = await openid.authorizationCodeGrant(config, url, {
        pkceCodeVerifier: left.verifier,
        expectedState: left.state,
        expectedNonce: left.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('no id token');
      const { name, sub, acr } = claims;
      requireLevel(this.issuer, acr, 'SIGN_IN_LEVEL');
      return { subject: sub, name: typeof name === 'string' && name !== '' ? name.slice(0, 200) : null };
    } catch (cause) {
      if (cause instanceof RefusalError) throw cause;
      // What the issuer says may hold what it was asked; only our own words go to the person.
      throw new RefusalError({
        code: 'SIGN_IN_REFUSED',
        message: `La connexion par ${this.issuer.label} n’a pas abouti.`,
        remedy: 'recommencez la connexion ; si cela se répète, prévenez l’exploitant.',
        cause,
      });
    }
  }

  /**
   * Name of the issuer as it writes it, and where its keys are.
   * @throws RemoteError `ISSUER_UNREACHABLE`
   */
  async metadata(): Promise<{ readonly issuer: string; readonly keys: URL }> {
    const { issuer, jwks_uri } = (await this.#configuration()).serverMetadata();
    const keys = jwks_uri === undefined ? null : new URL(jwks_uri);
    if (keys !== null && (keys.protocol === 'https:' || isLoopback(keys.href))) return { issuer, keys };
    throw new RemoteError({
      code: 'ISSUER_WITHOUT_KEYS',
      message: `L’émetteur de connexion ${this.issuer.label} ne dit pas où sont ses clés, en https.`,
      place: this.issuer.url,
      remedy: 'l’exploitant vérifie l’adresse de l’émetteur dans web.yaml, issuers.',
    });
  }

  async #configuration(): Promise<openid.Configuration> {
    this.#found ??= this.#discover();
    try {
      return await this.#found;
    } catch (cause) {
      this.#found = null;
      throw new RemoteError({
        code: 'ISSUER_UNREACHABLE',
        message: `L’émetteur de connexion ${this.issuer.label} ne répond pas.`,
        place: this.issuer.url,
        remedy: 'réessayez dans quelques minutes ; l’exploitant vérifie web.yaml, issuers.',
        transient: true,
        cause,
      });
    }
  }

  async #discover(): Promise<openid.Configuration> {
    const { url, clientId, clientSecret } = this.issuer;
    return await openid.discovery(
      new URL(url),
      clientId,
      {},
      clientSecret === null ? openid.None() : openid.ClientSecretPost(clientSecret),
      {
        timeout: TIMEOUT_S,
        // Plain http only to this very machine: the local issuer, or a test's.
        ...(isLoopback(url) ? { execute: [openid.allowInsecureRequests] } : {}),
      },
    );
  }
}

/**
 * Asking for a level binds an issuer to nothing: `acr_values` is a wish, and only the claim says which level was reached
 * (OpenID Connect Core 1.0, sections 2 and 3.1.2.1). Where the configuration names levels, one of them must be attested.
 * @throws RefusalError of this code
 */
export function requireLevel(
  { acrValues, label }: Pick<Issuer, 'acrValues' | 'label'>,
  attested: unknown,
  code: 'SIGN_IN_LEVEL' | 'TOKEN_LEVEL',
): void {
  const levels = acrValues?.split(/\s+/).filter((level) => level !== '') ?? [];
  if (levels.length === 0 || levels.some((level) => level === attested)) return;
  const told = typeof attested === 'string' ? `annonce « ${attested.slice(0, 40)} »` : 'n’en annonce aucun';
  throw new RefusalError({
    code,
    message: `Cet accès demande le niveau d’authentification ${levels.join(' ou ')} ; ${label} ${told}.`,
    remedy:
      'recommencez par le moyen de connexion qui donne ce niveau ; si vous l’avez employé, l’exploitant vérifie web.yaml, issuers, acrValues.',
  });
}

function isLoopback(url: string): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(url).hostname);
}
