import {
  beginExport,
  countExportFailure,
  countExportFile,
  endExport,
  keepExportFiles,
  openExport,
  type OpenExport,
} from '../db/mirror-export.js';
import { dropStage, remoteHashes, stagedCounts } from '../db/mirror.js';
import { remoteCursor, type MirroredType } from '../db/remote.js';
import { RemoteError } from '../domain/errors.js';
import { momentText } from '../domain/time.js';
import { awaitExport, exportedResources, startExport, type ExportFile } from '../ror/export.js';
import { isCut, stageType, TYPES, type MirrorContext, type StagedReading } from './reading.js';
import { isOfRegion } from './resources.js';
import { Stager } from './stager.js';

/** A server is given this long to make its files. */
const PATIENCE_MS = 6 * 3_600_000;
/** An export begun longer ago is not taken up again: a new one says more. */
const STALE_MS = 24 * 3_600_000;

/**
 * Loads the region by `$export`: job, files and what is staged are kept as they come, so that a load that was cut goes
 * on with its next file, in another process and with other tokens. Offers come from the export; establishments and
 * places of the region, of which it brings only the linked ones, by search too.
 */
export async function stageExport(context: MirrorContext): Promise<StagedReading> {
  const taken = await takeUp(context);
  try {
    return await load(context, taken);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    // The job itself is lost, or what it made cannot be read: keeping it would only fail again.
    const lost = /^ROR_(EXPORT(_GONE|_PARTIAL)?|UNREADABLE)$/.test(error.code);
    if (!lost && !(await failsAgain(context, taken))) throw error;
    await forget(context, taken);
    if (taken.resumed && error.code === 'ROR_EXPORT_GONE') return await load(context, await begin(context));
    throw /^ROR_EXPORT/.test(error.code) ? error : abandoned(error, taken);
  }
}

/** An open export is dropped with what it staged. @returns when it was begun; null when there was none. */
export async function letGoOfExport(context: MirrorContext): Promise<Date | null> {
  const open = await openExport(context.db, context.region);
  if (open === null) return null;
  await forget(context, open);
  return open.startedAt;
}

/** A file that fails this often in a row is spoilt: a cut connection passes, a spoilt file blocks every full reading. */
const MAX_FAILURES = 2;

async function failsAgain({ db, region }: MirrorContext, { reading }: Taken): Promise<boolean> {
  const open = await openExport(db, region);
  // Before its files are known, or once they are all read, no file is to blame.
  if (open?.reading !== reading || open.files === null || open.filesDone >= open.files.length) return false;
  return (await countExportFailure(db, region, reading, open.filesDone)) >= MAX_FAILURES;
}

function abandoned(error: RemoteError, { startedAt }: Taken): RemoteError {
  const when = momentText(startedAt);
  return new RemoteError({
    code: error.code,
    message: `${error.message} L’export commencé le ${when} est abandonné : la prochaine lecture complète repart de zéro.`,
    remedy:
      'l’exploitant relance « filror mirror refresh --full » (par recherche) ; si un export neuf échoue au même fichier, prévenez l’exploitant du répertoire.',
    ...(error.place === null ? {} : { place: error.place }),
    transient: true,
    cause: error,
  });
}

type Taken = OpenExport & { readonly resumed: boolean };

async function takeUp(context: MirrorContext): Promise<Taken> {
  const open = await openExport(context.db, context.region);
  if (open === null) return await begin(context);
  const age = context.now().getTime() - open.startedAt.getTime();
  if (open.repository === context.repository && age >= 0 && age < STALE_MS) return { ...open, resumed: true };
  await forget(context, open);
  return await begin(context);
}

async function begin(context: MirrorContext): Promise<Taken> {
  const { db, region } = context;
  const begun: OpenExport = {
    reading: context.newReading(),
    repository: context.repository,
    startedAt: context.now(),
    fromNo: await remoteCursor(db, region),
    pollUrl: await startExport(context.client, region),
    files: null,
    filesDone: 0,
  };
  await beginExport(db, region, begun);
  return { ...begun, resumed: false };
}

async function forget(context: MirrorContext, open: OpenExport): Promise<void> {
  await endExport(context.db, context.region, open.reading);
  await dropStage(context.db, context.region, { reading: open.reading });
}

async function load(context: MirrorContext, open: OpenExport): Promise<StagedReading> {
  const { db, region, client, now } = context;
  const files = open.files ?? (await filesOf(context, open));
  const known = await remoteHashes(db, region);
  const stager = new Stager(db, region, open.reading, 'all', known, now);
  for (const [place, file] of files.entries()) {
    if (place < open.filesDone) continue;
    for await (const { resource, text } of exportedResources(client, file)) {
      // A linked resource of another region is another mirror's.
      const type = TYPES.find((each) => each === resource['resourceType']);
      if (type !== undefined && isOfRegion(resource, region)) await stager.add(type, resource, text);
      if (stager.seen % 200 === 0) context.progress(stager.seen);
    }
    await stager.flush();
    await countExportFile(db, region, open.reading, place + 1);
  }
  const complete: MirroredType[] = ['HealthcareService'];
  for (const type of ['Organization', 'Location'] as const) {
    try {
      await stageType(context, stager, type);
      complete.push(type);
    } catch (error) {
      // Too many for a search: those that offers name are here, and nothing is concluded about the others.
      if (!isCut(error)) throw error;
      await stager.flush();
    }
  }
  const { byType } = await stagedCounts(db, region, open.reading);
  return {
    mode: 'export',
    reading: open.reading,
    repository: open.repository,
    startedAt: open.startedAt,
    fromNo: open.fromNo,
    complete,
    seen: Object.values(byType).reduce((sum, count) => sum + count, 0),
    letGo: null,
    last: null,
  };
}

async function filesOf(context: MirrorContext, open: OpenExport): Promise<readonly ExportFile[]> {
  const { now, sleep } = context;
  const files = await awaitExport(context.client, open.pollUrl, { now, sleep, patienceMs: PATIENCE_MS });
  await keepExportFiles(context.db, context.region, open.reading, files);
  return files;
}
