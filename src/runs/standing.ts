import { rejectedTargets } from '../db/decisions.js';
import { remembered } from '../domain/remembered.js';
import type { RunContext } from './context.js';
import type { RunReport } from './report.js';
import { pendingSentence, summarySentence, type Pending, type Standing } from './summary.js';

const pendingOf = remembered(pendingSentence);

/** The sentence of a plan as it is now; what "nothing to do" rests on is looked up only when there is nothing to do. */
export async function sentenceNow(
  context: Pick<RunContext, 'db' | 'region' | 'now'>,
  plan: {
    readonly open: Pending;
    readonly report: Pick<RunReport, 'alerts' | 'mirror'>;
    readonly checkedAt: Date;
  },
): Promise<string> {
  const { open, report, checkedAt } = plan;
  if (open.length > 0) return pendingOf(open);
  return summarySentence(open, await standingOf(context, report, checkedAt));
}

/** What the plan of a report rests on, as it is now. @param checkedAt when lists and repository were last compared */
export async function standingOf(
  context: Pick<RunContext, 'db' | 'region' | 'now'>,
  report: Pick<RunReport, 'alerts' | 'mirror'>,
  checkedAt: Date,
): Promise<Standing> {
  return {
    checkedAt,
    now: context.now(),
    repositoryRead: report.mirror.state === 'fresh',
    gone: report.alerts.filter((alert) => alert.code === 'OFFER_GONE').length,
    rejected: await rejectedTargets(context.db, context.region.code),
  };
}
