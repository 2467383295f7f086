import type { HeldValue, ObservationRef, SaidField } from '../consolidate/centre.js';
import { keyOf } from '../consolidate/identity.js';
import { RANKED_FIELDS } from '../domain/ranked-fields.js';
import type { Dampable } from './damping.js';
import type { LostRow } from './material.js';
import { SAID, type Swing } from './swings-of.js';

/**
 * Rows that come and go, as they stood before. One that stood there stays; one that never did waits outside, neither
 * planned nor lost. A centre that its source still says by another row has not gone; and no centre that stands on an offer
 * leaves it because a row swings.
 */
export function heldRows(
  given: Dampable,
  swings: readonly Swing[],
): { readonly observations: readonly ObservationRef[]; readonly lost: readonly LostRow[] } {
  const present = new Map(given.observations.map((ref) => [keyOf(ref), ref]));
  const lost = new Map(given.lost.map((row) => [keyOf(row.ref), row]));
  const groups = new Map<string, Swing[]>();
  for (const swing of swings.filter(({ field }) => field === 'row')) {
    const name = `${swing.source}|${swing.centre ?? swing.key}`;
    groups.set(name, [...(groups.get(name) ?? []), swing]);
  }
  for (const members of groups.values()) {
    const [one] = members;
    if (one === undefined) continue;
    const { source, centre } = one;
    const keys = new Set(members.map(keyOf));
    const steady = [...present.values()].some(
      (ref) =>
        ref.source === source &&
        centre !== null &&
        given.keys.get(keyOf(ref)) === centre &&
        !keys.has(keyOf(ref)),
    );
    const stood = members.filter(({ swing }) => swing.stable.value === SAID);
    const linked = centre !== null && given.linked.has(centre);
    if (stood.length === 0 && !steady && linked) {
      if (![...keys].some((key) => present.has(key)))
        revive(members.toSorted(latest).slice(0, 1), present, lost);
      continue;
    }
    for (const swing of members) if (!stood.includes(swing)) present.delete(keyOf(swing));
    if (!steady) revive(stood, present, lost);
  }
  return { observations: [...present.values()], lost: [...lost.values()] };
}

function latest(a: Swing, b: Swing): number {
  return (b.rows.at(-1)?.closed ?? 0) - (a.rows.at(-1)?.closed ?? 0) || (a.key < b.key ? -1 : 1);
}

function revive(
  swings: readonly Swing[],
  present: Map<string, ObservationRef>,
  lost: Map<string, LostRow>,
): void {
  for (const { source, key, rows } of swings) {
    const name = keyOf({ source, key });
    const gone = lost.get(name);
    const last = rows.at(-1);
    if (gone === undefined || last === undefined || present.has(name)) continue;
    const { importedBy, ...from } = last.from;
    const held: HeldValue = { now: null, from, importedBy };
    const said: SaidField = { since: from.date, isNew: false, held };
    present.set(name, { ...gone.ref, said: new Map(RANKED_FIELDS.map((field) => [field, said])) });
    lost.delete(name);
  }
}
