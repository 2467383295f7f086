import type { StoredChange } from '../db/changes.js';
import { displayNames } from '../db/people.js';
import type { Db } from '../db/types.js';
import type { PersonId } from '../domain/ids.js';

/**
 * Changes as people see them: where a value rests on someone's decision, the key of that person gives way to the name.
 * What is stored, hashed and journalled keeps the key alone, so that a name can be erased (DESIGN 5).
 */
export async function withNames(db: Db, changes: readonly StoredChange[]): Promise<StoredChange[]> {
  const names = await deciders(db, changes);
  return names.size === 0 ? [...changes] : changes.map((change) => withName(change, names));
}

/** Names of those on whose decisions the values of some changes rest. */
export async function deciders(
  db: Db,
  changes: readonly StoredChange[],
): Promise<ReadonlyMap<string, string>> {
  const people = changes.flatMap((change) =>
    change.elements.flatMap((element) =>
      element.provenance.flatMap((each) => (each.kind === 'decision' ? [each.origin as PersonId] : [])),
    ),
  );
  return people.length === 0 ? new Map() : await displayNames(db, [...new Set(people)]);
}

/** One change, `names` in the place of the keys of people. */
export function withName(change: StoredChange, names: ReadonlyMap<string, string>): StoredChange {
  const elements = change.elements.map((element) => ({
    ...element,
    provenance: element.provenance.map((each) =>
      each.kind === 'decision' ? { ...each, origin: names.get(each.origin) ?? 'personne effacée' } : each,
    ),
  }));
  return { ...change, elements };
}
