import { changesByIds, type StoredChange } from '../../src/db/changes.js';
import type { Body } from '../../src/sandbox/body.js';
import type { ApprovedRegion } from './approved-region.js';

/** What others did to an offer: each made one version. */
export interface Edit {
  readonly id: string;
  readonly fn: (body: Body) => Body | void;
  /** How many of our writes the offer had received by then. */
  readonly after: number;
}

/** One of our writes that the ledger says was read back: kept whole, or in part. */
export interface OurWrite {
  readonly change: StoredChange;
  readonly kept: 'whole' | 'partly';
  /** The version that was read back, and the number of the offer. */
  readonly version: string;
  readonly identifier: string;
}

/** One moment in the life of an offer. */
export type Moment =
  | { readonly kind: 'edit'; readonly fn: Edit['fn'] }
  | { readonly kind: 'write'; readonly change: StoredChange };

interface Row {
  readonly change_id: string;
  readonly state: 'done' | 'refused';
  readonly outcome: { readonly version?: string | null; readonly identifier?: string };
}

/** Every write of ours that was read back, in the order of the attempts. */
export async function ourWrites(region: ApprovedRegion): Promise<OurWrite[]> {
  const { app } = region.database;
  const rows = (await app('apply_attempt')
    .whereIn('state', ['done', 'refused'])
    .orderBy('no')
    .select('change_id', 'state', 'outcome')) as Row[];
  const ids = rows.map((row) => row.change_id);
  const changes = new Map((await changesByIds(app, '28', ids)).map((change) => [change.id, change]));
  return rows.flatMap(({ change_id, state, outcome }) => {
    const change = changes.get(change_id);
    const { version, identifier } = outcome;
    if (change === undefined || version == null || identifier === undefined) return [];
    return [
      { change, kept: state === 'done' ? ('whole' as const) : ('partly' as const), version, identifier },
    ];
  });
}

/**
 * What happened to one offer in its order: others' edits where the sandbox saw them, our writes between them. A write of
 * which nothing was kept (a PATCH silently ignored) made no version and is none.
 * @param first version of the offer before the first moment: 1 for a hospital's offer, 0 for one that we created
 */
export function momentsOf(
  writes: readonly OurWrite[],
  edits: readonly Edit[],
  first: 0 | 1,
): readonly Moment[] {
  const moments: Moment[] = [];
  let written = 0;
  const others = (): void => {
    for (const { fn, after } of edits) if (after === written) moments.push({ kind: 'edit', fn });
  };
  others();
  for (const { change, kept, version } of writes) {
    if (kept === 'partly' && Number(version) <= first + moments.length) continue;
    moments.push({ kind: 'write', change });
    written++;
    others();
  }
  return moments;
}
