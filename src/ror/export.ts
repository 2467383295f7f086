import { RemoteError } from '../domain/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { retryAfterMs } from '../http/retry.js';
import type { RorClient } from './client.js';
import { issuesText, outcomeIssues } from './outcome.js';
import { RecordSlicer } from './record-slicer.js';
import { parseObject, unreadable } from './searchset.js';

/** One output file of an export. */
export interface ExportFile {
  readonly type: string;
  readonly url: string;
}

export interface ExportedResource {
  readonly text: string;
  readonly resource: JsonObject;
}

export interface ExportPace {
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** How long the server is given to make the files. */
  readonly patienceMs: number;
}

const REGION_SYSTEM = 'https://mos.esante.gouv.fr/NOS/TRE_R30-RegionOM/FHIR/TRE-R30-RegionOM';
/** Between two polls when the server says nothing; doubled each time up to the ceiling. */
const FIRST_POLL_MS = 1_000;
const LONGEST_POLL_MS = 60_000;
/** Bytes of one file: far beyond a region, short of a disk. */
const MAX_FILE = 8 * 1024 * 1024 * 1024;

/**
 * Asks for the offers of a region with all that is linked to them (api page, section 9): plain JSON, since ndjson is
 * not served. @returns where to poll.
 */
export async function startExport(client: RorClient, region: string): Promise<string> {
  const query = new URLSearchParams([
    ['_outputFormat', 'application/fhir+json'],
    ['_type', 'HealthcareService'],
    ['includeAssociatedData', '_myCompleteExtract'],
    ['_typeFilter', `HealthcareService?_tag=${REGION_SYSTEM}|${region}`],
  ]);
  const path = `$export?${query.toString()}`;
  const answer = await client.get(path);
  const poll = answer.headers['content-location'];
  if (answer.status === 202 && poll !== undefined) return poll;
  throw exportFailed(path, answer.status, answer.text);
}

/** Polls until the files are there, at the pace that the server asks. @throws RemoteError `ROR_EXPORT…` */
export async function awaitExport(
  client: RorClient,
  pollUrl: string,
  pace: ExportPace,
): Promise<readonly ExportFile[]> {
  const until = pace.now().getTime() + pace.patienceMs;
  for (let wait = FIRST_POLL_MS; ; wait = Math.min(2 * wait, LONGEST_POLL_MS)) {
    const answer = await client.get(pollUrl);
    if (answer.status === 200) return filesOf(parseObject(answer.text, pollUrl), pollUrl);
    if (answer.status === 404 || answer.status === 410) throw gone(pollUrl);
    if (answer.status !== 202) throw exportFailed(pollUrl, answer.status, answer.text);
    const asked = retryAfterMs(answer.headers['retry-after'], pace.now()) ?? wait;
    if (pace.now().getTime() + asked > until) throw slow(pollUrl);
    await pace.sleep(Math.max(asked, FIRST_POLL_MS));
  }
}

/** Resources of one file, one after the other. @throws RemoteError on a file that is cut, unreadable or gone. */
export async function* exportedResources(
  client: RorClient,
  file: ExportFile,
): AsyncGenerator<ExportedResource> {
  const slicer = new RecordSlicer();
  for await (const piece of await download(client, file.url)) {
    for (const record of sliced(slicer, piece, file.url)) {
      const text = decoded(record, file.url);
      const resource = parseObject(text, file.url);
      if (resource['resourceType'] === 'OperationOutcome') throw exportFailed(file.url, 200, text);
      if (resource['resourceType'] !== 'Bundle') yield { text, resource };
    }
  }
  if (!slicer.complete) throw unreadable(file.url, 'le fichier d’export s’arrête avant sa fin');
}

async function download(client: RorClient, url: string): Promise<AsyncIterable<Uint8Array>> {
  try {
    return await client.download(url, MAX_FILE);
  } catch (error) {
    const status = error instanceof RemoteError && 'status' in error ? error.status : null;
    throw status === 404 || status === 410 ? gone(url) : error;
  }
}

function sliced(slicer: RecordSlicer, piece: Uint8Array, url: string): readonly Uint8Array[] {
  try {
    return slicer.push(piece);
  } catch (error) {
    if (error instanceof RangeError) throw unreadable(url, 'une ressource dépasse 8 Mio');
    throw error;
  }
}

function decoded(record: Uint8Array, url: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(record);
  } catch {
    throw unreadable(url, 'le fichier d’export n’est pas en UTF-8');
  }
}

function filesOf(manifest: JsonObject, place: string): readonly ExportFile[] {
  // Errors said by the server mean files that lack something: nothing could be concluded from what is missing.
  if (list(manifest['error']).length > 0)
    throw new RemoteError({
      code: 'ROR_EXPORT_PARTIAL',
      message: `L’export du répertoire annonce ${list(manifest['error']).length} fichier(s) d’erreur : il n’est pas complet.`,
      remedy: 'relancez plus tard ; si cela dure, prévenez l’exploitant du répertoire.',
      place,
      transient: true,
    });
  if (manifest['output'] === undefined) throw unreadable(place, 'l’export ne dit pas où sont ses fichiers');
  return list(manifest['output']).map((output) => {
    const url = isJsonObject(output) ? output['url'] : undefined;
    const type = isJsonObject(output) ? output['type'] : undefined;
    if (typeof url !== 'string') throw unreadable(place, 'un fichier de l’export n’a pas d’adresse');
    return { url, type: typeof type === 'string' ? type : '' };
  });
}

function list(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  return isJsonObject(value) ? [value] : [];
}

/** The job or a file of it is no longer known: a new export has to be asked for. */
function gone(place: string): RemoteError {
  return new RemoteError({
    code: 'ROR_EXPORT_GONE',
    message: 'L’export demandé n’est plus connu du répertoire : il a expiré.',
    remedy: 'l’exploitant relance « filror mirror refresh --export » : un nouvel export est demandé.',
    place,
    transient: true,
  });
}

function slow(place: string): RemoteError {
  return new RemoteError({
    code: 'ROR_EXPORT_SLOW',
    message: 'L’export du répertoire n’est pas prêt dans le délai accordé.',
    remedy:
      'l’exploitant relance « filror mirror refresh --export » plus tard : l’export en cours est repris.',
    place,
    transient: true,
  });
}

function exportFailed(place: string, status: number, text: string): RemoteError {
  const said = issuesText(outcomeIssues(text));
  return new RemoteError({
    code: 'ROR_EXPORT',
    message: `L’export du répertoire a échoué (réponse ${status})${said === '' ? '' : ` : ${said}`}.`,
    remedy:
      status === 400 || status === 404 || status === 501
        ? 'ce répertoire ne sert pas $export : employez au terminal « filror mirror refresh --full », ou demandez-le à son exploitant.'
        : status === 401 || status === 403
          ? 'vérifiez clientId, les en-têtes Ror-* et le profil d’accès de la région.'
          : 'relancez plus tard ; si cela dure, prévenez l’exploitant du répertoire.',
    place,
    transient: status === 429 || status >= 500,
  });
}
