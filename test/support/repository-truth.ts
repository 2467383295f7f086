import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.js';
import { elementsOf } from '../../src/ror/elements.js';
import { sameValue } from '../../src/ror/equality.js';
import { bodyText, type Body } from '../../src/sandbox/body.js';
import { seedOf, type ApprovedRegion } from './approved-region.js';
import { after, frameOf } from './expected-body.js';
import { momentsOf, ourWrites, type Edit, type Moment, type OurWrite } from './our-writes.js';

/** Elements of a created offer that no change names: its frame (DESIGN 7). */
const FRAME = /^(resourceType$|identifier#|meta\.tag\[codeRegion\]$)/;

export interface Truths {
  readonly edits?: readonly Edit[];
  /** What the repository itself adds to what it is sent is taken away before comparing. */
  readonly bare?: (value: Json) => Json;
}

/**
 * What is wrong in the sandbox, in sentences; none when every write of ours stands there exactly once, in exactly the
 * form approved but for what others changed since, every other offer is as it was at the start, and nothing was written
 * twice: the version of an offer counts the writes that it received.
 */
export async function untruths(
  region: ApprovedRegion,
  attaches: number,
  { edits = [], bare = (value) => value }: Truths = {},
): Promise<string[]> {
  const writes = await ourWrites(region);
  const seed = await firstState(attaches);
  const faults: string[] = [];
  const offers = region.sandbox.list('HealthcareService').map((body) => bare(asJson(body)) as JsonObject);
  const created = offers.filter((offer) => !seed.has(String(offer['id'])));
  const creations = writes.filter(({ change }) => change.kind === 'create');
  if (created.length !== creations.length)
    faults.push(`${created.length} offers created for ${creations.length} creations applied`);
  for (const { change } of creations) {
    const mine = created.filter((offer) => String(offer['comment']).includes(change.centres[0] ?? '?'));
    if (mine.length !== 1) faults.push(`${mine.length} offers for ${change.id}`);
  }
  for (const offer of created) {
    const moments = momentsOf(writesTo(offer, writes), editsOf(offer, edits), 0);
    faults.push(...notAsApproved(offer, null, moments, bare));
  }
  for (const [id, before] of seed) {
    if (before['resourceType'] !== 'HealthcareService') continue;
    const offer = offers.find((each) => each['id'] === id);
    if (offer === undefined) faults.push(`${identifierOf(before)} is gone`);
    else {
      const moments = momentsOf(writesTo(before, writes), editsOf(before, edits), 1);
      faults.push(...notAsApproved(offer, before, moments, bare));
    }
  }
  for (const type of ['Organization', 'Location'] as const) {
    for (const resource of region.sandbox.list(type).map(asJson)) {
      if (versionOf(resource) !== '1') faults.push(`${type}/${String(resource['id'])} was written`);
    }
  }
  return faults;
}

/** What nobody but the hospitals wrote, by id. */
export async function firstState(attaches: number): Promise<ReadonlyMap<string, JsonObject>> {
  return new Map((await seedOf(attaches)).map((resource) => [String(resource['id']), resource]));
}

/** Our writes to an offer, by the number that it bore when we wrote. */
export function writesTo(offer: JsonObject, writes: readonly OurWrite[]): OurWrite[] {
  return writes.filter(({ identifier }) => identifier === identifierOf(offer));
}

export function editsOf(offer: JsonObject, edits: readonly Edit[]): Edit[] {
  return edits.filter(({ id }) => id === offer['id']);
}

/** @param before the hospital's offer at the start; null for one that we created */
function notAsApproved(
  offer: JsonObject,
  before: JsonObject | null,
  moments: readonly Moment[],
  bare: (value: Json) => Json,
): string[] {
  const name = identifierOf(offer);
  const version = String(moments.length + (before === null ? 0 : 1));
  const faults = versionOf(offer) === version ? [] : [`${name} was written ${versionOf(offer)} times`];
  const expected = expectedValues(before ?? frameOf(offer), moments, bare);
  const said = valuesOf(offer);
  for (const [key, value] of expected) {
    const now = said.get(key);
    if (now === undefined || !sameValue(now, bare(value))) faults.push(`${name} lacks ${key} as approved`);
  }
  for (const key of said.keys()) {
    if (!expected.has(key) && !(before === null && FRAME.test(key)))
      faults.push(`${name} says ${key}, which nobody approved`);
  }
  return faults;
}

/**
 * Elements after all moments: a write sets the approved values by their keys, an edit what it changed of the body that
 * stood there.
 */
function expectedValues(
  start: JsonObject,
  moments: readonly Moment[],
  bare: (value: Json) => Json,
): ReadonlyMap<string, Json> {
  const expected = valuesOf(start);
  let body = start;
  for (const moment of moments) {
    const [was, next] = [valuesOf(body), after(body, moment)];
    body = next;
    if (moment.kind === 'write') {
      for (const element of moment.change.elements) {
        if (element.channel === 'served') continue;
        if (element.after === undefined) expected.delete(element.key);
        else expected.set(element.key, element.after);
      }
      continue;
    }
    const now = valuesOf(bare(next) as JsonObject);
    for (const key of was.keys()) if (!now.has(key)) expected.delete(key);
    for (const [key, value] of now) {
      const old = was.get(key);
      if (old === undefined || !sameValue(old, value)) expected.set(key, value);
    }
  }
  return expected;
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
