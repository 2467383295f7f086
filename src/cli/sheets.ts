import type { StoredChange } from '../db/changes.js';
import { writeSheets } from '../followup/print.js';
import type { RunContext } from '../runs/context.js';
import { sheetsFor } from '../runs/sheets.js';

/** In the folder of work, beside what the operator hands over with them. */
export const DEFAULT_FOLDER = 'fiches';

/** Writes the sheets of changes that were handed over. @returns the paths of the pages */
export async function printSheets(
  run: RunContext,
  changes: readonly StoredChange[],
  folder = DEFAULT_FOLDER,
): Promise<string[]> {
  return await writeSheets(folder, await sheetsFor(run, changes));
}

export function sheetsTold(pages: readonly string[]): string {
  return [
    `${pages.length} fiche(s) de saisie à transmettre à l’établissement :`,
    ...pages.map((page) => `  ${page}`),
    '',
  ].join('\n');
}
