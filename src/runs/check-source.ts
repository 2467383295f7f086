import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { placeOf, type FilrorConfig } from '../config/load.js';
import type { RegionProfile } from '../config/schema/region.js';
import type { SourceConfig } from '../config/schema/sources.js';
import { DataError, ofSource } from '../domain/errors.js';
import type { ExpertisePlatform } from '../domain/expertise-platform.js';
import type { Filiere } from '../domain/filiere.js';
import type { DeliveryCounts, GateResult } from '../domain/gates.js';
import { keptFileName } from '../domain/plain-words.js';
import type { RowFault, RowOutcome } from '../domain/rows.js';
import { isRegister, ORDER_READER } from '../domain/source-ids.js';
import type { NamedHosts, SourcePlace } from '../domain/source-place.js';
import { openPlace, type OpenedPlace } from '../snapshots/open-place.js';
import { AsideShare } from '../sources/aside-share.js';
import { readAll, type DeliveryFacts, type SourceInput } from '../sources/contract.js';
import { filieresSource } from '../sources/filieres/index.js';
import { checkGates } from '../sources/gates.js';
import { EstablishmentTally } from '../sources/tally.js';
import { carrierFlags } from './carrier-flags.js';
import { countsOf, formOf, listReader, registerReader, type PlainCounts } from './readers.js';

/** What would be read of one source, with nothing kept. */
export interface SourceCheck {
  readonly source: string;
  readonly reader: string;
  readonly file: string;
  /** Where it was read, without anything secret. */
  readonly origin: string;
  /** What was chosen of a dataset, and checked; null for any other place. */
  readonly resource: OpenedPlace['resource'];
  readonly bytes: number;
  readonly facts: DeliveryFacts;
  readonly rows: number;
  readonly kept: number;
  readonly setAside: number;
  /** The first `MAX_FAULTS` of those set aside, and of the flags. */
  readonly faults: readonly RowFault[];
  readonly flagged: number;
  readonly flags: readonly RowFault[];
  /** What the announced totals say; what compares with the delivery before needs `filror sync --dry-run`. */
  readonly gates: readonly GateResult[];
}

const MAX_FAULTS = 1_000;

/**
 * Reads one source from its configured place, or from the one given, and changes nothing: no database, no run.
 * @throws FilrorError as a run would for a file fault; DataError `SRC_UNKNOWN`, `SRC_MISSING`
 */
export async function checkSource(
  config: FilrorConfig,
  region: RegionProfile,
  name: string,
  given: string | null,
): Promise<SourceCheck> {
  const options = config.sources[name];
  if (options === undefined) throw unknown(name, config);
  if (options.reader === ORDER_READER) throw orderChecked(name);
  const place = given ?? placeOf(config, options, region.code);
  if (place === null) throw withoutPlace(name, region.code);
  return await ofSource(name, () =>
    atHand(place, options, async (file) => {
      const input = { ...file.input, ...(options.encoding === null ? {} : { encoding: options.encoding }) };
      const { facts, reading } = isRegister(options.reader)
        ? await readRegister(options.reader, region, input)
        : await readList(config, region, { name, options }, input);
      const { counts, ...told } = reading;
      const kept = counts.rows - counts.setAside;
      const gated = { counts, kept, bytes: file.bytes(), form: formOf(facts), previous: null };
      return {
        source: name,
        reader: options.reader,
        file: input.fileName,
        origin: file.origin,
        resource: file.resource,
        bytes: file.bytes(),
        facts,
        rows: counts.rows,
        kept,
        setAside: counts.setAside,
        ...told,
        gates: gatesOf(config, region, options, gated, facts.contentDate),
      };
    }),
  );
}

interface Reading {
  readonly counts: DeliveryCounts | PlainCounts;
  readonly faults: readonly RowFault[];
  readonly flagged: number;
  readonly flags: readonly RowFault[];
}

async function readList(
  config: FilrorConfig,
  region: RegionProfile,
  { name, options }: { readonly name: string; readonly options: SourceConfig },
  input: SourceInput,
): Promise<{ facts: DeliveryFacts; reading: Reading }> {
  const { reader, html } = options;
  const source = await listReader({ name, reader }, html, () => configuredFilieres(config, region));
  const facts = await source.inspect(input);
  const outcomes = await readAll(source, input);
  const told = new Told(facts.flags ?? []);
  for (const outcome of outcomes) told.add(outcome);
  if (reader === 'pemr')
    told.flag(await carrierFlags(config, region, outcomes as readonly RowOutcome<ExpertisePlatform>[]));
  return { facts, reading: { counts: countsOf(reader, outcomes), ...told.said() } };
}

