import type { StoredChange } from '../../src/db/changes.js';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.js';
import { EXT } from '../../src/sandbox/model.js';
import { bodyText, parseBody, type Body } from '../../src/sandbox/body.js';
import type { Moment } from './our-writes.js';

const CREATION_DATE = `${EXT}ror-meta-creation-date`;

/** What a repository and the profile put around a created offer: number, region, instant of creation. */
export function frameOf(offer: JsonObject): JsonObject {
  const extension = itemsOf(offer['extension']).filter(
    (each) => isJsonObject(each) && each['url'] === CREATION_DATE,
  );
  const { resourceType, id, identifier, meta } = offer;
  const { tag } = meta as { tag: Json };
  return { resourceType, id, identifier, meta: { tag }, extension } as JsonObject;
}

/** The body after one moment of its life. */
export function after(body: JsonObject, moment: Moment): JsonObject {
  if (moment.kind === 'write') return withChange(body, moment.change);
  const copy = parseBody(JSON.stringify(body)) as Body;
  return JSON.parse(bodyText(moment.fn(copy) ?? copy)) as JsonObject;
}

/** The approved values put where FHIR wants them; only additions occur in these regions. */
function withChange(before: JsonObject, change: StoredChange): JsonObject {
  const body: Record<string, Json> = { ...before } as Record<string, Json>;
  const add = (name: string, value: Json): void => void (body[name] = [...itemsOf(body[name]), value]);
  for (const { key, after, channel, operation } of change.elements) {
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
