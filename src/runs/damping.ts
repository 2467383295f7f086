import type { ObservationRef, SaidField } from '../consolidate/centre.js';
import { keyOf } from '../consolidate/identity.js';
import { tokenOf, valueOf, withValue } from '../consolidate/said.js';
import type { SwingRules } from '../domain/gates.js';
import type { CentreId } from '../domain/ids.js';
import { RANKED_FIELDS, type RankedField } from '../domain/ranked-fields.js';
import type { SourceHistory } from './histories.js';
import type { LostRow, Material } from './material.js';
import { heldRows } from './row-swings.js';
import { flapOf, rowAt, swingsOf, type Flap, type Swing } from './swings-of.js';

/** Rows of lists with all that says whether they swing; the whole region, or one centre. */
export interface Dampable extends Pick<Material, 'answers'> {
  readonly observations: readonly ObservationRef[];
  readonly lost: readonly LostRow[];
  readonly histories: readonly SourceHistory[];
  /** Delivery in which each key first appeared. */
  readonly firstSeen: ReadonlyMap<string, number>;
  /** Centre of each `source|key`, after the answers about continuity. */
  readonly keys: ReadonlyMap<string, CentreId>;
  /** Centres that stand on an offer. */
  readonly linked: ReadonlySet<CentreId>;
  readonly rules: SwingRules;
  readonly now: Date;
}

export interface Damped {
  readonly observations: readonly ObservationRef[];
  readonly lost: readonly LostRow[];
  readonly flaps: readonly Flap[];
}

/**
 * Puts the last stable value in the place of one that swings (`swings.ts` says when it does, and for how long), and the
 * row that stood in the place of one that comes and goes. What a person declared or completed is never held back: where
 * somebody decided, the source is followed and the swing only told.
 */
export function damp(given: Dampable): Damped {
  const swings = given.histories.flatMap((history) => swingsOf(history, given));
  const held = swings.filter(({ state }) => state === 'held');
  const rows = heldRows(given, held);
  const said = new Map(given.histories.map((history) => [history.source, history]));
  const damped = (ref: ObservationRef): ObservationRef =>
    heldFields(withSince(ref, said.get(ref.source), given), held);
  return {
    observations: rows.observations.map(damped),
    lost: rows.lost,
    flaps: swings.map(flapOf).sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)),
  };
}

function orderOf({ source, key, field }: Flap): string {
  return `${source}|${key}|${field}`;
}

/** Since when each field says what it says: a row whose campaign changed did not change its public. */
function withSince(
  ref: ObservationRef,
  history: SourceHistory | undefined,
  { firstSeen }: Dampable,
): ObservationRef {
  const before = history?.deliveries.at(-2)?.no ?? 0;
  const rows = history?.keys.get(ref.key);
  const said = new Map<RankedField, SaidField>(ref.said);
  if (rows === undefined) {
    // The row never changed: every field is as old as it.
    const all = { since: ref.date, isNew: (firstSeen.get(keyOf(ref)) ?? 0) > before, held: null };
    for (const field of RANKED_FIELDS) if (!said.has(field)) said.set(field, all);
    return { ...ref, said };
  }
  for (const field of RANKED_FIELDS) {
    if (said.has(field)) continue;
    const token = tokenOf(ref.observation, field);
    let { date: since } = ref;
    let first = 0;
    // Backwards while the rows follow one another and say the same.
    for (const row of rows.toReversed()) {
      const follows = row.closed === null || row.closed === first;
      if (!follows || tokenOf(row.observation, field) !== token) break;
      ({ first } = row);
      since = row.from.date;
    }
    said.set(field, { since, isNew: first > before, held: null });
  }
  return { ...ref, said };
}

function heldFields(ref: ObservationRef, swings: readonly Swing[]): ObservationRef {
  const own = swings.filter(({ source, key }) => source === ref.source && key === ref.key);
  let { observation } = ref;
  const said = new Map(ref.said);
  for (const { field, rows, swing } of own) {
    const row = rowAt(rows, swing.stable.delivery);
    if (field === 'row' || row === null) continue;
    const { importedBy, ...from } = row.from;
    const now = said.get(field)?.held?.now === null ? null : valueOf(observation, field);
    observation = withValue(observation, field, valueOf(row.observation, field));
    said.set(field, { since: from.date, isNew: false, held: { now, from, importedBy } });
  }
  return own.length === 0 ? ref : { ...ref, observation, said };
}
