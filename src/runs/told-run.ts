import { findRun, type RunRow } from '../db/runs.js';
import { DataError } from '../domain/errors.js';
import type { RunContext } from './context.js';
import type { RunReport } from './report.js';

/**
 * A run, with what it found: of one that found everything unchanged, the report of the run whose result still holds.
 * @throws DataError `RUN_UNKNOWN`
 */
export async function toldRun(
  { db, region }: Pick<RunContext, 'db' | 'region'>,
  id: string,
): Promise<{ readonly row: RunRow; readonly report: RunReport | null }> {
  const row = await findRun(db, region.code, id);
  if (row === null)
    throw new DataError({
      code: 'RUN_UNKNOWN',
      message: `Ce passage n’existe pas dans la région ${region.name}.`,
      remedy: 'partez de la liste des passages.',
    });
  const said = row.same_as === null ? row : await findRun(db, region.code, row.same_as);
  return { row, report: (said?.report ?? null) as RunReport | null };
}
