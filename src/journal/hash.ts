import type { JournalRow } from '../db/journal.js';
import { sha256 } from '../domain/json.js';

/** What the first entry follows. */
export const GENESIS = '0'.repeat(64);

/** The fields that an entry's hash covers: all of them but the hash. */
export type HashedFields = Omit<JournalRow, 'hash'>;

/**
 * The text that is hashed: for each field, `<bytes in UTF-8>:<value>,`, or `-,` when null (netstrings). No two
 * entries give the same text, whatever their values hold. The same in SQL: journal_hash() in
 * sql/0001_roles_and_journal.sql; two implementations, so that neither is its own witness.
 */
export function hashedText(entry: HashedFields): string {
  return [
    'filror.journal/1',
    String(entry.no),
    entry.at,
    entry.region,
    entry.kind,
    entry.subject,
    entry.actor,
    entry.body,
    entry.prev_hash,
  ]
    .map((value) => (value === null ? '-,' : `${Buffer.byteLength(value, 'utf8')}:${value},`))
    .join('');
}

/** SHA-256 in lower-case hexadecimal. */
export function entryHash(entry: HashedFields): string {
  return sha256(hashedText(entry));
}
