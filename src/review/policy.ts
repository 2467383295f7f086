import type { ReviewConfig } from '../config/schema/review.js';
import type { PlannedChange } from '../domain/change.js';

/**
 * How many distinct people, none of them an author, must approve. Withdrawals and closures always two; so is a change
 * of an element that identifies an offer already described by us (name, establishment, label level).
 */
export function quorumFor(change: Pick<PlannedChange, 'kind' | 'elements'>, config: ReviewConfig): number {
  const byKind = config.quorum[change.kind];
  if (change.kind !== 'modify') return byKind;
  const identity = change.elements.some((element) =>
    config.identityElements.some((name) => element.key === name || element.key.startsWith(`${name}#`)),
  );
  return identity ? Math.max(2, byKind) : byKind;
}
