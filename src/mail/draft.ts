import { oneLine } from './words.js';

/** Who a message is for; which addresses that is, mail.yaml says when it is sent. */
export type Audience = 'operators' | 'reviewers' | 'all' | `establishment:${string}`;

export type MailKind =
  | 'conflict'
  | 'refused'
  | 'withdrawal'
  | 'agreement'
  | 'overdue'
  | 'failure'
  | 'recovered'
  | 'digest'
  | 'reminder';

/** One message that was decided and not yet written down. */
export interface Draft {
  readonly kind: MailKind;
  readonly audience: Audience;
  /** What it tells: the same is never told twice to the same audience. */
  readonly about: string;
  readonly subject: string;
  readonly body: string;
}

/** What the texts need to know of a region. */
export interface Place {
  readonly code: string;
  readonly name: string;
  readonly sandbox: boolean;
  /** Public address of the pages, without a slash at its end. */
  readonly publicUrl: string;
}

/** @param publicUrl of web.yaml; a server of mail is refused without it */
export function placeNamed(
  { code, name, sandbox }: Pick<Place, 'code' | 'name' | 'sandbox'>,
  publicUrl: string | null,
): Place {
  return { code, name: oneLine(name), sandbox, publicUrl: (publicUrl ?? '').replace(/\/+$/, '') };
}

export function link({ publicUrl, code }: Place, path: string): string {
  return `${publicUrl}/${code}${path}`;
}

/** The end of every message: who writes, and that nobody reads what comes back. */
export function signed(place: Place, paragraphs: readonly string[]): string {
  const trial = place.sandbox ? ['Région d’essai : rien de ceci ne concerne le vrai ROR.'] : [];
  return `${[...paragraphs, ...trial].join('\n\n')}\n\n-- \nMessage automatique de filror, région ${place.code}. Personne ne lit les réponses à cette adresse.\n`;
}
