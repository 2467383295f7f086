import type { Answer, AnswerKind } from '../db/answers.js';
import { COMPLETABLE } from './complete.js';

export const ANSWER_WORDS: Readonly<Record<AnswerKind, string>> = {
  complete: 'valeur complétée',
  match: 'hôpital reconnu',
  matchReject: 'aucun des hôpitaux proposés',
  attach: 'rattacher à une offre',
  create: 'créer une offre',
  continuity: 'même centre ?',
  withdraw: 'perte du label déclarée',
  close: 'fermeture déclarée',
  reopen: 'retour déclaré',
  revert: 'annulation d’un changement appliqué',
  unreject: 'rejet repris',
  undo: 'réponse reprise',
};

/** What was answered, after its kind: " : public = adulte". */
export function answerText({ kind, body }: Pick<Answer, 'kind' | 'body'>): string {
  switch (kind) {
    case 'complete': {
      const field = String(body['field']);
      const [name = field] =
        Object.entries(COMPLETABLE).find(([, known]) => String(known.field) === field) ?? [];
      return ` : ${name} = ${completed(body['value'])}${proved(body)}`;
    }
    case 'attach':
      return ` : ${plain(body['offer'])}`;
    case 'continuity':
      return body['same'] === null ? ' : non' : ` : oui, ${plain(body['same'])}`;
    case 'withdraw':
    case 'close':
    case 'reopen':
      return proved(body);
    case 'revert':
    case 'unreject':
      return ` ${plain(body['change'])}, raison : ${plain(body['reason'])}`;
    case 'match':
    case 'matchReject':
    case 'create':
    case 'undo':
      return '';
  }
}

/** Contacts by their numbers and addresses, families by their codes. */
function completed(value: unknown): string {
  if (!Array.isArray(value)) return plain(value);
  return (
    value
      .map((each: unknown) =>
        plain(typeof each === 'object' && each !== null && 'value' in each ? each.value : each),
      )
      .join(', ') || 'aucun'
  );
}

/** ", au 2026-02-01, preuve : arrêté du 01/02/2026", as far as it was given. */
function proved(body: Answer['body']): string {
  return `${body['date'] === undefined ? '' : `, au ${plain(body['date'])}`}${body['proof'] === undefined ? '' : `, preuve : ${plain(body['proof'])}`}`;
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
