import { newProvider, openIssuerServer } from './provider.js';

/** An issuer of access tokens for one program that reads. */
export interface ReaderIssuer {
  readonly url: string;
  readonly jwksUrl: string;
  /** Where a token is asked for. */
  readonly tokenUrl: string;
  readonly audience: string;
  readonly clientId: string;
  readonly clientSecret: string;
  close(): Promise<void>;
}

const CLIENT_ID = 'demonstration';
const AUDIENCE = 'urn:filror:demonstration';
const TOKEN_SECONDS = 3_600;

/**
 * An OAuth2 issuer on 127.0.0.1 that gives access tokens (`client_credentials`, RFC 6749 section 4.4; JWT of RFC 9068,
 * good for an hour) to one client, for trials and the demonstration. Its key and its secret live as long as it runs.
 * Never to be started beside a real region; the caller sees to it.
 */
export async function startReaderIssuer(): Promise<ReaderIssuer> {
  const { server, url, clientSecret, keys, close } = await openIssuerServer();
  const provider = await newProvider(url, {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: clientSecret,
        redirect_uris: [],
        response_types: [],
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    ...keys,
    ttl: { ClientCredentials: TOKEN_SECONDS },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience: AUDIENCE,
          accessTokenTTL: TOKEN_SECONDS,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  const issue = provider.callback();
  server.on('request', (request, response) => void issue(request, response));
  return {
    ...{ url, jwksUrl: `${url}/jwks`, tokenUrl: `${url}/token` },
    ...{ audience: AUDIENCE, clientId: CLIENT_ID, clientSecret },
    close,
  };
}
