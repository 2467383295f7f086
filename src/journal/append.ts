import type { Transaction } from '../db/handle.js';
import { insertEntries, insertEntry, type NewJournalRow } from '../db/journal.js';
import type { PersonId } from '../db/person.js';
import { canonicalText } from '../domain/json.js';

export interface JournalEntry {
  /** TRE_R30 code; null for what concerns no region (a national snapshot, a migration). */
  readonly region: string | null;
  /** Constant, greppable: `change.approved`, `apply.sent`… */
  readonly kind: string;
  /** What it is about: an offer's identifier, a change's id… */
  readonly subject: string;
  /** Null when a rule acted, not a person. */
  readonly actor: PersonId | null;
  /** What happened, the diff itself; a text is kept byte for byte, anything else as canonical JSON. */
  readonly body: unknown;
}

/**
 * Adds one entry to the chain. The last statement of the transaction that makes the change: it locks the head of
 * the journal, and everybody else waits until that transaction ends. The transaction must be READ COMMITTED
 * (the default): in a stricter one, a concurrent append is a serialisation failure.
 */
export async function append(
  trx: Transaction,
  entry: JournalEntry,
): Promise<{ readonly no: number; readonly hash: string }> {
  return insertEntry(trx, rowOf(entry));
}

/** Adds several entries in this order, in one statement: the chain is made of each as with `append`. */
export async function appendAll(trx: Transaction, entries: readonly JournalEntry[]): Promise<void> {
  await insertEntries(trx, entries.map(rowOf));
}

function rowOf({ region, kind, subject, actor, body }: JournalEntry): NewJournalRow {
  return { region, kind, subject, actor, body: typeof body === 'string' ? body : canonicalText(body) };
}
