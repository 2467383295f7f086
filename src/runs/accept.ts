import { copyRows } from '../db/bulk.js';
import { addDelivery, faultsOf, type NewDelivery } from '../db/deliveries.js';
import {
  lostEstablishments,
  openEstablishmentStage,
  promoteEstablishments,
  stageEstablishments,
} from '../db/establishments.js';
import { openKeys, promoteObservations, type StagedRow } from '../db/observations.js';
import type { Trx } from '../db/types.js';
import type { DeliveryCounts } from '../domain/gates.js';
import { locatorText } from '../domain/locator.js';
import { canonicalText, sha256 } from '../domain/json.js';
import type { AsideRow, RowFault, RowOutcome } from '../domain/rows.js';
import { isRegister } from '../domain/source-ids.js';
import { AsideShare } from '../sources/aside-share.js';
import { readAll, type SourceInput } from '../sources/contract.js';
import { EstablishmentTally } from '../sources/tally.js';
import { judge } from './judge.js';
import type { Collected } from './collect.js';
import type { RunContext } from './context.js';
import { knownFilieres } from './gather.js';
import { countsOf, formOf, listReader, registerReader, type PlainCounts } from './readers.js';
import { contentOf, settleRepeats, type Repeat } from './repeats.js';
import { faultIdentity, hold, type Held, type HeldBefore } from './hold.js';
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
  const encoding = context.config.sources[collected.source]?.encoding ?? null;
  const input: SourceInput = {
    fileName: collected.fileName,
    bytes: collected.open,
    ...(encoding === null ? {} : { encoding }),
  };
  const register = isRegister(collected.reader);
  const staged = register
    ? await stageRegister(context, collected.reader, input)
    : await stageList(context, collected, input);
  const trx = context.db as Trx;
  const lost = await lostKeys(trx, context.region.code, collected, staged);
  const held = hold(lost, staged.aside, await heldBefore(trx, context.region.code, collected));
  const gates = [...judge(context, collected, staged), ...heldGate(held), ...detailGate(staged)];
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
    counts: {
      ...staged.counts,
      kept: staged.kept,
      repeated: staged.repeated,
      form: staged.form,
      flags: staged.flags,
      doubtful: held.doubtful,
      ...(staged.mark === null ? {} : { mark: staged.mark }),
      ...authorsOf(collected, staged.rows),
    },
  };
  const no = await addDelivery(trx, delivery, staged.faults);
  const to = { region: context.region.code, source: collected.source, delivery: no };
  const promoted = register
    ? (await promoteEstablishments(trx, to, keptNumbers(held.keys))).establishments
    : await promoteObservations(trx, copyRows, to, staged.rows, held.keys);
  return {
    gates: gates.map((gate) => ({ ...gate, source: collected.source })),
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
      unread: staged.unread,
      changed: { opened: promoted.opened, closed: promoted.closed },
    },
  };
}

/** Who validated each line, by its key: they stand behind what it says. */
function authorsOf({ validators }: Collected, rows: readonly StagedRow[]): object {
  if (validators === undefined) return {};
  const authors = rows.map(({ key, locator }) => [key, validators.get(locatorText(locator))]);
  return { authors: Object.fromEntries(authors) };
}

/** What reading a delivery gave. */
export interface Staged {
  readonly counts: DeliveryCounts | PlainCounts;
  readonly kept: number;
  /** Lines set aside because they say again what another one says. */
  readonly repeated: number;
  readonly rows: readonly StagedRow[];
  readonly faults: readonly RowFault[];
  /** The same rows as read, with what helps to tell which key they may be. */
  readonly aside: readonly AsideRow[];
  readonly flags: readonly RowFault[];
  readonly contentDate: string | null;
  /** Headers that no column of the source recognises. */
  readonly unread: readonly string[];
  readonly form: string;
  /** Of the whole content, where few of its records are kept (`Source.contentMark`). */
  readonly mark: string | null;
}

/** A list made by people fits in memory: it is read whole, with its rules across rows. */
async function stageList(context: RunContext, collected: Collected, input: SourceInput): Promise<Staged> {
  const { source: name, reader } = collected;
  const source = await listReader({ name, reader }, context.config.sources[name]?.html ?? null, () =>
    knownFilieres(context),
  );
  const facts = await source.inspect(input);
  const rows: StagedRow[] = [];
  const aside: AsideRow[] = [];
  const flags: RowFault[] = [...(facts.flags ?? [])];
  const outcomes = await readAll(source, input);
  for (const outcome of outcomes) {
    if (outcome.kind === 'aside') aside.push(outcome);
    else {
      rows.push(stagedRow(outcome));
      flags.push(...(outcome.flags ?? []).map((flag) => ({ key: outcome.key ?? '', ...flag })));
    }
  }
  return {
    counts: countsOf(collected.reader, outcomes),
    kept: rows.length,
    repeated: repeatedOf(aside),
    rows,
    faults: aside.map(faultOf),
    aside,
    flags,
    contentDate: facts.contentDate,
    unread: facts.unknownColumns.filter((name) => name !== ''),
    form: formOf(facts),
    mark: source.contentMark?.() ?? null,
  };
}

