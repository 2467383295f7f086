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
  const left = counted(resource);
  for (const [leaf, times] of counted(seen)) left.set(leaf, (left.get(leaf) ?? 0) - times);
  return [...left]
    .flatMap(([leaf, times]) => (times > 0 ? [sha256(`${times} ${leaf}`).slice(0, 16)] : []))
    .sort();
}

/** How often each value stands under the names that lead to it; a number kept as text is walked as the object that it is. */
function counted(tree: Json): Map<string, number> {
  const leaves = new Map<string, number>();
  const walk = (value: Json, path: string): void => {
    if (Array.isArray(value)) for (const item of value as Json[]) walk(item, path);
    else if (isJsonObject(value))
      for (const [name, item] of Object.entries(value)) walk(item, `${path}.${name}`);
    else {
      const leaf = `${path}=${JSON.stringify(value)}`;
      leaves.set(leaf, (leaves.get(leaf) ?? 0) + 1);
    }
  };
  walk(tree, '');
  return leaves;
}
