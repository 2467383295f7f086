import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DataError, FilrorError, RefusalError, RemoteError, SourceError } from '../domain/errors.js';
import { html } from '../domain/html.js';
import type { WebContext } from './context.js';
import { outsidePage } from './frame.js';
import { HOME, toForm, typedAgain, type WayBack } from './way-back.js';

/** HTTP statuses of refusals that have one of their own (RFC 9110 section 15). */
const STATUS: Readonly<Record<string, number>> = {
  NO_GRANT: 403,
  FOUR_EYES: 403,
  FORM_FORGED: 403,
  SESSION_OVER: 401,
  SIGN_IN_NEEDED: 401,
  TOKEN_REFUSED: 401,
  TOKEN_EXPIRED: 401,
  TOKEN_LEVEL: 401,
  SIGN_IN_LEVEL: 403,
  MENTION_UNKNOWN: 404,
  PAGE_UNKNOWN: 404,
  CHANGE_UNKNOWN: 404,
  CENTRE_UNKNOWN: 404,
  REPORT_UNKNOWN: 404,
  OFFER_NEVER_SEEN: 404,
  RUN_UNKNOWN: 404,
  LINE_UNKNOWN: 404,
  ORDER_UNKNOWN: 404,
  ORDER_LINE_UNKNOWN: 404,
  ORDER_LINE_DECIDED: 409,
  OTHER_ESTABLISHMENT: 403,
  DOCUMENT_UNKNOWN: 404,
  LINK_UNKNOWN: 404,
  LINK_USED: 410,
  LINK_EXPIRED: 410,
  LINK_ANSWERED: 410,
  NOT_TRANSMITTED: 404,
  REGION_UNKNOWN: 404,
  GRANT_UNKNOWN: 404,
  ENTRY_UNKNOWN: 404,
  PERSON_UNKNOWN: 404,
  CONTENT_UNKNOWN: 404,
  FIGURE_UNKNOWN: 404,
  GRANT_TO_ONESELF: 403,
  TOO_MANY: 429,
  UPLOAD_TOO_LARGE: 413,
  UPLOAD_NOT_HERE: 415,
};

export function statusOf(error: FilrorError): number {
  const own = STATUS[error.code];
  if (own !== undefined) return own;
  if (error instanceof RefusalError) return 409;
  if (error instanceof DataError) return 400;
  // A file that cannot be used: understood, and nothing can be made of it (RFC 9110 section 15.5.21).
  if (error instanceof SourceError) return 422;
  return error instanceof RemoteError ? 503 : 500;
}

/** Every refusal is a page that says what to do, in French (rule 10); a fault of ours says nothing of the machine. */
export function registerErrors(app: FastifyInstance, context: WebContext): void {
  app.setNotFoundHandler(async (_request, reply) => {
    return await outsidePage(reply, errorPage(pageUnknown()));
  });
  app.setErrorHandler(async (error, request, reply) => {
    const told = error instanceof FilrorError ? error : translated(error);
    const ways = waysFrom(request, told);
    if (told === null) {
      context.log.error('page failed', { error: error instanceof Error ? error.stack : String(error) });
      return await outsidePage(reply, errorPage(ownFault(), ways));
    }
    return await outsidePage(reply, errorPage(told, ways));
  });
}

export interface Ways {
  /** Null: there is nowhere to go, what to do is said in words. */
  readonly back: WayBack | null;
  /** What the refused form held. */
  readonly body?: unknown;
}

/** Whoever holds a signed link has no account: their only page is that link, as long as it opens. */
function waysFrom({ routeOptions, method, url, body }: FastifyRequest, error: FilrorError | null): Ways {
  if (routeOptions.config.bySecretAddress !== true) return { back: HOME };
  const { code = '' } = error ?? {};
  const closed = code.startsWith('LINK_') || code === 'PAGE_UNKNOWN' || code === 'FORM_FORGED';
  if (method !== 'POST' || closed) return { back: null };
  return { back: toForm((url.split('?', 1)[0] ?? '').replace(/\/[^/]*$/, '')), body };
}

export function errorPage(
  error: FilrorError,
  { back, body }: Ways = { back: HOME },
): {
  title: string;
  body: ReturnType<typeof html>;
  status: number;
} {
  const status = statusOf(error);
  return {
    title: status === 404 ? 'Introuvable' : 'Refusé',
    status,
    body: html`<h1>${status === 404 ? 'Introuvable' : 'Ce n’est pas possible'}</h1>
      <div class="banner refusal">
        <p>${error.message}</p>
        ${error instanceof SourceError && error.place !== null ? html`<p>Endroit : ${error.place}</p>` : null}
        <p><strong>Que faire :</strong> ${error.remedy}</p>
      </div>
      <p class="muted">Code ${error.code}</p>
      ${typedAgain(body)} ${back === null ? null : html`<p><a href="${back.to}">${back.text}</a></p>`}`,
  };
}

export function pageUnknown(): DataError {
  return new DataError({
    code: 'PAGE_UNKNOWN',
    message: 'Cette page n’existe pas.',
    remedy: 'vérifiez l’adresse, ou partez de l’accueil.',
  });
}

export function ownFault(): RemoteError {
  return new RemoteError({
    code: 'PAGE_FAILED',
    message: 'Cette page a échoué ; rien n’a été enregistré par cette demande.',
    remedy: 'réessayez ; si cela se répète, donnez l’heure à l’exploitant, qui lira le journal du service.',
  });
}

/** Refusals of the server's own library. */
export function translated(error: unknown): FilrorError | null {
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  if (statusCode === 413)
    return new DataError({
      code: 'FORM_TOO_LARGE',
      message: 'Ce formulaire est trop grand : rien n’a été enregistré.',
      remedy: 'raccourcissez le texte, ou allégez le fichier, puis recommencez.',
    });
  if (statusCode === 429)
    return new RefusalError({
      code: 'TOO_MANY',
      message: 'Trop de demandes en peu de temps.',
      remedy: 'attendez une minute, puis recommencez.',
    });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new DataError({
      code: 'FORM_UNREADABLE',
      message: `Cette demande ne se lit pas${code === undefined ? '' : ` (${code})`} : rien n’a été enregistré.`,
      remedy: 'ouvrez de nouveau la page, puis recommencez.',
    });
  return null;
}
