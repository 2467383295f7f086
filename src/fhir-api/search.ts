import type { Condition, Near, Place } from '../db/served-condition.js';
import {
  communeMiddle,
  countServed,
  findServed,
  type FoundResource,
  type Page,
} from '../db/served-search.js';
import { servedHead } from '../db/served.js';
import type { Db } from '../db/types.js';
import { searchset, type SearchEntry } from './bundle.js';
import type { Unplaced } from './conditions.js';
import { cursorText } from './cursor.js';
import { includedWith, MAX_INCLUDED } from './includes.js';
import { Fault, invalid, outcomeOf, type Issue, type IssueCode } from './outcome.js';
import { CURSOR, type Query } from './query.js';
import { shown } from './values.js';

/** Results are counted up to as many, where the ROR cuts its searches: a whole region is an export (api.md section 7). */
export const SEARCH_LIMIT = 10_000;
/** Communes of one search: each is looked for apart. */
const MAX_COMMUNES = 20;

/** Answers a search as the text of a Bundle. @param self address of the type searched, without parameters */
export async function search(
  db: Db,
  place: Place,
  self: string,
  query: Query,
  told: readonly Issue[] = [],
): Promise<{ readonly text: string; readonly matches: number }> {
  const conditions = await placed(db, place, query.conditions);
  const { cursor, sort, descending, count } = query;
  if (cursor !== null && sort === 'at' && !isOurs(cursor.value))
    throw invalid(
      CURSOR,
      'Ce lien de page suivante est celui d’un autre tri : recommencez à la première page.',
    );
  const base = baseOf(self);
  const own = ['self', link(self, query, null)] as const;
  if (query.countOnly) {
    const seen = await publishedAt(db, place);
    const total = await counted(db, place, query, conditions);
    const outcome = warnings(query, told, { total, cut: false });
    return { text: searchset({ base, links: [own], total, seen, entries: [], outcome }), matches: 0 };
  }
  const page = { sort, descending, after: cursor, limit: count + 1 };
  const { found, seen } = await pageOf(db, place, query, conditions, page);
  const matches = found.slice(0, count);
  const more = found.length > count;
  const total = await totalOf(db, place, query, conditions, matches.length, more);
  const included = await includedWith(db, place, query.includes, matches);
  const points = conditions.flatMap(pointsOf);
  const entries: SearchEntry[] = [
    ...matches.map((resource): SearchEntry => ({ resource, mode: 'match', km: nearest(resource, points) })),
    ...included.found.map((resource): SearchEntry => ({
      resource,
      mode: 'include',
      km: nearest(resource, points),
    })),
  ];
  const last = matches.at(-1);
  const links: (readonly [string, string])[] = [own];
  if (more && last !== undefined)
    links.push([
      'next',
      link(self, query, cursorText({ ...keyOf(last, query), total, seen, of: query.mark })),
    ]);
  return {
    text: searchset({
      base,
      links,
      total,
      seen,
      entries,
      elements: query.elements,
      outcome: warnings(query, told, { total, cut: included.cut }),
    }),
    matches: matches.length,
  };
}

/**
 * A page, and the instant of the last publication that it saw, or that its first page did: what is published meanwhile
 * is found by who goes on from there. An empty page cannot tell: the instant is read, then the page again.
 */
async function pageOf(
  db: Db,
  place: Place,
  { type, cursor }: Query,
  conditions: readonly Condition[],
  page: Page,
): Promise<{ readonly found: readonly FoundResource[]; readonly seen: Date | null }> {
  const found = await findServed(db, place, type, conditions, page);
  if (cursor !== null) return { found, seen: cursor.seen };
  const [first] = found;
  if (first !== undefined) return { found, seen: first.seen };
  const seen = await publishedAt(db, place);
  return { found: await findServed(db, place, type, conditions, page), seen };
}

async function publishedAt(db: Db, { region }: Place): Promise<Date | null> {
  return (await servedHead(db, region))?.at ?? null;
}

/** An instant as our own cursors write it. */
function isOurs(value: string): boolean {
  const shape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(value);
  return shape && !Number.isNaN(Date.parse(value)) && !value.startsWith('0000');
}

/** Counted once, on the first page; the cursor carries it along. Null when more than the limit, or not wanted. */
async function totalOf(
  db: Db,
  place: Place,
  query: Query,
  conditions: readonly Condition[],
  first: number,
  more: boolean,
): Promise<number | null> {
  if (query.total === 'none') return null;
  if (query.cursor !== null) return query.cursor.total;
  if (!more) return first;
  return await counted(db, place, query, conditions);
}

