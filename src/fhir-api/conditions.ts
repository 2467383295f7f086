import type { Condition } from '../db/served-condition.js';
import { fold } from '../normalise/text.js';
import { tokenKey } from '../publish/entries.js';
import { ENRICHED_ONLY, PARAMETERS, type Parameter, type SearchedType } from '../publish/parameters.js';
import type { Base } from '../publish/views.js';
import { reverseOf } from './includes.js';
import { Fault, invalid, unsupported } from './outcome.js';
import { chains, enrichedOnly, reverses, unknown } from './unknown-parameter.js';
import {
  communeOf,
  dateOf,
  numberOf,
  placeOf,
  quantityOf,
  shown,
  splitOn,
  tokenOf,
  unescaped,
} from './values.js';

/** Around a commune: where that is, the database knows. */
export interface Unplaced {
  readonly kind: 'nearCommune';
  readonly any: readonly { readonly commune: string; readonly token: string; readonly km: number }[];
  readonly at: 'self' | 'location';
}

/** Alternatives of one parameter, at most. */
const MAX_VALUES = 200;
/** Links that one parameter may follow: `organization.identifier`, `_has:…:service:practitioner.identifier`. */
const MAX_DEPTH = 3;

/**
 * One parameter as a condition: `name[:modifier]`, a chain `organization.name[:above]`, or a reverse chain
 * `_has:PractitionerRole:service:identifier` (api.md section 7). @throws Fault 400
 */
export function conditionOf(
  type: SearchedType,
  rawName: string,
  value: string,
  base: Base,
  depth = 0,
): Condition | Unplaced {
  if (depth > MAX_DEPTH)
    throw new Fault(
      400,
      'too-costly',
      `Chaînage trop long : « ${shown(rawName)} ». Que faire : suivez au plus ${MAX_DEPTH} liens.`,
      shown(rawName),
    );
  if (rawName.startsWith('_has:')) return reversed(type, rawName, value, base, depth);
  const chain = /^(?<head>[a-z-]+)(?::(?<as>[A-Za-z]+))?\.(?<tail>.+)$/.exec(rawName)?.groups;
  if (chain !== undefined) return chained(type, rawName, chain, value, base, depth);
  const [name = '', modifier, ...more] = rawName.split(':');
  const parameter = Object.hasOwn(PARAMETERS[type], name) ? PARAMETERS[type][name] : undefined;
  if (parameter === undefined || more.length > 0) throw unknown(type, rawName, base);
  if (base === 'ror' && ENRICHED_ONLY.has(name)) throw enrichedOnly(name);
  const values = splitOn(value, ',');
  if (values.length > MAX_VALUES)
    throw new Fault(
      400,
      'too-costly',
      `Au plus ${MAX_VALUES} valeurs par paramètre. Que faire : faites plusieurs recherches.`,
      name,
    );
  if (values.some((one) => one === ''))
    throw invalid(name, `Valeur vide dans « ${shown(value)} ». Que faire : ôtez la virgule de trop.`);
  return single(type, name, modifier, parameter, values);
}

function single(
  type: SearchedType,
  name: string,
  modifier: string | undefined,
  parameter: Parameter,
  values: readonly string[],
): Condition | Unplaced {
  if (modifier === 'missing') return missing(type, name, parameter, values);
  checkModifier(name, modifier, parameter.kind);
  switch (parameter.kind) {
    case 'id':
      return { kind: 'ids', any: values.map((one) => technicalId(name, one)), not: modifier === 'not' };
    case 'lastUpdated':
      return { kind: 'updated', any: values.map((one) => dateOf(name, one)) };
    case 'token':
      return {
        kind: 'tokens',
        any: values.map((one) => tokenKey(type, name, tokenOf(name, one))),
        not: modifier === 'not',
      };
    case 'string':
      return {
        kind: 'text',
        param: name,
        mode: modifier === 'contains' ? 'inside' : 'start',
        any: values.map((one) => words(name, one)),
      };
    case 'content':
      return { kind: 'text', param: name, mode: 'inside', any: values.map((one) => words(name, one)) };
    case 'date':
      return { kind: 'range', param: name, any: values.map((one) => dateOf(name, one)) };
    case 'number':
      return { kind: 'range', param: name, any: values.map((one) => numberOf(name, one)) };
    case 'quantity':
      return { kind: 'range', param: name, any: values.map((one) => quantityOf(name, one)) };
    case 'reference':
      return { kind: 'reference', param: name, any: values.map((one) => referenceOf(name, one)) };
    case 'special':
      if (parameter.special === 'near') return { kind: 'near', any: values.map((one) => placeOf(name, one)) };
      return {
        kind: 'nearCommune',
        at: 'self',
        any: values.map((one) => {
          const { commune, km } = communeOf(name, one);
          return { commune, km, token: tokenKey('Location', 'commune-cog', commune) };
        }),
      };
  }
}

const MODIFIERS: Readonly<Record<Parameter['kind'], readonly string[]>> = {
  id: ['not'],
  token: ['not'],
  string: ['contains'],
  content: [],
  lastUpdated: [],
  date: [],
  number: [],
  quantity: [],
  reference: [],
  special: [],
};

