import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { beginSession, endSession, openSession, type Session } from '../db/sessions.js';
import { RefusalError } from '../domain/errors.js';
import { html, type Html } from '../domain/html.js';
import type { PersonId } from '../domain/ids.js';
import type { WebContext } from './context.js';
import { readUpload } from './upload.js';

declare module 'fastify' {
  interface FastifyRequest {
    session: Session | null;
  }
  interface FastifyContextConfig {
    /** Checks its caller itself: session or access token, and the session's token in a header. */
    readonly api?: boolean;
    /** The secret in its address is the right: no session is asked for. */
    readonly bySecretAddress?: boolean;
  }
}

const MINUTE_MS = 60_000;
/** Name of the hidden field that every form sends back. */
export const TOKEN_FIELD = '_jeton';

/** `__Host-` ties the cookie to this very host, over TLS only (RFC 6265bis); plain on 127.0.0.1 in http. */
export function cookieName(context: Pick<WebContext, 'publicUrl'>, name: string): string {
  return context.publicUrl.startsWith('https:') ? `__Host-${name}` : name;
}

export function cookieOptions(context: Pick<WebContext, 'publicUrl'>): {
  path: '/';
  httpOnly: true;
  secure: boolean;
  sameSite: 'lax';
} {
  return { path: '/', httpOnly: true, secure: context.publicUrl.startsWith('https:'), sameSite: 'lax' };
}

/** Finds the session of each request, and refuses a form that this session did not make (CSRF). */
export function registerSessions(app: FastifyInstance, context: WebContext): void {
  const name = cookieName(context, 'filror');
  app.decorateRequest('session', null);
  app.addHook('onRequest', async (request) => {
    const token = request.cookies[name];
    if (token === undefined) return;
    const now = context.now();
    const idleSince = new Date(now.getTime() - context.config.web.sessionIdleMinutes * MINUTE_MS);
    request.session = await openSession(context.db, token, now, idleSince);
  });
  app.addHook('preValidation', async (request) => {
    if (request.method === 'GET' || request.method === 'HEAD') return;
    if (request.routeOptions.config.api === true) return;
    if (request.routeOptions.config.bySecretAddress === true) {
      // Its form is read once the secret of its address was looked up (signed-link).
      requireOwnOrigin(request, context);
    } else await requireOwnForm(request, context);
  });
}

/**
 * A form counts when it comes from a page of this server (Origin, or Sec-Fetch-Site) and holds the token of the session.
 * A file is read only once the rest of it says that somebody who is signed in sends it from here.
 * @throws RefusalError `SESSION_OVER`, `FORM_FORGED`, and as `readUpload` does
 */
async function requireOwnForm(request: FastifyRequest, context: WebContext): Promise<void> {
  requireOwnPlace(request, context);
  await readUpload(request);
  const body = request.body as Readonly<Record<string, unknown>> | null | undefined;
  requireOwnToken(request, context, body?.[TOKEN_FIELD]);
}

/** @throws RefusalError `SESSION_OVER`, `FORM_FORGED` */
function requireOwnPlace(request: FastifyRequest, context: WebContext): Session {
  if (request.session === null) throw sessionOver();
  if (foreign(request, context)) throw formForged();
  return request.session;
}

/**
 * A write by the cookie of a session comes from this server, and holds the session's token.
 * @throws RefusalError `SESSION_OVER`, `FORM_FORGED`
 */
export function requireOwnToken(request: FastifyRequest, context: WebContext, given: unknown): void {
  const { csrf } = requireOwnPlace(request, context);
  if (typeof given === 'string' && same(given, csrf)) return;
  throw formForged();
}

/** Without a session there is nothing to forge but the address, which is secret. @throws RefusalError `FORM_FORGED` */
function requireOwnOrigin(request: FastifyRequest, context: WebContext): void {
  if (foreign(request, context)) throw formForged();
}

function foreign(request: FastifyRequest, context: WebContext): boolean {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  return (
    (origin !== undefined && origin !== new URL(context.publicUrl).origin) ||
    (site !== undefined && site !== 'same-origin')
  );
}

function formForged(): RefusalError {
  return new RefusalError({
    code: 'FORM_FORGED',
    message: 'Ce formulaire ne vient pas d’une page de votre session : rien n’a été enregistré.',
    remedy: 'ouvrez de nouveau la page dans filror, puis recommencez.',
  });
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function sessionOver(): RefusalError {
  return new RefusalError({
    code: 'SESSION_OVER',
    message: 'Votre session est terminée : rien n’a été enregistré.',
    remedy: 'connectez-vous, puis recommencez.',
  });
}

export function hiddenToken(session: Session): Html {
  return html`<input type="hidden" name="${TOKEN_FIELD}" value="${session.csrf}" />`;
}

/** A session of its own for each sign-in: nothing that a browser held before is kept. */
export async function signedIn(context: WebContext, reply: FastifyReply, person: PersonId): Promise<void> {
  const at = context.now();
  const token = context.newToken();
  const expiresAt = new Date(at.getTime() + context.config.web.sessionHours * 60 * MINUTE_MS);
  await beginSession(context.db, { token, person, csrf: context.newToken(), at, expiresAt });
  void reply.setCookie(cookieName(context, 'filror'), token, {
    ...cookieOptions(context),
    maxAge: context.config.web.sessionHours * 3600,
  });
}

export async function signedOut(
  context: WebContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const name = cookieName(context, 'filror');
  const token = request.cookies[name];
  if (token !== undefined) await endSession(context.db, token);
  void reply.clearCookie(name, cookieOptions(context));
}
