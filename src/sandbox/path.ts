import { asList, isBody, type Body, type Value } from './body.js';
import { ELEMENTS, type TypeName } from './model.js';
import { fault } from './outcome.js';

/**
 * The part of FHIRPath that the ROR lets a PATCH use: the resource, a first-level element, one item of it by index or
 * by `where`. Anything deeper is refused: "only first-level elements can be patched" (ROR API documentation).
 */
export type Target =
  | { readonly kind: 'resource' }
  | { readonly kind: 'element'; readonly name: string }
  | { readonly kind: 'item'; readonly name: string; readonly pick: Pick };

type Pick =
  | { readonly by: 'index'; readonly index: number }
  | { readonly by: 'where'; readonly conditions: readonly Condition[] };

interface Condition {
  readonly path: readonly Step[];
  readonly value: string | boolean;
}

/** `extension`, or `extension.where(url='…')`: an extension inside an item is named by its url. */
interface Step {
  readonly name: string;
  readonly where: Condition | null;
}

const SHAPE =
  /^(?<type>[A-Z][A-Za-z]*)(?:\.(?<name>[a-z][A-Za-z]*)(?:\[(?<index>[0-9]+)\]|\.where\((?<where>.*)\)|\((?<url>'(?:[^'\\]|\\.)*')\))?)?$/s;
const STEP = String.raw`[A-Za-z]+(?:\.where\(\s*url\s*=\s*'(?:[^'\\]|\\.)*'\s*\))?`;
const STEPS = /(?<name>[A-Za-z]+)(?:\.where\(\s*url\s*=\s*(?<url>'(?:[^'\\]|\\.)*')\s*\))?(?:\.|$)/gs;
const CONDITION = new RegExp(
  String.raw`^\s*(?<path>${STEP}(?:\.${STEP})*)\s*=\s*(?:(?<text>'(?:[^'\\]|\\.)*')|(?<flag>true|false))\s*(?:(?<more>and)\b|$)`,
  's',
);

/** @throws Fault 400 on a path of another form, 422 on an element that the type does not have. */
export function parsePath(text: string, type: TypeName): Target {
  const parts = SHAPE.exec(text.trim())?.groups;
  if (parts === undefined || parts['type'] !== type)
    throw fault(
      400,
      'not-supported',
      `Chemin refusé : « ${text} ». Seuls les éléments de premier niveau de ${type} se modifient par PATCH.`,
      text,
    );
  const { name, index, where, url } = parts;
  if (name === undefined) return { kind: 'resource' };
  expectElement(name, type);
  if (index !== undefined) return { kind: 'item', name, pick: { by: 'index', index: Number(index) } };
  if (where !== undefined)
    return { kind: 'item', name, pick: { by: 'where', conditions: conditions(where) } };
  if (url === undefined) return { kind: 'element', name };
  // `HealthcareService.extension('url')` is FHIRPath's short form of extension.where(url = '…').
  if (name !== 'extension') throw fault(400, 'invalid', `${name}(…) n’est pas du FHIRPath.`, text);
  return { kind: 'item', name, pick: { by: 'where', conditions: [isUrl(unquote(url))] } };
}

/** @throws Fault 422 when the type has no such first-level element, or when only the server may write it. */
export function expectElement(name: string, type: TypeName): void {
  const { single, list } = ELEMENTS[type];
  if (name === 'id' || name === 'meta')
    throw fault(422, 'business-rule', `${name} appartient au serveur.`, `${type}.${name}`);
  if (!single.has(name) && !list.has(name))
    throw fault(422, 'structure', `${type} n’a pas d’élément ${name}.`, `${type}.${name}`);
}

/** Places of the items that a path designates in an element (0 for a single one); empty when nothing matches. */
export function placesOf(body: Body, target: Exclude<Target, { kind: 'resource' }>): readonly number[] {
  const items = asList(body[target.name]);
  const all = items.map((_, place) => place);
  if (target.kind === 'element') return all;
  const { pick } = target;
  if (pick.by === 'index') return pick.index < items.length ? [pick.index] : [];
  return all.filter((place) => pick.conditions.every((condition) => holds(condition, items[place])));
}

function conditions(text: string): Condition[] {
  const found: Condition[] = [];
  let rest = text;
  do {
    const match = CONDITION.exec(rest);
    if (match?.groups === undefined)
      throw fault(400, 'not-supported', `Critère refusé : « ${text} ». Forme attendue : a.b='…' and c='…'.`);
    const { path = '', text: quoted, flag, more } = match.groups;
    found.push({ path: stepsOf(path), value: quoted === undefined ? flag === 'true' : unquote(quoted) });
    rest = rest.slice(match[0].length);
    if (more === undefined) break;
  } while (true);
  return found;
}

function stepsOf(path: string): Step[] {
  return Array.from(path.matchAll(STEPS), ({ groups }) => {
    const url = groups?.['url'];
    return { name: groups?.['name'] ?? '', where: url === undefined ? null : isUrl(unquote(url)) };
  });
}

function isUrl(url: string): Condition {
  return { path: [{ name: 'url', where: null }], value: url };
}

function unquote(literal: string): string {
  return literal.slice(1, -1).replace(/\\(.)/gs, '$1');
}

/** FHIRPath `=` on collections: true only when the path gives exactly one value, equal to the literal. */
function holds(condition: Condition, item: Value | undefined): boolean {
  let values: readonly (Value | undefined)[] = [item];
  for (const { name, where } of condition.path) {
    values = values.flatMap((value) => childrenOf(value, name));
    if (where !== null) values = values.filter((value) => holds(where, value));
  }
  return values.length === 1 && values[0] === condition.value;
}

/** `value` of an extension is its `value[x]`, whatever the type (FHIRPath, choice types). */
function childrenOf(value: Value | undefined, name: string): readonly (Value | undefined)[] {
  if (!isBody(value)) return [];
  const choice = name === 'value' && value['value'] === undefined && value['url'] !== undefined;
  const key = choice ? Object.keys(value).find((each) => /^value[A-Z]/.test(each)) : name;
  return key === undefined ? [] : asList(value[key]);
}
