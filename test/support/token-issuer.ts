import { exportJWK, generateKeyPair, SignJWT, type JWTHeaderParameters, type JWTPayload } from 'jose';
import { startLocalServer } from './local-server.js';

/** An issuer on this machine: its description, its public keys, tokens signed at will, and sign-ins without questions. */
export interface TokenIssuer {
  readonly url: string;
  /** What the next sign-ins attest; null: no level at all. */
  attested: string | null;
  /** What the last sign-in asked for. */
  readonly asked: () => URLSearchParams;
  /** A token of this issuer: good for a minute, unless `change` says otherwise. */
  token(subject: string, change?: TokenChange): Promise<string>;
  close(): Promise<void>;
}

export interface TokenChange {
  readonly issuer?: string;
  readonly audience?: string;
  /** Seconds from now; null: no such claim. */
  readonly expires?: number | null;
  readonly notBefore?: number;
  readonly type?: string;
  /** Level of authentication; none by default. */
  readonly acr?: string;
  /** `another`: signed by a key that the issuer does not publish, under the name of one that it does. */
  readonly key?: 'own' | 'another';
}

const KEY = 'cle-d-essai';

export async function startTokenIssuer(audience: string): Promise<TokenIssuer> {
  const own = await generateKeyPair('ES256');
  const another = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(own.publicKey)), kid: KEY, alg: 'ES256', use: 'sig' };
  let asked = new URLSearchParams();
  const server = await startLocalServer((request, response) => {
    const { url } = server;
    const at = new URL(request.url ?? '', url);
    if (at.pathname === '/auth') {
      asked = at.searchParams;
      const back = new URL(asked.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({ code: 'un-code', state: asked.get('state') ?? '' }).toString();
      response.writeHead(303, { location: back.href }).end();
      return;
    }
    if (at.pathname === '/token') {
      const claims = {
        nonce: asked.get('nonce'),
        ...(issuer.attested === null ? {} : { acr: issuer.attested }),
      };
      void signed('personne-d-essai', { audience: asked.get('client_id') ?? '' }, claims).then((id_token) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ access_token: 'opaque', token_type: 'Bearer', id_token }));
      });
      return;
    }
    const answers: Readonly<Record<string, unknown>> = {
      '/.well-known/openid-configuration': {
        issuer: url,
        authorization_endpoint: `${url}/auth`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/jwks`,
        id_token_signing_alg_values_supported: ['ES256'],
      },
      '/jwks': { keys: [jwk] },
    };
    const found = answers[request.url ?? ''];
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? {}));
  });
  const { url } = server;
  const signed = async (subject: string, change: TokenChange, claims: JWTPayload): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    const { expires = 60, notBefore, type, key } = change;
    const header: JWTHeaderParameters = {
      alg: 'ES256',
      kid: KEY,
      ...(type === undefined ? {} : { typ: type }),
    };
    const token = new SignJWT(claims)
      .setProtectedHeader(header)
      .setIssuer(change.issuer ?? url)
      .setSubject(subject)
      .setAudience(change.audience ?? audience)
      .setIssuedAt(now);
    if (expires !== null) token.setExpirationTime(now + expires);
    if (notBefore !== undefined) token.setNotBefore(now + notBefore);
    return await token.sign((key === 'another' ? another : own).privateKey);
  };
  const issuer: TokenIssuer = {
    url,
    attested: null,
    asked: () => asked,
    token: (subject, change = {}) =>
      signed(subject, change, change.acr === undefined ? {} : { acr: change.acr }),
    close: () => server.close(),
  };
  return issuer;
}
