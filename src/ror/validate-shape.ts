import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import type { OfferCheck } from './findings.js';

/** Shape of a property: a primitive, a list of primitives, one object or a list of objects of a FHIR type. */
type Shape =
  | 'value'
  | 'values'
  | { readonly one: TypeName; readonly many?: never }
  | { readonly many: TypeName; readonly one?: never };
type TypeName = keyof typeof TYPES;
const one = (type: string): Shape => ({ one: type as TypeName });
const many = (type: string): Shape => ({ many: type as TypeName });

/** Properties of the R4 data types that an offer is made of (hl7.org/fhir/R4/datatypes.html), `id` and extensions aside. */
const TYPES = {
  Meta: {
    versionId: 'value',
    lastUpdated: 'value',
    source: 'value',
    profile: 'values',
    security: many('Coding'),
    tag: many('Coding'),
  },
  Coding: { system: 'value', version: 'value', code: 'value', display: 'value', userSelected: 'value' },
  CodeableConcept: { coding: many('Coding'), text: 'value' },
  Identifier: {
    use: 'value',
    type: one('CodeableConcept'),
    system: 'value',
    value: 'value',
    period: one('Period'),
    assigner: one('Reference'),
  },
  Reference: { reference: 'value', type: 'value', identifier: one('Identifier'), display: 'value' },
  Period: { start: 'value', end: 'value' },
  Quantity: { value: 'value', comparator: 'value', unit: 'value', system: 'value', code: 'value' },
  Range: { low: one('Quantity'), high: one('Quantity') },
  ContactPoint: { system: 'value', value: 'value', use: 'value', rank: 'value', period: one('Period') },
  AvailableTime: {
    daysOfWeek: 'values',
    allDay: 'value',
    availableStartTime: 'value',
    availableEndTime: 'value',
  },
  NotAvailable: { description: 'value', during: one('Period') },
  Extension: {
    url: 'value',
    valueCodeableConcept: one('CodeableConcept'),
    valueCoding: one('Coding'),
    valueContactPoint: one('ContactPoint'),
    valueIdentifier: one('Identifier'),
    valuePeriod: one('Period'),
    valueQuantity: one('Quantity'),
    valueRange: one('Range'),
    valueReference: one('Reference'),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Shape>>>>;

/** `value[x]` of an extension for the primitive types of R4. */
const PRIMITIVES: ReadonlySet<string> = new Set(
  [
    ...[
      'Base64Binary',
      'Boolean',
      'Canonical',
      'Code',
      'Date',
      'DateTime',
      'Decimal',
      'Id',
      'Instant',
      'Integer',
    ],
    ...['Markdown', 'Oid', 'PositiveInt', 'String', 'Time', 'UnsignedInt', 'Uri', 'Url', 'Uuid'],
  ].map((type) => `value${type}`),
);

/** Elements of the offer below which we look; the others are judged by their own checks. */
const ON_OFFER: Readonly<Record<string, Shape>> = {
  meta: one('Meta'),
  extension: many('Extension'),
  identifier: many('Identifier'),
  providedBy: one('Reference'),
  category: many('CodeableConcept'),
  type: many('CodeableConcept'),
  specialty: many('CodeableConcept'),
  characteristic: many('CodeableConcept'),
  location: many('Reference'),
  telecom: many('ContactPoint'),
  availableTime: many('AvailableTime'),
  notAvailable: many('NotAvailable'),
};

/** FHIR structure below the first level: a property that no reader knows, or a shape that it cannot read. */
export function checkShapes(check: OfferCheck, offer: JsonObject): void {
  for (const [name, shape] of Object.entries(ON_OFFER)) {
    const value = offer[name];
    // The first level's own shape is told by checkStructure.
    if (
      value === undefined ||
      typeof shape === 'string' ||
      Array.isArray(value) === (shape.many === undefined)
    )
      continue;
    const type = shape.many ?? shape.one;
    for (const item of Array.isArray(value) ? (value as Json[]) : [value]) {
      if (isJsonObject(item)) inside(check, name, item, type);
    }
  }
}

function inside(check: OfferCheck, path: string, owner: JsonObject, type: TypeName): void {
  for (const [name, value] of Object.entries(owner)) {
    // `_name` holds the extensions of a primitive: nothing of ours, judged by the official kit alone.
    if (name.startsWith('_')) continue;
    const shape = shapeOf(type, name);
    const place = `${path}.${name}`;
    if (shape === undefined) {
      check.fault('OFFER_PROPERTY', place, `« ${name} » n’existe pas dans un ${type}.`, 'retirez-le.');
    } else if (shape === 'value' ? typeof value === 'object' : !fits(value, shape)) {
      check.fault(
        'OFFER_SHAPE',
        place,
        `« ${place} » n’a pas la forme que FHIR lui donne.`,
        `écrivez ${frenchShape(shape)}.`,
      );
    } else if (typeof shape !== 'string') {
      for (const item of (Array.isArray(value) ? value : [value]) as JsonObject[]) {
        inside(check, place, item, shape.many ?? shape.one);
      }
    }
  }
}

function shapeOf(type: TypeName, name: string): Shape | undefined {
  if (name === 'id') return 'value';
  if (name === 'extension') return many('Extension');
  const known: Readonly<Record<string, Shape>> = TYPES[type];
  if (Object.hasOwn(known, name)) return known[name];
  return type === 'Extension' && PRIMITIVES.has(name) ? 'value' : undefined;
}

function fits(value: Json | undefined, shape: Exclude<Shape, 'value'>): boolean {
  if (shape === 'values') {
    return Array.isArray(value) && (value as Json[]).every((item) => typeof item !== 'object');
  }
  if (shape.one !== undefined) return value !== undefined && isJsonObject(value);
  return Array.isArray(value) && (value as Json[]).every(isJsonObject);
}

function frenchShape(shape: Shape): string {
  if (shape === 'value') return 'une valeur simple';
  if (shape === 'values') return 'une liste de valeurs simples';
  return shape.many === undefined ? `un seul ${shape.one}` : `une liste de ${shape.many}`;
}
