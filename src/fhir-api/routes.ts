import type { IncomingHttpHeaders } from 'node:http';
import { didYouMean } from '../domain/nearest.js';
import { PARAMETERS, type SearchedType } from '../publish/parameters.js';
import type { Asked, FhirContext } from './context.js';
import { capability } from './capability.js';
import { definition, definitionIds, definitionKinds } from './definitions.js';
import { startExport } from './export.js';
import { withParameters } from './export-parameters.js';
import { exportFile, exportStatus, forgetExport } from './export-files.js';
import { history } from './history.js';
import { refuseStrays, strayCodes } from './closed-codes.js';
import { Fault, type Issue } from './outcome.js';
import { parseQuery, type QueryRules } from './query.js';
import { idOf, read, versionRead } from './read.js';
import { readReport, reportError } from './report.js';
import { search } from './search.js';
import { shown } from './values.js';

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
    handle: async (context, asked, { params }) => {
      const { id = '' } = params;
      const region = asked.region.code;
      const filieres = kind === 'CodeSystem' ? await context.filieres(region) : [];
      const networks = kind === 'CodeSystem' && id === 'ern' ? await context.networks(region) : [];
      const found = definition(context.config.canonical, kind, id, { filieres, networks });
      const known = definitionIds(kind);
      if (found === null)
        throw new Fault(
          404,
          'not-found',
          `${kind}/${shown(id)} inconnu ici${didYouMean(id, known)}. Que faire : prenez ${known.map((each) => `${kind}/${each}`).join(', ')}.`,
        );
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
  const types = [null, ...TYPES.filter((type) => !type.startsWith('Practitioner'))];
  // By POST too, as Bulk Data 2.0 allows and some clients do.
  return (['GET', 'POST'] as const).flatMap((method) =>
    types.map((type): FhirRoute => ({
      method,
      path: type === null ? '/$export' : `/${type}/$export`,
      handle: async (context, asked, sent) =>
        await startExport(context, asked, method === 'POST' ? withParameters(sent) : sent, type),
    })),
  );
}

function exportPaths(): FhirRoute[] {
  return [
    { method: 'GET', path: '/$export-poll-status', handle: exportStatus },
    { method: 'DELETE', path: '/$export-poll-status', handle: forgetExport },
    { method: 'GET', path: '/$export-file/:job/:file', anyType: true, handle: exportFile },
  ];
}

async function searched(context: FhirContext, asked: Asked, sent: Sent, type: SearchedType): Promise<Answer> {
  const rules = rulesOf(context, asked, sent);
  const query = parseQuery(type, sent.query, rules);
  if (rules.handling === 'strict') await refuseStrays(context, asked, query.conditions);
  // Lenient: searched for all the same, since to set a code aside would answer more than was asked.
  const strays = rules.handling === 'strict' ? [] : await strayCodes(context, asked, query.conditions);
  const told = strays.map((stray): Issue => ({ ...stray, severity: 'warning' }));
  const place = { region: asked.region.code, view: asked.view };
  const { text, matches } = await search(context.db, place, `${asked.url}/${type}`, query, told);
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

export function json(value: object): Answer {
  return { status: 200, body: JSON.stringify(value) };
}
