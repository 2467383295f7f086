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
  undo: 'réponse reprise',
};

/** What was answered, after its kind: " : public = adulte". */
export function answerText({ kind, body }: Pick<Answer, 'kind' | 'body'>): string {
  switch (kind) {
    case 'complete': {
      const field = String(body['field']);
      const [name = field] =
        Object.entries(COMPLETABLE).find(([, known]) => String(known.field) === field) ?? [];
      return ` : ${name} = ${plain(body['value'])}`;
    }
    case 'attach':
      return ` : ${plain(body['offer'])}`;
    case 'continuity':
      return body['same'] === null ? ' : non' : ` : oui, ${plain(body['same'])}`;
    case 'withdraw':
    case 'close':
    case 'reopen':
      return `, au ${plain(body['date'])}, preuve : ${plain(body['proof'])}`;
    case 'revert':
      return ` ${plain(body['change'])}, raison : ${plain(body['reason'])}`;
    case 'match':
    case 'matchReject':
    case 'create':
    case 'undo':
      return '';
  }
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
