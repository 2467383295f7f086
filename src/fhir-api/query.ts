import type { Condition } from '../db/served-condition.js';
import type { SortKey } from '../db/served-search.js';
import type { SearchedType } from '../publish/parameters.js';
import { conditionOf, type Unplaced } from './conditions.js';
import { sha256 } from '../domain/json.js';
import { broken, cursorOf, type Cursor } from './cursor.js';
import { includeOf, type Include } from './includes.js';
import { Fault, invalid, unsupported } from './outcome.js';
import { shown } from './values.js';

/** What is asked of one type, every value checked. */
export interface Query {
  readonly type: SearchedType;
  /** Communes are put in their place once the database is asked. */
  readonly conditions: readonly (Condition | Unplaced)[];
  readonly includes: readonly Include[];
  readonly sort: SortKey;
  readonly descending: boolean;
  readonly count: number;
  readonly total: 'none' | 'accurate';
  /** Only the number of matches. */
  readonly countOnly: boolean;
  /** Elements kept; null is all of them. */
  readonly elements: readonly string[] | null;
  readonly cursor: Cursor | null;
  /** Short hash of type, conditions and order: what a cursor belongs to. */
  readonly mark: string;
  /** Parameters as they were understood, for the link to itself and to the next page. */
  readonly used: readonly (readonly [string, string])[];
  /** Parameters that were set aside, lenient handling only. */
  readonly ignored: readonly string[];
}

export interface QueryRules {
  readonly base: 'fhir' | 'ror';
  readonly pageSize: number;
  readonly handling: 'strict' | 'lenient';
}

/** Bounds of one search: what it may cost does not depend on who asks. */
const MAX_PARAMETERS = 60;
const MAX_LENGTH = 2_000;
export const MAX_PAGE = 200;
/** Cursor of the next page: opaque, ours. */
export const CURSOR = '_cursor';

const SORTS: Readonly<Record<string, SortKey>> = { _id: 'id', _lastUpdated: 'at', name: 'name' };

/** Elements of a summary (Σ in R4), and what makes a resource of the ROR one. */
const SUMMARY: Readonly<Record<string, readonly string[]>> = {
  HealthcareService: [
    ...['identifier', 'active', 'providedBy', 'category', 'type', 'specialty', 'location', 'name', 'comment'],
  ],
  Organization: ['identifier', 'active', 'type', 'name', 'partOf'],
  Location: [
    ...[
      'identifier',
      'status',
      'operationalStatus',
      'name',
      'mode',
      'type',
      'physicalType',
      'managingOrganization',
    ],
  ],
};

/** @throws Fault 400 on the first parameter that cannot be understood, or is unknown with strict handling. */
export function parseQuery(type: SearchedType, params: URLSearchParams, rules: QueryRules): Query {
  const query = {
    type,
    conditions: [] as (Condition | Unplaced)[],
    includes: [] as Include[],
    sort: 'id' as SortKey,
    descending: false,
    count: rules.pageSize,
    total: 'accurate' as 'none' | 'accurate',
    countOnly: false,
    elements: null as readonly string[] | null,
    cursor: null as Cursor | null,
    mark: '',
    used: [] as (readonly [string, string])[],
    ignored: [] as string[],
  };
  const pairs = [...params];
  if (pairs.length > MAX_PARAMETERS)
    throw new Fault(
      400,
      'too-costly',
      `Au plus ${MAX_PARAMETERS} paramètres par recherche (${pairs.length} reçus).`,
    );
  for (const [name, value] of pairs) {
    checkText(name, value);
    try {
      if (read(query, name, value, rules) && name !== CURSOR) query.used.push([name, value]);
    } catch (error) {
      // Lenient handling sets aside what is not known, never a value that is wrong (R4, handling errors).
      if (!(error instanceof Fault) || error.code !== 'not-supported' || rules.handling === 'strict')
        throw error;
      query.ignored.push(name);
    }
  }
  query.mark = markOf(type, query.used);
  if (query.cursor !== null && query.cursor.of !== query.mark) throw broken();
  return query;
}

/** Parameters that say how an answer looks, not what it finds. */
const LOOK = /^_(?:format|pretty|count|total|elements|summary|include|revinclude)(?::|$)/;

function markOf(type: string, used: readonly (readonly [string, string])[]): string {
  const searched = used.filter(([name]) => !LOOK.test(name)).map(([name, value]) => `${name}=${value}`);
  return sha256([type, ...searched.sort()].join('\n')).slice(0, 12);
}