/** Exact, or null: a total that is not the number of matches must not stand in a Bundle (R4, Bundle.total). */
async function counted(
  db: Db,
  place: Place,
  { type }: Query,
  conditions: readonly Condition[],
): Promise<number | null> {
  const count = await countServed(db, place, type, conditions, SEARCH_LIMIT + 1);
  return count > SEARCH_LIMIT ? null : count;
}

async function placed(
  db: Db,
  place: Place,
  conditions: readonly (Condition | Unplaced)[],
): Promise<readonly Condition[]> {
  const communes = conditions.flatMap((each) => (each.kind === 'nearCommune' ? each.any : []));
  if (communes.length > MAX_COMMUNES)
    throw new Fault(
      400,
      'too-costly',
      `Au plus ${MAX_COMMUNES} communes par recherche (${communes.length} reçues). Que faire : faites plusieurs recherches, ou cherchez par département (address-postalcode=76).`,
      'near-insee-code',
    );
  const found: Condition[] = [];
  for (const condition of conditions) {
    if (condition.kind !== 'nearCommune') {
      found.push(condition);
      continue;
    }
    const any: Near[] = [];
    for (const { commune, token, km } of condition.any) {
      const middle = await communeMiddle(db, place, token);
      if (middle === null)
        throw new Fault(
          400,
          'processing',
          `Aucun lieu servi de la commune ${commune} n’a de position : cherchez par near=latitude|longitude|distance|km, ou par commune-cog.`,
          'near-insee-code',
        );
      any.push({ ...middle, km });
    }
    const near: Condition = { kind: 'near', any };
    found.push(
      condition.at === 'self'
        ? near
        : { kind: 'names', param: 'location', target: 'Location', above: false, conditions: [near] },
    );
  }
  return found;
}

function pointsOf(condition: Condition): readonly Near[] {
  if (condition.kind === 'near') return condition.any;
  return condition.kind === 'names' ? condition.conditions.flatMap(pointsOf) : [];
}

/** Kilometres to the nearest of the points asked for, to the metre; null for what has no position. */
function nearest({ latitude, longitude }: FoundResource, points: readonly Near[]): number | null {
  if (latitude === null || longitude === null || points.length === 0) return null;
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const to = points.map((point) => {
    const half =
      Math.sin(radians(latitude - point.latitude) / 2) ** 2 +
      Math.cos(radians(latitude)) *
        Math.cos(radians(point.latitude)) *
        Math.sin(radians(longitude - point.longitude) / 2) ** 2;
    return 12_742 * Math.asin(Math.min(1, Math.sqrt(half)));
  });
  return Math.round(Math.min(...to) * 1000) / 1000;
}

function keyOf(last: FoundResource, { sort }: Query): { readonly value: string; readonly id: string } {
  const value = { id: '', at: last.at.toISOString(), name: (last.name ?? '').slice(0, 500) }[sort];
  return { value, id: last.id };
}

function link(self: string, query: Query, cursor: string | null): string {
  const params = new URLSearchParams(query.used.map(([name, value]): [string, string] => [name, value]));
  if (cursor !== null) params.set(CURSOR, cursor);
  const text = params.toString();
  return text === '' ? self : `${self}?${text}`;
}

function baseOf(self: string): string {
  return self.slice(0, self.lastIndexOf('/'));
}

function warnings(
  query: Query,
  told: readonly Issue[],
  { total, cut }: { readonly total: number | null; readonly cut: boolean },
): ReturnType<typeof outcomeOf> | null {
  const warning = (code: IssueCode, message: string, expression: string): Issue => ({
    ...{ severity: 'warning', code, message, expression },
  });
  const issues = [
    ...told,
    ...query.ignored.map((name) =>
      warning(
        'not-supported',
        `Paramètre « ${shown(name)} » inconnu, mis de côté : le résultat est plus large que demandé.`,
        shown(name),
      ),
    ),
    ...(total === null && query.total !== 'none'
      ? [
          warning(
            'too-costly',
            `Plus de ${SEARCH_LIMIT.toLocaleString('fr-FR')} résultats : leur nombre n’est pas donné (le ROR, lui, coupe là ses recherches). Que faire : précisez la recherche, ou demandez un export ($export).`,
            '_total',
          ),
        ]
      : []),
    ...(cut
      ? [
          warning(
            'too-costly',
            `Inclusions coupées à ${MAX_INCLUDED} ressources : demandez des pages plus petites (_count).`,
            '_include',
          ),
        ]
      : []),
  ];
  return issues.length === 0 ? null : outcomeOf(issues);
}
