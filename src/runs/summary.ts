import { KIND_WORDS, STATE_WORDS, type ChangeKind, type ChangeState } from '../domain/change.js';

/** "3 à compléter, 12 labels à reconfirmer" for what waits; one sentence, French, the same everywhere. */
export function summarySentence(
  changes: readonly { readonly kind: ChangeKind; readonly state: ChangeState }[],
  checkedAt: Date,
): string {
  if (changes.length === 0) {
    return `Aucun changement. Le référentiel est à jour (vérifié à ${clock(checkedAt)}).`;
  }
  const kinds = (Object.keys(KIND_WORDS) as ChangeKind[])
    .map((kind) => ({ kind, count: changes.filter((change) => change.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${KIND_PHRASES[kind]}`);
  const states = (Object.keys(STATE_WORDS) as ChangeState[])
    .map((state) => ({ state, count: changes.filter((change) => change.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${statePhrase(state, count)}`);
  return `${kinds.join(', ')} ; ${states.join(', ')}.`;
}

/** The same, when a run brought nothing new: the reassuring sentence comes first. */
export function quietSentence(
  open: readonly { readonly kind: ChangeKind; readonly state: ChangeState }[],
  checkedAt: Date,
): string {
  if (open.length === 0) return summarySentence(open, checkedAt);
  return `Aucun changement nouveau (vérifié à ${clock(checkedAt)}). Toujours en attente : ${summarySentence(open, checkedAt)}`;
}

const KIND_PHRASES: Readonly<Record<ChangeKind, string>> = {
  create: 'à créer',
  attach: 'à rattacher',
  modify: 'à modifier',
  enrich: 'à enrichir',
  withdraw: 'retrait(s) de label',
  close: 'à fermer',
};

function statePhrase(state: ChangeState, count: number): string {
  if (state === 'toReconfirm') return count > 1 ? 'labels à reconfirmer' : 'label à reconfirmer';
  if (state === 'question') return count > 1 ? 'questions posées' : 'question posée';
  return STATE_WORDS[state];
}

/** Europe/Paris, 24-hour: "06:12". */
export function clock(at: Date): string {
  return new Intl.DateTimeFormat('fr-FR', {
    timeZone: 'Europe/Paris',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}
