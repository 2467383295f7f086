import type { IncomingHttpHeaders } from 'node:http';
import { readServed, type FoundResource } from '../db/served-search.js';
import { servedVersion, wasServed } from '../db/served-history.js';
import { PARAMETERS, type SearchedType } from '../publish/parameters.js';
import type { Asked, FhirContext } from './context.js';
import { capability } from './capability.js';
import { definition, definitionKinds } from './definitions.js';
import { subset } from './bundle.js';
import { startExport } from './export.js';
import { exportFile, exportStatus, forgetExport } from './export-files.js';
import { history } from './history.js';
import { Fault } from './outcome.js';
import { parseQuery, type QueryRules } from './query.js';
import { readReport, reportError } from './report.js';
import { search } from './search.js';

export interface Sent {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body?: string | NodeJS.ReadableStream;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Resources in it. */
  readonly count?: number;
}

export interface FhirRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Answers something else than FHIR JSON. */
  readonly anyType?: true;
  handle(context: FhirContext, asked: Asked, sent: Sent): Promise<Answer>;
}

const TYPES = Object.keys(PARAMETERS) as SearchedType[];

/** Every address of a base, after `/<base>/<region>`. */
export const fhirRoutes: readonly FhirRoute[] = [
  { method: 'GET', path: '/metadata', handle: async (context, asked) => json(capability(context, asked)) },
  {
    method: 'GET',
    path: '/_history',
    handle: async (context, asked, sent) => await history(context, asked, sent, null, null),
  },
  ...startPaths(),
  ...exportPaths(),
  ...TYPES.flatMap(typeRoutes),
  ...definitionKinds.map((kind): FhirRoute => ({
    method: 'GET',
    path: `/${kind}/:id`,
    handle: async (context, _asked, { params }) => {
      const found = definition(context.config.canonical, kind, params['id'] ?? '');
      if (found === null) throw new Fault(404, 'not-found', `${kind} inconnu ici.`);
      return json(found);
    },
  })),
  { method: 'POST', path: '/Task', handle: reportError },
  { method: 'GET', path: '/Task/:id', handle: readReport },
];

function typeRoutes(type: SearchedType): FhirRoute[] {
  return [
    {
      method: 'GET',
      path: `/${type}`,
      handle: async (context, asked, sent) => await searched(context, asked, sent, type),
    },
    {
      method: 'POST',
      path: `/${type}/_search`,
      handle: async (context, asked, sent) => await searched(context, asked, sent, type),
    },
    {
      method: 'GET',
      path: `/${type}/_history`,
      handle: async (context, asked, sent) => await history(context, asked, sent, type, null),
    },
    {
      method: 'GET',
      path: `/${type}/:id`,
      handle: async (context, asked, sent) => await read(context, asked, sent, type),
    },
    {
      method: 'GET',
      path: `/${type}/:id/_history`,
      handle: async (context, asked, sent) => await history(context, asked, sent, type, idOf(sent)),
    },
    {
      method: 'GET',
      path: `/${type}/:id/_history/:version`,
      handle: async (context, asked, sent) => await versionRead(context, asked, sent, type),
    },
  ];
}

function startPaths(): FhirRoute[] {
  return [
    {
      method: 'GET',
      path: '/$export',
      handle: async (context, asked, sent) => await startExport(context, asked, sent, null),
    },
    ...TYPES.filter((type) => !type.startsWith('Practitioner')).map((type): FhirRoute => ({
      method: 'GET',
      path: `/${type}/$export`,
      handle: async (context, asked, sent) => await startExport(context, asked, sent, type),
    })),
  ];
}

function exportPaths(): FhirRoute[] {
  return [
    { method: 'GET', path: '/$export-poll-status', handle: exportStatus },
    { method: 'DELETE', path: '/$export-poll-status', handle: forgetExport },
    { method: 'GET', path: '/$export-file/:job/:file', anyType: true, handle: exportFile },
  ];
}

async function searched(context: FhirContext, asked: Asked, sent: Sent, type: SearchedType): Promise<Answer> {
  const query = parseQuery(type, sent.query, rulesOf(context, asked, sent));
  const place = { region: asked.region.code, view: asked.view };
  const { text, matches } = await search(context.db, place, `${asked.url}/${type}`, query);
  return { status: 200, body: text, count: matches };
}

