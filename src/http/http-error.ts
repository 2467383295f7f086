import { RemoteError, type ErrorDetail } from '../domain/errors.js';
import { redactText, redactUrl } from './redact.js';

/**
 * An exchange that failed without a usable answer, or a download that was refused.
 * Its cause is only the system's code: an axios error carries the whole request, its bearer token included.
 */
export class HttpError extends RemoteError {
  /** False only when it is certain that no byte of the request left: then even a write may be tried again. */
  readonly sent: boolean;
  /** Status of the answer, when there was one. */
  readonly status: number | null;

  constructor(detail: ErrorDetail & { readonly sent: boolean; readonly status?: number }) {
    super(detail);
    this.sent = detail.sent;
    this.status = detail.status ?? null;
  }
}

const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'CONNECT_TIMEOUT',
]);
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;

/** Marks of our own on errors that pass through axios. */
export const CONNECT_TIMEOUT = 'CONNECT_TIMEOUT';
export const PRIVATE_ADDRESS = 'PRIVATE_ADDRESS';

/** Turns what axios or a socket threw into an HttpError, in French, with nothing of the request but its redacted URL. */
export function asHttpError(thrown: unknown, url: string, timedOut: boolean): HttpError {
  const { code = '', message = '' } = thrown as { code?: string; message?: string };
  const place = redactUrl(url);
  const cause = new Error(redactText(`${code} ${message}`.trim()));
  if (code === PRIVATE_ADDRESS)
    return new HttpError({ ...refusedRedirect(place, 'vers une adresse privée'), sent: false, cause });
  if (CERTIFICATE.test(code))
    return new HttpError({
      code: 'HTTP_CERTIFICATE',
      message: `Le certificat du serveur est refusé (${code}).`,
      remedy:
        'faites vérifier le certificat par l’exploitant du serveur ; sur un réseau à mandataire, déclarez son autorité par NODE_EXTRA_CA_CERTS.',
      place,
      sent: false,
      cause,
    });
  if (NEVER_CONNECTED.has(code))
    return new HttpError({
      code: 'HTTP_UNREACHABLE',
      message: `Le serveur ne peut pas être joint (${code}).`,
      remedy: 'vérifiez l’adresse, le réseau et le mandataire ; rien n’a été envoyé, relancez plus tard.',
      place,
      transient: true,
      sent: false,
      cause,
    });
  if (timedOut)
    return new HttpError({
      code: 'HTTP_TIMEOUT',
      message: 'Le serveur n’a pas répondu dans le délai.',
      remedy:
        'relancez plus tard ; si cela dure, allongez le délai (timeoutMs) ou prévenez l’exploitant du serveur.',
      place,
      transient: true,
      sent: true,
      cause,
    });
  if (/maxContentLength/.test(message)) return tooBig(place);
  return new HttpError({
    code: 'HTTP_CUT',
    message: `La connexion a été coupée avant la fin de la réponse${code === '' ? '' : ` (${code})`}.`,
    remedy: 'relancez plus tard ; si cela se répète, prévenez l’exploitant du serveur.',
    place,
    transient: true,
    sent: true,
    cause,
  });
}

export function tooBig(url: string): HttpError {
  return new HttpError({
    code: 'HTTP_TOO_BIG',
    message: 'La réponse dépasse la taille permise.',
    remedy: 'vérifiez l’adresse ; si cette taille est normale, relevez la limite dans la configuration.',
    place: redactUrl(url),
    sent: true,
  });
}

/** Status that is no success: transient for 408, 425, 429 and 5xx. */
export function badStatus(url: string, status: number): HttpError {
  const gone = status === 404 || status === 410;
  return new HttpError({
    code: 'HTTP_STATUS',
    message: `Le serveur a répondu ${status}.`,
    remedy: gone
      ? 'le fichier n’est plus à cette adresse : cherchez la nouvelle et corrigez la configuration de la source.'
      : isTransientStatus(status)
        ? 'relancez plus tard ; si cela dure, prévenez l’exploitant du serveur.'
        : 'vérifiez l’adresse et les droits demandés par le serveur.',
    place: redactUrl(url),
    transient: isTransientStatus(status),
    sent: true,
    status,
  });
}

export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

export function refusedRedirect(place: string, why: string): ErrorDetail {
  return {
    code: 'HTTP_REDIRECT',
    message: `Le serveur renvoie ${why} : renvoi refusé.`,
    remedy:
      'ouvrez l’adresse dans un navigateur ; si ce renvoi est légitime, mettez l’adresse finale ou autorisez l’hôte dans la configuration.',
    place,
  };
}
