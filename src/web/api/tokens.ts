import { createRemoteJWKSet, decodeJwt, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { RefusalError, RemoteError } from '../../domain/errors.js';
import type { Issuer } from '../context.js';
import { OidcClient, requireLevel } from '../oidc.js';

/** Signatures with a key that only the issuer holds: neither `none` nor a shared secret (RFC 8725 section 3.1). */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** Kinds of JWT that are access tokens (RFC 9068), or do not say what they are. */
const TYPES = [undefined, 'JWT', 'at+jwt', 'application/at+jwt'];
/** Seconds by which two clocks may differ. */
const TOLERANCE_S = 30;
const TIMEOUT_MS = 10_000;

interface Keys {
  readonly issuer: string;
  readonly find: JWTVerifyGetKey;
}

/** Access tokens of the configured issuers that name an audience for the API. */
export class AccessTokens {
  readonly #known = new Map<string, Promise<Keys>>();

  constructor(
    private readonly issuers: readonly Issuer[],
    private readonly now: () => Date,
  ) {}

  /**
   * Who a token speaks for: signature, issuer, audience and dates are checked; and the level of authentication, where the
   * issuer is configured with one. A token approves as a session does, so it would be the way around the level (`acr` of
   * an access token: RFC 9068 section 2.2.1). Programs whose tokens attest none come by an issuer without a level.
   * @throws RefusalError `TOKEN_REFUSED`, `TOKEN_EXPIRED`, `TOKEN_LEVEL`; RemoteError `ISSUER_UNREACHABLE`
   */
  async check(token: string): Promise<{ readonly issuer: Issuer; readonly subject: string }> {
    const issuer = this.#issuerOf(token);
    const { apiAudience: audience } = issuer;
    if (audience === null) throw tokenRefused();
    const keys = await this.#keysOf(issuer);
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys.find, {
        issuer: keys.issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: TOLERANCE_S,
        currentDate: this.now(),
      });
      if (!TYPES.includes(protectedHeader.typ) || payload.sub === undefined || payload.sub === '')
        throw tokenRefused();
      requireLevel(issuer, payload['acr'], 'TOKEN_LEVEL');
      return { issuer, subject: payload.sub };
    } catch (error) {
      throw told(error, issuer);
    }
  }

  #issuerOf(token: string): Issuer {
    const named = issuerNamedIn(token);
    const found = this.issuers.find(({ url }) => named !== null && bare(url) === bare(named));
    if (found === undefined) throw tokenRefused();
    return found;
  }

  async #keysOf(issuer: Issuer): Promise<Keys> {
    const found = this.#known.get(issuer.name) ?? this.#discover(issuer);
    this.#known.set(issuer.name, found);
    try {
      return await found;
    } catch (error) {
      this.#known.delete(issuer.name);
      throw error;
    }
  }

  async #discover(issuer: Issuer): Promise<Keys> {
    const said = await new OidcClient(issuer, '').metadata();
    return {
      issuer: said.issuer,
      find: createRemoteJWKSet(said.keys, { timeoutDuration: TIMEOUT_MS }),
    };
  }
}

/** The issuer that a token claims, before anything is believed of it. */
function issuerNamedIn(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null;
  } catch (error) {
    // A token that does not read names nobody: it is refused like that of a stranger.
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}

function bare(url: string): string {
  return url.replace(/\/$/, '');
}

function told(error: unknown, issuer: Issuer): unknown {
  if (error instanceof errors.JWTExpired)
    return new RefusalError({
      code: 'TOKEN_EXPIRED',
      message: 'Ce jeton d’accès a expiré.',
      remedy: 'demandez-en un autre à votre émetteur, puis recommencez.',
      cause: error,
    });
  const unreachable = error instanceof errors.JWKSTimeout || error instanceof TypeError;
  if (unreachable || (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC'))
    return new RemoteError({
      code: 'ISSUER_UNREACHABLE',
      message: `Les clés de l’émetteur ${issuer.label} ne peuvent pas être lues.`,
      place: issuer.url,
      remedy: 'réessayez dans quelques minutes ; l’exploitant vérifie web.yaml, issuers.',
      transient: true,
      cause: error,
    });
  return error instanceof errors.JOSEError ? tokenRefused(error) : error;
}

function tokenRefused(cause?: unknown): RefusalError {
  return new RefusalError({
    code: 'TOKEN_REFUSED',
    message: 'Ce jeton d’accès n’est pas accepté ici.',
    remedy:
      'demandez à votre émetteur un jeton d’accès pour l’audience de filror (web.yaml, issuers, apiAudience).',
    ...(cause === undefined ? {} : { cause }),
  });
}
