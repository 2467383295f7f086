import { copyRows } from '../db/bulk.js';
import { addDelivery, type NewDelivery } from '../db/deliveries.js';
import { openEstablishmentStage, promoteEstablishments, stageEstablishments } from '../db/establishments.js';
import { currentDeliveries } from '../db/deliveries.js';
import { observationsOf, promoteObservations, type StagedRow } from '../db/observations.js';
import type { Trx } from '../db/types.js';
import type { CentreObservation } from '../domain/centre.js';
import type { Deployment } from '../domain/deployment.js';
import type { DeliveryCounts } from '../domain/gates.js';
import type { Filiere } from '../domain/filiere.js';
import { canonicalText, sha256 } from '../domain/json.js';
import type { RowFault, RowOutcome } from '../domain/rows.js';
import { bamaraDeployment } from '../sources/bamara-deployment/index.js';
import { readAll, type Source, type SourceInput } from '../sources/contract.js';
import { filieresSource } from '../sources/filieres/index.js';
import { finessEtalab } from '../sources/finess-etalab/index.js';
import type { FinessRecord } from '../sources/finess-etalab/schema.js';
import { labelledCentres } from '../sources/labelled-centres/index.js';
import { countCentres, countDeployment, EstablishmentTally } from '../sources/tally.js';
import { SourceError } from '../domain/errors.js';
import { judge } from './judge.js';
import type { Collected } from './collect.js';
import type { RunContext } from './context.js';
import type { RunReport, SourceReport } from './report.js';

export interface Accepted {
  readonly source: SourceReport;
  readonly gates: RunReport['gates'];
}

/** Faults kept one by one; beyond, they are counted: a register of 100,000 lines may be wrong on every line. */
const MAX_FAULTS = 10_000;

/**
 * Design steps 2 to 4 for one delivery, inside the run's transaction: rows are read and checked, gates judge the
 * delivery as a whole, and only then does it become the present one.
 * @throws SourceError for a file fault, and `GATE_…` when a blocking gate fails: the transaction is then rolled back
 */
export async function acceptDelivery(
  context: RunContext,
  runId: string,
  collected: Collected,
): Promise<Accepted> {
  const input: SourceInput = { fileName: collected.fileName, bytes: collected.open };
  const isRegister = collected.reader === 'finess-etalab';
  const staged = isRegister
    ? await stageRegister(context, input)
    : await stageList(context, collected, input);
  const gates = judge(context, collected, staged);
  const delivery: NewDelivery = {
    region: context.region.code,
    source: collected.source,
    sha256: collected.sha256,
    run_id: runId,
    file_name: collected.fileName,
    origin: collected.origin,
    etag: collected.etag,
    last_modified: collected.lastModified,
    content_date: staged.contentDate,
    fetched_at: context.now(),
    imported_by: collected.imported ? (context.actor?.id ?? null) : null,
    rows_read: staged.counts.rows,
    rows_aside: staged.counts.setAside,
    counts: { ...staged.counts, kept: staged.kept, flags: staged.flags },
  };
  const trx = context.db as Trx;
  const no = await addDelivery(trx, delivery, staged.faults);
  const to = { region: context.region.code, source: collected.source, delivery: no };
  const promoted = isRegister
    ? (await promoteEstablishments(trx, to)).establishments
    : await promoteObservations(trx, copyRows, to, staged.rows, keptKeys(staged.faults));
  return {
    gates,
    source: {
      source: collected.source,
      status: collected.status,
      file: collected.fileName,
      origin: collected.origin,
      sha256: collected.sha256,
      bytes: collected.bytes,
      contentDate: staged.contentDate,
      read: staged.counts.rows,
      kept: staged.kept,
      setAside: staged.faults,
      flags: staged.flags,
      outOfRegion: 0,
      changed: { opened: promoted.opened, closed: promoted.closed },
    },
  };
}

/** What reading a delivery gave. */
export interface Staged {
  readonly counts: DeliveryCounts | PlainCounts;
  readonly kept: number;
  readonly rows: readonly StagedRow[];
  readonly faults: readonly RowFault[];
  readonly flags: readonly RowFault[];
  readonly contentDate: string | null;
}

/** A list made by people fits in memory: it is read whole, with its rules across rows. */
async function stageList(context: RunContext, collected: Collected, input: SourceInput): Promise<Staged> {
  const source = await sourceFor(context, collected);
  const facts = await source.inspect(input);
  const rows: StagedRow[] = [];
  const faults: RowFault[] = [];
  const flags: RowFault[] = [];
  const outcomes = await readAll(source, input);
  for (const outcome of outcomes) {
    if (outcome.kind === 'aside') faults.push(faultOf(outcome));
    else {
      rows.push(stagedRow(outcome));
      flags.push(...(outcome.flags ?? []).map((flag) => ({ key: outcome.key ?? '', ...flag })));
    }
  }
  return {
    counts: countsOf(collected.reader, outcomes),
    kept: rows.length,
    rows,
    faults,
    flags,
    contentDate: facts.contentDate,
  };
}

