import { UNREAD, type AsideRow } from '../domain/rows.js';

/** What the delivery before this one set aside, and what was already held for it. */
export interface HeldBefore {
  readonly faults: ReadonlySet<string>;
  readonly doubtful: ReadonlySet<string>;
}

/** Keys that stay as they were, because a row that could not be read may be theirs (rule 3 of DESIGN 6). */
export interface Held {
  readonly keys: readonly string[];
  /** Those of `keys` that no row set aside clearly names: any of `by` may be theirs. */
  readonly doubtful: readonly string[];
  /** A row for each reason to doubt. */
  readonly by: readonly AsideRow[];
}

/**
 * Which of the keys that no row says any more are still in the file, under a row set aside? First those whose parts the
 * row gives, a part that could not be read agreeing with anything. A row that names none of them may be one of them all
 * the same, renamed or badly damaged: then every lost key that shares something with it is held. A row that stood so in
 * the delivery before, beside the key, is not that key: a lasting fault must not stop withdrawals for ever.
 * @param lost open keys that the delivery does not say
 */
export function hold(lost: readonly string[], aside: readonly AsideRow[], before: HeldBefore): Held {
  const clear = new Set<string>();
  const unplaced: AsideRow[] = [];
  const near = byFirstPart(lost);
  for (const row of aside) {
    const named = saysNothing(row) ? [] : near(row).filter((key) => names(row, key));
    for (const key of named) clear.add(key);
    if (named.length === 0 && !SPEAKS_OF_NONE.has(row.code)) unplaced.push(row);
  }
  const lasting = unplaced.filter((row) => before.faults.has(faultIdentity(row)));
  const fresh = unplaced.filter((row) => !before.faults.has(faultIdentity(row)));
  const anybody = { lasting: lasting.filter(isAnybody), fresh: fresh.filter(isAnybody) };
  const by = new Set<AsideRow>();
  const doubtful = lost.filter((key) => {
    if (clear.has(key)) return false;
    const [rows, wide] = before.doubtful.has(key)
      ? [unplaced, [...anybody.fresh, ...anybody.lasting]]
      : [fresh, anybody.fresh];
    const row = wide[0] ?? rows.find((each) => mayBe(each, key));
    if (row !== undefined) by.add(row);
    return row !== undefined;
  });
  return { keys: [...clear, ...doubtful].sort(), doubtful, by: [...by] };
}

/** Registers have one part in a key and may have as many faults as lines: a whole key is looked up, not searched. */
function byFirstPart(lost: readonly string[]): (row: AsideRow) => readonly string[] {
  const index = new Map<string, string[]>();
  for (const key of lost) {
    const first = cut(key).parts[0] ?? '';
    const known = index.get(first);
    if (known === undefined) index.set(first, [key]);
    else known.push(key);
  }
  return (row) => {
    const first = row.key === undefined ? UNREAD : (cut(row.key).parts[0] ?? UNREAD);
    return first === UNREAD ? lost : (index.get(first) ?? []);
  };
}

/** A row of which nothing tells which entries it cannot be. */
function isAnybody(row: AsideRow): boolean {
  return row.key === undefined || cut(row.key).parts.includes(UNREAD);
}

/** The same row with the same fault, wherever it stands. */
export function faultIdentity(row: Pick<AsideRow, 'code' | 'key' | 'value'>): string {
  return [row.code, row.key ?? '', row.value ?? ''].join('\n');
}

/** Repeated headers and doubles of a row that was kept: no centre stands only there. */
const SPEAKS_OF_NONE: ReadonlySet<string> = new Set(['HEADER_REPEATED', 'DUPLICATE']);

function names(row: AsideRow, key: string): boolean {
  const wanted = cut(key);
  if (row.key === undefined) return wanted.parts.every((part) => (row.words ?? []).includes(part));
  const said = cut(row.key);
  return (
    said.parts.length === wanted.parts.length &&
    said.parts.every((part, i) => part === UNREAD || part === plain(wanted.parts[i], part)) &&
    (said.public === '' || wanted.public === '' || said.public === wanted.public) &&
    (said.campaign === '' || said.campaign === wanted.campaign)
  );
}

/** `hospital/town` of neighbours written alike is `hospital` for a row that does not tell which. */
function plain(wanted: string | undefined, said: string): string | undefined {
  return said.includes('/') ? wanted : wanted?.split('/')[0];
}

function saysNothing(row: AsideRow): boolean {
  return row.key !== undefined && cut(row.key).parts.every((part) => part === UNREAD);
}

function mayBe(row: AsideRow, key: string): boolean {
  const wanted = cut(key);
  return isAnybody(row) || cut(row.key ?? '').parts.some((part, i) => part === wanted.parts[i]);
}

/** `part|part#public@campaign`, the last two often absent. */
function cut(key: string): { parts: readonly string[]; public: string; campaign: string } {
  const [long = '', campaign = ''] = key.split('@');
  const [base = '', taken = ''] = long.split('#');
  return { parts: base.split('|'), public: taken, campaign };
}
