import { placeOf } from '../config/load.js';
import { standingPauses } from '../db/pauses.js';
import { dropPreview, keepPreview, previewSince } from '../db/list-previews.js';
import { ensureRegion } from '../db/runs.js';
import { storeSnapshot } from '../db/snapshots.js';
import { rolledBack, type Trx } from '../db/types.js';
import { DataError, RefusalError } from '../domain/errors.js';
import type { PersonId } from '../domain/ids.js';
import { canonicalHash } from '../domain/json.js';
import { piecesOf } from '../domain/pieces.js';
import type { HandedFile } from './collect.js';
import type { RunContext } from './context.js';
import { dropOldPreviews, oldestConfirmed } from './old-previews.js';
import type { SyncOutput } from './report.js';
import { sync } from './sync.js';

/** A list of centres as it was handed over on a page, and what it would give. */
export interface HandedList {
  readonly file: HandedFile;
  readonly output: SyncOutput;
  /** Binds the confirmation to what was shown. */
  readonly hash: string;
}

const ORIGIN = 'déposé à la page Tableur';

/**
 * Keeps the bytes of a list (rule 1: before anything reads them) for whoever handed it over, then tries the run that it
 * would make: nothing else is kept, and they leave when they are not confirmed.
 * @throws FilrorError as `sync` does
 */
export async function tryList(
  run: RunContext,
  given: { readonly name: string; readonly bytes: Uint8Array },
): Promise<HandedList> {
  const source = listSource(run);
  const { db, region } = run;
  const at = run.now();
  await ensureRegion(db, region.code);
  await dropOldPreviews(run);
  const kept = {
    region: region.code,
    person: handingOver(run),
    fileName: given.name,
    bytes: given.bytes,
    at,
  };
  await keepPreview(db, kept);
  const { file, output } = await tried(run, source, { fileName: given.name, bytes: given.bytes });
  return { file, output, hash: shownHash(output, source) };
}

/**
 * Makes the run of a list that was shown: only to whoever confirms, in this region and lately. It stands only if it
 * gives what was shown.
 * @throws RefusalError `NOT_AS_SHOWN`, `LIST_UNKNOWN`; as `sync` does
 */
export async function acceptList(run: RunContext, sha256: string, shown: string): Promise<SyncOutput> {
  const source = listSource(run);
  const key = { region: run.region.code, person: handingOver(run), sha256 };
  const preview = await previewSince(run.db, key, oldestConfirmed(run));
  if (preview === null) throw listUnknown();
  await requireNoPause(run);
  // Tried first: a form of before is refused without leaving a run that failed, nor bytes that nobody took.
  if (shownHash((await tried(run, source, preview)).output, source) !== shown) throw notAsShown();
  const stored = await storeSnapshot(run.db, piecesOf(preview.bytes), run.now());
  const file: HandedFile = { ...stored, fileName: preview.fileName, origin: ORIGIN };
  const seal = async (trx: Trx, output: SyncOutput): Promise<void> => {
    if (shownHash(output, source) !== shown) throw notAsShown();
    await dropPreview(trx, key);
  };
  const binding = { hold: () => Promise.resolve(), seal };
  return await sync(run, { replaced: new Map([[source, file]]), binding }, 'real');
}

function handingOver({ actor }: RunContext): PersonId {
  if (actor === null) throw new Error('a list is handed over by a person');
  return actor.id;
}

/** The run that a list would make; its snapshot, like the rest, never was. */
async function tried(
  run: RunContext,
  source: string,
  { fileName, bytes }: { readonly fileName: string; readonly bytes: Uint8Array },
): Promise<{ readonly file: HandedFile; readonly output: SyncOutput }> {
  return await rolledBack(run.db, async (db) => {
    const stored = await storeSnapshot(db, piecesOf(bytes), run.now());
    const file: HandedFile = { ...stored, fileName, origin: ORIGIN };
    const output = await sync({ ...run, db }, { replaced: new Map([[source, file]]) }, 'dry');
    return { file, output };
  });
}

function listUnknown(): RefusalError {
  return new RefusalError({
    code: 'LIST_UNKNOWN',
    message:
      'Cette liste n’attend pas votre confirmation : vous ne l’avez pas déposée dans cette région ces dernières 24 heures, ou vous l’avez déjà confirmée.',
    remedy:
      'déposez-la à la page « Tableur », relisez ce qu’elle donnerait, puis confirmez ce qui est montré.',
  });
}

function notAsShown(): RefusalError {
  return new RefusalError({
    code: 'NOT_AS_SHOWN',
    message:
      'Depuis que cette liste vous a été montrée, autre chose a changé : elle ne donnerait plus le même plan. Rien n’a été enregistré.',
    remedy: 'déposez de nouveau la liste, relisez ce qu’elle donnerait, puis confirmez.',
  });
}

/** A region that waits takes no list either. @throws RefusalError `PAUSED` */
async function requireNoPause({ db, region }: RunContext): Promise<void> {
  const pause = (await standingPauses(db, region.code)).find((each) => each.source === null);
  if (pause === undefined) return;
  throw new RefusalError({
    code: 'PAUSED',
    message: `La région ${region.name} est en pause : la liste n’est pas prise.`,
    remedy: 'reprenez la région (« Sources et calendrier »), puis confirmez de nouveau.',
  });
}

/** The configured list of centres: the one of this name, else the first. @throws DataError `LIST_NOT_CONFIGURED` */
export function listSource({ config }: Pick<RunContext, 'config'>): string {
  const lists = Object.entries(config.sources).filter(([, { reader }]) => reader === 'labelled-centres');
  const found = lists.find(([name]) => name === 'labelled-centres') ?? lists[0];
  if (found !== undefined) return found[0];
  throw new DataError({
    code: 'LIST_NOT_CONFIGURED',
    message: 'Aucune liste de centres n’est configurée.',
    place: 'sources.yaml',
    remedy: 'ajoutez une source dont le lecteur est labelled-centres.',
  });
}

/** Whether the list is also read from a configured place: the next run reads that one, and not what was handed over. */
export function isListConfigured(run: Pick<RunContext, 'config' | 'region'>): boolean {
  const source = run.config.sources[listSource(run)];
  return source !== undefined && placeOf(run.config, source, run.region.code) !== null;
}

/** What a plan says, ids and instants aside: a centre met for the first time gets another id in each run. */
function shownHash(output: SyncOutput, source: string): string {
  const list = output.sources.find((each) => each.source === source);
  const changes = output.changes.map((change) => {
    const named = change.centres.map((centre) => ('key' in centre ? centre.key : centre.id)).sort();
    const elements = change.elements.map(({ key, operation, text, conflict }) => [
      key,
      operation,
      text,
      conflict,
    ]);
    const reasons = change.reasons.map(({ code, field, blocking }) => [code, field ?? null, blocking]);
    const plain = JSON.stringify([change.kind, change.state, change.offer, elements, reasons]);
    return [named, plain.replaceAll(/cmr_[a-z2-7]{16}/g, 'cmr_')];
  });
  return canonicalHash([list?.sha256, list?.kept, list?.setAside.length, changes]);
}
