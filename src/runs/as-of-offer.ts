import type { AppliedRow, LinkEvent, OfferVersion } from '../db/as-of.js';
import type { Json } from '../domain/json.js';
import type { ElementKey } from '../domain/offer.js';
import { withLists } from '../ror/arrays.js';
import { parseBody } from '../ror/body.js';
import { elementsOf } from '../ror/elements.js';
import { saysTheSame } from '../ror/equality.js';

/** What filror had read of an offer at an instant. */
export type OfferAt =
  /** @param first when it was first read, later than that; null: never */
  | { readonly kind: 'unread'; readonly first: Date | null }
  | {
      readonly kind: 'read';
      readonly version: OfferVersion;
      /** Other resources that bore the same number then. */
      readonly twins: number;
    }
  /** @param how a whole reading no longer found it, or the resource bears another number */
  | { readonly kind: 'gone'; readonly since: Date; readonly how: 'unseen' | 'renumbered' };

/**
 * The last version recorded by an instant, compared in the order of recording: a clock that was set back changes
 * nothing to what was known last.
 * @param versions of every resource that ever bore the number, in the order of recording
 */
export function offerAt(versions: readonly OfferVersion[], identifier: string, instant: Date): OfferAt {
  const latest = new Map<string, OfferVersion>();
  const bearers = new Set<string>();
  for (const version of versions) {
    if (version.seenAt.getTime() > instant.getTime()) continue;
    latest.set(version.remoteId, version);
    if (version.identifier === identifier) bearers.add(version.remoteId);
  }
  const last = [...latest.values()].filter(({ remoteId }) => bearers.has(remoteId));
  const standing = last.filter((each) => !each.gone && each.identifier === identifier).sort(byNo);
  const version = standing.at(-1);
  if (version !== undefined) return { kind: 'read', version, twins: standing.length - 1 };
  const end = last.sort(byNo).at(-1);
  if (end !== undefined) return { kind: 'gone', since: end.seenAt, how: end.gone ? 'unseen' : 'renumbered' };
  const first = versions.find((each) => each.identifier === identifier && !each.gone);
  return { kind: 'unread', first: first?.seenAt ?? null };
}

function byNo(a: OfferVersion, b: OfferVersion): number {
  return a.no - b.no;
}

export type Elements = ReadonlyMap<ElementKey, Json>;

/** What a text of the repository says, element by element; nothing when there is no text. */
export function elementsIn(body: string | null): Elements {
  if (body === null) return new Map();
  return new Map([...elementsOf(withLists(parseBody(body)))].map(([key, { value }]) => [key, value]));
}

export interface ElementDifference {
  readonly key: ElementKey;
  /** Absent: nothing was said. */
  readonly older?: Json;
  readonly newer?: Json;
}

/** Elements that do not say the same: the others are left out. */
export function differences(older: Elements, newer: Elements): ElementDifference[] {
  return [...new Set([...older.keys(), ...newer.keys()])].flatMap((key) => {
    const [a, b] = [older.get(key), newer.get(key)];
    if (a !== undefined && b !== undefined && saysTheSame(a, b)) return [];
    return [{ key, ...(a === undefined ? {} : { older: a }), ...(b === undefined ? {} : { newer: b }) }];
  });
}

/** What of an offer was ours at an instant: the last row of each element, unless it was taken back. */
export function appliedAt(
  rows: readonly AppliedRow[],
  identifier: string,
  instant: Date,
): ReadonlyMap<ElementKey, AppliedRow> {
  const latest = new Map<ElementKey, AppliedRow>();
  for (const row of rows)
    if (row.identifier === identifier && row.at.getTime() <= instant.getTime()) latest.set(row.key, row);
  return new Map([...latest].filter(([, { readBack }]) => readBack !== null));
}

/** Whether a value that the ROR says is the one that filror wrote, was written by filror and changed since, or is not ours. */
export function writer(
  ours: ReadonlyMap<ElementKey, AppliedRow>,
  key: ElementKey,
  value: Json,
): 'filror' | 'changedSince' | 'others' {
  const row = ours.get(key);
  if (row === undefined || row.readBack === null || row.channel === 'served') return 'others';
  return saysTheSame(row.readBack, value) ? 'filror' : 'changedSince';
}

/** What filror had written and the ROR no longer said. */
export function lost(ours: ReadonlyMap<ElementKey, AppliedRow>, said: Elements): readonly AppliedRow[] {
  return [...ours.values()].filter(({ key, channel }) => channel === 'ror' && !said.has(key));
}

/** What a centre was to an offer at an instant. */
export type LinkAt = 'linked' | 'left' | 'notYet' | 'unknown';

export function linkAt(
  links: readonly LinkEvent[],
  { centre, identifier }: Pick<LinkEvent, 'centre' | 'identifier'>,
  instant: Date,
): { readonly link: LinkAt; readonly since: Date | null } {
  const own = links.filter((each) => each.centre === centre && each.identifier === identifier);
  if (own.some(({ at }) => at === null)) return { link: 'unknown', since: null };
  const past = own.filter(({ at }) => (at?.getTime() ?? Infinity) <= instant.getTime());
  const last = past.at(-1);
  if (last === undefined) return { link: 'notYet', since: null };
  // Joined again and again by each writing: since the first one after it was last outside.
  const outside = past.findLastIndex(({ linked }) => linked !== last.linked);
  return { link: last.linked ? 'linked' : 'left', since: past[outside + 1]?.at ?? null };
}
