import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { MatchResult, Mention } from '../../src/domain/matching.js';

/** One row of test/matching/labelled; its README says what each column and each set means. */
export interface Labelled extends Mention {
  readonly kind: string;
  readonly set: 'tuning' | 'frozen';
  readonly expected:
    | { readonly is: 'hospital'; readonly ej: string; readonly eg: string | null }
    | { readonly is: 'ambiguous' | 'absent' };
  /** Lines of the register that were looked at: the first is the expected site, or one of the expected entity. */
  readonly lines: readonly { readonly eg: string; readonly name: string; readonly town: string }[];
}

/**
 * What the matching made of a mention, for one number. `right` and `wrong` are automatic; `asked` goes to a person with
 * a candidate; `none` has none. Of the EG, `asked` also says that the entity was linked and a person chooses the site.
 */
export type Verdict = 'right' | 'wrong' | 'asked' | 'none';

/** Who changes the matching reads the tuning sets and never the frozen one; each was frozen until it was measured. */
const FILES: readonly { readonly file: string; readonly set: Labelled['set'] }[] = [
  { file: 'mentions.csv', set: 'tuning' },
  { file: 'mentions-2.csv', set: 'tuning' },
  { file: 'mentions-3.csv', set: 'tuning' },
  { file: 'mentions-4.csv', set: 'tuning' },
  { file: 'mentions-5.csv', set: 'tuning' },
  { file: 'mentions-6.csv', set: 'tuning' },
  { file: 'mentions-7.csv', set: 'frozen' },
];

export function readLabelled(): readonly Labelled[] {
  return FILES.flatMap(({ file, set }) =>
    readSet(new URL(`../matching/labelled/${file}`, import.meta.url), set),
  );
}

function readSet(file: URL, set: Labelled['set']): readonly Labelled[] {
  const rows: Record<string, string>[] = parse(readFileSync(file), { columns: true, delimiter: ';' });
  return rows.map((row) => {
    const cell = (name: string): string => row[name] ?? '';
    return {
      mention: cell('mention'),
      city: cell('town') || null,
      departement: cell('department') || null,
      finessEj: cell('finess_ej') || null,
      finessEg: cell('finess_eg') || null,
      kind: cell('kind'),
      set,
      expected: expectedOf(cell('expected')),
      lines: linesOf(cell('why')),
    };
  });
}

/** The automatic link, judged: any link of an ambiguous or absent mention is wrong. */
export function verdictOnEj({ expected }: Labelled, { outcome, best }: MatchResult): Verdict {
  if (outcome !== 'auto') return outcome === 'review' ? 'asked' : 'none';
  return expected.is === 'hospital' && best?.ej === expected.ej ? 'right' : 'wrong';
}

/** The site given automatically, judged: one given where a person should choose is wrong. */
export function verdictOnEg({ expected }: Labelled, { outcome, best }: MatchResult): Verdict {
  if (outcome !== 'auto') return outcome === 'review' ? 'asked' : 'none';
  if (best?.eg == null) return 'asked';
  return expected.is === 'hospital' && best.eg === expected.eg ? 'right' : 'wrong';
}

function expectedOf(text: string): Labelled['expected'] {
  if (text === 'ambiguous' || text === 'absent') return { is: text };
  const found = /^EJ (\w{9})(?: EG (\w{9}))?$/.exec(text);
  if (found?.[1] === undefined) throw new Error(`test/matching/labelled: expected "${text}"`);
  return { is: 'hospital', ej: found[1], eg: found[2] ?? null };
}

function linesOf(why: string): Labelled['lines'] {
  return (why.split(' : ')[0] ?? '').split(' | ').flatMap((line) => {
    const found = /^(\w{9}) (.*), ([^,]*)$/.exec(line);
    return found === null ? [] : [{ eg: found[1] ?? '', name: found[2] ?? '', town: found[3] ?? '' }];
  });
}
