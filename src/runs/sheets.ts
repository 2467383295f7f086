import type { StoredChange } from '../db/changes.js';
import { sheetsOf } from '../followup/print.js';
import type { Sheet } from '../followup/sheet.js';
import type { RunContext } from './context.js';
import { knownSites } from './known-sites.js';
import { plannedCentres } from './planned-centres.js';

/** The entry sheets of changes that were handed over, with the names of the last plan. @throws as `sheetsOf` */
export async function sheetsFor(
  run: Pick<RunContext, 'db' | 'config' | 'region'>,
  changes: readonly StoredChange[],
): Promise<Sheet[]> {
  const centres = await plannedCentres(run);
  const numbers = changes.flatMap((change) => change.centres.flatMap((id) => centres[id]?.eg ?? []));
  const sites = await knownSites(run, numbers);
  return await sheetsOf(run.db, run.config, run.region, changes, { centres, sites });
}
