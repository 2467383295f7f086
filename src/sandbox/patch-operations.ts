import { asList, bodiesOf, integerOf, isBody, textOf, type Body, type Value } from './body.js';
import { fault } from './outcome.js';

/** One operation of a FHIRPath Patch, whichever way it was written. */
export interface PatchOperation {
  readonly type: 'add' | 'insert' | 'delete' | 'replace' | 'move';
  readonly path: string;
  /** `add`; also `replace` in the ANS samples, whose path is then the parent. */
  readonly name: string | null;
  readonly value: Value | undefined;
  readonly index: number | null;
  readonly source: number | null;
  readonly destination: number | null;
}

const KINDS = ['add', 'insert', 'delete', 'replace', 'move'] as const;

/** Elements that repeat inside a value given in parts: one part is then a list of one. */
const REPEATED = new Set([
  'extension',
  'coding',
  'telecom',
  'daysOfWeek',
  'line',
  'given',
  'prefix',
  'suffix',
]);

/**
 * Reads the operations of a Parameters body. FHIR's form and that of the ANS samples are both accepted: type as
 * `valueCode` or `valueString`, value as `value[x]`, in parts, bare (`"value": …`) or as an array under `value[x]`,
 * `coding` as an object.
 * @throws Fault 400 on a body that is no patch at all.
 */
export function readOperations(body: Body): readonly PatchOperation[] {
  const operations = bodiesOf(body['parameter']).filter((parameter) => parameter['name'] === 'operation');
  if (operations.length === 0)
    throw fault(400, 'required', 'Le PATCH ne contient aucune opération.', 'Parameters.parameter');
  return operations.map((operation, place) => readOperation(operation, `Parameters.parameter[${place}]`));
}

function readOperation(operation: Body, where: string): PatchOperation {
  const parts = new Map(bodiesOf(operation['part']).map((part) => [textOf(part['name']) ?? '', part]));
  const text = (name: string) => {
    const part = parts.get(name);
    return part === undefined ? null : textOf(part['valueString'] ?? part['valueCode'] ?? part['valueId']);
  };
  const integer = (name: string) => integerOf(parts.get(name)?.['valueInteger']);
  const type = KINDS.find((kind) => kind === text('type'));
  const path = text('path');
  if (type === undefined)
    throw fault(400, 'invalid', `Type d’opération inconnu : ${text('type') ?? 'absent'}.`, where);
  if (path === null) throw fault(400, 'required', 'Une opération n’a pas de chemin (path).', where);
  const part = parts.get('value');
  return {
    type,
    path,
    name: text('name'),
    value: part === undefined ? undefined : valueOf(part),
    index: integer('index'),
    source: integer('source'),
    destination: integer('destination'),
  };
}

function valueOf(part: Body): Value | undefined {
  for (const [key, value] of Object.entries(part))
    if (/^value([A-Z]|$)/.test(key) && value !== undefined) return normalised(value);
  if (part['resource'] !== undefined) return part['resource'];
  const inner = bodiesOf(part['part']);
  return inner.length === 0 ? undefined : fromParts(inner);
}

function fromParts(parts: readonly Body[]): Body {
  const body: Body = {};
  const isExtension = parts.some((part) => part['name'] === 'url');
  for (const part of parts) {
    const given = textOf(part['name']) ?? '';
    const name = isExtension && (given === 'value' || given === 'value[x]') ? choiceOf(part) : given;
    const value = valueOf(part);
    if (name === '' || value === undefined) throw fault(400, 'invalid', 'Une partie de valeur est vide.');
    const previous = body[name];
    if (previous === undefined) body[name] = REPEATED.has(name) ? [...asList(value)] : value;
    else body[name] = [...asList(previous), ...asList(value)];
  }
  return body;
}

/**
 * The one element of an Extension whose name depends on its type: `value[x]` in the definition, `value` in FHIRPath,
 * `valueRange` in JSON. Elsewhere (`ContactPoint.value`) `value` is a name like another.
 */
function choiceOf(part: Body): string {
  return Object.keys(part).find((key) => /^value[A-Z]/.test(key)) ?? '';
}

/** The ANS samples write `"coding": {…}`; FHIR's JSON wants an array. */
function normalised(value: Value): Value {
  if (Array.isArray(value)) return value.map(normalised);
  if (!isBody(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      key === 'coding' && isBody(child) ? [child] : child === undefined ? child : normalised(child),
    ]),
  );
}
