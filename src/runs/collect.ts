import type { RegionProfile } from '../config/schema/region.js';
import { placeOf, type FilrorConfig } from '../config/load.js';
import { currentDeliveries, type DeliveryRow } from '../db/deliveries.js';
import { heldSnapshot, readSnapshot, storeSnapshot } from '../db/snapshots.js';
import type { Db } from '../db/types.js';
import { ofSource, SourceError } from '../domain/errors.js';
import type { PersonId } from '../domain/ids.js';
import { isRegister, ORDER_READER } from '../domain/source-ids.js';
import { keptFileName } from '../domain/plain-words.js';
import { validatedLines } from './order-delivery.js';
import { openPlace } from '../snapshots/open-place.js';

/** A delivery that a person handed over on a page: its bytes are stored already. */
export interface HandedFile {
  readonly sha256: string;
  readonly bytes: number;
  readonly fileName: string;
  /** How it came, in French. */
  readonly origin: string;
}

/** Where to read a source, in place of where it is configured to be. */
export type Replaced = ReadonlyMap<string, string | HandedFile>;

/** What collecting one source gave, before anybody reads the bytes. */
export interface Collected {
  readonly source: string;
  readonly reader: string;
  readonly status: 'new' | 'unchanged' | 'notModified';
  readonly sha256: string;
  readonly bytes: number;
  readonly fileName: string;
  /** Where it came from, without anything secret. */
  readonly origin: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** True when the place was given on the command line, or the file on a page: a person handed it over. */
  readonly imported: boolean;
  readonly previous: DeliveryRow | null;
  /** Who validated each line, by its place as people read it; absent for a source that nobody validates. */
  readonly validators?: ReadonlyMap<string, PersonId>;
  readonly open: () => AsyncIterable<Uint8Array>;
}

/**
 * Design step 1: every configured source is fetched with its validators and stored before anything reads it.
 * @param replaced places given on the command line and files given on a page, by source
 * @throws SourceError for an unknown or missing source, and those of opening a place
 */
export async function collect(
  db: Db,
  config: FilrorConfig,
  region: RegionProfile,
  replaced: Replaced,
  now: Date,
): Promise<Collected[]> {
  for (const name of replaced.keys()) {
    if (config.sources[name] === undefined) throw unknownSource(name, config);
  }
  const previous = await currentDeliveries(db, region.code);
  const collected: Collected[] = [];
  const hasOtherRegister = (name: string): boolean =>
    Object.entries(config.sources).some(
      ([source, options]) =>
        source !== name &&
        isRegister(options.reader) &&
        (replaced.has(source) || previous.has(source) || placeOf(config, options, region.code) !== null),
    );
  for (const [source, options] of Object.entries(config.sources)) {
    const imported = replaced.has(source);
    const given = replaced.get(source);
    const last = previous.get(source) ?? null;
    if (options.reader === ORDER_READER) {
      if (given !== undefined) throw orderGiven(source);
      const lines = await validatedLines(db, region.code);
      if (lines === null) continue;
      const stored = await storeSnapshot(db, lines.bytes(), now);
      const { fileName, origin, validators } = lines;
      const file = { ...stored, fileName, origin };
      collected.push({ ...(await ofStored(db, source, options.reader, file, last)), imported, validators });
      continue;
    }
    if (typeof given === 'object') {
      collected.push({ ...(await ofStored(db, source, options.reader, given, last)), imported });
      continue;
    }
    const place = given ?? placeOf(config, options, region.code);
    if (place === null) {
      if (last === null && options.required && !(isRegister(options.reader) && hasOtherRegister(source)))
        await ofSource(source, () => Promise.reject(missingSource(source, region.code)));
      continue;
    }
    const opened = await ofSource(source, () => openPlace(place, last, options));
    if (opened.status === 'notModified') {
      if (last === null) throw new Error('not modified without a previous delivery');
      collected.push({
        ...(await base(source, options.reader, db, last.sha256)),
        status: 'notModified',
        bytes: last.bytes,
        fileName: last.file_name,
        origin: opened.origin,
        etag: last.etag,
        lastModified: last.last_modified,
        imported,
        previous: last,
      });
      continue;
    }
    const stored = await ofSource(source, () => storeSnapshot(db, opened.bytes, now));
    collected.push({
      ...(await base(source, options.reader, db, stored.sha256)),
      status: last?.sha256 === stored.sha256 ? 'unchanged' : 'new',
      bytes: stored.bytes,
      fileName: keptFileName(opened.fileName),
      origin: opened.origin,
      etag: opened.etag,
      lastModified: opened.lastModified,
      imported,
      previous: last,
    });
  }
  const registers = collected.filter(({ reader }) => isRegister(reader)).map(({ source }) => source);
  if (registers.length > 1) throw twoRegisters(registers);
  return collected;
}

/** A list of lines that nobody validated would count as if somebody had. */
function orderGiven(source: string): SourceError {
  return new SourceError({
    code: 'ORDER_GIVEN',
    message: `La source « ${source} » ne se donne pas à un passage : seules comptent les lignes d’arrêté validées.`,
    place: '--source',
    remedy: 'au terminal : filror order read ARRETE.pdf --campaign 2023, puis filror order validate.',
  });
}

/** They name the same sites in other words: each would undo what the other said. */
function twoRegisters(sources: readonly string[]): SourceError {
  return new SourceError({
    code: 'SRC_TWO_REGISTERS',
    message: `Deux registres d’établissements sont donnés pour le même passage : ${sources.join(' et ')}.`,
    place: 'sources.yaml',
    remedy:
      'gardez-en un seul : ôtez la « place » de l’autre (finess-structures est le flux vivant, finess-etalab l’ancien fichier).',
  });
}

/** A delivery whose bytes are stored already: nobody was asked whether it changed. */
async function ofStored(
  db: Db,
  source: string,
  reader: string,
  { sha256, bytes, fileName, origin }: HandedFile,
  previous: DeliveryRow | null,
): Promise<Omit<Collected, 'imported'>> {
  return {
    ...(await base(source, reader, db, sha256)),
    ...{ bytes, fileName, origin, previous, etag: null, lastModified: null },
    status: previous?.sha256 === sha256 ? 'unchanged' : 'new',
  };
}

async function base(
  source: string,
  reader: string,
  db: Db,
  sha256: string,
): Promise<Pick<Collected, 'source' | 'reader' | 'sha256' | 'open'>> {
  const open = db.isTransaction
    ? await heldSnapshot(db, sha256)
    : (): AsyncIterable<Uint8Array> => readSnapshot(db, sha256);
  return { source, reader, sha256, open };
}

function unknownSource(name: string, config: FilrorConfig): SourceError {
  return new SourceError({
    code: 'SRC_UNKNOWN',
    message: `La source « ${name} » n’existe pas.`,
    place: '--source',
    remedy: `employez l’une de celles-ci : ${Object.keys(config.sources).join(', ')}.`,
  });
}

function missingSource(name: string, region: string): SourceError {
  return new SourceError({
    code: 'SRC_MISSING',
    message: `La source « ${name} » n’a jamais été lue pour la région ${region} et aucun lieu n’est configuré.`,
    place: `sources.yaml, ${name}.place`,
    remedy: `une liste de centres se dépose à la page « Tableur » ; sinon l’exploitant donne un fichier ou une adresse (au terminal : --source ${name}=FICHIER, ou « place » dans sources.yaml).`,
  });
}
