import type { IncomingHttpHeaders } from 'node:http';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { FhirConfig } from '../config/schema/fhir.js';
import type { Reader } from './context.js';
import { Fault } from './outcome.js';

/** Signatures with a key that only the issuer holds: neither `none` nor a shared secret (RFC 8725 section 3.1). */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA'],
];
/** Kinds of JWT that are access tokens (RFC 9068), or do not say what they are. */
const TYPES = [undefined, 'JWT', 'at+jwt', 'application/at+jwt'];
/** Seconds by which two clocks may differ. */
const TOLERANCE_S = 30;
const TIMEOUT_MS = 10_000;

/** Who reads: an anonymous reader where the configuration lets one in, or the client of an access token. */
export class Gate {
  readonly #keys: JWTVerifyGetKey | null;

  constructor(
    private readonly config: FhirConfig,
    private readonly now: () => Date,
  ) {
    const { tokens } = config;
    this.#keys =
      tokens === null ? null : createRemoteJWKSet(new URL(tokens.jwksUrl), { timeoutDuration: TIMEOUT_MS });
  }

  /** @throws Fault 401 without a good token, 403 for a client that is not known, 503 when no key can be read */
  async readerOf({ authorization }: IncomingHttpHeaders, address: string): Promise<Reader> {
    if (authorization === undefined) {
      if (!this.config.public)
        throw unauthorized('login', 'Cette API demande un jeton d’accès (Authorization: Bearer …).');
      return { audience: 'public', client: null, perMinute: this.config.publicPerMinute, address };
    }
    const [, token] = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization) ?? [];
    if (token === undefined)
      throw unauthorized('login', 'En-tête Authorization illisible : écrivez « Bearer » et un jeton.');
    const payload = await this.#verified(token);
    const named = [payload['azp'], payload['client_id'], payload.sub];
    const client = this.config.clients.find(
      ({ id }) => id === named.find((name) => typeof name === 'string'),
    );
    if (client === undefined)
      throw new Fault(
        403,
        'forbidden',
        'Ce client n’est pas connu ici : demandez à l’exploitant de l’inscrire (fhir.yaml, clients).',
      );
    return { audience: client.audience, client: client.id, perMinute: client.perMinute, address };
  }

  async #verified(token: string): Promise<JWTPayload> {
    const { tokens } = this.config;
    if (this.#keys === null || tokens === null)
      throw unauthorized('login', 'Aucun jeton n’est admis ici : appelez sans en-tête Authorization.');
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#keys, {
        issuer: tokens.issuer,
        audience: tokens.audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp'],
        clockTolerance: TOLERANCE_S,
        currentDate: this.now(),
      });
      if (!TYPES.includes(protectedHeader.typ))
        throw unauthorized('login', 'Ce jeton n’est pas un jeton d’accès.');
      return payload;
    } catch (error) {
      throw told(error);
    }
  }
}

function told(error: unknown): unknown {
  if (error instanceof Fault) return error;
  if (error instanceof errors.JWTExpired)
    return unauthorized('expired', 'Ce jeton d’accès a expiré : demandez-en un autre.');
  const unreachable = error instanceof errors.JWKSTimeout || error instanceof TypeError;
  if (unreachable || (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC'))
    return new Fault(
      503,
      'transient',
      'Les clés de l’émetteur des jetons ne peuvent pas être lues : réessayez dans quelques minutes.',
      null,
      { 'retry-after': '60' },
    );
  if (error instanceof errors.JOSEError)
    return unauthorized('login', 'Ce jeton n’est pas accepté ici : émetteur, audience, signature ou dates.');
  return error;
}

function unauthorized(code: 'login' | 'expired', message: string): Fault {
  return new Fault(401, code, message, null, {
    'www-authenticate': code === 'expired' ? 'Bearer error="invalid_token"' : 'Bearer',
  });
}
