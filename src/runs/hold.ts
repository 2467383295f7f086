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
  for (const row of aside) {
    const named = lost.filter((key) => names(row, key));
    for (const key of named) clear.add(key);
    if (named.length === 0 && !SPEAKS_OF_NONE.has(row.code)) unplaced.push(row);
  }
  const by = new Set<AsideRow>();
  const doubtful = lost.filter((key) => {
    if (clear.has(key)) return false;
    const rows = unplaced.filter(
      (row) => mayBe(row, key) && (!before.faults.has(faultIdentity(row)) || before.doubtful.has(key)),
    );
    for (const row of rows) by.add(row);
    return rows.length > 0;
  });
  return { keys: [...clear, ...doubtful].sort(), doubtful, by: [...by] };
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
    said.parts.some((part) => part !== UNREAD) &&
    said.parts.length === wanted.parts.length &&
    said.parts.every((part, i) => part === UNREAD || part === wanted.parts[i]) &&
    (said.public === '' || wanted.public === '' || said.public === wanted.public) &&
    (said.campaign === '' || said.campaign === wanted.campaign)
  );
}

function mayBe(row: AsideRow, key: string): boolean {
  if (row.key === undefined) return true;
  const wanted = cut(key);
  return cut(row.key).parts.some((part, i) => part === UNREAD || part === wanted.parts[i]);
}

/** `part|part#public@campaign`, the last two often absent. */
function cut(key: string): { parts: readonly string[]; public: string; campaign: string } {
  const [long = '', campaign = ''] = key.split('@');
  const [base = '', taken = ''] = long.split('#');
  return { parts: base.split('|'), public: taken, campaign };
}
