import { isTypeName } from './model.js';
import { INCLUDES, type Include } from './search-params.js';
import type { Store, Stored } from './store.js';

/**
 * Resources that the includes add to one page of matches, each once, matches excluded. `:iterate` changes nothing: the
 * ROR's own samples write `_include=PractitionerRole:practitioner` after a `_revinclude` without it.
 */
export function includedWith(
  store: Store,
  query: { readonly includes: readonly Include[]; readonly revincludes: readonly Include[] },
  matches: readonly Stored[],
): readonly Stored[] {
  const seen = new Set(matches.map((stored) => `${stored.type}/${stored.id}`));
  const added: Stored[] = [];
  for (const queue: Stored[] = [...matches]; queue.length > 0;) {
    const stored = queue.shift() as Stored;
    const forward = query.includes
      .filter((include) => include.from === stored.type)
      .flatMap((include) => include.read(stored.body).map((reference) => resolve(store, reference)));
    const backward = query.revincludes
      .filter((include) => include.to.includes(stored.type))
      .flatMap((include) => referringTo(store, include, stored));
    for (const other of [...forward, ...backward]) {
      if (other === undefined || seen.has(`${other.type}/${other.id}`)) continue;
      seen.add(`${other.type}/${other.id}`);
      added.push(other);
      queue.push(other);
    }
  }
  return added;
}

export function referringTo(store: Store, include: Include, target: Stored): readonly Stored[] {
  const reference = `${target.type}/${target.id}`;
  return Array.from(store.all(include.from)).filter((stored) =>
    include.read(stored.body).includes(reference),
  );
}

export function resolve(store: Store, reference: string): Stored | undefined {
  const [type = '', id = ''] = reference.split('/');
  return isTypeName(type) ? store.get(type, id) : undefined;
}

export function includeNamed(name: string): Include | undefined {
  return INCLUDES.find((known) => `${known.from}:${known.name}` === name);
}
