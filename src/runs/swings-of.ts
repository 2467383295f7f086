import { tokenOf, valueOf } from '../consolidate/said.js';
import { swinging, type Step, type Swinging } from '../consolidate/swings.js';
import type { Answer } from '../db/answers.js';
import { fieldText } from '../domain/field-words.js';
import type { CentreId } from '../domain/ids.js';
import { RANKED_FIELDS, type RankedField } from '../domain/ranked-fields.js';
import type { Dampable } from './damping.js';
import type { PastRow, SourceHistory } from './histories.js';

/** `row`: the row itself comes and goes. */
export type SwingField = RankedField | 'row';

/** The value of a step of a row that is there; of one that is not, ''. */
export const SAID = 'said';

/** Something that swings in a list, with what it rests on. */
export interface Swing {
  readonly source: string;
  readonly key: string;
  readonly centre: CentreId | null;
  readonly field: SwingField;
  readonly rows: readonly PastRow[];
  readonly swing: Swinging;
  /** `decided`: a person gave the value, or declared the departure or the return, since it began. */
  readonly state: Swinging['state'] | 'decided';
}

/** The same as it is stored with the run and told: days and words. */
export interface Flap {
  readonly source: string;
  readonly key: string;
  readonly centre: CentreId | null;
  readonly title: string;
  readonly field: SwingField;
  readonly state: Swing['state'];
  readonly kept: string;
  /** What each delivery that changed it said, from the stable value on; the present one last. */
  readonly swings: readonly { readonly date: string; readonly says: string }[];
  /** Day on which it was found out, and last day on which a value is held. */
  readonly since: string;
  readonly limit: string;
  /** Instant from which the same lists give another plan. */
  readonly until: string;
}

export function swingsOf({ source, deliveries, keys }: SourceHistory, given: Dampable): Swing[] {
  const { rules, now } = given;
  const found: Swing[] = [];
  for (const [key, rows] of keys) {
    const centre = given.keys.get(`${source}|${key}`) ?? null;
    const said = deliveries.map(({ no, at }) => ({ delivery: no, at, row: rowAt(rows, no) }));
    const follow = (field: SwingField, steps: readonly Step[]): void => {
      const swing = swinging(steps, rules, now);
      if (swing === null) return;
      const state = isDecided(given.answers, centre, field, swing) ? 'decided' : swing.state;
      found.push({ source, key, centre, field, rows, swing, state });
    };
    follow(
      'row',
      said.map(({ delivery, at, row }) => ({ delivery, at, value: row === null ? '' : SAID })),
    );
    for (const field of RANKED_FIELDS)
      follow(
        field,
        said.flatMap(({ delivery, at, row }) =>
          row === null ? [] : [{ delivery, at, value: tokenOf(row.observation, field) }],
        ),
      );
  }
  return found;
}

/** What a delivery said under the key of these rows; null when it said nothing. */
export function rowAt(rows: readonly PastRow[], delivery: number): PastRow | null {
  return (
    rows.find(({ first, closed }) => first <= delivery && (closed === null || closed > delivery)) ?? null
  );
}

/** Completions that settle a field whatever the source says; a reconfirmed campaign says nothing of the level. */
const SETTLED_BY: Readonly<Partial<Record<SwingField, readonly string[]>>> = {
  public: ['public'],
  establishment: ['site', 'establishment'],
  row: ['proof'],
};
const DECLARED: readonly Answer['kind'][] = ['withdraw', 'close', 'reopen'];

function isDecided(
  answers: readonly Answer[],
  centre: CentreId | null,
  field: SwingField,
  { swings }: Swinging,
): boolean {
  const began = swings[1]?.at ?? swings[0]?.at;
  return answers.some(({ kind, subject, body, at }) => {
    if (subject !== centre) return false;
    const settles =
      kind === 'complete'
        ? (SETTLED_BY[field]?.includes(String(body['field'])) ?? false)
        : field === 'row' && DECLARED.includes(kind);
    // A value stands whenever it was given; a departure is that of its day.
    return settles && (field !== 'row' || (began !== undefined && at >= began));
  });
}

export function flapOf({ source, key, centre, field, rows, swing, state }: Swing): Flap {
  const says = ({ delivery, value }: Step): string => {
    const row = rowAt(rows, delivery);
    if (field === 'row') return value === SAID ? 'présente' : 'absente';
    return row === null ? 'rien' : fieldText(field, valueOf(row.observation, field));
  };
  return {
    ...{ source, key, centre, field, state },
    title: rows.at(-1)?.observation.title ?? key,
    kept: says(swing.stable),
    swings: swing.swings.map((step) => ({ date: dayOf(step.at), says: says(step) })),
    since: dayOf(swing.since),
    limit: dayOf(swing.limit),
    until: swing.until.toISOString(),
  };
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
