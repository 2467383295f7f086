import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { fault, Fault } from './outcome.js';

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export const REFUSED = { status: 401, body: { error: 'invalid_client' } } as const;

/**
 * Access tokens in the shape of a JWT (RFC 7519, HS256). The key lives with the process: after a restart every token
 * is refused, as when an authorisation server changes its keys.
 */
export class Tokens {
  readonly #key = randomBytes(32);
  #serial = 0;

  constructor(
    readonly credentials: Credentials,
    readonly ttlSeconds: number,
    readonly now: () => Date,
  ) {}

  /** OAuth2 client_credentials (RFC 6749, 4.4): answer or error body with its status. */
  grant(form: URLSearchParams): { readonly status: number; readonly body: object } {
    if (form.get('grant_type') !== 'client_credentials')
      return { status: 400, body: { error: 'unsupported_grant_type' } };
    const { clientId, clientSecret } = this.credentials;
    if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret) return REFUSED;
    return this.#issue();
  }

  /** The same for a client whose certificate the TLS layer has verified (RFC 8705, 2.1): a secret is not asked for. */
  grantCertified(form: URLSearchParams): { readonly status: number; readonly body: object } {
    if (form.get('grant_type') !== 'client_credentials')
      return { status: 400, body: { error: 'unsupported_grant_type' } };
    return form.get('client_id') === this.credentials.clientId ? this.#issue() : REFUSED;
  }

  #issue(): { readonly status: number; readonly body: object } {
    const { clientId } = this.credentials;
    const issued = Math.floor(this.now().getTime() / 1000);
    const payload = {
      iss: 'sandbox',
      azp: clientId,
      iat: issued,
      exp: issued + this.ttlSeconds,
      jti: ++this.#serial,
    };
    const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`;
    return {
      status: 200,
      body: {
        access_token: `${text}.${this.#sign(text)}`,
        expires_in: this.ttlSeconds,
        token_type: 'Bearer',
      },
    };
  }

  /** @throws Fault 401 with WWW-Authenticate (RFC 6750). */
  check(authorization: string | undefined): void {
    const [head = '', payload = '', signature = ''] =
      /^Bearer (\S+)$/.exec(authorization ?? '')?.[1]?.split('.') ?? [];
    const expected = Buffer.from(this.#sign(`${head}.${payload}`));
    const given = Buffer.from(signature);
    if (expected.length !== given.length || !timingSafeEqual(expected, given)) throw unauthorized();
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { exp: number };
    if (this.now().getTime() >= exp * 1000) throw unauthorized();
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }
}

export function unauthorized(): Fault {
  const refused = fault(401, 'login', 'Jeton absent, inconnu ou expiré.');
  return new Fault(401, refused.issues, { 'WWW-Authenticate': 'Bearer error="invalid_token"' });
}

/** OIDs of the ANS documentation (api page, headers), sent without `urn:oid:`. */
const EXPECTED_SYSTEMS: Readonly<Record<string, string>> = {
  'ror-profil-utilisateur-system': '1.2.250.1.213.1.6.1.66',
  'ror-role-metier-system': '1.2.250.1.213.1.1.4.6',
};

/** The four Ror-* headers. @throws Fault 403. */
export function checkRorHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): void {
  for (const name of [
    'ror-profil-utilisateur-code',
    'ror-profil-utilisateur-system',
    'ror-role-metier-code',
    'ror-role-metier-system',
  ]) {
    const value = headers[name];
    const expected = EXPECTED_SYSTEMS[name] ?? value;
    if (typeof value !== 'string' || value === '' || value !== expected)
      throw fault(403, 'forbidden', `En-tête ${name} absent ou inattendu.`);
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
