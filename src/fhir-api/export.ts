import { Readable } from 'node:stream';
import { servedHead } from '../db/served.js';
import {
  addServedExport,
  cutIntoFiles,
  dropServedExport,
  keepServedFiles,
  openExports,
  servedExport,
  type ExportAsked,
  type ExportFileSpec,
  type ServedExport,
} from '../db/served-exports.js';
import { servedAsOf } from '../db/served-history.js';
import { findServed, type Condition } from '../db/served-search.js';
import { bounds } from '../publish/dates.js';
import type { SearchedType } from '../publish/parameters.js';
import { SERVED_TYPES } from '../publish/views.js';
import type { Asked, FhirContext } from './context.js';
import { Fault, invalid, outcomeOf, unsupported } from './outcome.js';
import { parseQuery } from './query.js';
import { rulesOf, type Answer, type Sent } from './routes.js';
import { shown } from './values.js';

/** Resources of one file: a file that was cut is asked for again, not the whole export. */
const PER_FILE = 20_000;
/** Resources read at once: what is held in memory, whatever the size of the export. */
const BATCH = 500;
/** Exports that one client may have standing; anonymous readers share theirs, which end sooner. */
const MAX_OPEN = { client: 20, anonymous: 500 } as const;
const ANONYMOUS_HOURS = 1;
const MAX_FILTERS = 10;

const FORMATS: Readonly<Record<string, ExportAsked['format']>> = {
  'application/fhir+ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  ndjson: 'ndjson',
  'application/fhir+json': 'json',
  'application/json': 'json',
};
/** What goes with offers and is always exported with them by the ROR (api.md section 9). */
const LINKED = ['HealthcareService', 'Organization', 'Location'];

/**
 * Kick-off (Bulk Data Access 2.0, system and type level; the ROR's plain JSON too). What the export covers is fixed now:
 * everything published so far, however long the reader takes.
 */
export async function startExport(
  context: FhirContext,
  asked: Asked,
  sent: Sent,
  type: SearchedType | null,
): Promise<Answer> {
  const { db, now } = context;
  const wanted = wantedOf(context, asked, sent, type);
  const region = asked.region.code;
  const askedAt = now();
  const head = await servedHead(db, region);
  const { client } = asked.reader;
  const most = client === null ? MAX_OPEN.anonymous : MAX_OPEN.client;
  if ((await openExports(db, region, client, askedAt)) >= most)
    throw new Fault(
      429,
      'throttled',
      `${most} exports sont déjà en attente : reprenez-les ou supprimez-les (DELETE).`,
      null,
      {
        'retry-after': '3600',
      },
    );
  const id = context.newId();
  await addServedExport(db, region, {
    ...{ id, view: asked.view, client, askedAt, asked: wanted, files: null },
    expiresAt: new Date(
      askedAt.getTime() +
        (client === null
          ? Math.min(ANONYMOUS_HOURS, context.config.exportHours)
          : context.config.exportHours) *
          3_600_000,
    ),
    upTo: head?.no ?? 0,
    // Nothing served yet: whatever comes is later than that.
    at: head?.at ?? new Date(0),
  });
  return { status: 202, headers: { 'content-location': `${asked.url}/$export-poll-status?_jobId=${id}` } };
}

function wantedOf(context: FhirContext, asked: Asked, sent: Sent, type: SearchedType | null): ExportAsked {
  const wanted = {
    format: 'ndjson' as ExportAsked['format'],
    types: type === null ? ([...SERVED_TYPES] as string[]) : ([type] as string[]),
    since: null as string | null,
    filters: [] as string[],
  };
  let linked = false;
  for (const [name, value] of sent.query) {
    switch (name) {
      case '_outputFormat': {
        // A plus sign that was not encoded arrives as a space.
        const format = FORMATS[value.replace(' ', '+')];
        if (format === undefined)
          throw unsupported(
            name,
            `Format « ${shown(value)} » : application/fhir+ndjson ou application/fhir+json.`,
          );
        wanted.format = format;
        break;
      }
      case '_since': {
        const found = bounds(value);
        if (found === null) throw invalid(name, `« ${shown(value)} » n’est pas un instant qui existe.`);
        wanted.since = new Date(Math.round(found.low * 1000)).toISOString();
        break;
      }
      case '_type':
        wanted.types = typesOf(value, type);
        break;
      case '_typeFilter':
        wanted.filters.push(...filtersOf(context, asked, sent, value));
        break;
      case 'includeAssociatedData':
        linked = true;
        break;
      case '_format':
        break;
      default:
        throw unsupported(
          shown(name),
          `Paramètre d’export « ${shown(name)} » inconnu : _outputFormat, _since, _type, _typeFilter.`,
        );
    }
  }
  if (wanted.filters.length > MAX_FILTERS)
    throw new Fault(400, 'too-costly', `Au plus ${MAX_FILTERS} filtres par export.`, '_typeFilter');
  const types = linked && wanted.types.includes('HealthcareService') ? LINKED : wanted.types;
  const stray = wanted.filters.find((filter) => !types.includes(filter.split('?')[0] ?? ''));
  if (stray !== undefined)
    throw invalid('_typeFilter', `Le filtre « ${shown(stray)} » porte sur un type qui n’est pas exporté.`);
  return {
    ...wanted,
    types,
    request: `${asked.url}/${type === null ? '' : `${type}/`}$export${search(sent)}`,
  };
}

