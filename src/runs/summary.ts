import { KIND_WORDS, STATE_WORDS, type ChangeKind, type ChangeState } from '../domain/change.js';
import { momentText, parisClock, parisDay } from '../domain/time.js';

export type Pending = readonly { readonly kind: ChangeKind; readonly state: ChangeState }[];

/** What "nothing to do" rests on: the sentence must not reassure beyond it. */
export interface Standing {
  /** When lists and repository were last compared: the last synchronisation, never an answer or a look at the list. */
  readonly checkedAt: Date;
  readonly now: Date;
  /** False when the repository could not be read then: the plan rests on an older reading, or on none. */
  readonly repositoryRead: boolean;
  /** Offers that filror wrote and that are no longer in the repository. */
  readonly gone: number;
  /** Changes that people rejected and that would otherwise be proposed. */
  readonly rejected: number;
}

/** "3 à compléter, 12 labels à reconfirmer" for what waits; one sentence, French, the same everywhere. */
export function summarySentence(changes: Pending, standing: Standing): string {
  return changes.length === 0 ? nothingToDo(standing) : pendingSentence(changes);
}

/** The same when something waits: it rests on nothing else. @param changes one at least */
export function pendingSentence(changes: Pending): string {
  const kinds = new Map<ChangeKind, number>();
  const states = new Map<ChangeState, number>();
  for (const { kind, state } of changes) {
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  const said = [
    (Object.keys(KIND_WORDS) as ChangeKind[]).flatMap((kind) => {
      const count = kinds.get(kind);
      return count === undefined ? [] : [`${count} ${kindPhrase(kind, count)}`];
    }),
    (Object.keys(STATE_WORDS) as ChangeState[]).flatMap((state) => {
      const count = states.get(state);
      return count === undefined ? [] : [`${count} ${statePhrase(state, count)}`];
    }),
  ];
  return `${said.map((phrases) => phrases.join(', ')).join(' ; ')}.`;
}

/** The same, when a run brought nothing new: the reassuring sentence comes first. */
export function quietSentence(open: Pending, standing: Standing): string {
  if (open.length === 0) return nothingToDo(standing);
  return `Aucun changement nouveau (${checked(standing)}). Toujours en attente : ${summarySentence(open, standing)}`;
}

/** "À jour" only when the repository was read, holds what was written, and nobody refused a change of it. */
function nothingToDo(standing: Standing): string {
  const { gone, rejected, repositoryRead } = standing;
  const but: string[] = [];
  if (!repositoryRead) but.push('le répertoire n’a pas été relu');
  if (gone > 0) {
    but.push(
      gone > 1 ? `${gone} offres écrites par filror n’y sont plus` : '1 offre écrite par filror n’y est plus',
    );
  }
  if (rejected > 0) {
    but.push(
      rejected > 1
        ? `${rejected} changements rejetés ne sont pas proposés de nouveau`
        : '1 changement rejeté n’est pas proposé de nouveau',
    );
  }
  return but.length === 0
    ? `Aucun changement. Le référentiel est à jour (${checked(standing)}).`
    : `Aucun changement à proposer (${checked(standing)}), mais ${but.join(' ; ')}.`;
}

const KIND_PHRASES: Readonly<Record<ChangeKind, string>> = {
  create: 'à créer',
  attach: 'à rattacher',
  modify: 'à modifier',
  enrich: 'à enrichir',
  withdraw: 'retrait de label',
  close: 'à fermer',
};

function kindPhrase(kind: ChangeKind, count: number): string {
  return kind === 'withdraw' && count > 1 ? 'retraits de label' : KIND_PHRASES[kind];
}

function statePhrase(state: ChangeState, count: number): string {
  if (state === 'toReconfirm') return count > 1 ? 'labels à reconfirmer' : 'label à reconfirmer';
  if (state === 'question') return count > 1 ? 'questions posées' : 'question posée';
  if ((state === 'approved' || state === 'uncertain') && count > 1) return `${STATE_WORDS[state]}s`;
  return STATE_WORDS[state];
}

/** "vérifié à 06:12", with its day when that is not today. */
function checked({ checkedAt, now }: Standing): string {
  return parisDay(checkedAt) === parisDay(now)
    ? `vérifié à ${parisClock(checkedAt)}`
    : `vérifié le ${momentText(checkedAt)}`;
}
