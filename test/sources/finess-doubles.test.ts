import { expect, it } from 'vitest';
import type { Json } from '../../src/domain/json.js';
import { readAll } from '../../src/sources/contract.js';
import { finessEtalab } from '../../src/sources/finess-etalab/index.js';
import { finessStructures } from '../../src/sources/finess-structures/index.js';
import { delivery, fixture } from './bytes.js';

/**
 * A reader sees one line at a time: it cannot say which of two lines of one number is kept, since none is when they differ
 * (runs/repeats). What it tells is true of both cases.
 */
it.each<[string, () => Promise<readonly { readonly kind: string }[]>]>([
  [
    'finess-structures',
    async () => {
      const text = fixture('finess-structures/fixtures/structures-essai-2026-11.json').toString('utf8');
      const tree = JSON.parse(text) as { pmej: { ege: Record<string, Json>[] }[] };
      const sites = tree.pmej[0]?.ege ?? [];
      const facts = sites[0]?.['informationsGeneralesEGE'] as Record<string, Json>;
      sites.push({
        ...sites[0],
        informationsGeneralesEGE: { ...facts, nomEgeCourt: 'AUTRE NOM', nomEgeLong: 'AUTRE NOM' },
      });
      return await readAll(finessStructures(), delivery(Buffer.from(JSON.stringify(tree))));
    },
  ],
  [
    'finess-etalab',
    async () => {
      const text = fixture('finess-etalab/fixtures/finess-essai-2026-11.csv').toString('utf8');
      const line = text.split('\n').find((each) => each.startsWith('structureet;')) ?? '';
      const other = line
        .split(';')
        .map((cell, at) => (at === 3 ? 'AUTRE NOM' : cell))
        .join(';');
      return await readAll(
        finessEtalab(),
        delivery(Buffer.from(text.replace(line, () => `${line}\n${other}`))),
      );
    },
  ],
])('%s says of a double that it is kept once only when the lines are equal', async (_source, read) => {
  const [double, ...others] = (await read()).filter(({ kind }) => kind === 'aside');
  expect(others).toEqual([]);
  expect(double).toMatchObject({
    code: 'DUPLICATE',
    message: expect.stringMatching(
      /est donné plusieurs fois : .*éga.*(s’ils diffèrent, aucun|si elles diffèrent, aucune) n’est gardé/,
    ) as string,
  });
});
