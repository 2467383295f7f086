import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { MatchResult } from '../../src/domain/matching.js';

/** One row of test/matching/mentions.csv; its README says what each column means. */
export interface LabelledMention {
  readonly mention: string;
  readonly city: string | null;
  readonly departement: string | null;
  readonly expected: 'auto' | 'review' | 'none';
  readonly ejs: readonly string[];
  readonly eg: string | null;
  readonly kind: string;
  readonly half: string;
}

export function readMentions(half?: 'dev' | 'frozen'): LabelledMention[] {
  const rows: Record<string, string>[] = parse(
    readFileSync(new URL('../matching/mentions.csv', import.meta.url)),
    { columns: true, delimiter: ';' },
  );
  return rows
    .map((row) => ({
      mention: row['mention'] ?? '',
      city: row['city'] || null,
      departement: row['department'] || null,
      expected: row['expected_outcome'] as LabelledMention['expected'],
      ejs: (row['ej'] ?? '').split('|').filter((ej) => ej !== ''),
      eg: row['eg'] || null,
      kind: row['kind'] ?? '',
      half: row['half'] ?? '',
    }))
    .filter((row) => half === undefined || row.half === half);
}

/** What is wrong in an answer, in words; empty when it is as expected. */
export function faultsOf(row: LabelledMention, result: MatchResult): string[] {
  const faults: string[] = [];
  const ej = result.best?.ej ?? '';
  const eg = result.best?.eg ?? null;
  if (result.outcome !== row.expected) faults.push(`outcome ${result.outcome}, expected ${row.expected}`);
  if (row.expected === 'auto' && ej !== row.ejs[0]) faults.push(`EJ ${ej}, expected ${row.ejs[0] ?? ''}`);
  if (row.expected === 'auto' && ej === row.ejs[0] && eg !== row.eg) {
    faults.push(`EG ${eg ?? 'none'}, expected ${row.eg ?? 'none'}`);
  }
  if (row.expected === 'review') {
    for (const one of row.ejs) {
      if (!result.candidates.some((candidate) => candidate.ej === one))
        faults.push(`candidate ${one} missing`);
    }
  }
  return faults;
}
