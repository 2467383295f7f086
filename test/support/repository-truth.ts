import type { StoredChange } from '../../src/db/changes.js';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.js';
import { elementsOf } from '../../src/ror/elements.js';
import { sameValue } from '../../src/ror/equality.js';
import type { Body } from '../../src/sandbox/body.js';
import { bodyText, parseBody } from '../../src/sandbox/body.js';
import { seedOf, type ApprovedRegion } from './approved-region.js';

/** Elements of a created offer that no change names: its frame (DESIGN 7). */
const FRAME = /^(resourceType$|identifier#|meta\.tag\[codeRegion\]$)/;

/** What others did to a resource of the first state, in their order: each made one version. */
export interface Edit {
  readonly id: string;
  readonly fn: (body: Body) => Body | void;
}

export interface Truths {
  readonly edits?: readonly Edit[];
  /** What the repository itself adds to what it is sent is taken away before comparing. */
  readonly bare?: (value: Json) => Json;
}

/**
 * What is wrong in the sandbox, in sentences; none when every applied change stands there exactly once, in exactly the
 * form approved, every other offer is as it was at the start, and nothing was written twice: the version of an offer
 * counts the writes that it received.
 */
export async function untruths(
  region: ApprovedRegion,
  attaches: number,
  { edits = [], bare = (value) => value }: Truths = {},
): Promise<string[]> {
  const changes = await region.changes();
  const seed = await seedAfter(attaches, edits);
  const faults: string[] = [];
  const applied = changes.filter((change) => change.state === 'applied');
  const offers = region.sandbox.list('HealthcareService').map((body) => bare(asJson(body)) as JsonObject);
  const created = offers.filter((offer) => !seed.has(String(offer['id'])));
  const creations = applied.filter((change) => change.kind === 'create');
  if (created.length !== creations.length)
    faults.push(`${created.length} offers created for ${creations.length} creations applied`);
  for (const change of creations) {
    const mine = created.filter((offer) => String(offer['comment']).includes(change.centres[0] ?? '?'));
    if (mine.length !== 1) faults.push(`${mine.length} offers for ${change.id}`);
    for (const offer of mine) faults.push(...notAsApproved(offer, new Map(), change, '1'));
  }
  for (const [id, before] of seed) {
    if (before['resourceType'] !== 'HealthcareService') continue;
    const offer = offers.find((each) => each['id'] === id);
    const identifier = identifierOf(before);
    const change = applied.find((each) => each.target === `offer:${identifier}`);
    if (offer === undefined) faults.push(`${identifier} is gone`);
    else {
      const versions = 1 + edits.filter((edit) => edit.id === id).length + (change === undefined ? 0 : 1);
      faults.push(...notAsApproved(offer, valuesOf(before), change, String(versions)));
    }
  }
  for (const type of ['Organization', 'Location'] as const) {
    for (const resource of region.sandbox.list(type).map(asJson)) {
      if (versionOf(resource) !== '1') faults.push(`${type}/${String(resource['id'])} was written`);
    }
  }
  return faults;
}

/** The first state with what others did to it since. */
export async function seedAfter(
  attaches: number,
  edits: readonly Edit[],
): Promise<ReadonlyMap<string, JsonObject>> {
  const seed = new Map((await seedOf(attaches)).map((resource) => [String(resource['id']), resource]));
  for (const { id, fn } of edits) {
    const body = parseBody(JSON.stringify(seed.get(id))) as Body;
    seed.set(id, asJson(fn(body) ?? body));
  }
  return seed;
}

function notAsApproved(
  offer: JsonObject,
  before: Map<string, Json>,
  change: StoredChange | undefined,
  version: string,
): string[] {
  const name = identifierOf(offer);
  const faults = versionOf(offer) === version ? [] : [`${name} was written ${versionOf(offer)} times`];
  const expected = new Map(before);
  for (const element of change?.elements ?? []) {
    if (element.channel === 'served') continue;
    if (element.after === undefined) expected.delete(element.key);
    else expected.set(element.key, element.after);
  }
  const said = valuesOf(offer);
  for (const [key, value] of expected) {
    const now = said.get(key);
    if (now === undefined || !sameValue(now, value)) faults.push(`${name} lacks ${key} as approved`);
  }
  for (const key of said.keys()) {
    if (!expected.has(key) && !(before.size === 0 && FRAME.test(key)))
      faults.push(`${name} says ${key}, which nobody approved`);
  }
  return faults;
}

function valuesOf(resource: JsonObject): Map<string, Json> {
  return new Map([...elementsOf(resource)].map(([key, element]) => [key, element.value]));
}

export function asJson(body: Body): JsonObject {
  return JSON.parse(bodyText(body)) as JsonObject;
}

export function versionOf(resource: JsonObject): string {
  const meta = resource['meta'];
  return isJsonObject(meta) ? String(meta['versionId']) : '?';
}

export function identifierOf(resource: JsonObject): string {
  const [first] = resource['identifier'] as readonly JsonObject[];
  return String(first?.['value']);
}
