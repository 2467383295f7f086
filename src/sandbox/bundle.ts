import { fault } from './outcome.js';
import { isTypeName, type TypeName } from './model.js';
import { comparePlaces, includedWith, parseQuery, runQuery, sortPlace } from './search.js';
import type { Store, Stored } from './store.js';

/** What a next link carries: the search as asked, where the last page ended, how many were given so far. */
interface Cursor {
  readonly type: TypeName;
  readonly query: string;
  readonly after: readonly [string, string];
  readonly given: number;
}

/**
 * One page of a search as Bundle text. `total` is the true number of matches; after `limit` matches there is no next
 * link any more ("cut at 10,000", ROR): a client must notice by itself. Pages follow the last resource given, not a row
 * number, so that a write between two pages neither hides nor repeats a resource sorted by id.
 */
export function searchPage(
  store: Store,
  base: string,
  type: TypeName,
  queryText: string,
  limit: number,
  cursor: Cursor | null = null,
): string {
  const query = parseQuery(store, type, new URLSearchParams(queryText));
  const found = runQuery(store, query);
  const rest = cursor === null ? found : found.filter((stored) => isAfter(stored, cursor.after));
  const given = cursor?.given ?? 0;
  const page = rest.slice(0, Math.min(query.count, limit - given));
  const last = page.at(-1);
  const links = [{ relation: 'self', url: `${base}/${type}${queryText === '' ? '' : `?${queryText}`}` }];
  if (last !== undefined && rest.length > page.length && given + page.length < limit) {
    const next: Cursor = {
      type,
      query: queryText,
      after: sortPlace(query, last),
      given: given + page.length,
    };
    links.push({
      relation: 'next',
      url: `${base}/_page/${Buffer.from(JSON.stringify(next)).toString('base64url')}`,
    });
  }
  const entries = [
    ...page.map((stored) => entryText(base, stored, 'match')),
    ...includedWith(store, query, page).map((stored) => entryText(base, stored, 'include')),
  ];
  const head = JSON.stringify({
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length,
    link: links,
  });
  return entries.length === 0 ? head : `${head.slice(0, -1)},"entry":[${entries.join(',')}]}`;

  function isAfter(stored: Stored, place: readonly [string, string]): boolean {
    const order = comparePlaces(sortPlace(query, stored), place);
    return query.descending ? order < 0 : order > 0;
  }
}

/** @throws Fault 410 on a token that is not one of ours. */
export function nextPage(store: Store, base: string, token: string, limit: number): string {
  let cursor: Cursor;
  try {
    cursor = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Cursor;
  } catch {
    throw fault(410, 'expired', 'Ce lien de page n’est plus connu : relancez la recherche.');
  }
  if (!isTypeName(cursor.type)) throw fault(410, 'expired', 'Ce lien de page n’est plus connu.');
  return searchPage(store, base, cursor.type, cursor.query, limit, cursor);
}

function entryText(base: string, stored: Stored, mode: 'match' | 'include'): string {
  const fullUrl = JSON.stringify(`${base}/${stored.type}/${stored.id}`);
  return `{"fullUrl":${fullUrl},"resource":${stored.text},"search":{"mode":"${mode}"}}`;
}
