import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Provider from 'oidc-provider';
import type { Configuration } from 'oidc-provider';

/**
 * What the library says each time of what is meant here. It says the first of every Node.js before 22, while what we ask
 * of it works on 20 (tests sign in and get tokens there); the second is right: these issuers live as long as they run.
 */
const MEANT = [
  'oidc-provider WARNING: Unsupported runtime. ',
  'oidc-provider WARNING: a quick start development-only in-memory adapter is used',
];

/** The library, loaded and set up, without those two lines; anything else that it says is said. */
export async function newProvider(url: string, configuration: Configuration): Promise<Provider> {
  /* eslint-disable no-console -- the library prints by it alone, and cannot be told not to. */
  const { warn } = console;
  console.warn = (...words: unknown[]) => {
    const text = String(words[0]);
    if (!MEANT.some((line) => text.includes(line))) warn(...words);
  };
  try {
    const { default: Library } = await import('oidc-provider');
    return new Library(url, configuration);
  } finally {
    console.warn = warn;
  }
  /* eslint-enable no-console */
}

/** A server of this machine on a free port, and the secrets of an issuer that lives as long as it. */
export interface IssuerServer {
  readonly server: Server;
  readonly url: string;
  readonly clientSecret: string;
  /** Signing key (RS256) and cookie key, new each time. */
  readonly keys: Pick<Configuration, 'jwks'> & { readonly cookies: { keys: string[] } };
  close(): Promise<void>;
}

export async function openIssuerServer(): Promise<IssuerServer> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const secret = (): string => randomBytes(24).toString('base64url');
  return {
    server,
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    clientSecret: secret(),
    keys: {
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
      cookies: { keys: [secret()] },
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
