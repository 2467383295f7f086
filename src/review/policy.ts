import type { ReviewConfig } from '../config/schema/review.js';
import type { ElementChange, PlannedChange } from '../domain/change.js';
import type { Json } from '../domain/json.js';
import { parseBlock } from '../ror/comment.js';

/** Name, establishment and level of expertise: no configuration takes them away (DESIGN 10). */
const IDENTITY = ['name', 'providedBy', 'characteristic[expertiseLevel]'] as const;
const SERVED_LABEL = 'served.label[';
const BLOCK = 'comment[';

/**
 * How many distinct people, none of them an author, must approve. Withdrawals and closures always two; so is a change
 * of what identifies an offer already described by us: name, establishment, level of the label. The ROR knows two
 * levels only: between constitutif and coordonnateur, or CCMR and CRC, the label changes in our block and in the
 * served fact while the code stays.
 */
export function quorumFor(change: Pick<PlannedChange, 'kind' | 'elements'>, config: ReviewConfig): number {
  const byKind = config.quorum[change.kind];
  if (change.kind !== 'modify' && change.kind !== 'enrich') return byKind;
  const names = [...IDENTITY, ...config.identityElements];
  const identity = change.elements.some(
    (element) => names.some((name) => isOf(element.key, name)) || isOtherLabel(element),
  );
  return identity ? Math.max(2, byKind) : byKind;
}

/** `telecom` names `telecom#…`, `telecom[…]` and `telecom.…`, not `telecommunication`. */
function isOf(key: string, name: string): boolean {
  return key === name || (key.startsWith(name) && '#[.~'.includes(key.charAt(name.length)));
}

/** A label that stood there and is another one now, or is no more. A centre that only comes is no change of label. */
function isOtherLabel(element: ElementChange): boolean {
  const { key, before, after } = element;
  if (before === undefined) return false;
  if (key.startsWith(SERVED_LABEL)) return before !== after;
  return key.startsWith(BLOCK) && labelOf(before) !== labelOf(after);
}

/** Null when the value is no block of ours, or there is none. */
function labelOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? (parseBlock(value)?.label ?? null) : null;
}
