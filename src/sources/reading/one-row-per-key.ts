import { canonicalText } from '../../domain/json.js';
import type { Locator } from '../../domain/locator.js';
import type { RowOutcome } from '../../domain/rows.js';

/**
 * Gives each row its key. Equal rows of one key: the first is kept, the others are set aside. Rows of one key that
 * differ: none is kept, or the result would depend on their order.
 */
export function oneRowPerKey<Row>(
  outcomes: readonly RowOutcome<Row>[],
  keyOf: (row: Row) => string,
): readonly RowOutcome<Row>[] {
  const contents = new Map<string, Set<string>>();
  for (const one of outcomes) {
    if (one.kind !== 'row') continue;
    const key = keyOf(one.value);
    contents.set(key, (contents.get(key) ?? new Set()).add(canonicalText(one.value)));
  }
  const firstPlace = new Map<string, Locator>();
  return outcomes.map((one) => {
    if (one.kind !== 'row') return one;
    const key = keyOf(one.value);
    const { locator } = one;
    if ((contents.get(key)?.size ?? 0) > 1) {
      return {
        kind: 'aside',
        code: 'DUPLICATE_DIFFERENT',
        locator,
        value: key,
        message: 'La même entrée est donnée plusieurs fois avec des valeurs différentes.',
        remedy: 'gardez la ligne juste.',
        key,
      };
    }
    const first = firstPlace.get(key);
    if (first === undefined) {
      firstPlace.set(key, locator);
      return { ...one, key };
    }
    return {
      kind: 'aside',
      code: 'DUPLICATE',
      locator,
      value: key,
      message:
        first.line === undefined
          ? `L’élément répète celui de ${first.path ?? first.file}.`
          : `La ligne répète la ligne ${String(first.line)}.`,
      remedy: 'supprimez la ligne en double ; l’autre est gardée.',
      key,
    };
  });
}
