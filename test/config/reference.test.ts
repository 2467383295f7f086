import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { referencePage } from '../../src/config/reference.js';

describe('the reference page of the configuration', () => {
  it('is the one that the schemas give (npm run reference writes it)', () => {
    const file = join(import.meta.dirname, '..', '..', 'ops', 'configuration.md');
    expect(readFileSync(file, 'utf8')).toBe(referencePage());
  });

  it('says something of every option that an operator sets', () => {
    const silent = referencePage()
      .split('\n## ')
      .filter((part) => /^(regions|sources|schedule|review|gates|mail)/.test(part))
      .flatMap((part) => part.split('\n'))
      .filter((line) => line.startsWith('| `') && line.endsWith('|  |'));
    expect(silent.map((line) => line.split('`')[1])).toEqual([]);
  });
});