type Draft = { -readonly [Name in keyof Query]: Query[Name] } & {
  conditions: (Condition | Unplaced)[];
  includes: Include[];
};

/** @returns false for what plays no part in the answer */
function read(query: Draft, name: string, value: string, rules: QueryRules): boolean {
  switch (name) {
    case '_format':
    case '_pretty':
      return true;
    case '_count':
      query.count = pageSize(value);
      query.countOnly ||= value === '0';
      return true;
    case '_sort':
      sorted(query, value);
      return true;
    case '_total':
      if (!['none', 'accurate', 'estimate'].includes(value))
        throw invalid(name, `« ${shown(value)} » : none, estimate ou accurate.`);
      query.total = value === 'none' ? 'none' : 'accurate';
      return true;
    case '_elements':
      query.elements = [...(query.elements ?? []), ...elementNames(value)];
      return true;
    case '_summary':
      summarised(query, value);
      return true;
    case '_include':
    case '_include:iterate':
    case '_revinclude':
    case '_revinclude:iterate':
      for (const one of value.split(',')) addInclude(query, includeOf(name, one));
      return true;
    case CURSOR:
      query.cursor = cursorOf(value);
      return true;
    case '_filter':
      throw unsupported(
        name,
        '_filter n’est pas pris en charge : combinez les paramètres, plusieurs valeurs séparées par des virgules.',
      );
    default:
      query.conditions.push(conditionOf(query.type, name, value, rules.base));
      return true;
  }
}

/** Each is a reading of its own: the same one twice brings nothing, and a few are all that a client needs. */
const MAX_INCLUDES = 20;

function addInclude(query: Draft, include: Include): void {
  if (query.includes.some((each) => JSON.stringify(each) === JSON.stringify(include))) return;
  if (query.includes.length >= MAX_INCLUDES)
    throw new Fault(400, 'too-costly', `Au plus ${MAX_INCLUDES} inclusions par recherche.`, '_include');
  query.includes.push(include);
}

function pageSize(value: string): number {
  if (!/^\d{1,9}$/.test(value))
    throw invalid(
      '_count',
      `« ${shown(value)} » n’est pas un nombre de ressources. Que faire : écrivez un nombre entier, de 0 (compter seulement) à ${MAX_PAGE}.`,
    );
  return Math.min(Number(value), MAX_PAGE);
}

function sorted(query: Draft, value: string): void {
  const descending = value.startsWith('-');
  const key = SORTS[descending ? value.slice(1) : value];
  if (key === undefined || (key === 'name' && query.type === 'Practitioner'))
    throw unsupported(
      '_sort',
      `Tri « ${shown(value)} » non pris en charge : _id, _lastUpdated ou name, un seul, précédé de - pour l’ordre inverse.`,
    );
  query.sort = key;
  query.descending = descending;
}

function elementNames(value: string): readonly string[] {
  const names = value.split(',');
  if (names.length > 50 || names.some((name) => !/^[A-Za-z]{1,40}$/.test(name)))
    throw invalid(
      '_elements',
      `« ${shown(value)} » : des noms d’éléments de premier niveau, séparés par des virgules.`,
    );
  return names;
}

function summarised(query: Draft, value: string): void {
  switch (value) {
    case 'false':
      return;
    case 'count':
      query.countOnly = true;
      return;
    case 'true':
      query.elements = SUMMARY[query.type] ?? [];
      return;
    default:
      throw unsupported('_summary', `« ${shown(value)} » : true, false ou count.`);
  }
}

/** Control characters are in no code and no name; PostgreSQL keeps no NUL. */
function checkText(name: string, value: string): void {
  const control = /[\u0000-\u001f\u007f]/;
  if (control.test(name) || control.test(value))
    throw invalid(shown(name.replace(/[^\x20-\x7e]/g, '?')), 'Caractère de contrôle dans un paramètre.');
  if (value.length > MAX_LENGTH || name.length > 200)
    throw new Fault(400, 'too-long', `Paramètre trop long (${MAX_LENGTH} caractères au plus).`, shown(name));
  if (value === '')
    throw invalid(
      shown(name),
      `Le paramètre « ${shown(name)} » n’a pas de valeur. Que faire : donnez-en une, ou ôtez-le.`,
    );
}
