import { z } from 'zod';
import { runHeads, stepsOf, type RunHead } from '../../db/runs.js';
import type { RunReport } from '../../runs/report.js';
import { sync } from '../../runs/sync.js';
import { toldRun } from '../../runs/told-run.js';
import { claimKind } from '../../schedule/request.js';
import { work } from '../../schedule/worker.js';
import { STAFF } from '../route.js';
import { workerOf } from '../scheduling.js';
import { apiRoute, type ApiRequest, type ApiRoute } from './route.js';
import { cursor, instant, instantOf, limit, locator } from './shapes.js';

const fault = z.object({ code: z.string(), message: z.string(), remedy: z.string() });
const runKind = z.enum(['sync', 'replan', 'technical']);
const runState = z.enum(['running', 'done', 'unchanged', 'failed']);

const listed = z.object({
  id: z.string(),
  no: z.number().int(),
  kind: runKind,
  state: runState,
  startedAt: instant,
  finishedAt: instant.nullable(),
  summary: z.string().nullable(),
  error: z.string().nullable(),
  rowsAside: z.number().int(),
  gatesMissed: z.number().int(),
  alerts: z.number().int(),
});

const list = apiRoute({
  name: 'runs',
  method: 'GET',
  path: '/runs',
  roles: STAFF,
  summary: 'Passages, du plus récent au plus ancien, page par page.',
  query: z.strictObject({ cursor, limit }),
  answer: z.object({ runs: z.array(listed), next: z.number().int().nullable() }),
  handle: async ({ run, region, query }) => {
    const { heads } = await runHeads(run.db, region.code, {
      limit: query.limit + 1,
      offset: 0,
      below: query.cursor ?? null,
    });
    const shown = heads.slice(0, query.limit);
    return {
      runs: shown.map(listedOf),
      next: heads.length > query.limit ? (shown.at(-1)?.no ?? null) : null,
    };
  },
});

function listedOf(run: RunHead): z.infer<typeof listed> {
  const { id, no, kind, state, summary, rowsAside, gatesMissed, alerts } = run;
  const [startedAt, finishedAt] = [run.startedAt.toISOString(), instantOf(run.finishedAt)];
  return {
    ...{ id, no, kind, state, startedAt, finishedAt, summary },
    ...{ error: run.errorMessage, rowsAside, gatesMissed, alerts },
  };
}

const source = z.object({
  source: z.string(),
  status: z.enum(['new', 'unchanged', 'notModified']),
  file: z.string(),
  sha256: z.string(),
  bytes: z.number().int(),
  contentDate: z.string().nullable(),
  read: z.number().int(),
  kept: z.number().int(),
  outOfRegion: z.number().int(),
  setAside: z.array(fault.extend({ locator, field: z.string().nullable(), value: z.string().nullable() })),
});
const report = z.object({
  summary: z.string(),
  sources: z.array(source),
  gates: z.array(
    z.object({
      code: z.string(),
      level: z.string(),
      ok: z.boolean(),
      message: z.string(),
      remedy: z.string().nullable(),
    }),
  ),
  alerts: z.array(fault),
  matches: z.object({ auto: z.number().int(), review: z.number().int(), none: z.number().int() }),
  mirror: z.object({
    state: z.enum(['fresh', 'last', 'none']),
    at: z.string().nullable(),
    message: z.string(),
    offers: z.number().int(),
  }),
});

