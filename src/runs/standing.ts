import { rejectedTargets } from '../db/decisions.js';
import type { RunContext } from './context.js';
import type { RunReport } from './report.js';
import type { Standing } from './summary.js';

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
