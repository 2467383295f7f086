import { type IncomingMessage, type ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { html } from '../domain/html.js';
import { newProvider, openIssuerServer } from './provider.js';

/** Somebody who may be played: `28:camille`. */
export interface LocalPersona {
  readonly subject: string;
  readonly displayName: string;
  readonly told: string;
}

export interface LocalIssuer {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  close(): Promise<void>;
}

const CLIENT_ID = 'filror';
/** Cookies by which the library knows a browser again; those of a sign-in under way have other names. */
const SESSION = /_session[.\w]*=[^;]*;?\s*/g;
const CHOICE = /^\/entrer\/([\w-]{1,64})$/;
const BODY_AT_MOST = 4096;

/**
 * An OpenID Connect issuer on 127.0.0.1 with one-click personas, for trials and the demonstration: whoever reaches it
 * is whoever they say. Never to be started beside a real region; the caller sees to it.
 * @param redirectUri the only address to which it sends anybody back
 */
export async function startLocalIssuer(
  personas: readonly LocalPersona[],
  redirectUri: string,
): Promise<LocalIssuer> {
  const { server, url, clientSecret, keys, close } = await openIssuerServer();
  const provider = await newProvider(url, {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    ...keys,
    claims: { openid: ['sub'], profile: ['name'] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/entrer/${interaction.uid}` },
    pkce: { required: () => true },
    ttl: { Interaction: 600, Session: 60, Grant: 600, AccessToken: 300, IdToken: 300, AuthorizationCode: 60 },
    // Nothing is asked but who one plays: filror itself is the only client.
    loadExistingGrant: async (context) => {
      const { client, session } = context.oidc;
      const grant = new context.oidc.provider.Grant({
        ...(client === undefined ? {} : { clientId: client.clientId }),
        ...(session?.accountId === undefined ? {} : { accountId: session.accountId }),
      });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
    findAccount: (_context, subject) => {
      const persona = personas.find((each) => each.subject === subject);
      if (persona === undefined) return undefined;
      return {
        accountId: subject,
        claims: () => ({ sub: subject, name: persona.displayName }),
      };
    },
  });
  const issue = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    // Who one plays is asked each time: whoever signed out enters as somebody else at once, whatever session is left here.
    request.headers.cookie = (request.headers.cookie ?? '').replaceAll(SESSION, '');
    const choosing = CHOICE.exec(request.url ?? '');
    if (choosing === null) {
      void issue(request, response);
      return;
    }
    choose(provider, personas, request, response).catch(() => {
      // Only an interaction that is over or was never begun comes here.
      response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' });
      response.end('Cette connexion a expiré. Que faire : recommencez depuis filror.');
    });
  });
  return {
    url,
    clientId: CLIENT_ID,
    clientSecret,
    close,
  };
}

async function choose(
  provider: Provider,
  personas: readonly LocalPersona[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await provider.interactionDetails(request, response);
  if (request.method === 'POST') {
    const subject = new URLSearchParams(await bodyOf(request)).get('personnage');
    const persona = personas.find((each) => each.subject === subject);
    if (persona !== undefined) {
      await provider.interactionFinished(request, response, { login: { accountId: persona.subject } });
      return;
    }
  }
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
  });
  response.end(choicePage(personas));
}

function choicePage(personas: readonly LocalPersona[]): string {
  return html`<!doctype html>
    <html lang="fr">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Qui jouez-vous ? – émetteur local de filror</title>
      </head>
      <body>
        <main>
          <h1>Qui jouez-vous ?</h1>
          <p>Émetteur local, pour essayer : aucun mot de passe, aucune donnée réelle.</p>
          ${personas.map(
            (persona) =>
              html`<form method="post">
                <input type="hidden" name="personnage" value="${persona.subject}" />
                <p><button>Entrer comme ${persona.displayName}</button> ${persona.told}</p>
              </form>`,
          )}
        </main>
      </body>
    </html> `.text;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > BODY_AT_MOST) throw new Error('form too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
