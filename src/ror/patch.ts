import { RefusalError } from '../domain/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { editResource, type ElementEdit } from './edit.js';
import { itemPath, literal } from './patch-path.js';
import { valuePart } from './patch-value.js';
import { placeOf } from './pieces.js';
import { EXTENSION_URLS } from './urls.js';

/**
 * `fhir`: the form of the standard (FHIR R4, FHIRPath Patch). `ans`: what the samples of ANS show (type as
 * valueString, `replace` of a single element by its parent and a name, an extension as a bare value), to be used only
 * where onboarding asks for it.
 */
export type PatchDialect = 'fhir' | 'ans';

/**
 * `partial` below access profile 1: what we are shown lacks elements (api.md, section 3). A list then takes only the
 * `add` of one item and the `delete` of one item by its value (DESIGN 7): a `replace` would erase the hidden parts of
 * what it replaces.
 */
export type Sight = 'whole' | 'partial';

/**
 * Edits as the `Parameters` of one PATCH: first-level elements only, one operation per true edit, one item at a time.
 * Never an index, never a whole list: below access profile 1 we do not see all of a list and would erase the rest.
 * The comment is one string: its edits make one operation with the whole text, computed on `current`; the parts of the
 * patient-type extension likewise.
 * @param current the resource as last read; an item is named by what it says there, and must be the only one to say it
 * @throws RefusalError `ROR_PATCH_FORM` when an edit has no safe form: use PUT or an entry sheet
 */
export function patchOf(
  edits: readonly ElementEdit[],
  current: JsonObject,
  dialect: PatchDialect = 'fhir',
  sight: Sight = 'whole',
): JsonObject {
  const next = editResource(current, edits);
  const operations: JsonObject[] = [];
  let commentDone = false;
  let patientDone = false;
  for (const edit of edits) {
    const place = placeOf(edit.key);
    if (place.at === 'block' || place.at === 'text') {
      if (!commentDone) operations.push(...single('comment', current['comment'], next['comment'], dialect));
      commentDone = true;
    } else if (place.at === 'patientPart') {
      if (!patientDone) operations.push(...patientType(current, next, dialect, sight));
      patientDone = true;
    } else if (place.at === 'item') {
      operations.push(...item(edit, place.name, current, dialect, sight));
    } else if (place.at === 'value' && place.name !== 'resourceType') {
      operations.push(...single(place.name, current[place.name], next[place.name], dialect));
    } else throw refusal(edit.key, 'PATCH ne porte que sur les éléments de premier niveau');
  }
  return { resourceType: 'Parameters', parameter: operations };
}

const ROOT = 'HealthcareService';

/** A first-level element that is no list: name, comment, providedBy… */
function single(
  name: string,
  before: Json | undefined,
  after: Json | undefined,
  dialect: PatchDialect,
): JsonObject[] {
  if (after === undefined) {
    return before === undefined ? [] : [operation(dialect, 'delete', `${ROOT}.${name}`, [])];
  }
  const value = valuePart(name, after, dialect);
  if (value === null) throw refusal(name, 'ce type de valeur n’a pas de forme connue dans un PATCH');
  const named: JsonObject = { name: 'name', valueString: name };
  if (before === undefined) return [operation(dialect, 'add', ROOT, [named, value])];
  return dialect === 'ans'
    ? [operation(dialect, 'replace', ROOT, [named, value])]
    : [operation(dialect, 'replace', `${ROOT}.${name}`, [value])];
}

/** One item of a first-level list. */
function item(
  edit: ElementEdit,
  list: string,
  current: JsonObject,
  dialect: PatchDialect,
  sight: Sight,
): JsonObject[] {
  const value = edit.after === undefined ? null : valuePart(list, edit.after, dialect);
  if (edit.operation !== 'delete' && value === null) {
    throw refusal(edit.key, 'ce type de valeur n’a pas de forme connue dans un PATCH');
  }
  if (edit.operation === 'add') return [addition(list, value as JsonObject, dialect)];
  const path = edit.before === undefined ? null : itemPath(ROOT, list, edit.before, current[list], sight);
  if (path === null) throw refusal(edit.key, 'rien ne le distingue des autres éléments de la liste');
  return exchange(path, list, value, dialect, sight);
}

function patientType(
  current: JsonObject,
  next: JsonObject,
  dialect: PatchDialect,
  sight: Sight,
): JsonObject[] {
  const before = patientExtension(current);
  const after = patientExtension(next);
  const path = `${ROOT}.extension.where(url=${literal(EXTENSION_URLS['patient-type'])})`;
  const value = after === null ? null : (valuePart('extension', after, dialect) as JsonObject);
  return before === null && value !== null
    ? [addition('extension', value, dialect)]
    : exchange(path, 'extension', value, dialect, sight);
}

/** An item that is there leaves, or another takes its place. */
function exchange(
  path: string,
  list: string,
  value: JsonObject | null,
  dialect: PatchDialect,
  sight: Sight,
): JsonObject[] {
  if (value === null) return [operation(dialect, 'delete', path, [])];
  return sight === 'whole'
    ? [operation(dialect, 'replace', path, [value])]
    : [operation(dialect, 'delete', path, []), addition(list, value, dialect)];
}

function addition(list: string, value: JsonObject, dialect: PatchDialect): JsonObject {
  return operation(dialect, 'add', ROOT, [{ name: 'name', valueString: list }, value]);
}

function patientExtension(resource: JsonObject): JsonObject | null {
  const list = resource['extension'];
  if (!Array.isArray(list)) return null;
  const found = (list as Json[]).find(
    (each) => isJsonObject(each) && each['url'] === EXTENSION_URLS['patient-type'],
  );
  return isJsonObject(found) ? found : null;
}

function operation(
  dialect: PatchDialect,
  type: 'add' | 'replace' | 'delete',
  path: string,
  parts: readonly JsonObject[],
): JsonObject {
  const typed: JsonObject =
    dialect === 'ans' ? { name: 'type', valueString: type } : { name: 'type', valueCode: type };
  return { name: 'operation', part: [typed, { name: 'path', valueString: path }, ...parts] };
}

function refusal(key: string, why: string): RefusalError {
  return new RefusalError({
    code: 'ROR_PATCH_FORM',
    message: `L’élément ${key} ne peut pas être modifié par PATCH : ${why}.`,
    place: key,
    remedy: 'passez par PUT si le profil de la région le permet, sinon par la fiche de saisie.',
  });
}
