import { referenceOf } from './body.js';
import { fault } from './outcome.js';
import type { TypeName } from './model.js';
import { dateTest } from './search-date.js';
import { SEARCH_PARAMS, type SearchParam, type Token } from './search-params.js';
import { includeNamed, referringTo, resolve } from './search-includes.js';
import type { Store, Stored } from './store.js';

/**
 * Test of one search parameter: `name[:modifier]`, a chain `organization.name[:above]`, or a reverse chain
 * `_has:PractitionerRole:service:<param>`. @throws Fault 400 on anything else.
 */
export function testOf(
  store: Store,
  type: TypeName,
  rawName: string,
  value: string,
): (stored: Stored) => boolean {
  if (rawName.startsWith('_has:')) return reversed(store, type, rawName, value);
  const chain = /^(?<head>[a-z-]+)\.(?<tail>[A-Za-z_-]+)(?<above>:above)?$/.exec(rawName)?.groups;
  if (chain !== undefined) return chained(store, type, rawName, chain, value);
  const [name = '', modifier = ''] = rawName.split(':');
  const param = SEARCH_PARAMS[type][name];
  if (param === undefined || param.kind === 'reference')
    throw fault(400, 'not-supported', `Paramètre de recherche inconnu : « ${rawName} ».`, rawName);
  const tests = splitOn(value, ',').map((one) => valueTest(param, one, modifier, rawName));
  if (modifier !== 'not') return (stored) => tests.some((test) => test(stored));
  return (stored) => !tests.some((test) => test(stored));
}

/** Kind of what a name, chained or not, searches in; null when it is none. */
export function kindOf(type: TypeName, rawName: string): SearchParam['kind'] | null {
  const [head = '', tail] = rawName.replace(/:[a-z]+$/, '').split('.');
  const param = SEARCH_PARAMS[type][head];
  if (tail === undefined) return param?.kind ?? null;
  return param?.kind === 'reference' ? (SEARCH_PARAMS[param.target][tail]?.kind ?? null) : null;
}

/** `_has:T:reference:param`: some T that refers to the resource passes the test. */
function reversed(store: Store, type: TypeName, rawName: string, value: string): (stored: Stored) => boolean {
  const [, from = '', name = '', ...rest] = rawName.split(':');
  const include = includeNamed(`${from}:${name}`);
  if (include === undefined || !include.to.includes(type) || rest.length === 0)
    throw fault(400, 'not-supported', `Chaînage inverse non pris en charge : « ${rawName} ».`, rawName);
  const test = testOf(store, include.from, rest.join(':'), value);
  return (stored) => referringTo(store, include, stored).some(test);
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
  param: Exclude<SearchParam, { kind: 'reference' }>,
  value: string,
  modifier: string,
  rawName: string,
): (stored: Stored) => boolean {
  const allowed = {
    token: ['', 'not'],
    string: ['', 'exact', 'contains'],
    date: [''],
    content: [''],
  };
  if (!allowed[param.kind].includes(modifier))
    throw fault(400, 'not-supported', `Modificateur non pris en charge : « ${rawName} ».`, rawName);
  if (value === '') throw fault(400, 'invalid', `Valeur vide : « ${rawName} ».`, rawName);
  switch (param.kind) {
    case 'date': {
      const test = dateTest(value);
      return (stored) => test(stored.lastUpdated);
    }
    case 'content': {
      const wanted = foldText(unescape(value));
      return (stored) => foldText(stored.text).includes(wanted);
    }
    case 'string': {
      const test = stringTest(unescape(value), modifier);
      return (stored) => param.read(stored.body).some(test);
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
