import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.js';
import type { ApprovedRegion } from './approved-region.js';
import { after, frameOf } from './expected-body.js';
import { momentsOf, ourWrites } from './our-writes.js';
import { asJson, editsOf, firstState, identifierOf, writesTo, type Truths } from './repository-truth.js';

/**
 * Leaves of the sandbox's offers that nobody explains, and leaves that should be there: the first state, what others did
 * since, and the values that we wrote, put together by hand (`expected-body`). It reads plain JSON and nothing of the
 * product's own cutting into elements, so that a fault there cannot hide a byte.
 */
export async function unexplained(
  region: ApprovedRegion,
  attaches: number,
  { edits = [], bare = (value) => value }: Truths = {},
): Promise<string[]> {
  const seed = await firstState(attaches);
  const writes = await ourWrites(region);
  return region.sandbox.list('HealthcareService').flatMap((body) => {
    const offer = bare(asJson(body)) as JsonObject;
    const before = seed.get(String(offer['id']));
    const moments = momentsOf(
      writesTo(before ?? offer, writes),
      editsOf(offer, edits),
      before === undefined ? 0 : 1,
    );
    const expected = leaves(bare(moments.reduce(after, before ?? frameOf(offer))));
    const found = leaves(offer);
    return [
      ...without(found, expected).map((leaf) => `${identifierOf(offer)}: unexplained ${leaf}`),
      ...without(expected, found).map((leaf) => `${identifierOf(offer)}: lost ${leaf}`),
    ];
  });
}

/** `characteristic.coding.code="11"`, one a leaf, the server's own version and instant left out. */
export function leaves(value: Json, path = ''): string[] {
  if (path === 'meta.versionId' || path === 'meta.lastUpdated') return [];
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((item) => leaves(item, path));
  if (isJsonObject(value))
    return Object.entries(value).flatMap(([name, item]) =>
      leaves(item as Json, path === '' ? name : `${path}.${name}`),
    );
  return [`${path}=${JSON.stringify(value)}`];
}

/** Items of the first list that the second lacks, counted. */
function without(some: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return some.filter((item) => {
    const at = left.indexOf(item);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