const one = apiRoute({
  name: 'run',
  method: 'GET',
  path: '/runs/:run',
  roles: STAFF,
  summary: 'Un passage : étapes, ce que chaque source a donné, contrôles, lignes mises à part, alertes.',
  answer: z.object({
    id: z.string(),
    kind: runKind,
    state: runState,
    startedAt: instant,
    finishedAt: instant.nullable(),
    /** Run whose result still holds, when nothing had changed. */
    sameAs: z.string().nullable(),
    error: fault.nullable(),
    steps: z.array(
      z.object({
        step: z.string(),
        startedAt: instant,
        finishedAt: instant,
        counts: z.record(z.string(), z.unknown()),
      }),
    ),
    report: report.nullable(),
  }),
  handle: async ({ run, region, params }) => {
    const { row, report: found } = await toldRun(run, params['run'] ?? '');
    const steps = await stepsOf(run.db, region.code, row.id);
    return {
      id: row.id,
      kind: row.kind,
      state: row.state,
      startedAt: row.started_at.toISOString(),
      finishedAt: instantOf(row.finished_at),
      sameAs: row.same_as,
      error: faultOf(row.error),
      steps: steps.map(({ step, startedAt, finishedAt, counts }) => ({
        step,
        startedAt: startedAt.toISOString(),
        finishedAt: finishedAt.toISOString(),
        counts: { ...counts },
      })),
      report: found === null ? null : reportOf(found),
    };
  },
});

function faultOf(error: unknown): z.infer<typeof fault> | null {
  if (error === null || error === undefined) return null;
  const said = error as Partial<Record<keyof z.infer<typeof fault>, string>>;
  return { code: said.code ?? '', message: said.message ?? '', remedy: said.remedy ?? '' };
}

function reportOf({ summary, sources, gates, alerts, matches, mirror }: RunReport): z.infer<typeof report> {
  return {
    summary,
    sources: sources.map((each) => ({
      source: each.source,
      status: each.status,
      file: each.file,
      sha256: each.sha256,
      bytes: each.bytes,
      contentDate: each.contentDate,
      read: each.read,
      kept: each.kept,
      outOfRegion: each.outOfRegion,
      setAside: each.setAside.map(({ code, message, remedy, locator: place, field, value }) => ({
        ...{ code, message, remedy, locator: place },
        field: field ?? null,
        value: value ?? null,
      })),
    })),
    gates: gates.map(({ code, level, ok, message, remedy }) => ({
      ...{ code, level, ok, message },
      remedy: remedy ?? null,
    })),
    alerts: alerts.map(({ code, message, remedy }) => ({ code, message, remedy })),
    matches,
    mirror,
  };
}

const asked = z.strictObject({ mode: z.enum(['real', 'dry']) });
const started = z.object({
  mode: z.enum(['real', 'dry']),
  /** `lost`: another process took the run over. */
  state: z.enum(['done', 'failed', 'lost']),
  /** Null for a dry run, of which nothing is kept. */
  run: z.string().nullable(),
  summary: z.string().nullable(),
  error: fault.nullable(),
});

const start = apiRoute({
  name: 'startRun',
  method: 'POST',
  path: '/runs',
  roles: ['operator'],
  summary:
    'Lancer un passage maintenant, pour de bon (real) ou à blanc (dry, rien n’est gardé) ; répond à la fin.',
  body: asked,
  answer: started,
  handle: async (request) => await (request.body.mode === 'dry' ? tried(request) : ran(request)),
});

async function tried({ run }: Pick<ApiRequest, 'run'>): Promise<z.infer<typeof started>> {
  const { plan } = await sync(run, { replaced: new Map() }, 'dry');
  return { mode: 'dry', state: 'done', run: null, summary: plan.summary, error: null };
}

async function ran(
  request: Pick<ApiRequest, 'run' | 'region' | 'person' | 'log'>,
): Promise<z.infer<typeof started>> {
  const worker = workerOf(request);
  const claim = await claimKind(worker, request.region, 'sync', request.person);
  const ended = await work(worker, claim);
  const { runId } = claim.slot;
  if (ended === 'lost') return { mode: 'real', state: 'lost', run: runId, summary: null, error: null };
  const told = runId === null ? null : (await toldRun(request.run, runId)).report;
  return {
    mode: 'real',
    state: ended.state,
    run: runId,
    summary: told?.summary ?? null,
    error: faultOf(ended.error),
  };
}

export const runRoutes: readonly ApiRoute[] = [list, start, one];
