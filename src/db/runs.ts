import type { Db } from './types.js';

export interface RunRow {
  readonly region: string;
  readonly id: string;
  readonly no: string;
  readonly kind: 'sync' | 'replan' | 'technical';
  readonly state: 'running' | 'done' | 'unchanged' | 'failed';
  readonly started_at: Date;
  readonly finished_at: Date | null;
  readonly error: unknown;
  readonly report: unknown;
  readonly same_as: string | null;
}

export interface PlanInputRow {
  readonly deliveries: Readonly<Record<string, number>>;
  readonly config_hash: string;
  readonly code_version: string;
  readonly answer_no: number;
  readonly decision_no: number;
  readonly mirror_no: number;
  readonly applied_no: number;
  readonly centre_key_no: number;
  readonly link_no: number;
  /** Last end of a change that was handed over: what it proposed may be proposed again. */
  readonly followup_no: number;
  readonly instant: Date;
  /** SHA-256 of the resources that the plan came to, one line each; null for a plan made before it was kept. */
  readonly resources_hash: string | null;
}

export async function ensureRegion(db: Db, region: string): Promise<void> {
  await db('region_state').insert({ region }).onConflict('region').ignore();
}

/** What the configuration says of a region and the database's own checks have to know. */
export interface RegionRules {
  /** Elsewhere the personas of the configuration count for nothing. */
  readonly sandbox?: boolean;
  readonly grantMaxAgeDays?: number;
  /** Whether nothing leaves without the establishment's agreement. */
  readonly agreementAsked?: boolean;
}

/** Writes only what is another rule than before. */
export async function setRegionRules(db: Db, region: string, rules: RegionRules): Promise<void> {
  const { sandbox, grantMaxAgeDays, agreementAsked } = rules;
  if (sandbox !== undefined) {
    await db('region_state').where({ region }).whereNot({ sandbox }).update({ sandbox });
  }
  if (agreementAsked !== undefined) {
    await db('region_state')
      .where({ region })
      .whereRaw('agreement_asked is distinct from ?', [agreementAsked])
      .update({ agreement_asked: agreementAsked });
  }
  if (grantMaxAgeDays !== undefined) {
    const age = db.raw('make_interval(days => ?)', [grantMaxAgeDays]);
    await db('region_state')
      .where({ region })
      .where('grant_max_age', '<>', age)
      .update({ grant_max_age: age });
  }
}

/** Regions in which somebody has already done something. */
export async function knownRegions(db: Db): Promise<string[]> {
  const rows = await db<{ region: string }>('region_state').select('region').orderBy('region');
  return rows.map((row) => row.region);
}

/** One writer per region at a time: whoever plans, answers or decides holds this row until its transaction ends. */
export async function lockRegion(trx: Db, region: string): Promise<void> {
  await trx('region_state').where({ region }).forUpdate().first();
}

/** For whoever writes rows that refer to the region: taken first, so that locks always come in one order. */
export async function shareRegion(trx: Db, region: string): Promise<void> {
  await trx('region_state').where({ region }).forKeyShare().first();
}

/** Longer than any run lasts, waits for a slow `$export` included. */
const ABANDONED_HOURS = 24;

/** Begins a run. One that has been running since yesterday lost its process: it is told as failed. */
export async function startRun(
  db: Db,
  run: { region: string; id: string; kind: RunRow['kind']; startedAt: Date },
): Promise<void> {
  await db('run')
    .where({ region: run.region, state: 'running' })
    .where('started_at', '<', new Date(run.startedAt.getTime() - ABANDONED_HOURS * 3_600_000))
    .update({
      state: 'failed',
      finished_at: run.startedAt,
      error: JSON.stringify({
        code: 'RUN_ABANDONED',
        message: 'Le processus de ce passage s’est arrêté sans le finir.',
        remedy: 'rien n’a été changé par ce passage : le suivant refait tout.',
      }),
    });
  await db('run').insert({
    region: run.region,
    id: run.id,
    kind: run.kind,
    state: 'running',
    started_at: run.startedAt,
  });
}

export async function finishRun(
  db: Db,
  region: string,
  id: string,
  end: { state: RunRow['state']; finishedAt: Date; report?: unknown; error?: unknown; sameAs?: string },
): Promise<void> {
  await db('run')
    .where({ region, id })
    .update({
      state: end.state,
      finished_at: end.finishedAt,
      report: end.report === undefined ? null : JSON.stringify(end.report),
      error: end.error === undefined ? null : JSON.stringify(end.error),
      same_as: end.sameAs ?? null,
    });
}

