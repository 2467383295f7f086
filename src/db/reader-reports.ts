import type { PersonId } from '../domain/ids.js';
import type { MirroredType } from './remote.js';
import type { Db, Trx } from './types.js';

/** An error that a reader of the served offer reported. */
export interface ReaderReport {
  readonly no: number;
  readonly id: string;
  readonly receivedAt: Date;
  readonly client: string;
  readonly type: MirroredType;
  readonly resourceId: string;
  readonly action: 'AJO' | 'COR' | 'SUP';
  readonly theme: string;
  readonly element: string | null;
  readonly wrongValue: string | null;
  readonly proposedValue: string | null;
  readonly description: string | null;
  readonly end: ReportEnd | null;
}

export interface ReportEnd {
  readonly at: Date;
  readonly person: PersonId;
  readonly outcome: 'corrected' | 'refused';
  readonly reason: string;
}

interface Row {
  readonly no: string;
  readonly id: string;
  readonly received_at: Date;
  readonly client: string;
  readonly type: MirroredType;
  readonly resource_id: string;
  readonly action: ReaderReport['action'];
  readonly theme: string;
  readonly element: string | null;
  readonly wrong_value: string | null;
  readonly proposed_value: string | null;
  readonly description: string | null;
  readonly end_at: Date | null;
  readonly end_person: PersonId | null;
  readonly outcome: ReportEnd['outcome'] | null;
  readonly reason: string | null;
}

export async function addReaderReport(
  trx: Trx,
  region: string,
  report: Omit<ReaderReport, 'no' | 'end'>,
): Promise<number> {
  const rows = await trx('reader_report')
    .insert({
      region,
      id: report.id,
      received_at: report.receivedAt,
      client: report.client,
      type: report.type,
      resource_id: report.resourceId,
      action: report.action,
      theme: report.theme,
      element: report.element,
      wrong_value: report.wrongValue,
      proposed_value: report.proposedValue,
      description: report.description,
    })
    .returning<{ no: string }[]>('no');
  return Number(rows[0]?.no);
}

/** The latest first; those that wait before those that ended. */
export async function readerReports(db: Db, region: string, limit: number): Promise<ReaderReport[]> {
  const rows = (await reports(db, region).orderByRaw('(e.at is not null), r.no desc').limit(limit)) as Row[];
  return rows.map(reportOf);
}

export async function readerReport(
  db: Db,
  region: string,
  key: { readonly id: string; readonly client?: string },
): Promise<ReaderReport | null> {
  const query = reports(db, region).where('r.id', key.id);
  if (key.client !== undefined) void query.where('r.client', key.client);
  const row = (await query.first()) as Row | undefined;
  return row === undefined ? null : reportOf(row);
}

/** How many reports a client has that nobody has looked at yet. */
export async function waitingReports(db: Db, region: string, client?: string): Promise<number> {
  const query = db('reader_report as r')
    .leftJoin('reader_report_end as e', { 'e.region': 'r.region', 'e.report': 'r.no' })
    .where('r.region', region)
    .whereNull('e.at')
    .count<{ count: string }[]>({ count: '*' });
  if (client !== undefined) void query.where('r.client', client);
  return Number((await query)[0]?.count ?? 0);
}

/** @returns false when somebody else ended it first */
export async function endReaderReport(
  trx: Trx,
  region: string,
  no: number,
  end: ReportEnd,
): Promise<boolean> {
  const rows = await trx('reader_report_end')
    .insert({ region, report: no, ...end })
    .onConflict(['region', 'report'])
    .ignore()
    .returning('report');
  return rows.length > 0;
}

function reports(db: Db, region: string): ReturnType<Db> {
  return db('reader_report as r')
    .leftJoin('reader_report_end as e', { 'e.region': 'r.region', 'e.report': 'r.no' })
    .where('r.region', region)
    .select('r.*', 'e.at as end_at', 'e.person as end_person', 'e.outcome', 'e.reason') as ReturnType<Db>;
}

function reportOf(row: Row): ReaderReport {
  const { end_at: at, end_person: person, outcome, reason } = row;
  return {
    no: Number(row.no),
    id: row.id,
    receivedAt: row.received_at,
    client: row.client,
    type: row.type,
    resourceId: row.resource_id,
    action: row.action,
    theme: row.theme,
    element: row.element,
    wrongValue: row.wrong_value,
    proposedValue: row.proposed_value,
    description: row.description,
    end:
      at === null || person === null || outcome === null || reason === null
        ? null
        : { at, person, outcome, reason },
  };
}

/** What the resources reported are called, as last read: `Type/id` → name and number. */
export async function reportedNames(
  db: Db,
  region: string,
  reports: readonly Pick<ReaderReport, 'type' | 'resourceId'>[],
): Promise<ReadonlyMap<string, { readonly name: string | null; readonly identifier: string | null }>> {
  const result = (await db.raw(
    `select distinct on (v.type, v.remote_id) v.type, v.remote_id as id, v.identifier, v.body::jsonb ->> 'name' as name
     from unnest(?::text[], ?::text[]) as wanted (type, id)
     join remote_version v on v.region = ? and v.type = wanted.type and v.remote_id = wanted.id
     order by v.type, v.remote_id, v.no desc`,
    [reports.map(({ type }) => type), reports.map(({ resourceId }) => resourceId), region],
  )) as { rows: { type: string; id: string; identifier: string | null; name: string | null }[] };
  return new Map(
    result.rows.map(({ type, id, name, identifier }) => [`${type}/${id}`, { name, identifier }]),
  );
}