/** Unknown parameters are refused unless the reader says `Prefer: handling=lenient`: one that is ignored answers everything. */
export function rulesOf(context: FhirContext, asked: Asked, { headers }: Pick<Sent, 'headers'>): QueryRules {
  const preferred = /(?:^|[,;\s])handling\s*=\s*(strict|lenient)/i.exec(String(headers['prefer'] ?? ''))?.[1];
  return {
    base: asked.base,
    pageSize: context.config.pageSize,
    handling: preferred?.toLowerCase() === 'lenient' ? 'lenient' : 'strict',
  };
}

async function read(context: FhirContext, asked: Asked, sent: Sent, type: SearchedType): Promise<Answer> {
  const id = idOf(sent);
  const place = { region: asked.region.code, view: asked.view };
  const found = await readServed(context.db, place, type, id);
  if (found === null) throw await absent(context, place, type, id);
  return conditional(sent, found, subset(found.body, elementsOf(sent, type)));
}

async function versionRead(
  context: FhirContext,
  asked: Asked,
  sent: Sent,
  type: SearchedType,
): Promise<Answer> {
  const id = idOf(sent);
  const version = sent.params['version'] ?? '';
  const place = { region: asked.region.code, view: asked.view };
  const found = /^[1-9]\d{0,8}$/.test(version)
    ? await servedVersion(context.db, place, { type, id, version: Number(version) })
    : undefined;
  if (found === undefined)
    throw new Fault(404, 'not-found', `Cette version de ${type}/${id.slice(0, 64)} n’existe pas ici.`);
  if (found.body === null) throw new Fault(410, 'deleted', `Cette version de ${type}/${id} est un retrait.`);
  return conditional(sent, found, found.body);
}

/** 304 when the reader has it already (RFC 9110 section 13): the version is the tag. */
function conditional(sent: Sent, found: Pick<FoundResource, 'version' | 'at'>, body: string): Answer {
  const etag = `W/"${found.version}"`;
  const headers = { etag, 'last-modified': found.at.toUTCString() };
  const known = sent.headers['if-none-match'];
  if (known === undefined ? notSince(sent.headers['if-modified-since'], found.at) : namesTag(known, etag))
    return { status: 304, headers };
  return { status: 200, headers, body, count: 1 };
}

function namesTag(header: string, etag: string): boolean {
  return (
    header === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === etag.slice(2))
  );
}

function notSince(header: string | undefined, at: Date): boolean {
  const since = header === undefined ? Number.NaN : Date.parse(header);
  // HTTP dates are whole seconds.
  return !Number.isNaN(since) && Math.floor(at.getTime() / 1000) * 1000 <= since;
}

async function absent(
  context: FhirContext,
  place: { readonly region: string; readonly view: string },
  type: string,
  id: string,
): Promise<Fault> {
  return (await wasServed(context.db, place, type, id))
    ? new Fault(410, 'deleted', `${type}/${id} n’est plus servi.`)
    : new Fault(404, 'not-found', `${type}/${id} n’existe pas ici.`);
}

/** @throws Fault 404: no resource has such an id */
function idOf({ params }: Sent): string {
  const id = params['id'] ?? '';
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id))
    throw new Fault(404, 'not-found', 'Aucune ressource ne porte un tel identifiant.');
  return id;
}

/** A read knows `_format`, `_elements` and `_summary` alone (R4). */
function elementsOf(sent: Sent, type: SearchedType): readonly string[] | null {
  const kept = new URLSearchParams();
  for (const [name, value] of sent.query) {
    if (['_elements', '_summary', '_format', '_pretty'].includes(name)) kept.append(name, value);
    else
      throw new Fault(
        400,
        'not-supported',
        `Paramètre « ${name.slice(0, 60)} » inconnu pour une lecture.`,
        name.slice(0, 60),
      );
  }
  return parseQuery(type, kept, { base: 'ror', pageSize: 1, handling: 'strict' }).elements;
}

export function json(value: object): Answer {
  return { status: 200, body: JSON.stringify(value) };
}