/** A register is streamed: memory holds one batch, faults and nothing else. */
async function stageRegister(context: RunContext, reader: string, input: SourceInput): Promise<Staged> {
  const trx = context.db as Trx;
  const source = registerReader(reader);
  const facts = await source.inspect(input);
  const aside: AsideRow[] = [];
  const repeats: Repeat[] = [];
  const flags: RowFault[] = [...(facts.flags ?? [])];
  const points: (readonly string[])[] = [];
  const tally = new EstablishmentTally(context.region.departements);
  // Of the rows set aside only so many are held: beyond, the file is refused.
  const share = new AsideShare(input);
  let read = 0;
  await openEstablishmentStage(trx);
  const rows = async function* (): AsyncIterable<readonly string[]> {
    for await (const outcome of source.read(input)) {
      tally.add(outcome);
      share.add(outcome.kind === 'aside');
      read++;
      if (read % 5_000 === 0) context.progress({ step: 'lecture FINESS', done: read, total: null });
      if (outcome.kind === 'aside') {
        const { repeated, ...row } = outcome;
        if (repeated !== undefined) repeats.push({ row, content: contentOf(repeated) });
        else aside.push(aside.length < MAX_FAULTS ? row : bare(row));
        continue;
      }
      if (flags.length < MAX_FAULTS) flags.push(...(outcome.flags ?? []));
      const record = outcome.value;
      if (record.kind === 'point') {
        const content = contentOf(record);
        points.push([record.point.eg, sha256(content), content]);
        continue;
      }
      // What is closed is no establishment any more: the interval of the one that it was ends.
      if (record.kind === 'closed') continue;
      const { establishment } = record;
      const content = contentOf(record);
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
  share.end();
  await copyRows(trx, 'stage_point', ['eg', 'hash', 'content'], points);
  const settled = await settleRepeats(trx, repeats);
  aside.push(...settled.aside);
  const plain = tally.counts();
  const counts = { ...plain, setAside: plain.setAside + settled.dropped };
  return {
    counts,
    kept: counts.rows - counts.setAside,
    repeated: repeatedOf(aside),
    rows: [],
    faults: aside.slice(0, MAX_FAULTS).map(faultOf),
    aside,
    flags,
    contentDate: facts.contentDate,
    unread: facts.unknownColumns.filter((name) => name !== ''),
    form: formOf(facts),
    mark: null,
  };
}

function repeatedOf(aside: readonly AsideRow[]): number {
  return aside.filter(({ code }) => code === 'DUPLICATE').length;
}

/** Past the limit, what is needed to know what a fault is about. */
function bare({ code, locator, key }: AsideRow): AsideRow {
  return { kind: 'aside', code, locator, message: '', remedy: '', ...(key === undefined ? {} : { key }) };
}

function stagedRow(outcome: Extract<RowOutcome<unknown>, { kind: 'row' }>): StagedRow {
  const content = canonicalText(nameless(outcome.value));
  return { key: outcome.key ?? '', hash: sha256(content), content, locator: outcome.locator };
}

/**
 * Names of people stay in the stored bytes, which administrators alone open: a table that only grows could not forget
 * them (DESIGN 5). The rules across rows have seen them by then.
 */
function nameless(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'head' in value ? { ...value, head: null } : value;
}

function faultOf({ code, locator, field, value, message, remedy, key }: AsideRow): RowFault {
  return {
    code,
    locator,
    message,
    remedy,
    ...(field === undefined ? {} : { field }),
    ...(value === undefined ? {} : { value }),
    ...(key === undefined ? {} : { key }),
  };
}

/** A row set aside is not a row that disappeared: `hold` says what it may be among these. */
async function lostKeys(
  trx: Trx,
  region: string,
  collected: Collected,
  staged: Staged,
): Promise<readonly string[]> {
  if (staged.aside.length === 0) return [];
  if (isRegister(collected.reader)) {
    const { sites, points } = await lostEstablishments(trx, region);
    return [...sites, ...points.map((eg) => `${eg}${POINT}`)];
  }
  const said = new Set(staged.rows.map((row) => row.key));
  return (await openKeys(trx, region, collected.source)).filter((key) => !said.has(key));
}

const POINT = '#point';

function keptNumbers(keys: readonly string[]): { sites: string[]; points: string[] } {
  const points = keys.filter((key) => key.endsWith(POINT)).map((key) => key.slice(0, -POINT.length));
  return { sites: keys.filter((key) => !key.endsWith(POINT)), points };
}

async function heldBefore(trx: Trx, region: string, { previous }: Collected): Promise<HeldBefore> {
  const faults = previous === null ? [] : await faultsOf(trx, region, previous.no);
  const doubtful = previous?.counts['doubtful'];
  return {
    faults: new Set(faults.map(faultIdentity)),
    doubtful: new Set(Array.isArray(doubtful) ? (doubtful as string[]) : []),
  };
}

/** Faults are counted to the last, but told one by one up to a limit only. */
function detailGate({ counts, faults }: Staged): RunReport['gates'] {
  if (faults.length === counts.setAside) return [];
  return [
    {
      code: 'FAULTS_CUT',
      level: 'A',
      ok: false,
      expected: faults.length,
      found: counts.setAside,
      message: `${String(counts.setAside)} lignes mises à part : les ${String(faults.length)} premières sont détaillées, les autres seulement comptées ; ce qu’elles nomment est gardé tel quel.`,
    },
  ];
}

/** Told as an alert: the run goes on, but people must know that a disappearance may hide behind a damaged row. */
function heldGate({ doubtful, by }: Held): RunReport['gates'] {
  if (doubtful.length === 0) return [];
  const lines = by.map((row) => String(row.locator.line ?? '?')).join(', ');
  return [
    {
      code: 'HELD',
      level: 'A',
      ok: false,
      expected: 0,
      found: doubtful.length,
      message: `${String(doubtful.length)} entrée(s) absente(s) de la liste mais gardée(s) : une ligne mise à part peut être la leur (ligne ${lines}). Corrigez-la et relancez : le retrait ne sera proposé qu’ensuite.`,
    },
  ];
}
