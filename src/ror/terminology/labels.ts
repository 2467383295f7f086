import type { CodeSystemConfig } from '../../config/schema/codes.js';
import { lettersOf, sameLetters } from '../code-names.js';

/** What is said of the label of one code. */
export interface Labelled {
  readonly code: string;
  /** Null for a new code. */
  readonly before: string | null;
  /** Null where none is given. */
  readonly after: string | null;
}

/** A code that the list knew and that bears another label there, typography aside, whatever else happens to it. */
export function isRelabelled({ before, after }: Labelled): boolean {
  return before !== null && after !== null && !sameLetters(before, after);
}

/**
 * Labels that pass from one code of a list to another: every offer that bears the code would say something else. A known
 * code takes the label of another one, or a new code that of a code which goes on in force under another label. A new code
 * under the label of one that goes out of use is its successor, and takes nothing.
 * @param leaving codes that go out of use
 * @returns by code that takes a label, the first code of the list that bore it
 */
export function labelsMoved(
  { active, deprecated }: Pick<CodeSystemConfig, 'active' | 'deprecated'>,
  differences: readonly Labelled[],
  leaving: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const bearers = new Map<string, string[]>();
  for (const [code, label] of [...Object.entries(active), ...Object.entries(deprecated)]) {
    const letters = lettersOf(label);
    if (letters !== '') bearers.set(letters, [...(bearers.get(letters) ?? []), code]);
  }
  const relabelled = new Set(differences.filter(isRelabelled).map(({ code }) => code));
  const goesOn = (code: string): boolean =>
    relabelled.has(code) && !leaving.has(code) && Object.hasOwn(active, code);
  return new Map(
    differences.flatMap(({ code, before, after }): [string, string][] => {
      if (after === null || (before !== null && !relabelled.has(code))) return [];
      const others = bearers.get(lettersOf(after))?.filter((other) => other !== code) ?? [];
      const from = before === null ? others.find(goesOn) : others[0];
      return from === undefined ? [] : [[code, from]];
    }),
  );
}
