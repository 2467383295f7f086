import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DECIDING } from '../../src/publish/rules.js';

/** What decides is named with all that it imports: a mend anywhere in it publishes again. */
const PUBLISH = join(import.meta.dirname, '../../src/publish');

/** Files of our own that a file uses when it runs, itself included, as `rules.ts` names them. */
function closure(names: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    const text = readFileSync(join(PUBLISH, `${name}.ts`), 'utf8');
    const imports = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^;']*?\sfrom\s+)?'(\.[^']+)\.js';/gms);
    for (const [statement, type, path] of imports) {
      const values = /\{([^}]*)\}/
        .exec(statement)?.[1]
        ?.split(',')
        .map((each) => each.trim());
      const typesOnly =
        type !== undefined || (values?.every((each) => each === '' || each.startsWith('type ')) ?? false);
      if (typesOnly) continue;
      visit(relative(PUBLISH, join(dirname(join(PUBLISH, name)), path ?? '')));
    }
  };
  names.forEach(visit);
  return [...found].sort();
}

describe('the rules of a publication', () => {
  it('are all the files that make what is said and what is searched, with what they import', () => {
    expect([...DECIDING].sort()).toEqual(closure(['source', 'entries']));
  });
});
