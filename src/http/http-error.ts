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

  /** True when the server is to blame: out of reach, silent, cut. A circuit counts these. */
  readonly serverFailed: boolean;

  constructor(
    detail: ErrorDetail & {
      readonly sent: boolean;
      readonly status?: number;
      readonly serverFailed?: boolean;
    },
  ) {
    super(detail);
    this.serverFailed = detail.serverFailed ?? false;
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
/** The server's own alerts about what we showed, or did not (RFC 8446, 6.2); OpenSSL's names of them differ by version. */
const REFUSED_IDENTITY = /ALERT_.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)/;

/** Which time-out ended an exchange. */
export type LatePhase = 'firstByte' | 'idle' | 'total';

const LATE: Readonly<Record<LatePhase, { readonly message: string; readonly option: string }>> = {
  firstByte: {
    message: 'Le serveur n’a pas commencé à répondre dans le délai.',
    option: 'timeouts.firstByteMs',
  },
  idle: { message: 'Le serveur s’est tu au milieu de sa réponse.', option: 'timeouts.idleMs' },
  total: { message: 'Le serveur n’a pas fini de répondre dans le délai.', option: 'timeoutMs' },
};

/** Marks of our own on errors that pass through axios. */
export const CONNECT_TIMEOUT = 'CONNECT_TIMEOUT';
export const PRIVATE_ADDRESS = 'PRIVATE_ADDRESS';

export const CIRCUIT_OPEN = 'HTTP_CIRCUIT_OPEN';

/** Turns what axios or a socket threw into an HttpError, in French, with nothing of the request but its redacted URL. */
export function asHttpError(thrown: unknown, url: string, late: LatePhase | null): HttpError {
  const { code = '', message = '' } = thrown as { code?: string; message?: string };
  const place = redactUrl(url);
  const cause = new Error(redactText(`${code} ${message}`.trim()));
  if (code === PRIVATE_ADDRESS) return privateAddress(url, cause);
  if (REFUSED_IDENTITY.test(code))
    return new HttpError({
      code: 'HTTP_CLIENT_CERTIFICATE',
      message: `Le serveur refuse notre certificat, ou son absence (${code}).`,
      remedy:
        'vérifiez dans le profil de la région le certificat client (repository.certificate), sa date de fin et l’autorité que le serveur attend ; « filror region check », au terminal, le montre.',
      place,
      sent: true,
      cause,
    });
  if (CERTIFICATE.test(code))
    return new HttpError({
      code: 'HTTP_CERTIFICATE',
      message: `Le certificat du serveur est refusé (${code}).`,
      remedy:
        'faites vérifier le certificat par l’exploitant du serveur ; sur un réseau à mandataire, déclarez son autorité par caFile (profil de la région) ou NODE_EXTRA_CA_CERTS.',
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
      serverFailed: true,
      cause,
    });
  if (late !== null)
    return new HttpError({
      code: 'HTTP_TIMEOUT',
      message: LATE[late].message,
      remedy: `relancez plus tard ; si cela dure, allongez le délai (${LATE[late].option}) ou prévenez l’exploitant du serveur.`,
      place,
      transient: true,
      serverFailed: true,
      sent: true,
      cause,
    });
  return new HttpError({
    code: 'HTTP_CUT',
    message: `La connexion a été coupée avant la fin de la réponse${code === '' ? '' : ` (${code})`}.`,
    remedy: 'relancez plus tard ; si cela se répète, prévenez l’exploitant du serveur.',
    place,
    transient: true,
    serverFailed: true,
    sent: true,
    cause,
  });
}

export function circuitOpen(url: string, retryAt: Date): HttpError {
  const time = retryAt.toLocaleTimeString('fr-FR', { timeZone: 'Europe/Paris' });
  return new HttpError({
    code: CIRCUIT_OPEN,
    message: 'Le serveur a trop échoué : il est laissé en repos.',
    remedy: `rien n’est parti ; relancez après ${time} (heure de Paris). Si cela dure, prévenez l’exploitant du serveur.`,
    place: redactUrl(url),
    transient: true,
    sent: false,
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
    remedy: 'ouvrez l’adresse dans un navigateur ; si elle y donne la liste, mettez l’adresse finale.',
    place,
  };
}

/** The server, or the description of a dataset, leads to a host that nobody named. */
export function otherHost(place: string, host: string): ErrorDetail {
  return {
    ...refusedRedirect(place, `vers un autre hôte, ${host}`),
    remedy: `ouvrez l’adresse dans un navigateur ; si ce renvoi est légitime, ajoutez « ${host} » à « allowedHosts » de cette source (sources.yaml), ou mettez l’adresse finale.`,
  };
}

/** A public name, or a server, leads into a private network: whoever answers for the name must not choose what we read. */
export function privateAddress(url: string, cause?: Error): HttpError {
  const { hostname } = new URL(url);
  return new HttpError({
    code: 'HTTP_PRIVATE_ADDRESS',
    message: `« ${hostname} » mène à une adresse privée : rien n’y est demandé.`,
    remedy: `si ce serveur est bien de votre réseau, ajoutez « ${hostname} » à « privateHosts » de cette source (sources.yaml) ; sinon, faites vérifier ce nom auprès du service informatique.`,
    place: redactUrl(url),
    sent: false,
    ...(cause === undefined ? {} : { cause }),
  });
}