/** Streamed: a register has 100,000 lines. */
async function readRegister(
  reader: string,
  region: RegionProfile,
  input: SourceInput,
): Promise<{ facts: DeliveryFacts; reading: Reading }> {
  const source = registerReader(reader);
  const facts = await source.inspect(input);
  const tally = new EstablishmentTally(region.departements);
  const share = new AsideShare(input);
  const told = new Told(facts.flags ?? []);
  for await (const outcome of source.read(input)) {
    tally.add(outcome);
    told.add(outcome);
    share.add(outcome.kind === 'aside');
  }
  share.end();
  return { facts, reading: { counts: tally.counts(), ...told.said() } };
}

/** Faults and flags, the first of each kept. */
class Told {
  private readonly faults: RowFault[] = [];
  private readonly flags: RowFault[];
  private flagged: number;

  /** @param head what the head of the file is flagged with */
  constructor(head: readonly RowFault[]) {
    this.flags = [...head];
    this.flagged = head.length;
  }

  add(outcome: RowOutcome<unknown>): void {
    if (outcome.kind === 'aside') {
      const { code, locator, message, remedy, field, value } = outcome;
      const where = { ...(field === undefined ? {} : { field }), ...(value === undefined ? {} : { value }) };
      if (this.faults.length < MAX_FAULTS) this.faults.push({ code, locator, message, remedy, ...where });
      return;
    }
    this.flag(outcome.flags ?? []);
  }

  flag(flags: readonly RowFault[]): void {
    for (const flag of flags) {
      this.flagged++;
      if (this.flags.length < MAX_FAULTS) this.flags.push(flag);
    }
  }

  said(): Omit<Reading, 'counts'> {
    return { faults: this.faults, flagged: this.flagged, flags: this.flags };
  }
}

function gatesOf(
  config: FilrorConfig,
  region: RegionProfile,
  options: SourceConfig,
  {
    counts,
    ...gated
  }: { counts: Reading['counts']; kept: number; bytes: number; form: string; previous: null },
  contentDate: string | null,
): readonly GateResult[] {
  if (counts.kind === 'plain') return [];
  const completeFor = options.complete ? config.review.currentCampaign : null;
  return checkGates(config.gates, region.code, { ...gated, counts, completeFor, contentDate });
}

export async function configuredFilieres(config: FilrorConfig, region: RegionProfile): Promise<Filiere[]> {
  const found: Filiere[] = [];
  for (const options of Object.values(config.sources)) {
    const place = options.reader === 'filieres' ? placeOf(config, options, region.code) : null;
    if (place === null) continue;
    const outcomes = await atHand(place, options, ({ input }) => readAll(filieresSource(), input));
    found.push(...outcomes.flatMap((one) => (one.kind === 'row' ? [one.value] : [])));
  }
  return found;
}

interface AtHand extends Pick<OpenedPlace, 'origin' | 'resource'> {
  readonly input: SourceInput;
  /** Bytes as they came; known once the file was read. */
  readonly bytes: () => number;
}

/** What an address answers is put into a file of its own for the time of the reading: it is read more than once. */
async function atHand<T>(
  place: SourcePlace,
  hosts: NamedHosts,
  work: (file: AtHand) => Promise<T>,
): Promise<T> {
  const opened = await openPlace(place, null, hosts);
  if (opened.status === 'notModified') throw new Error('not modified without validators');
  const copy = join(tmpdir(), `filror-source-${randomBytes(8).toString('hex')}`);
  try {
    const file = createWriteStream(copy, { mode: 0o600, flags: 'wx' });
    await pipeline(Readable.from(opened.bytes), file);
    return await work({
      input: { fileName: keptFileName(opened.fileName), bytes: () => createReadStream(copy) },
      bytes: () => file.bytesWritten,
      origin: opened.origin,
      resource: opened.resource,
    });
  } finally {
    await rm(copy, { force: true });
  }
}

function orderChecked(name: string): DataError {
  return new DataError({
    code: 'ORDER_CHECKED',
    message: `La source « ${name} » n’a pas de fichier à elle : ce sont les lignes d’arrêté validées.`,
    place: name,
    remedy:
      'pour voir ce qui serait lu d’un arrêté, au terminal : filror order read ARRETE.pdf --campaign 2023 --dry-run.',
  });
}

function unknown(name: string, config: FilrorConfig): DataError {
  return new DataError({
    code: 'SRC_UNKNOWN',
    message: `La source « ${name} » n’existe pas.`,
    place: 'source',
    remedy: `employez l’une de celles-ci : ${Object.keys(config.sources).join(', ')}.`,
  });
}

function withoutPlace(name: string, region: string): DataError {
  return new DataError({
    code: 'SRC_MISSING',
    message: `La source « ${name} » n’a pas de lieu configuré pour la région ${region}.`,
    place: `sources.yaml, ${name}.place`,
    remedy: `donnez un fichier ou une adresse ; au terminal : filror source check ${name} --file FICHIER.`,
  });
}
