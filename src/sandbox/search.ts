import { fault } from './outcome.js';
import type { TypeName } from './model.js';
import { filterTest } from './search-filter.js';
import type { Include } from './search-params.js';
import { includeNamed } from './search-includes.js';
import { testOf } from './search-test.js';
import type { Store, Stored } from './store.js';

export interface Query {
  readonly type: TypeName;
  /** Every repeat must match: AND over repeats, OR over commas. */
  readonly tests: readonly ((stored: Stored) => boolean)[];
  readonly sort: 'id' | 'lastUpdated';
  readonly descending: boolean;
  readonly count: number;
  readonly includes: readonly Include[];
  readonly revincludes: readonly Include[];
}

/** Page size: 200 by default and at most (ROR). */
export const PAGE = 200;

/** @throws Fault 400 on an unknown parameter, modifier or value: nothing is ignored but `_format`. */
export function parseQuery(store: Store, type: TypeName, params: URLSearchParams): Query {
  const tests: ((stored: Stored) => boolean)[] = [];
  const includes: Include[] = [];
  const revincludes: Include[] = [];
  let sort = 'id';
  let count = PAGE;
  for (const [name, value] of params) {
    if (name === '_format') continue;
    else if (name === '_count') count = pageSize(value);
    else if (name === '_sort') sort = value.replace(/_/, '');
    else if (/^_include(:iterate)?$/.test(name)) includes.push(...value.split(',').map(expectInclude));
    else if (/^_revinclude(:iterate)?$/.test(name)) revincludes.push(...value.split(',').map(expectInclude));
    else if (name === '_filter') tests.push(filterTest(store, type, value));
    else tests.push(testOf(store, type, name, value));
  }
  const order = sort.replace(/^-/, '');
  if (order !== 'id' && order !== 'lastUpdated')
    throw fault(400, 'not-supported', `Tri non pris en charge : « ${sort} ».`, '_sort');
  return { type, tests, sort: order, descending: sort.startsWith('-'), count, includes, revincludes };
}

/** Matches in order, among what a search may see. */
export function runQuery(store: Store, query: Query, seen: (stored: Stored) => boolean): Stored[] {
  const found: Stored[] = [];
  for (const stored of store.searchable(query.type))
    if (seen(stored) && query.tests.every((test) => test(stored))) found.push(stored);
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

function expectInclude(value: string): Include {
  const include = includeNamed(value);
  if (include === undefined)
    throw fault(400, 'not-supported', `_include ou _revinclude non pris en charge : « ${value} ».`);
  return include;
}

function pageSize(text: string): number {
  if (!/^[0-9]{1,6}$/.test(text)) throw fault(400, 'invalid', `_count illisible : « ${text} ».`, '_count');
  return Math.min(Number(text), PAGE);
}
