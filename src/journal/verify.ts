import type { Db } from '../db/handle.js';
import {
  readEntries,
  readHead,
  withFrozenView,
  type JournalHeadRow,
  type JournalRow,
} from '../db/journal.js';
import { GENESIS, entryHash } from './hash.js';
import { lostHead, type JournalHead } from './head.js';

/**
 * How an entry is wrong. `changed`: its content no longer gives its hash. `missing`: its number is not there.
 * `replaced`: it is whole, but not the one that the next entry or the database's head follows. `rewritten`: the
 * chain is whole, but not the one of the exported head. `cut`: it was there when a head was taken.
 */
export type FaultKind = 'changed' | 'missing' | 'replaced' | 'rewritten' | 'cut';

export interface JournalFault {
  readonly kind: FaultKind;
  /** Number of the first wrong entry. */
  readonly no: number;
  /** Smaller than `no` when an old exported head only tells that the first wrong entry is in `from`…`no`. */
  readonly from: number;
}

export interface Verification {
  /** Entries read; with a fault, up to it. */
  readonly entries: number;
  /** The journal's end; null when it is empty. */
  readonly last: Pick<JournalRow, 'no' | 'at' | 'hash'> | null;
  readonly fault: JournalFault | null;
}

/**
 * Reads the whole journal and stops at the first wrong entry. Without an exported head, a journal that was edited
 * and chained again from there on, or cut together with the head row, cannot be told from an intact one.
 * @throws DataError `JRN_HEAD_LOST` when the database's head row is gone and no entry before is wrong.
 */
export async function verify(db: Db, exported?: JournalHead): Promise<Verification> {
  return withFrozenView(db, async (frozen) => check(readEntries(frozen), await readHead(frozen), exported));
}

async function check(
  entries: AsyncIterable<JournalRow>,
  headRow: JournalHeadRow | null,
  exported: JournalHead | undefined,
): Promise<Verification> {
  const witness = new Map(exported?.checkpoints);
  let lastWitnessed = 0;
  let last: JournalRow | null = null;
  let read = 0;
  const end = (fault: JournalFault | null): Verification => ({ entries: read, last, fault });

  for await (const entry of entries) {
    const fault = faultBetween(last, entry);
    if (fault !== null) return end(fault);
    const expected = witness.get(entry.no);
    if (expected !== undefined && expected !== entry.hash) {
      return end({ kind: 'rewritten', no: entry.no, from: lastWitnessed + 1 });
    }
    if (expected !== undefined) lastWitnessed = entry.no;
    last = entry;
    read += 1;
  }
  if (headRow === null) throw lostHead();
  return end(faultAtEnd(last, headRow, exported));
}

function faultBetween(previous: JournalRow | null, entry: JournalRow): JournalFault | null {
  const expected = (previous?.no ?? 0) + 1;
  if (entry.no !== expected) return at('missing', expected);
  if (entryHash(entry) !== entry.hash) return at('changed', entry.no);
  if (entry.prev_hash === (previous?.hash ?? GENESIS)) return null;
  // This entry is whole and remembers what it followed: the one before is not that one. The first follows nothing.
  return at('replaced', previous?.no ?? entry.no);
}

function faultAtEnd(
  last: JournalRow | null,
  headRow: JournalHeadRow,
  exported: JournalHead | undefined,
): JournalFault | null {
  const no = last?.no ?? 0;
  if (no < Math.max(headRow.no, exported?.no ?? 0)) return at('cut', no + 1);
  // Entries beyond the head row were put there without the trigger.
  if (no > headRow.no) return at('replaced', headRow.no + 1);
  return headRow.hash === (last?.hash ?? GENESIS) ? null : at('replaced', Math.max(1, no));
}

function at(kind: FaultKind, no: number): JournalFault {
  return { kind, no, from: no };
}