function search({ query }: Sent): string {
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function typesOf(value: string, type: SearchedType | null): string[] {
  const types = value.split(',');
  const known: readonly string[] = SERVED_TYPES;
  const unknown = types.find((each) => !known.includes(each) || (type !== null && each !== type));
  if (unknown !== undefined)
    throw unsupported('_type', `Type « ${shown(unknown)} » : ${type ?? SERVED_TYPES.join(', ')}.`);
  return [...new Set(types)];
}

function filtersOf(context: FhirContext, asked: Asked, sent: Sent, value: string): string[] {
  return value.split(/,(?=[A-Z][A-Za-z]+\?)/).map((filter) => {
    // Read now, so that what is wrong is said at the kick-off.
    conditionsOf(context, asked, sent, filter);
    return filter;
  });
}

function conditionsOf(
  context: FhirContext,
  asked: Asked,
  sent: Pick<Sent, 'headers'>,
  filter: string,
): Condition[] {
  const [type = '', ...rest] = filter.split('?');
  const served = SERVED_TYPES.find((each) => each === type);
  if (served === undefined)
    throw unsupported('_typeFilter', `Type « ${shown(type)} » : ${SERVED_TYPES.join(', ')}.`);
  const query = parseQuery(served, new URLSearchParams(rest.join('?')), rulesOf(context, asked, sent));
  return query.conditions.map((condition) => {
    if (condition.kind === 'nearCommune')
      throw unsupported('_typeFilter', 'near-insee-code ne filtre pas un export.');
    return condition;
  });
}

/** Status (Bulk Data: Complete Status). The first look cuts the export into files. */
export async function exportStatus(context: FhirContext, asked: Asked, sent: Sent): Promise<Answer> {
  const job = await jobOf(context, asked, sent.query.get('_jobId') ?? '');
  const files = job.files ?? (await filesOf(context, asked, job));
  const url = (index: number): string => `${asked.url}/$export-file/${job.id}/${index}`;
  const listed = files.map((file, index) => ({ ...file, url: url(index) }));
  const of = (kind: ExportFileSpec['kind']): readonly object[] =>
    listed
      .filter((file) => file.kind === kind)
      .map((file) => ({
        type: kind === 'deleted' ? 'Bundle' : file.type,
        url: file.url,
        // A filter leaves fewer than were counted.
        ...(job.asked.filters.some((filter) => filter.startsWith(`${file.type}?`))
          ? {}
          : { count: file.count }),
      }));
  return {
    status: 200,
    type: 'application/json; charset=utf-8',
    headers: { expires: job.expiresAt.toUTCString() },
    body: JSON.stringify({
      transactionTime: job.at.toISOString(),
      request: job.asked.request,
      requiresAccessToken: asked.reader.client !== null,
      output: of('resources'),
      deleted: of('deleted'),
      error: [],
    }),
  };
}

async function filesOf(
  context: FhirContext,
  asked: Asked,
  job: ServedExport,
): Promise<readonly ExportFileSpec[]> {
  const place = { region: asked.region.code, view: job.view };
  const since = job.asked.since === null ? null : new Date(job.asked.since);
  const files: ExportFileSpec[] = [];
  for (const type of job.asked.types) {
    const of = { type, upTo: job.upTo, since };
    files.push(...(await cutIntoFiles(context.db, place, { ...of, kind: 'resources' }, PER_FILE)));
    // Without a `_since` there is nothing that the reader could still hold.
    if (since !== null)
      files.push(...(await cutIntoFiles(context.db, place, { ...of, kind: 'deleted' }, PER_FILE)));
  }
  await keepServedFiles(context.db, asked.region.code, job.id, files);
  return files;
}

/** One file, streamed: memory does not grow with it. Asked for again, it is the same. */
export async function exportFile(context: FhirContext, asked: Asked, sent: Sent): Promise<Answer> {
  const job = await jobOf(context, asked, sent.params['job'] ?? '');
  const file = /^\d{1,6}$/.test(sent.params['file'] ?? '')
    ? job.files?.[Number(sent.params['file'])]
    : undefined;
  if (file === undefined)
    throw new Fault(404, 'not-found', 'Ce fichier d’export n’existe pas : relisez l’état de l’export.');
  const texts =
    file.kind === 'deleted'
      ? deletions(context, asked, job, file)
      : resources(context, asked, job, file, sent);
  const json = job.asked.format === 'json' && file.kind === 'resources';
  return {
    status: 200,
    type: json ? 'application/fhir+json; charset=utf-8' : 'application/fhir+ndjson; charset=utf-8',
    headers: { 'x-content-type-options': 'nosniff' },
    body: Readable.from(json ? asBundle(texts) : asLines(texts), { objectMode: false }),
    count: file.count,
  };
}

export async function forgetExport(context: FhirContext, asked: Asked, sent: Sent): Promise<Answer> {
  const job = await jobOf(context, asked, sent.query.get('_jobId') ?? '');
  await dropServedExport(context.db, asked.region.code, job.id);
  return {
    status: 202,
    body: JSON.stringify(
      outcomeOf([
        { severity: 'information', code: 'processing', message: 'Export supprimé.', expression: null },
      ]),
    ),
  };
}

async function jobOf(context: FhirContext, asked: Asked, id: string): Promise<ServedExport> {
  const job = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)
    ? await servedExport(
        context.db,
        asked.region.code,
        { id, view: asked.view, client: asked.reader.client },
        context.now(),
      )
    : null;
  if (job === null)
    throw new Fault(
      404,
      'not-found',
      'Cet export n’est pas connu de ce lecteur, ou il a expiré : demandez-en un autre ($export).',
    );
  return job;
}

