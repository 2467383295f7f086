import { Readable } from 'node:stream';
import {
  dropServedExport,
  keepServedFiles,
  servedExport,
  type ExportFileSpec,
  type ServedExport,
} from '../db/served-exports.js';
import type { Condition } from '../db/served-condition.js';
import { cutIntoFiles, servedExported } from '../db/served-history.js';
import { findServed } from '../db/served-search.js';
import type { Asked, FhirContext } from './context.js';
import { conditionsOf } from './export-filter.js';
import { Fault, outcomeOf } from './outcome.js';
import type { Answer, Sent } from './routes.js';

/** Resources of one file: a file that was cut is asked for again, not the whole export. */
const PER_FILE = 20_000;
/** Resources read at once: what is held in memory, whatever the size of the export. */
const BATCH = 500;
/** Status (Bulk Data: Complete Status). The first look cuts the export into files. */
export async function exportStatus(context: FhirContext, asked: Asked, sent: Sent): Promise<Answer> {
  const job = await jobOf(context, asked, sent.query.get('_jobId') ?? '');
  const files = job.files ?? (await filesOf(context, asked, job));
  const url = (index: number): string => `${asked.url}/$export-file/${job.id}/${index}`;
  const listed = files.map((file, index) => ({ ...file, url: url(index) }));
  const of = (kind: ExportFileSpec['kind']): readonly object[] =>
    listed
      .filter((file) => file.kind === kind)
      // Without a count: what leaves before the file is read is not in it.
      .map((file) => ({ type: kind === 'deleted' ? 'Bundle' : file.type, url: file.url }));
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
    // Without a `_since` there is nothing that the reader could still hold.
    for (const kind of since === null ? (['resources'] as const) : (['resources', 'deleted'] as const)) {
      const bounds = await cutIntoFiles(context.db, place, { type, upTo: job.upTo, since, kind }, PER_FILE);
      files.push(...bounds.map((range) => ({ type, kind, ...range })));
    }
  }
  await keepServedFiles(context.db, asked.region.code, job.id, files);
  return files;
}

/** One file, streamed: memory does not grow with it. Asked for again, it says the same resources as they are then. */
export async function exportFile(context: FhirContext, asked: Asked, sent: Sent): Promise<Answer> {
  const job = await jobOf(context, asked, sent.params['job'] ?? '');
  const file = /^\d{1,6}$/.test(sent.params['file'] ?? '')
    ? job.files?.[Number(sent.params['file'])]
    : undefined;
  if (file === undefined)
    throw new Fault(404, 'not-found', 'Ce fichier d’export n’existe pas : relisez l’état de l’export.');
  const texts =
    file.kind === 'deleted' ? deletions(context, asked, job, file) : resources(context, asked, job, file);
  const json = job.asked.format === 'json' && file.kind === 'resources';
  return {
    status: 200,
    type: json ? 'application/fhir+json; charset=utf-8' : 'application/fhir+ndjson; charset=utf-8',
    headers: { 'x-content-type-options': 'nosniff' },
    body: Readable.from(json ? asBundle(texts) : asLines(texts), { objectMode: false }),
  };
}

export async function forgetExport(context: FhirContext, asked: Asked, sent: Sent): Promise<Answer> {
  const job = await jobOf(context, asked, sent.query.get('_jobId') ?? '');
  await dropServedExport(context.db, asked.region.code, job.id);
  asked.tally.drop(job.id);
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
  { type, kind, after, through }: ExportFileSpec,
): AsyncGenerator<Awaited<ReturnType<typeof servedExported>>> {
  const place = { region: asked.region.code, view: job.view };
  const since = job.asked.since === null ? null : new Date(job.asked.since);
  const of = { type, kind, upTo: job.upTo, since };
  for (let from = after; ;) {
    const page = await servedExported(context.db, place, of, { after: from, through }, BATCH);
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
): Texts {
  // As at the kick-off, whatever the request for this file prefers. What was accepted then is read the same leniently.
  const handling = job.asked.handling ?? 'lenient';
  const filters = job.asked.filters
    .filter((filter) => filter.startsWith(`${file.type}?`))
    .map((filter) => conditionsOf(context, asked, handling, filter));
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
