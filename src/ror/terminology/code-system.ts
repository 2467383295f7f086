import { isJsonObject, type JsonObject } from '../../domain/json.js';
import { ASK_AGAIN, unusable, type StatedConcept, type StatedSystem } from './model.js';
import { codeOf, displayOf, objectsOf, stringOf } from './text.js';

/** HL7 extension of a concept: the code to be used in its place. */
const REPLACED_BY = 'http://hl7.org/fhir/StructureDefinition/codesystem-replacedby';
/** Names under which code systems write the same as a property of the concept. */
const SUCCESSOR_PROPERTIES = new Set(['replacedBy', 'replaced-by', 'successor', 'remplacePar']);
/** Day from which a code is out of use: `dateFin` is the NOS's own, the two others are HL7's concept properties. */
const END_PROPERTIES = ['deprecationDate', 'retirementDate', 'dateFin'] as const;
const IN_USE = new Set(['active', 'draft', 'experimental']);
const OUT_OF_USE = new Set(['deprecated', 'retired', 'inactive', 'withdrawn']);
/** A flat list of a nomenclature has one level; deeper than this is a loop of somebody's making. */
const MAX_DEPTH = 30;

/**
 * A FHIR R4 CodeSystem. How the NOS say that a code is out of use (TRE_R213, July 2026): properties `status`
 * (`deprecated`), `deprecationDate` and `dateFin`; older packages have `dateFin` alone. A stated `status` wins over a
 * date, which may be left over from before a code came back; a date to come announces, and retires nothing.
 * @param today ISO day
 * @throws DataError `CODES_SHAPE`, `CODES_CONTENT`, `CODES_TWICE`, `CODES_STATUS`
 */
export function readCodeSystem(resource: JsonObject, place: string, today: string): StatedSystem {
  const url = stringOf(resource, 'url');
  if (url === null)
    throw unusable('CODES_SHAPE', place, `« ${place} » : ce CodeSystem n’a pas d’adresse (url).`, ASK_AGAIN);
  const content = stringOf(resource, 'content');
  if (content === 'supplement' || content === 'example' || content === null)
    throw unusable(
      'CODES_CONTENT',
      place,
      `« ${place} » : content vaut « ${content ?? 'rien'} », ce n’est pas la nomenclature.`,
      'donnez un CodeSystem dont content vaut complete, fragment ou not-present.',
    );
  const concepts = new Map<string, StatedConcept>();
  for (const each of flat(objectsOf(resource, 'concept', place), place)) {
    const concept = readConcept(each, url, place, today);
    const known = concepts.get(concept.code);
    if (known !== undefined)
      throw unusable(
        'CODES_TWICE',
        place,
        `« ${place} » donne deux fois le code ${concept.code} (« ${known.display ?? ''} » et « ${concept.display ?? ''} »).`,
        'faites corriger la nomenclature par qui la tient : un code dit une chose ; rien n’a été écrit.',
      );
    concepts.set(concept.code, concept);
  }
  const count = resource['count'];
  const cut = content === 'complete' && typeof count === 'number' && count > concepts.size;
  if (cut)
    throw unusable(
      'CODES_CUT',
      place,
      `« ${place} » annonce ${String(count)} codes et en donne ${String(concepts.size)}.`,
      ASK_AGAIN,
    );
  return {
    url,
    version: stringOf(resource, 'version'),
    status: stringOf(resource, 'status') ?? 'unknown',
    // A server may leave the concepts out of what it says is complete: silence is then no statement.
    extent: content === 'complete' && !isSubsetted(resource) ? 'complete' : 'fragment',
    concepts,
    place,
  };
}

/** True when the server says that it gave a part only (tag SUBSETTED: a summary). */
export function isSubsetted(resource: JsonObject): boolean {
  const meta = resource['meta'];
  const tags = isJsonObject(meta) && Array.isArray(meta['tag']) ? (meta['tag'] as JsonObject[]) : [];
  return tags.some((tag) => isJsonObject(tag) && tag['code'] === 'SUBSETTED');
}

function* flat(concepts: readonly JsonObject[], place: string, depth = 0): Iterable<JsonObject> {
  if (depth > MAX_DEPTH)
    throw unusable('CODES_SHAPE', place, `« ${place} » : concepts emboîtés trop profond.`, ASK_AGAIN);
  for (const each of concepts) {
    yield each;
    yield* flat(objectsOf(each, 'concept', place), place, depth + 1);
  }
}

function readConcept(concept: JsonObject, system: string, place: string, today: string): StatedConcept {
  const code = codeOf(concept, place);
  const properties = objectsOf(concept, 'property', place);
  const ends = properties
    .filter(({ code: name }) => END_PROPERTIES.some((each) => each === name))
    .flatMap((property) => dayOf(property) ?? [])
    .sort();
  const retiredOn = ends[0] ?? null;
  const stated = statedStatus(properties, code, place);
  const passed = retiredOn !== null && retiredOn <= today;
  return {
    code,
    display: displayOf(concept, place),
    status: (stated ?? (passed ? 'retired' : 'active')) === 'active' ? 'active' : 'retired',
    retiredOn,
    successors: [...new Set([...bySuccessorProperty(properties), ...byExtension(concept, system, place)])]
      .filter((each) => each !== code)
      .sort(),
  };
}

function statedStatus(
  properties: readonly JsonObject[],
  code: string,
  place: string,
): StatedConcept['status'] | null {
  let found: StatedConcept['status'] | null = null;
  for (const property of properties) {
    const name = property['code'];
    if (name === 'status') {
      const value = stringOf(property, 'valueCode') ?? stringOf(property, 'valueString') ?? '';
      if (!IN_USE.has(value) && !OUT_OF_USE.has(value))
        throw unusable(
          'CODES_STATUS',
          place,
          `« ${place} » : l’état « ${value} » du code ${code} n’est pas connu.`,
          'attendu : active, draft, experimental, deprecated, retired, inactive ou withdrawn ; rien n’a été écrit.',
        );
      if (OUT_OF_USE.has(value)) return 'retired';
      found = 'active';
    }
    if ((name === 'inactive' || name === 'notActive') && property['valueBoolean'] === true) return 'retired';
  }
  return found;
}

function dayOf(property: JsonObject): string | null {
  const text = stringOf(property, 'valueDateTime') ?? stringOf(property, 'valueString');
  return /^\d{4}-\d{2}-\d{2}/.exec(text ?? '')?.[0] ?? null;
}

function bySuccessorProperty(properties: readonly JsonObject[]): string[] {
  return properties
    .filter(({ code }) => typeof code === 'string' && SUCCESSOR_PROPERTIES.has(code))
    .flatMap((property) => {
      const coding = property['valueCoding'];
      return (
        stringOf(property, 'valueCode') ?? (isJsonObject(coding) ? stringOf(coding, 'code') : null) ?? []
      );
    });
}

function byExtension(concept: JsonObject, system: string, place: string): string[] {
  return objectsOf(concept, 'extension', place)
    .filter(({ url }) => url === REPLACED_BY)
    .flatMap(({ valueCoding }) => {
      if (!isJsonObject(valueCoding)) return [];
      const other = stringOf(valueCoding, 'system');
      return other === null || other === system ? (stringOf(valueCoding, 'code') ?? []) : [];
    });
}
