import { referenceOf } from './body.js';
import { fault } from './outcome.js';
import { isTypeName, type TypeName } from './model.js';
import { dateTest } from './search-date.js';
import { INCLUDES, SEARCH_PARAMS, type Include, type SearchParam, type Token } from './search-params.js';
import type { Store, Stored } from './store.js';

export interface Query {
  readonly type: TypeName;
  /** Every repeat must match: AND over repeats, OR over commas. */
  readonly tests: readonly ((stored: Stored) => boolean)[];
  readonly sort: 'id' | 'lastUpdated';
  readonly descending: boolean;
  readonly count: number;
  readonly includes: readonly Include[];
}

/** Page size: 200 by default and at most (ROR). */
export const PAGE = 200;

/** @throws Fault 400 on an unknown parameter, modifier or value: nothing is ignored but `_format` and `_pretty`. */
export function parseQuery(store: Store, type: TypeName, params: URLSearchParams): Query {
  const tests: ((stored: Stored) => boolean)[] = [];
  const includes: Include[] = [];
  let sort = 'id';
  let count = PAGE;
  for (const [name, value] of params) {
    if (name === '_format' || name === '_pretty') continue;
    else if (name === '_count') count = pageSize(value);
    else if (name === '_sort') sort = value.replace(/_/, '');
    else if (/^_include(:iterate)?$/.test(name)) includes.push(...value.split(',').map(expectInclude));
    else tests.push(testOf(store, type, name, value));
  }
  const order = sort.replace(/^-/, '');
  if (order !== 'id' && order !== 'lastUpdated')
    throw fault(400, 'not-supported', `Tri non pris en charge : « ${sort} ».`, '_sort');
  return { type, tests, sort: order, descending: sort.startsWith('-'), count, includes };
}

/** Matches in order. */
export function runQuery(store: Store, query: Query): Stored[] {
  const found: Stored[] = [];
  for (const stored of store.all(query.type))
    if (query.tests.every((test) => test(stored))) found.push(stored);
  const sign = query.descending ? -1 : 1;
  return found.sort((a, b) => sign * comparePlaces(sortPlace(query, a), sortPlace(query, b)));
}

/** Place of a resource in the order of a query: total, since ids break ties. */
export function sortPlace(query: Query, stored: Stored): readonly [string, string] {
  return [query.sort === 'id' ? '' : stored.lastUpdated, stored.id];
}

