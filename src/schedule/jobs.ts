import { contextOf } from '../apply/context-of.js';
import { applyApproved } from '../apply/executor.js';
import type { FilrorConfig } from '../config/load.js';
import { changesInStates } from '../db/changes.js';
import { jobOf, type SlotEnd } from '../domain/schedule.js';
import type { RunContext } from '../runs/context.js';
import type { SyncOutput } from '../runs/report.js';
import { sync, type RunBinding } from '../runs/sync.js';
import type { Claim } from './context.js';
import { exportEnd } from './export-job.js';

/** How the end of a slot is recorded: by `bind`, in the transaction of its run; else by the one who called. */
export type JobEnd = { readonly recorded: 'withRun' | 'notYet'; readonly end: SlotEnd };

/**
 * Does what a slot asks for.
 * @throws FilrorError when it cannot be done; what `bind.hold` throws when the slot is no more ours
 */
export async function doJob(claim: Claim, run: RunContext, bind: RunBinding): Promise<JobEnd> {
  const { kind, source } = jobOf(claim.slot.job);
  switch (kind) {
    case 'sync':
    case 'reconcile': {
      const config = collecting(run.config, source, claim.pausedSources);
      // The weekly reconciliation reads everything: a delta never shows what disappeared (api.md, section 8).
      const mirror = kind === 'reconcile' ? 'reconcile' : 'auto';
      const request = { replaced: new Map<string, string>(), mirror, binding: bind } as const;
      const output = await sync({ ...run, config }, request, 'real');
      return { recorded: 'withRun', end: syncEnd(output) };
    }
    case 'apply':
      return { recorded: 'notYet', end: await applyEnd(run) };
    case 'export':
      return { recorded: 'notYet', end: await exportEnd(run) };
  }
}

export function syncEnd(output: SyncOutput): SlotEnd {
  const { unchanged, plan, alerts } = output;
  return {
    state: 'done',
    exitCode: output.exitCode as SlotEnd['exitCode'],
    outcome: { unchanged, summary: plan.summary, alerts: alerts.length },
    error: null,
  };
}

async function applyEnd(run: RunContext): Promise<SlotEnd> {
  const receipts = await applyApproved(contextOf(run, () => undefined));
  const left = await changesInStates(run.db, run.region.code, ['approved', 'uncertain', 'conflict']);
  const results: Record<string, number> = {};
  for (const { result } of receipts) results[result] = (results[result] ?? 0) + 1;
  return {
    state: 'done',
    exitCode: left.length > 0 ? 2 : 0,
    outcome: { results, left: left.length },
    error: null,
  };
}

/**
 * The same configuration, some sources left alone: they keep their last delivery. The hash stays, since what is planned
 * from stays.
 */
function collecting(config: FilrorConfig, only: string | null, paused: readonly string[]): FilrorConfig {
  const sources = Object.entries(config.sources).map(([name, source]) => {
    const wanted = (only === null || only === name) && !paused.includes(name);
    return [name, wanted ? source : { ...source, place: null, places: {} }] as const;
  });
  return { ...config, sources: Object.fromEntries(sources) };
}
