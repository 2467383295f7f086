import { asList, cloneBody, type Body, type Value } from './body.js';
import { ELEMENTS, type TypeName } from './model.js';
import { fault } from './outcome.js';
import { expectElement, parsePath, placesOf, type Target } from './path.js';
import { readOperations, type PatchOperation } from './patch-operations.js';

/**
 * FHIRPath Patch of FHIR R4 on first-level elements. All operations or none: the given body is left as it is.
 * A `delete` whose path designates nothing does nothing ("path of the element to delete (if found)", R4 fhirpatch);
 * designating several items, or replacing what is absent, is refused.
 * @throws Fault 400 or 422.
 */
export function applyPatch(type: TypeName, body: Body, parameters: Body): Body {
  const result = cloneBody(body);
  for (const operation of readOperations(parameters)) {
    const target = parsePath(operation.path, type);
    switch (operation.type) {
      case 'add':
        add(type, result, operation, target);
        break;
      case 'insert':
        insert(type, result, operation, target);
        break;
      case 'delete':
        remove(result, operation, target);
        break;
      case 'replace':
        replace(type, result, operation, target);
        break;
      case 'move':
        move(type, result, operation, target);
        break;
    }
  }
  return result;
}

function add(type: TypeName, body: Body, operation: PatchOperation, target: Target): void {
  if (target.kind !== 'resource')
    throw fault(
      422,
      'not-supported',
      '« add » prend pour chemin la ressource et nomme l’élément.',
      operation.path,
    );
  const name = expectName(type, operation);
  const value = expectValue(operation);
  if (ELEMENTS[type].list.has(name)) body[name] = [...asList(body[name]), ...asList(value)];
  else if (body[name] === undefined) body[name] = value;
  else throw fault(422, 'business-rule', `${name} existe déjà : « replace » est attendu.`, `${type}.${name}`);
}

function insert(type: TypeName, body: Body, operation: PatchOperation, target: Target): void {
  const name = expectList(type, target, operation);
  const items = [...asList(body[name])];
  const index = operation.index;
  if (index === null || index < 0 || index > items.length)
    throw fault(
      422,
      'value',
      `« insert » : index absent ou hors de la liste (${items.length}).`,
      operation.path,
    );
  items.splice(index, 0, expectValue(operation));
  body[name] = items;
}

function remove(body: Body, operation: PatchOperation, target: Target): void {
  if (target.kind === 'resource')
    throw fault(422, 'business-rule', 'Une ressource ne se supprime pas.', operation.path);
  const place = onePlace(body, target, operation);
  if (place !== null) setItems(body, target.name, (items) => items.splice(place, 1));
}

function replace(type: TypeName, body: Body, operation: PatchOperation, target: Target): void {
  const value = expectValue(operation);
  if (target.kind === 'resource') {
    // The form of the ANS samples: the parent as path, the element by name, the whole element replaced.
    const name = expectName(type, operation);
    body[name] = ELEMENTS[type].list.has(name) ? [...asList(value)] : value;
    return;
  }
  const place = onePlace(body, target, operation);
  if (place === null)
    throw fault(422, 'not-found', `« replace » : rien ne correspond à ${operation.path}.`, operation.path);
  setItems(body, target.name, (items) => items.splice(place, 1, ...asList(value)));
}

function move(type: TypeName, body: Body, operation: PatchOperation, target: Target): void {
  const name = expectList(type, target, operation);
  const { source, destination } = operation;
  const items = [...asList(body[name])];
  const inside = (place: number | null): place is number =>
    place !== null && place >= 0 && place < items.length;
  if (!inside(source) || !inside(destination))
    throw fault(422, 'value', '« move » : source ou destination hors de la liste.', operation.path);
  items.splice(destination, 0, ...items.splice(source, 1));
  body[name] = items;
}

/** Changes an element's items where they stand; the last one gone, the element leaves with its `_name` sibling. */
function setItems(body: Body, name: string, change: (items: Value[]) => void): void {
  const items = [...asList(body[name])];
  change(items);
  if (items.length === 0) {
    delete body[name];
    delete body[`_${name}`];
  } else body[name] = Array.isArray(body[name]) ? items : items[0];
}

function onePlace(
  body: Body,
  target: Exclude<Target, { kind: 'resource' }>,
  operation: PatchOperation,
): number | null {
  const places = placesOf(body, target);
  if (places.length > 1)
    throw fault(
      422,
      'multiple-matches',
      `${operation.path} désigne ${places.length} éléments.`,
      operation.path,
    );
  return places[0] ?? null;
}

function expectName(type: TypeName, operation: PatchOperation): string {
  if (operation.name === null)
    throw fault(
      400,
      'required',
      `« ${operation.type} » : le nom de l’élément (name) manque.`,
      operation.path,
    );
  expectElement(operation.name, type);
  return operation.name;
}

function expectValue(operation: PatchOperation): Value {
  if (operation.value !== undefined) return operation.value;
  throw fault(400, 'required', `« ${operation.type} » : la valeur (value) manque.`, operation.path);
}

function expectList(type: TypeName, target: Target, operation: PatchOperation): string {
  if (target.kind === 'element' && ELEMENTS[type].list.has(target.name)) return target.name;
  throw fault(422, 'value', `« ${operation.type} » : ${operation.path} n’est pas une liste.`, operation.path);
}
