import type { ChangeState, ElementChange, Reason } from '../domain/change.js';

/**
 * The one state of a change, all its reasons being shown beside it. A label of an older campaign comes first: nothing
 * is worth completing before it is reconfirmed. Then what nobody can decide for the person: the hospital, the
 * identity of a centre; then missing values; then "rattacher ou créer ?"; then conflicts.
 */
export function stateOf(reasons: readonly Reason[], elements: readonly ElementChange[]): ChangeState {
  const blocking = reasons.filter((reason) => reason.blocking);
  const has = (...codes: readonly Reason['code'][]): boolean =>
    blocking.some((reason) => codes.includes(reason.code));
  if (has('labelToReconfirm')) return 'toReconfirm';
  if (has('establishment', 'continuity', 'twin')) return 'question';
  if (has('missing', 'proof')) return 'toComplete';
  if (has('attachOrCreate', 'levelClash', 'codeRetired', 'duplicateOffer', 'duplicateProvider'))
    return 'question';
  if (elements.some((element) => element.conflict)) return 'conflict';
  if (blocking.length > 0) return 'toComplete';
  return 'proposed';
}
