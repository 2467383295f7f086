import type { Eyes } from './access.js';
import type { ScriptedFault } from './faults.js';
import { fault } from './outcome.js';
import { isTypeName, type TypeName } from './model.js';
import { includedWith } from './search-includes.js';
import { comparePlaces, parseQuery, runQuery, sortPlace } from './search.js';
import type { Store, Stored } from './store.js';

/** What a search is answered from, and by what rules. */
export interface Searched {
  readonly store: Store;
  readonly base: string;
  readonly eyes: Eyes;
  /** Matches after which there is no next link any more. */
  readonly limit: number;
  readonly faults: readonly ScriptedFault[];
}

/** What a next link carries: the search as asked, where the last page ended, how many were given so far. */
interface Cursor {
  readonly type: TypeName;
  readonly query: string;
  readonly after: readonly [string, string];
  readonly given: number;
  /** The first page of a search whose second one was given before it. */
  readonly swapped?: true;
}

/**
 * One page of a search as Bundle text. `total` is the true number of matches; after `limit` matches there is no next
 * link any more ("cut at 10,000", ROR): a client must notice by itself. Pages follow the last resource given, not a row
 * number, so that a write between two pages neither hides nor repeats a resource sorted by id.
 */
export function searchPage(
  searched: Searched,
  type: TypeName,
  queryText: string,
  cursor: Cursor | null = null,
): string {
  const { store, base, eyes, limit, faults } = searched;
  const overlap = faults.find((each) => each.kind === 'overlap');
  const wrong = faults.find((each) => each.kind === 'total');
  const foreign = faults.find((each) => each.kind === 'nextLink');
  const query = parseQuery(store, type, new URLSearchParams(queryText));
  const found = runQuery(store, query, (stored) => eyes.sees(stored));
  const after = cursor === null ? 0 : found.findIndex((stored) => isAfter(stored, cursor.after));
  const rest = after < 0 ? [] : found.slice(Math.max(0, after - (overlap?.by ?? 0)));
  const given = cursor?.given ?? 0;
  const swaps =
    cursor === null && rest.length > query.count && faults.some(({ kind }) => kind === 'swapPages');
  const size = Math.min(query.count, limit - given);
  const page = swaps ? rest.slice(size, 2 * size) : rest.slice(0, size);
  // After the two swapped pages the walk goes on from the end of the second.
  const last = cursor?.swapped === true ? found[2 * query.count - 1] : page.at(-1);
  const links = [{ relation: 'self', url: `${base}/${type}${queryText === '' ? '' : `?${queryText}`}` }];
  if (swaps) {
    const first: Cursor = { type, query: queryText, after: ['', ''], given: page.length, swapped: true };
    links.push({
      relation: 'next',
      url: `${base}/_page/${Buffer.from(JSON.stringify(first)).toString('base64url')}`,
    });
  } else if (last !== undefined && rest.length > page.length && given + page.length < limit) {
    const next: Cursor = {
      type,
      query: queryText,
      after: sortPlace(query, last),
      given: given + page.length,
    };
    const token = Buffer.from(JSON.stringify(next)).toString('base64url');
    links.push({ relation: 'next', url: foreign?.url ?? `${base}/_page/${token}` });
  }
  const included = includedWith(store, query, page).filter((stored) => eyes.sees(stored));
  const entries = [
    ...page.map((stored) => entryText(searched, stored, 'match')),
    ...included.map((stored) => entryText(searched, stored, 'include')),
  ];
  if (faults.some((each) => each.kind === 'reversePage')) entries.reverse();
  const head = JSON.stringify({
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length + (wrong?.plus ?? 0),
    link: links,
  });
  return entries.length === 0 ? head : `${head.slice(0, -1)},"entry":[${entries.join(',')}]}`;

  function isAfter(stored: Stored, place: readonly [string, string]): boolean {
    const order = comparePlaces(sortPlace(query, stored), place);
    return query.descending ? order < 0 : order > 0;
  }
}

/** @throws Fault 410 on a token that is not one of ours. */
export function nextPage(searched: Searched, token: string): string {
  let cursor: Cursor;
  try {
    cursor = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Cursor;
  } catch {
    throw fault(410, 'expired', 'Ce lien de page n’est plus connu : relancez la recherche.');
  }
  if (!isTypeName(cursor.type)) throw fault(410, 'expired', 'Ce lien de page n’est plus connu.');
  return searchPage(searched, cursor.type, cursor.query, cursor);
}

function entryText(searched: Searched, stored: Stored, mode: 'match' | 'include'): string {
  const fullUrl = JSON.stringify(`${searched.base}/${stored.type}/${stored.id}`);
  return `{"fullUrl":${fullUrl},"resource":${searched.eyes.text(stored)},"search":{"mode":"${mode}"}}`;
}
