import type { Db } from '../../src/db/types.js';

/** Rows and checksum of one table. */
export type TableState = Readonly<Record<string, string>>;

/** What a run may write although it failed or changed nothing: that it took place, and the bytes it stored first. */
const TRACES: ReadonlySet<string> = new Set([
  'run',
  'run_step',
  'snapshot',
  'snapshot_chunk',
  'region_state',
]);

/** Number of rows and checksum of every table of the schema. */
export async function tableCounts(owner: Db): Promise<TableState> {
  const tables = (await owner('information_schema.tables')
    .where({ table_schema: 'public', table_type: 'BASE TABLE' })
    .orderBy('table_name')
    .pluck('table_name')) as string[];
  const state: Record<string, string> = {};
  for (const table of tables) {
    const { rows } = (await owner.raw(
      `select count(*)::text as rows, md5(coalesce(string_agg(t::text, e'\\n' order by t::text collate "C"), '')) as sum
       from ?? t`,
      [table],
    )) as { rows: { rows: string; sum: string }[] };
    state[table] = `${rows[0]?.rows ?? '?'} rows, ${rows[0]?.sum ?? '?'}`;
  }
  return state;
}

/** Tables that are no longer as they were, the traces of a run aside. */
export function changedTables(before: TableState, after: TableState): string[] {
  return Object.keys({ ...before, ...after }).filter(
    (table) => !TRACES.has(table) && before[table] !== after[table],
  );
}
