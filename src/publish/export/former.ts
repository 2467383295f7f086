import type { FormerVersion } from '../../db/served-export.js';
import { centresOf, offerNumber, treeOf } from './read.js';

/** An offer that described a centre once, and one that describes it now. */
export interface FormerNumber {
  readonly centre: string;
  readonly former: string;
  readonly present: string;
  readonly since: string;
  readonly stillServed: boolean;
}

/**
 * Numbers that a reader may still hold, each with the offers that describe the same centre today. Read from what this
 * view itself ever served, so that nothing is told of an offer that its readers never saw.
 * @param present centres of each offer that is served, by the offer's number
 * @param served numbers of all offers that the view still serves, of those that ever had a centre
 */
export function formerNumbers(
  versions: readonly FormerVersion[],
  present: ReadonlyMap<string, readonly string[]>,
  served: ReadonlySet<string>,
): readonly FormerNumber[] {
  const left = new Map<
    string,
    { readonly centre: string; readonly former: string; readonly since: string }
  >();
  let open: readonly { readonly centre: string; readonly former: string }[] = [];
  let last: string | null = null;
  for (const { id, at, body } of versions) {
    if (id !== last) open = [];
    last = id;
    const now = body === null ? [] : pairsOf(body, id);
    for (const pair of open)
      if (!now.some((each) => each.centre === pair.centre && each.former === pair.former))
        left.set(`${pair.centre} ${pair.former}`, { ...pair, since: at.toISOString() });
    open = now;
  }
  const offersOf = (centre: string): readonly string[] =>
    [...present].flatMap(([number, centres]) => (centres.includes(centre) ? [number] : []));
  return [...left.values()]
    .filter(({ centre, former }) => !(present.get(former)?.includes(centre) ?? false))
    .flatMap((pair) =>
      offersOf(pair.centre).map((number) => ({
        ...pair,
        present: number,
        stillServed: served.has(pair.former),
      })),
    )
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function sortKey({ former, centre, present }: FormerNumber): string {
  return [former, centre, present].join('\n');
}

function pairsOf(body: string, id: string): readonly { readonly centre: string; readonly former: string }[] {
  const offer = treeOf(body, `HealthcareService/${id}`);
  return centresOf(offer).map(({ centre }) => ({ centre, former: offerNumber(offer) }));
}