/** Which sources a run that ended well collected. */
export async function recordCollected(
  db: Db,
  region: string,
  id: string,
  sources: readonly string[],
): Promise<void> {
  await db('run')
    .where({ region, id })
    .update({ collected: [...sources] });
}

/** When a run that ended well last collected each source, by source. */
export async function lastCollected(db: Db, region: string): Promise<Map<string, Date>> {
  const { rows } = await db.raw<{ rows: { source: string; at: Date }[] }>(
    `select visited.source, max(r.finished_at) as at
       from run r, unnest(r.collected) as visited (source)
      where r.region = ? and r.state in ('done', 'unchanged') and r.finished_at is not null
      group by visited.source`,
    [region],
  );
  return new Map(rows.map(({ source, at }) => [source, at]));
}

/** What stopped the last run that a source made fail, when nothing of it was collected well since. */
export interface SourceFailure {
  readonly at: Date;
  readonly code: string;
  /** French, and what to do. */
  readonly message: string;
  readonly remedy: string;
}

/** By source: its last failure, as long as no later run that ended well visited it. */
export async function lastFailures(db: Db, region: string): Promise<Map<string, SourceFailure>> {
  const { rows } = await db.raw<{ rows: (SourceFailure & { source: string })[] }>(
    `select distinct on (error ->> 'source') error ->> 'source' as source, finished_at as at, error ->> 'code' as code,
            error ->> 'message' as message, error ->> 'remedy' as remedy
       from run
      where region = ? and state = 'failed' and finished_at is not null and error ->> 'source' is not null
      order by error ->> 'source', no desc`,
    [region],
  );
  const since = await lastCollected(db, region);
  return new Map(
    rows
      .filter(({ source, at }) => (since.get(source)?.getTime() ?? 0) < at.getTime())
      .map(({ source, ...failure }) => [source, failure]),
  );
}

export async function recordStep(
  db: Db,
  step: { region: string; runId: string; step: string; startedAt: Date; finishedAt: Date; counts: unknown },
): Promise<void> {
  await db('run_step').insert({
    region: step.region,
    run_id: step.runId,
    step: step.step,
    started_at: step.startedAt,
    finished_at: step.finishedAt,
    counts: JSON.stringify(step.counts),
  });
}

export async function savePlanInput(
  db: Db,
  region: string,
  runId: string,
  input: PlanInputRow,
): Promise<void> {
  await db('plan_input').insert({
    region,
    run_id: runId,
    ...input,
    deliveries: JSON.stringify(input.deliveries),
  });
}

const NUMBERS = [
  'answer_no',
  'decision_no',
  'mirror_no',
  'applied_no',
  'centre_key_no',
  'link_no',
  'followup_no',
] as const;

/** int8 columns come from pg as text: they are far below 2^53 here. */
function numbered(row: Record<string, unknown>): PlanInputRow {
  const copy = { ...row };
  for (const name of NUMBERS) copy[name] = Number(copy[name]);
  return copy as unknown as PlanInputRow;
}

export async function planInputOf(db: Db, region: string, runId: string): Promise<PlanInputRow | null> {
  const row: Record<string, unknown> | undefined = await db('plan_input')
    .where({ region, run_id: runId })
    .first();
  return row === undefined ? null : numbered(row);
}

/** The last run of the region that planned something, with what it was planned from. */
export async function lastPlan(
  db: Db,
  region: string,
): Promise<{ runId: string; input: PlanInputRow; report: unknown; finishedAt: Date } | null> {
  const row: (Record<string, unknown> & { run_id: string; report: unknown; finished_at: Date }) | undefined =
    await db('plan_input as p')
      .join('run as r', (on) => on.on('r.region', 'p.region').andOn('r.id', 'p.run_id'))
      .where('p.region', region)
      .where('r.state', 'done')
      .orderBy('r.no', 'desc')
      .first('p.*', 'r.report', 'r.finished_at');
  return row === undefined
    ? null
    : { runId: row.run_id, input: numbered(row), report: row.report, finishedAt: row.finished_at };
}

/** When the lists and the repository were last compared: the start of the last synchronisation that ended well. */
export async function lastCheck(db: Db, region: string): Promise<Date | null> {
  const row: { started_at: Date } | undefined = await db('run')
    .where({ region, kind: 'sync' })
    .whereIn('state', ['done', 'unchanged'])
    .orderBy('no', 'desc')
    .first('started_at');
  return row?.started_at ?? null;
}

/** Regions of this database that are no sandbox: a region is one until its profile said otherwise. */
export async function realRegions(db: Db): Promise<string[]> {
  return await db('region_state').where({ sandbox: false }).orderBy('region').pluck('region');
}

