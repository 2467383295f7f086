import type { StoredChange } from '../../src/db/changes.js';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.js';
import { EXT } from '../../src/sandbox/model.js';
import type { ApprovedRegion } from './approved-region.js';
import { asJson, identifierOf, seedAfter, type Truths } from './repository-truth.js';

/**
 * Leaves of the sandbox's offers that nobody explains, and leaves that should be there: the first state, what others did
 * since, and the values of the changes applied, put together here by hand. It reads plain JSON and nothing of the
 * product's own cutting into elements, so that a fault there cannot hide a byte.
 */
export async function unexplained(
  region: ApprovedRegion,
  attaches: number,
  { edits = [], bare = (value) => value }: Truths = {},
): Promise<string[]> {
  const seed = await seedAfter(attaches, edits);
  const applied = (await region.changes()).filter(({ state }) => state === 'applied');
  return region.sandbox.list('HealthcareService').flatMap((body) => {
    const offer = bare(asJson(body)) as JsonObject;
    const before = seed.get(String(offer['id']));
    const change = applied.find((each) =>
      before === undefined
        ? String(offer['comment']).includes(`id=${each.centres[0] ?? '?'}]`)
        : each.target === `offer:${identifierOf(before)}`,
    );
    const expected = leaves(withChange(before ?? frameOf(offer), change));
    const found = leaves(offer);
    return [
      ...without(found, expected).map((leaf) => `${identifierOf(offer)}: unexplained ${leaf}`),
      ...without(expected, found).map((leaf) => `${identifierOf(offer)}: lost ${leaf}`),
    ];
  });
}

const CREATION_DATE = `${EXT}ror-meta-creation-date`;

/** What a repository and the profile put around a created offer: number, region, instant of creation. */
function frameOf(offer: JsonObject): JsonObject {
  const extension = itemsOf(offer['extension']).filter(
    (each) => isJsonObject(each) && each['url'] === CREATION_DATE,
  );
  const { resourceType, id, identifier, meta } = offer;
  const { tag } = meta as { tag: Json };
  return { resourceType, id, identifier, meta: { tag }, extension } as JsonObject;
}

/** The approved values put where FHIR wants them; only additions occur in these regions. */
function withChange(before: JsonObject, change: StoredChange | undefined): JsonObject {
  const body: Record<string, Json> = { ...before } as Record<string, Json>;
  const add = (name: string, value: Json): void => void (body[name] = [...itemsOf(body[name]), value]);
  for (const { key, after, channel, operation } of change?.elements ?? []) {
    if (channel === 'served') continue;
    if (operation !== 'add' || after === undefined)
      throw new Error(`${operation} of ${key} is not expected here`);
    const name = key.split(/[[#.]/, 1)[0] ?? key;
    if (name === 'comment') {
      const { comment } = body;
      body['comment'] = typeof comment === 'string' ? `${comment}\n${String(after)}` : after;
    } else if (name === 'name' || name === 'providedBy') body[name] = after;
    else if (key === 'extension[patient-type].ageRange')
      add('extension', { url: `${EXT}ror-healthcareservice-patient-type`, extension: [after] });
    else add(name, after);
  }
  return body;
}

function itemsOf(value: Json | undefined): readonly Json[] {
  return value === undefined ? [] : Array.isArray(value) ? (value as readonly Json[]) : [value];
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