function checkModifier(name: string, modifier: string | undefined, kind: Parameter['kind']): void {
  if (modifier === undefined || MODIFIERS[kind].includes(modifier)) return;
  const known = [...MODIFIERS[kind], ...(kind === 'token' || kind === 'string' ? ['missing'] : [])];
  // What is kept for searching has neither accents nor capitals: an exact comparison would not be one.
  if (modifier === 'exact' && kind === 'string')
    throw unsupported(
      `${name}:exact`,
      `:exact n’est pas pris en charge : les textes sont comparés sans accents ni majuscules. Que faire : cherchez ${name}=…, et comparez vous-même le texte rendu.`,
    );
  throw unsupported(
    `${name}:${shown(modifier)}`,
    `Modificateur « :${shown(modifier)} » non pris en charge pour ${name}. Que faire : ${known.length === 0 ? 'ôtez-le' : `prenez ${known.map((each) => `:${each}`).join(' ou ')}, ou ôtez-le`}.`,
  );
}

/** Whether anything is said at all: a token of any system, or any text. */
function missing(
  type: SearchedType,
  name: string,
  parameter: Parameter,
  values: readonly string[],
): Condition {
  const [value] = values;
  if (parameter.kind !== 'token' && parameter.kind !== 'string')
    throw unsupported(`${name}:missing`, `:missing n’est pris en charge que pour les codes et les textes.`);
  if (values.length !== 1 || (value !== 'true' && value !== 'false'))
    throw invalid(`${name}:missing`, ':missing demande true ou false.');
  return {
    kind: 'said',
    param: name,
    how: parameter.kind === 'token' ? `${type}/${name}=` : null,
    not: value === 'true',
  };
}

function chained(
  type: SearchedType,
  rawName: string,
  chain: Record<string, string | undefined>,
  value: string,
  base: Base,
  depth: number,
): Condition | Unplaced {
  const { head = '', as } = chain;
  const parameter = Object.hasOwn(PARAMETERS[type], head) ? PARAMETERS[type][head] : undefined;
  if (parameter?.kind !== 'reference' || (as !== undefined && as !== parameter.target))
    throw unsupported(
      shown(rawName),
      `Chaînage non pris en charge : « ${shown(rawName)} ».${chains(type, head, as)}`,
    );
  // `:above` is ANS's own: "this organization or one above it"; it ends the whole name.
  const above = parameter.target === 'Organization' && (chain['tail'] ?? '').endsWith(':above');
  const tail = above ? (chain['tail'] ?? '').slice(0, -':above'.length) : (chain['tail'] ?? '');
  const inner = innerOf(rawName, () => conditionOf(parameter.target, tail, value, base, depth + 1));
  if (inner.kind === 'nearCommune') return { ...inner, at: 'location' };
  return { kind: 'names', param: head, target: parameter.target, above, conditions: [inner] };
}

function reversed(
  type: SearchedType,
  rawName: string,
  value: string,
  base: Base,
  depth: number,
): Condition | Unplaced {
  const [, from = '', name = '', ...rest] = rawName.split(':');
  const source = reverseOf(type, from, name);
  if (source === null || rest.length === 0)
    throw unsupported(
      shown(rawName),
      `Chaînage inverse non pris en charge : « ${shown(rawName)} ». Que faire : écrivez _has:<type>:<référence vers ${type}>:<paramètre>${reverses(type)}.`,
    );
  // PractitionerRole and Practitioner are never mirrored: what is asked of them is checked as far as it goes.
  const tail = rest.join(':').replace(/^practitioner\./, '');
  const inner = innerOf(rawName, () => conditionOf(source, tail, value, base, depth + 1));
  if (source === 'PractitionerRole' || source === 'Practitioner') return { kind: 'nothing' };
  if (inner.kind === 'nearCommune')
    throw unsupported(shown(rawName), 'near-insee-code ne se chaîne pas à rebours.');
  return { kind: 'namedBy', from: source, param: name, conditions: [inner] };
}

/** What is wrong in a chain is told with the whole chain: its end alone is nowhere in what was asked. */
function innerOf<T>(rawName: string, inner: () => T): T {
  try {
    return inner();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(
      error.status,
      error.code,
      `Dans « ${shown(rawName)} » : ${error.message}`,
      shown(rawName),
    );
  }
}

function technicalId(name: string, value: string): string {
  const id = unescaped(value);
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id))
    throw invalid(
      name,
      `« ${shown(value)} » n’est pas un identifiant technique FHIR. Que faire : un numéro se cherche par identifier=….`,
    );
  return id;
}

function referenceOf(name: string, value: string): { readonly type: string | null; readonly id: string } {
  const parts = /^(?:.*\/)?(?:([A-Z][A-Za-z]{1,40})\/)?([A-Za-z0-9\-.]{1,64})$/s.exec(unescaped(value));
  if (parts?.[2] === undefined)
    throw invalid(
      name,
      `« ${shown(value)} » n’est pas une référence : écrivez Organization/id, ou enchaînez : ${name}.identifier=…`,
    );
  return { type: parts[1] ?? null, id: parts[2] };
}

function words(name: string, value: string): string {
  const folded = fold(unescaped(value));
  if (folded === '')
    throw invalid(
      name,
      `« ${shown(value)} » ne contient ni lettre ni chiffre. Que faire : donnez un début de mot, encodé en UTF-8 (« é » s’écrit %C3%A9).`,
    );
  return folded;
}
