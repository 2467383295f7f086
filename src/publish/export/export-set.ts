import type { Format } from '../../domain/export-formats.js';
import type { Db } from '../../db/types.js';
import type { Audience } from '../views.js';
import type { Labels } from './columns.js';
import { exportFiles } from './files.js';
import { checksums, lastName, setName, writeSet, type SetName, type WrittenSet } from './folder.js';
import { oldSets, removeLeftovers, removeSet, type StrangeSet } from './old-sets.js';
import { exportState, type ExportState } from './state.js';

/** Which set, and where to. */
export interface SetWanted {
  readonly region: { readonly code: string; readonly name: string };
  readonly audience: Audience;
  readonly formats: readonly Format[];
  readonly licence: string;
  readonly labels: Labels;
  readonly to: string;
  /** How many sets of this region and audience stay, this one among them; null: nothing is removed. */
  readonly keep: number | null;
}

export interface ExportedSet {
  readonly name: string;
  readonly files: readonly string[];
  /** `same`: a set of the same bytes stood there already. */
  readonly outcome: WrittenSet['outcome'] | 'dryRun';
  readonly offers: number;
  readonly former: number;
  readonly departures: number;
  /** Sets that are old: gone, or that a dry run would have removed. */
  readonly removed: readonly string[];
  readonly strange: readonly StrangeSet[];
  /** Name of the link to it. */
  readonly last: string;
}

/**
 * Writes the set of what is published, then removes those that are too old. A dry run makes every file and writes none.
 * @throws RefusalError `EXPORT_NOT_PUBLISHED`; DataError `EXPORT_FOLDER`, `EXPORT_OLD_SET`
 */
export async function exportSet(db: Db, wanted: SetWanted, mode: 'real' | 'dry'): Promise<ExportedSet> {
  const { region, audience, formats, licence, labels, to, keep } = wanted;
  const state = await exportState(db, region.code, audience, labels);
  const files = exportFiles(state, { formats, regionName: region.name, licence });
  const {
    name,
    files: names,
    outcome,
  } = mode === 'real' ? await writeSet(to, state, files) : tried(state, files);
  return {
    ...{ name, files: names, outcome },
    offers: state.offers.length,
    former: state.former.length,
    departures: state.departures.length,
    ...(await leave(to, state, { keep, current: name, mode })),
    last: lastName(state),
  };
}

function tried(
  state: ExportState,
  files: Iterable<readonly [string, string]>,
): Pick<ExportedSet, 'name' | 'files' | 'outcome'> {
  const made = [...files];
  return {
    name: setName(state, checksums(made)),
    files: [...made.map(([name]) => name), 'SHA256SUMS'],
    outcome: 'dryRun',
  };
}

/** Removes what is older than the sets that are kept. */
async function leave(
  to: string,
  of: SetName,
  {
    keep,
    current,
    mode,
  }: { readonly keep: number | null; readonly current: string; readonly mode: 'real' | 'dry' },
): Promise<Pick<ExportedSet, 'removed' | 'strange'>> {
  if (keep === null) return { removed: [], strange: [] };
  const { names, strange } = await oldSets(to, of, keep, current);
  if (mode === 'dry') return { removed: names, strange };
  for (const name of names) await removeSet(to, name);
  return { removed: names, strange: [...strange, ...(await removeLeftovers(to, of))] };
}