export function comparePlaces(a: readonly [string, string], b: readonly [string, string]): number {
  const [x, y] = a[0] === b[0] ? [a[1], b[1]] : [a[0], b[0]];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Resources that the includes add to one page of matches, each once, matches excluded. */
export function includedWith(store: Store, query: Query, matches: readonly Stored[]): readonly Stored[] {
  const seen = new Set(matches.map((stored) => `${stored.type}/${stored.id}`));
  const added: Stored[] = [];
  for (const queue: Stored[] = [...matches]; queue.length > 0;) {
    const stored = queue.shift() as Stored;
    for (const reference of query.includes.flatMap((include) => referencesOf(stored, include))) {
      const other = resolve(store, reference);
      if (other === undefined || seen.has(reference)) continue;
      seen.add(reference);
      added.push(other);
      queue.push(other);
    }
  }
  return added;
}

function referencesOf(stored: Stored, include: Include): readonly string[] {
  const [type, name] = include.split(':') as [TypeName, string];
  if (stored.type !== type) return [];
  if (name === 'partof')
    return [referenceOf(stored.body['partOf'])].filter((reference) => reference !== null);
  const param = SEARCH_PARAMS[type][name];
  return param?.kind === 'reference' ? param.read(stored.body) : [];
}

function resolve(store: Store, reference: string): Stored | undefined {
  const [type = '', id = ''] = reference.split('/');
  return isTypeName(type) ? store.get(type, id) : undefined;
}

function expectInclude(value: string): Include {
  const include = INCLUDES.find((known) => known === value);
  if (include === undefined) throw fault(400, 'not-supported', `_include non pris en charge : « ${value} ».`);
  return include;
}

function pageSize(text: string): number {
  if (!/^[0-9]{1,6}$/.test(text)) throw fault(400, 'invalid', `_count illisible : « ${text} ».`, '_count');
  return Math.min(Number(text), PAGE);
}

function testOf(store: Store, type: TypeName, rawName: string, value: string): (stored: Stored) => boolean {
  const chain = /^(?<head>[a-z-]+)\.(?<tail>[A-Za-z_-]+)(?<above>:above)?$/.exec(rawName)?.groups;
  if (chain !== undefined) return chained(store, type, rawName, chain, value);
  const [name = '', modifier = ''] = rawName.split(':');
  const param = SEARCH_PARAMS[type][name];
  if (param === undefined)
    throw fault(400, 'not-supported', `Paramètre de recherche inconnu : « ${rawName} ».`, rawName);
  const tests = splitOn(value, ',').map((one) => valueTest(param, one, modifier, rawName));
  if (modifier !== 'not') return (stored) => tests.some((test) => test(stored));
  return (stored) => !tests.some((test) => test(stored));
}

function chained(
  store: Store,
  type: TypeName,
  rawName: string,
  chain: Record<string, string | undefined>,
  value: string,
): (stored: Stored) => boolean {
  const { head = '', tail = '', above } = chain;
  const param = SEARCH_PARAMS[type][head];
  if (param?.kind !== 'reference' || (above !== undefined && param.target !== 'Organization'))
    throw fault(400, 'not-supported', `Chaînage non pris en charge : « ${rawName} ».`, rawName);
  const test = testOf(store, param.target, tail, value);
  // `:above` is ANS's own: "this organization or one above it".
  const line = (start: Stored | undefined): readonly Stored[] => {
    const found: Stored[] = [];
    for (let one = start; one !== undefined && !found.includes(one);) {
      found.push(one);
      const parent = above === undefined ? null : referenceOf(one.body['partOf']);
      one = parent === null ? undefined : resolve(store, parent);
    }
    return found;
  };
  return (stored) => param.read(stored.body).some((reference) => line(resolve(store, reference)).some(test));
}

function valueTest(
  param: SearchParam,
  value: string,
  modifier: string,
  rawName: string,
): (stored: Stored) => boolean {
  const allowed = { token: ['', 'not'], string: ['', 'exact', 'contains'], date: [''], reference: [''] };
  if (!allowed[param.kind].includes(modifier))
    throw fault(400, 'not-supported', `Modificateur non pris en charge : « ${rawName} ».`, rawName);
  if (value === '') throw fault(400, 'invalid', `Valeur vide : « ${rawName} ».`, rawName);
  switch (param.kind) {
    case 'date': {
      const test = dateTest(value);
      return (stored) => test(stored.lastUpdated);
    }
    case 'string': {
      const test = stringTest(unescape(value), modifier);
      return (stored) => param.read(stored.body).some(test);
    }
    case 'reference': {
      const id = unescape(value).split('/').slice(-2);
      const wanted = id.length === 2 ? id.join('/') : `${param.target}/${id[0]}`;
      return (stored) => param.read(stored.body).includes(wanted);
    }
    case 'token': {
      const test = tokenTest(value);
      return (stored) => param.read(stored.body).some(test);
    }
  }
}

/** `code`, `system|code`, `|code` (no system), `system|`. */
function tokenTest(value: string): (token: Token) => boolean {
  const [first = '', second] = splitOn(value, '|').map(unescape);
  if (second === undefined) return (token) => token.code === first;
  if (first === '') return (token) => token.system === null && token.code === second;
  return (token) => token.system === first && (second === '' || token.code === second);
}

/** Start of the text by default, without case nor accents (FHIR R4). */
function stringTest(wanted: string, modifier: string): (text: string) => boolean {
  if (modifier === 'exact') return (text) => text === wanted;
  const folded = foldText(wanted);
  if (modifier === 'contains') return (text) => foldText(text).includes(folded);
  return (text) => foldText(text).startsWith(folded);
}

function foldText(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Splits on a separator that no backslash precedes (FHIR R4, escaping search parameters). */
function splitOn(value: string, separator: ',' | '|'): readonly string[] {
  const parts = [''];
  for (const [unit] of value.matchAll(/\\.|[^\\]|\\$/gsu)) {
    if (unit === separator) parts.push('');
    else parts[parts.length - 1] += unit;
  }
  return parts;
}

function unescape(value: string): string {
  return value.replace(/\\([\\,|$])/g, '$1');
}
