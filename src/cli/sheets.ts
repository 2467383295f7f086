import type { StoredChange } from '../db/changes.js';
import { sheetsOf, writeSheets } from '../followup/print.js';
import type { RunContext } from '../runs/context.js';
import { knownSites } from '../runs/known-sites.js';
import { centresOf } from './changes.js';

/** In the folder of work, beside what the operator hands over with them. */
export const DEFAULT_FOLDER = 'fiches';

/** Writes the sheets of changes that were handed over. @returns the paths of the pages */
export async function printSheets(
  run: RunContext,
  changes: readonly StoredChange[],
  folder = DEFAULT_FOLDER,
): Promise<string[]> {
  const centres = await centresOf(run);
  const numbers = changes.flatMap((change) => change.centres.flatMap((id) => centres[id]?.eg ?? []));
  const sites = await knownSites(run, numbers);
  const sheets = await sheetsOf(run.db, run.config, run.region, changes, { centres, sites });
  return await writeSheets(folder, sheets);
}

export function sheetsTold(pages: readonly string[]): string {
  return [
    `${pages.length} fiche(s) de saisie à transmettre à l’établissement :`,
    ...pages.map((page) => `  ${page}`),
    '',
  ].join('\n');
}
