import type { FastifyInstance, FastifyRequest } from 'fastify';
import { beginSignIn, takeSignIn } from '../db/sessions.js';
import { identifyPerson } from '../db/person.js';
import { RefusalError } from '../domain/errors.js';
import { html } from '../domain/html.js';
import type { PersonId } from '../domain/ids.js';
import { personaActor } from '../review/personas.js';
import type { Issuer, WebContext } from './context.js';
import { outsidePage } from './frame.js';
import { OidcClient, type Vouched } from './oidc.js';
import { cookieName, cookieOptions, signedIn, signedOut } from './session.js';

/** Minutes between leaving for the issuer and coming back. */
const SIGN_IN_MS = 10 * 60_000;
/** Sign-ins begun from one address in a minute. */
const PER_MINUTE = 20;
const BACK = '/connexion/retour';

export async function registerSignIn(app: FastifyInstance, context: WebContext): Promise<void> {
  const clients = new Map(
    context.issuers.map((issuer) => [issuer.name, new OidcClient(issuer, `${context.publicUrl}${BACK}`)]),
  );
  const limited = { config: { rateLimit: { max: PER_MINUTE, timeWindow: '1 minute' } } };

  app.get('/connexion', async (request, reply) => {
    const to = ownPath((request.query as { vers?: unknown }).vers);
    return await outsidePage(reply, {
      title: 'Connexion',
      body: html`<h1>Connexion à filror</h1>
        <p>Choisissez comment vous connecter. filror ne voit jamais votre mot de passe.</p>
        <ul class="plain">
          ${context.issuers.map(
            (issuer) =>
              html`<li>
                <a class="button" href="/connexion/vers/${issuer.name}?vers=${encodeURIComponent(to)}"
                  >Se connecter avec ${issuer.label}</a
                >
              </li>`,
          )}
        </ul>`,
    });
  });

  app.get('/connexion/vers/:issuer', limited, async (request, reply) => {
    const client = clients.get((request.params as { issuer: string }).issuer);
    if (client === undefined) throw unknownIssuer();
    const { to, state, nonce, verifier } = await client.depart();
    const at = context.now();
    await beginSignIn(context.db, {
      state,
      issuer: client.issuer.name,
      nonce,
      verifier,
      returnTo: ownPath((request.query as { vers?: unknown }).vers),
      at,
      expiresAt: new Date(at.getTime() + SIGN_IN_MS),
    });
    // Ties the answer to this browser: somebody else's code cannot be brought here.
    void reply.setCookie(cookieName(context, 'filror-connexion'), state, {
      ...cookieOptions(context),
      maxAge: SIGN_IN_MS / 1000,
    });
    return reply.redirect(to, 303);
  });

  app.get(BACK, limited, async (request, reply) => {
    const name = cookieName(context, 'filror-connexion');
    const state = request.cookies[name];
    void reply.clearCookie(name, cookieOptions(context));
    const given = (request.query as { state?: unknown }).state;
    if (state === undefined || given !== state) throw signInLost();
    const left = await takeSignIn(context.db, state, context.now());
    const client = left === null ? undefined : clients.get(left.issuer);
    if (left === null || client === undefined) throw signInLost();
    const vouched = await client.arrive(asked(context, request), { ...left, state });
    await signedIn(context, reply, await personOf(context, client.issuer, vouched));
    context.log.info('signed in', { issuer: client.issuer.name });
    return reply.redirect(left.returnTo, 303);
  });

  app.post('/deconnexion', async (request, reply) => {
    await signedOut(context, request, reply);
    return reply.redirect('/connexion', 303);
  });
  await Promise.resolve();
}

/** The address as the browser asked it, whatever a proxy made of it. */
function asked(context: WebContext, request: FastifyRequest): URL {
  return new URL(request.url, context.publicUrl);
}

/** A person is (issuer, subject). Those of the local issuer are the personas that the command line knows too. */
async function personOf(context: WebContext, issuer: Issuer, { subject, name }: Vouched): Promise<PersonId> {
  if (!issuer.local)
    return await identifyPerson(context.db, { issuer: issuer.url, subject, displayName: name });
  const [code, persona] = subject.split(':');
  const region = context.regions.find((each) => each.code === code && each.sandbox);
  const found = region?.personas.find((each) => each.name === persona);
  if (region === undefined || found === undefined) throw signInLost();
  return (await personaActor(context.db, region, found, context.now())).id;
}

/** Only a path of this server is gone back to. */
export function ownPath(given: unknown): string {
  return typeof given === 'string' && /^\/(?![/\\])[^\s\\]*$/.test(given) ? given : '/';
}

function unknownIssuer(): RefusalError {
  return new RefusalError({
    code: 'ISSUER_UNKNOWN',
    message: 'Ce moyen de connexion n’existe pas.',
    remedy: 'choisissez l’un de ceux de la page de connexion.',
  });
}

function signInLost(): RefusalError {
  return new RefusalError({
    code: 'SIGN_IN_LOST',
    message: 'Cette connexion a expiré, ou a été commencée dans un autre navigateur.',
    remedy: 'recommencez depuis la page de connexion.',
  });
}
