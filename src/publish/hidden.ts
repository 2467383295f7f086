import { isJsonObject, sha256, type Json, type JsonObject } from '../domain/json.js';

/** What is withheld whole, in place of a hash. */
export const WITHHELD = '*';

/**
 * Hashes of what a resource says and the cut resource does not: each value with the names that lead to it, counted, so
 * that one telephone of two is told. Found by comparing the two trees, whatever the rules of cutting are.
 * @param seen null: withheld whole
 * @returns 16 hexadecimal characters each, sorted; `[WITHHELD]` of what is withheld whole
 */
export function hiddenOf(resource: JsonObject, seen: JsonObject | null): readonly string[] {
  if (seen === null) return [WITHHELD];
  const left = new Map<string, number>();
  // What was taken over untouched is the same object on both sides, and cancels itself.
  for (const name of new Set([...Object.keys(resource), ...Object.keys(seen)])) {
    if (resource[name] === seen[name]) continue;
    count(left, resource[name], name, 1);
    count(left, seen[name], name, -1);
  }
  return [...left]
    .flatMap(([leaf, times]) => (times > 0 ? [sha256(`${times} ${leaf}`).slice(0, 16)] : []))
    .sort();
}

/** Adds each value under the names that lead to it; a number kept as text is walked as the object that it is. */
function count(leaves: Map<string, number>, value: Json | undefined, path: string, by: 1 | -1): void {
  if (Array.isArray(value)) for (const item of value as Json[]) count(leaves, item, path, by);
  else if (isJsonObject(value))
    for (const [name, item] of Object.entries(value)) count(leaves, item, `${path}.${name}`, by);
  else if (value !== undefined) {
    const leaf = `${path}=${JSON.stringify(value)}`;
    leaves.set(leaf, (leaves.get(leaf) ?? 0) + by);
  }
}
