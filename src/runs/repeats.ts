import { stagedContents, unstage } from '../db/establishments.js';
import type { Trx } from '../db/types.js';
import type { AsideRow } from '../domain/rows.js';
import type { FinessRecord } from '../sources/reading/finess-record.js';

/** A line of a register under a number already given, with what it says. */
export interface Repeat {
  readonly row: AsideRow;
  readonly content: string;
}

export function contentOf(record: FinessRecord): string {
  switch (record.kind) {
    case 'point':
      return JSON.stringify(record.point);
    case 'establishment':
      return JSON.stringify(record.establishment);
    case 'closed':
      return JSON.stringify({ eg: record.eg, on: record.on });
  }
}

/**
 * Lines that repeat a number: equal ones are doubles, the first is kept; when they differ none is, or the result would
 * depend on their order, and what was known of the number stays (rule 4 of DESIGN 6).
 * @returns the rows set aside, and how many lines already staged were taken back
 */
export async function settleRepeats(
  trx: Trx,
  repeats: readonly Repeat[],
): Promise<{ readonly aside: readonly AsideRow[]; readonly dropped: number }> {
  const contested = new Set<string>();
  for (const stage of ['stage_eg', 'stage_point'] as const) {
    const here = repeats.filter(({ row }) => (stage === 'stage_point') === isPoint(row));
    if (here.length === 0) continue;
    const first = await stagedContents(
      trx,
      stage,
      here.map(({ row }) => numberOf(row)),
    );
    const differing = here.filter(({ row, content }) => first.get(numberOf(row)) !== content);
    for (const { row } of differing) contested.add(row.key ?? '');
    await unstage(
      trx,
      stage,
      differing.map(({ row }) => numberOf(row)),
    );
  }
  const aside = repeats.map(({ row }) => (contested.has(row.key ?? '') ? contradiction(row) : row));
  return { aside, dropped: contested.size };
}

function contradiction(row: AsideRow): AsideRow {
  return {
    ...row,
    code: 'DUPLICATE_DIFFERENT',
    message: `L’établissement ${numberOf(row)} est donné plusieurs fois avec des valeurs différentes : aucune ligne n’est gardée, ce qu’on en savait reste.`,
    remedy: 'signalez les lignes au propriétaire de la source, ou gardez la ligne juste.',
  };
}

function isPoint(row: AsideRow): boolean {
  return (row.key ?? '').endsWith('#point');
}

function numberOf(row: AsideRow): string {
  return (row.key ?? '').split('#')[0] ?? '';
}
