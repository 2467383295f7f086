import { describe, expect, it } from 'vitest';
import type { Public } from '../../src/domain/centre.js';
import { propose } from '../../src/runs/propose.js';
import { centreId, material, row } from '../support/material.js';

/** Candidates of the question « même centre ? », by change, for one centre that two lists give. */
function asked(first: Public | null, second: Public | null, source = 'liste-locale'): number[] {
  const observations = [
    row({ public: first }),
    row({ public: second }, { source, key: 'autre', locator: { file: 'locale.csv', line: 2 } }),
  ];
  let drawn = 0;
  const { changes } = propose(material({ observations, keys: new Map() }), () =>
    centreId(`c${String(++drawn)}`),
  );
  return [...changes].map(
    ({ reasons }) => reasons.find(({ code }) => code === 'twin')?.candidates?.length ?? 0,
  );
}

describe('one centre of two lists', () => {
  it('is one when both say the same public', () => {
    expect(asked('mixte', 'mixte')).toEqual([0]);
  });

  it('is asked about when one list says « mixte », or no public, and the other a public', () => {
    expect(asked('mixte', 'pédiatrique')).toEqual([1, 1]);
    expect(asked('adulte', 'mixte')).toEqual([1, 1]);
    expect(asked(null, 'adulte')).toEqual([1, 1]);
  });

  it('is two for two publics, and in one list for « mixte » too', () => {
    expect(asked('adulte', 'pédiatrique')).toEqual([0, 0]);
    expect(asked('mixte', 'pédiatrique', 'labelled-centres')).toEqual([0, 0]);
  });
});
