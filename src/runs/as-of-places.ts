import { referredResources } from '../db/as-of.js';
import { isJsonObject, type Json } from '../domain/json.js';
import { parseBody } from '../ror/body.js';
import type { Elements } from './as-of-offer.js';
import type { RunContext } from './context.js';

/** The resource that a value refers to; null when it refers to none. */
export function referenceIn(value: Json | undefined): string | null {
  return isJsonObject(value) && typeof value['reference'] === 'string' ? value['reference'] : null;
}

/** Names of what some offers refer to, as last read by an instant: "CH DIEPPE, FINESS 760000018". */
export async function placeNames(
  { db, region }: Pick<RunContext, 'db' | 'region'>,
  offers: readonly Elements[],
  instant: Date,
): Promise<ReadonlyMap<string, string>> {
  const references = offers.flatMap((elements) =>
    [...elements.values()].map(referenceIn).filter((each) => each !== null),
  );
  const found = await referredResources(db, region.code, [...new Set(references)], instant);
  return new Map(
    found.flatMap(({ reference, identifier, body }) => {
      const name = parseBody(body, reference)['name'];
      const parts = [
        ...(typeof name === 'string' ? [name] : []),
        // Places have numbers of their own, which nobody searches by.
        ...(identifier === null || !reference.startsWith('Organization/') ? [] : [`FINESS ${identifier}`]),
      ];
      return parts.length === 0 ? [] : [[reference, parts.join(', ')] as const];
    }),
  );
}