type Texts = AsyncGenerator<readonly string[]>;

async function* versions(
  context: FhirContext,
  asked: Asked,
  job: ServedExport,
  { type, after, through }: ExportFileSpec,
): AsyncGenerator<Awaited<ReturnType<typeof servedAsOf>>> {
  const place = { region: asked.region.code, view: job.view };
  const of = { type, upTo: job.upTo, since: job.asked.since === null ? null : new Date(job.asked.since) };
  for (let from = after; ;) {
    const page = await servedAsOf(context.db, place, of, { after: from, through }, BATCH);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    from = last.id;
  }
}

async function* resources(
  context: FhirContext,
  asked: Asked,
  job: ServedExport,
  file: ExportFileSpec,
  sent: Sent,
): Texts {
  const filters = job.asked.filters
    .filter((filter) => filter.startsWith(`${file.type}?`))
    .map((filter) => conditionsOf(context, asked, sent, filter));
  for await (const page of versions(context, asked, job, file)) {
    const there = page.filter((row) => row.body !== null);
    const kept =
      filters.length === 0
        ? null
        : await matching(
            context,
            asked,
            job,
            file.type,
            filters,
            there.map((row) => row.id),
          );
    yield there.filter((row) => kept === null || kept.has(row.id)).map((row) => row.body ?? '');
  }
}

/** Ids, among those given, that meet one of the filters (OR between two filters of a type). */
async function matching(
  context: FhirContext,
  asked: Asked,
  job: ServedExport,
  type: string,
  filters: readonly (readonly Condition[])[],
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const place = { region: asked.region.code, view: job.view };
  const found = new Set<string>();
  for (const conditions of filters) {
    const page = await findServed(
      context.db,
      place,
      type,
      [{ kind: 'ids', any: ids, not: false }, ...conditions],
      { sort: 'id', descending: false, after: null, limit: ids.length },
    );
    for (const { id } of page) found.add(id);
  }
  return found;
}

/** What left, as Bundles of deletions (Bulk Data 2.0, `deleted`). */
async function* deletions(
  context: FhirContext,
  asked: Asked,
  job: ServedExport,
  file: ExportFileSpec,
): Texts {
  for await (const page of versions(context, asked, job, file)) {
    yield page
      .filter((row) => row.body === null)
      .map(
        ({ type, id }) =>
          `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"${type}/${id}"}}]}`,
      );
  }
}

async function* asLines(texts: Texts): AsyncGenerator<string> {
  for await (const page of texts) if (page.length > 0) yield `${page.join('\n')}\n`;
}

async function* asBundle(texts: Texts): AsyncGenerator<string> {
  yield '{"resourceType":"Bundle","type":"collection"';
  let first = true;
  for await (const page of texts) {
    for (const text of page) {
      yield `${first ? ',"entry":[' : ','}{"resource":${text}}`;
      first = false;
    }
  }
  yield first ? '}' : ']}';
}
