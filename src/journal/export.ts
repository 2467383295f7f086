import type { Db } from '../db/handle.js';
import { readEntries, withFrozenView } from '../db/journal.js';

/**
 * Gives every entry, in order, to `write`, as one line of JSON each (NDJSON, `\n` included). `body` is the hashed
 * text as a string: a third party recomputes the chain with the recipe of `hash.ts`. Returns the number of entries.
 * `write` may return a promise, to hold the reading back until its own output has drained.
 */
export async function exportJournal(db: Db, write: (line: string) => Promise<void> | void): Promise<number> {
  return withFrozenView(db, async (frozen) => {
    let count = 0;
    for await (const entry of readEntries(frozen)) {
      await write(`${JSON.stringify(entry)}\n`);
      count += 1;
    }
    return count;
  });
}