/** How the last synchronisation that is over ended; null before the first. */
export async function lastSyncState(db: Db, region: string): Promise<RunRow['state'] | null> {
  const row = (await db('run')
    .where({ region, kind: 'sync' })
    .whereNot('state', 'running')
    .orderBy('no', 'desc')
    .first('state')) as Pick<RunRow, 'state'> | undefined;
  return row?.state ?? null;
}

export async function findRun(db: Db, region: string, id: string): Promise<RunRow | null> {
  return (await db('run').where({ region, id }).first<RunRow | undefined>()) ?? null;
}

/** The highest number of each append-only list the plan reads: what "as of this plan" means. */
export async function cursors(db: Db, region: string): Promise<Pick<PlanInputRow, (typeof NUMBERS)[number]>> {
  const top = async (table: string, kinds?: readonly string[]): Promise<number> => {
    const query = db(table).where({ region });
    if (kinds !== undefined) void query.whereIn('kind', [...kinds]);
    const row = await query.max<{ top: string | null }[]>('no as top');
    return Number(row[0]?.top ?? 0);
  };
  return {
    answer_no: await top('answer'),
    decision_no: await top('decision'),
    mirror_no: await top('remote_version'),
    applied_no: await top('applied_element'),
    centre_key_no: await top('centre_key'),
    link_no: await top('centre_offer'),
    followup_no: await top('followup_event', ['seen', 'differs', 'refused', 'expired']),
  };
}

/** A run as a list shows it: what it found stays in its report. */
export interface RunHead {
  readonly id: string;
  /** Rank among all runs: the later, the greater. */
  readonly no: number;
  readonly kind: RunRow['kind'];
  readonly state: RunRow['state'];
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  /** French sentence of the plan; of the run whose result still holds, for one that found everything unchanged. */
  readonly summary: string | null;
  readonly errorMessage: string | null;
  readonly rowsAside: number;
  readonly gatesMissed: number;
  readonly alerts: number;
}

/**
 * Newest first.
 * @param page `below`: only runs before this one, so that a page begins where the last one ended
 */
export async function runHeads(
  db: Db,
  region: string,
  page: { readonly limit: number; readonly offset: number; readonly below?: number | null },
): Promise<{ readonly total: number; readonly heads: readonly RunHead[] }> {
  const counted = await db('run').where({ region }).count<{ count: string }[]>('* as count');
  const { rows } = await db.raw<{
    rows: (Pick<RunRow, 'id' | 'no' | 'kind' | 'state' | 'started_at' | 'finished_at'> & {
      summary: string | null;
      error_message: string | null;
      aside: string;
      missed: string;
      alerts: string;
    })[];
  }>(
    `select r.id, r.no, r.kind, r.state, r.started_at, r.finished_at, r.error ->> 'message' as error_message,
       said.report ->> 'summary' as summary,
       (select coalesce(sum(jsonb_array_length(s -> 'setAside')), 0)
          from jsonb_array_elements(coalesce(said.report -> 'sources', '[]')) s) as aside,
       (select count(*) from jsonb_array_elements(coalesce(said.report -> 'gates', '[]')) g
          where not (g ->> 'ok')::boolean and g ->> 'level' <> 'I') as missed,
       jsonb_array_length(coalesce(said.report -> 'alerts', '[]')) as alerts
     from run r
     left join run said on said.region = r.region and said.id = coalesce(r.same_as, r.id)
     where r.region = :region and (:below::bigint is null or r.no < :below::bigint)
     order by r.no desc limit :limit offset :offset`,
    { below: null, region, ...page },
  );
  const heads = rows.map((row) => ({
    id: row.id,
    no: Number(row.no),
    kind: row.kind,
    state: row.state,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    summary: row.summary,
    errorMessage: row.error_message,
    rowsAside: Number(row.aside),
    gatesMissed: Number(row.missed),
    alerts: Number(row.alerts),
  }));
  return { total: Number(counted[0]?.count ?? 0), heads };
}

export interface RunStep {
  readonly step: string;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly counts: Readonly<Record<string, unknown>>;
}

export async function stepsOf(db: Db, region: string, runId: string): Promise<RunStep[]> {
  const rows = (await db('run_step').where({ region, run_id: runId }).orderBy('started_at')) as {
    step: string;
    started_at: Date;
    finished_at: Date;
    counts: Record<string, unknown>;
  }[];
  return rows.map((row) => ({
    step: row.step,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    counts: row.counts,
  }));
}
