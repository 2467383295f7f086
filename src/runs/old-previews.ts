import { dropPreviewsBefore } from '../db/list-previews.js';
import type { RunContext } from './context.js';

/** How long what was shown may be confirmed: the same working day and the next morning; later, too much has moved. */
const CONFIRMED_WITHIN_MS = 24 * 3_600_000;

/** Whatever was shown before that cannot be confirmed any more. */
export function oldestConfirmed({ now }: Pick<RunContext, 'now'>): Date {
  return new Date(now().getTime() - CONFIRMED_WITHIN_MS);
}

/** Lists shown and never confirmed leave with their bytes; each run and each preview of the region sees to it. */
export async function dropOldPreviews(run: Pick<RunContext, 'db' | 'region' | 'now'>): Promise<void> {
  await dropPreviewsBefore(run.db, run.region.code, oldestConfirmed(run));
}
