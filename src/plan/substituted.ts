import type { Json } from '../domain/json.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';
import type { ComparedElement } from './three-way.js';

/** What we had written, and what others put in its place. */
export interface Substitution {
  readonly was: Json;
  readonly now: Json;
}

/** A contact up to its address: `extension[contact]#07+2/0231…` and a mailbox of one channel. */
const GROUP = /^(?:extension\[contact\]#[^/]*\/|telecom#[^|]*\|)/;

/**
 * The key of a contact holds its address, so that a number changed by both sides is three keys: ours of before, which
 * the repository no longer has and we no longer want; theirs; ours of now. Seen one by one they are no conflict; seen
 * together both sides changed one thing (DESIGN 5: conflict, three columns), and the hospital's number is kept.
 * @param key a contact that is proposed to be added
 */
export function substituted(
  key: ElementKey,
  outcomes: readonly ComparedElement[],
  remote: ReadonlyMap<ElementKey, OfferElement>,
): Substitution | null {
  const group = GROUP.exec(key)?.[0];
  if (group === undefined) return null;
  const ours = new Map(outcomes.map((each) => [each.key, each]));
  const was = outcomes.find((each) => each.key.startsWith(group) && isGone(each))?.base;
  const [theirs] = [...remote.keys()].filter((each) => each.startsWith(group) && !ours.has(each)).sort();
  const now = theirs === undefined ? undefined : remote.get(theirs)?.value;
  return was === undefined || now === undefined ? null : { was, now };
}

const isGone = ({ based, base, remote, desired }: ComparedElement): boolean =>
  based && base !== undefined && remote === undefined && desired === undefined;
