import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { plain } from './body.js';
import type { PatchDialect } from './patch.js';

/** FHIR type of a first-level element of HealthcareService, as the suffix of `value[x]`. */
const TYPES: Readonly<Record<string, string>> = {
  name: 'String',
  comment: 'String',
  extraDetails: 'Markdown',
  appointmentRequired: 'Boolean',
  active: 'Boolean',
  providedBy: 'Reference',
  location: 'Reference',
  coverageArea: 'Reference',
  endpoint: 'Reference',
  identifier: 'Identifier',
  telecom: 'ContactPoint',
  category: 'CodeableConcept',
  type: 'CodeableConcept',
  specialty: 'CodeableConcept',
  characteristic: 'CodeableConcept',
};

/** Types of the properties of the elements that `value[x]` cannot hold: they are written as nested parts. */
const PART_TYPES: Readonly<Record<string, string>> = {
  id: 'String',
  url: 'Uri',
  description: 'String',
  during: 'Period',
  allDay: 'Boolean',
  daysOfWeek: 'Code',
  availableStartTime: 'Time',
  availableEndTime: 'Time',
};
const NESTED: ReadonlySet<string> = new Set(['extension', 'notAvailable', 'availableTime']);

/** The part `value` of an operation; null for an element whose type is not known here. */
export function valuePart(name: string, node: Json, dialect: PatchDialect): JsonObject | null {
  const value = plain(node);
  if (NESTED.has(name)) {
    if (!isJsonObject(value)) return null;
    if (dialect === 'ans') return { name: 'value', value };
    const parts = partsOf(value);
    return parts === null ? null : { name: 'value', part: parts };
  }
  const type = TYPES[name];
  return type === undefined ? null : { name: 'value', [`value${type}`]: value };
}

/**
 * An extension or a backbone element as parts, one per value. `Parameters.value[x]` may hold neither (R4, list of open
 * types), so FHIRPath Patch spells them out.
 */
function partsOf(node: JsonObject): JsonObject[] | null {
  const parts: JsonObject[] = [];
  for (const [name, value] of Object.entries(node)) {
    const choice = /^value[A-Z]/.test(name);
    for (const each of Array.isArray(value) ? (value as Json[]) : [value]) {
      if (choice) parts.push({ name: 'value', [name]: each });
      else if (name === 'extension') {
        const inner = isJsonObject(each) ? partsOf(each) : null;
        if (inner === null) return null;
        parts.push({ name, part: inner });
      } else {
        const type = PART_TYPES[name];
        if (type === undefined) return null;
        parts.push({ name, [`value${type}`]: each });
      }
    }
  }
  return parts;
}
