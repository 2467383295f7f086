import { exportJWK, generateKeyPair, SignJWT, type JWTHeaderParameters } from 'jose';
import { startLocalServer } from './local-server.js';

/** An issuer of access tokens on this machine: its description, its public keys, and tokens signed at will. */
export interface TokenIssuer {
  readonly url: string;
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
  /** `another`: signed by a key that the issuer does not publish, under the name of one that it does. */
  readonly key?: 'own' | 'another';
}

const KEY = 'cle-d-essai';

export async function startTokenIssuer(audience: string): Promise<TokenIssuer> {
  const own = await generateKeyPair('ES256');
  const another = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(own.publicKey)), kid: KEY, alg: 'ES256', use: 'sig' };
  const server = await startLocalServer((request, response) => {
    const { url } = server;
    const answers: Readonly<Record<string, unknown>> = {
      '/.well-known/openid-configuration': {
        issuer: url,
        authorization_endpoint: `${url}/auth`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/jwks`,
      },
      '/jwks': { keys: [jwk] },
    };
    const found = answers[request.url ?? ''];
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? {}));
  });
  const { url } = server;
  return {
    url,
    token: async (subject, change = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const { expires = 60, notBefore, type, key } = change;
      const header: JWTHeaderParameters = {
        alg: 'ES256',
        kid: KEY,
        ...(type === undefined ? {} : { typ: type }),
      };
      const token = new SignJWT({})
        .setProtectedHeader(header)
        .setIssuer(change.issuer ?? url)
        .setSubject(subject)
        .setAudience(change.audience ?? audience)
        .setIssuedAt(now);
      if (expires !== null) token.setExpirationTime(now + expires);
      if (notBefore !== undefined) token.setNotBefore(now + notBefore);
      return await token.sign((key === 'another' ? another : own).privateKey);
    },
    close: () => server.close(),
  };
}