/** A register is streamed: memory holds one batch, faults and nothing else. */
async function stageRegister(context: RunContext, input: SourceInput): Promise<Staged> {
  const trx = context.db as Trx;
  const source = finessEtalab();
  const facts = await source.inspect(input);
  const faults: RowFault[] = [];
  const flags: RowFault[] = [];
  const points: (readonly string[])[] = [];
  const tally = new EstablishmentTally(context.region.departements);
  let read = 0;
  await openEstablishmentStage(trx);
  const rows = async function* (): AsyncIterable<readonly string[]> {
    for await (const outcome of source.read(input)) {
      tally.add(outcome);
      read++;
      if (read % 5_000 === 0) context.progress({ step: 'lecture FINESS', done: read, total: null });
      if (outcome.kind === 'aside') {
        if (faults.length < MAX_FAULTS) faults.push(faultOf(outcome));
        continue;
      }
      if (flags.length < MAX_FAULTS) flags.push(...(outcome.flags ?? []));
      const record = outcome.value;
      if (record.kind === 'point') {
        const content = JSON.stringify(record.point);
        points.push([record.point.eg, sha256(content), content]);
        continue;
      }
      const { establishment } = record;
      const content = JSON.stringify(establishment);
      yield [
        establishment.eg,
        establishment.ej,
        establishment.aggregate,
        establishment.departement,
        sha256(content),
        content,
      ];
    }
  };
  await stageEstablishments(trx, copyRows, rows());
  await copyRows(trx, 'stage_point', ['eg', 'hash', 'content'], points);
  const counts = tally.counts();
  return {
    counts,
    kept: counts.rows - counts.setAside,
    rows: [],
    faults,
    flags,
    contentDate: facts.contentDate,
  };
}

/** A source without totals of its own is still compared with its previous delivery. */
export interface PlainCounts {
  readonly kind: 'plain';
  readonly rows: number;
  readonly setAside: number;
}

function countsOf(reader: string, outcomes: readonly RowOutcome<unknown>[]): Staged['counts'] {
  switch (reader) {
    case 'labelled-centres':
      return countCentres(outcomes as readonly RowOutcome<CentreObservation>[]);
    case 'bamara-deployment':
      return countDeployment(outcomes as readonly RowOutcome<Deployment>[]);
    default: {
      const setAside = outcomes.filter((outcome) => outcome.kind === 'aside').length;
      return { kind: 'plain', rows: outcomes.length, setAside };
    }
  }
}

async function sourceFor(context: RunContext, collected: Collected): Promise<Source<unknown>> {
  switch (collected.reader) {
    case 'labelled-centres':
      return labelledCentres(await knownFilieres(context)) as Source<unknown>;
    case 'filieres':
      return filieresSource() as Source<unknown>;
    case 'bamara-deployment':
      return bamaraDeployment() as Source<unknown>;
    default:
      throw new SourceError({
        code: 'SRC_READER',
        message: `La source « ${collected.source} » demande le lecteur « ${collected.reader} », qui n’existe pas.`,
        place: `sources.yaml, ${collected.source}.reader`,
        remedy: 'employez l’un de ceux-ci : labelled-centres, finess-etalab, filieres, bamara-deployment.',
      });
  }
}

async function knownFilieres(context: RunContext): Promise<Filiere[]> {
  const filieres: Filiere[] = [];
  for (const delivery of (await currentDeliveries(context.db, context.region.code)).values()) {
    if (context.config.sources[delivery.source]?.reader !== 'filieres') continue;
    const rows = await observationsOf(context.db, context.region.code, delivery.source, delivery.no);
    filieres.push(...rows.map((row) => JSON.parse(row.content) as Filiere));
  }
  return filieres;
}

function stagedRow(outcome: Extract<RowOutcome<unknown>, { kind: 'row' }>): StagedRow {
  const content = canonicalText(outcome.value);
  return { key: outcome.key ?? '', hash: sha256(content), content, locator: outcome.locator };
}

function faultOf(outcome: Extract<RowOutcome<FinessRecord | unknown>, { kind: 'aside' }>): RowFault {
  const { kind, ...fault } = outcome;
  if (kind !== 'aside') throw new Error('a fault was expected');
  return fault;
}

/** A row set aside under a key is not a row that disappeared. */
function keptKeys(faults: readonly RowFault[]): string[] {
  return faults.flatMap((fault) => fault.key ?? []);
}
