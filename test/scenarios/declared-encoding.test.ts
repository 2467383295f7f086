import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { expect, it } from 'vitest';
import { NORMANDIE, centresList, openWorld } from './world.js';

const LIST = iconv.encode(
  centresList([
    { title: "Centre d'essai du cœur (5 €)", hospital: 'CH de Dieppe', town: 'Dieppe', departement: '76' },
  ]),
  'iso-8859-15',
);

/** Shipped sources, the list declared in the encoding given. */
function sources(encoding: string | null): string {
  return JSON.stringify({
    'labelled-centres': { reader: 'labelled-centres', place: 'centres.csv', required: true, encoding },
    'finess-etalab': { reader: 'finess-etalab', place: NORMANDIE.finess, required: true },
    filieres: {
      reader: 'filieres',
      place: join(import.meta.dirname, '../../config/filieres.csv'),
      required: true,
    },
  });
}

it.each([
  ['iso-8859-15', "Centre d'essai du cœur (5 €)"],
  [null, "Centre d'essai du c½ur (5 ¤)"],
])('a list declared in %s is read so', async (encoding, title) => {
  const w = await openWorld({ list: LIST, config: { 'sources.yaml': sources(encoding) } });
  try {
    const { changes } = await w.sync();
    expect(changes.map((change) => change.centre)).toMatchObject([{ title }]);
  } finally {
    await w.close();
  }
});

it('the same list, delivered in another encoding or compressed, is the same list', async () => {
  const list = centresList(
    Array.from({ length: 12 }, (_, i) => ({
      title: `Centre d'essai ${String(i + 1)}`,
      hospital: 'CH de Dieppe',
      town: 'Dieppe',
      departement: '76',
    })),
  );
  const w = await openWorld({ list: iconv.encode(list, 'utf-16le', { addBOM: true }) });
  try {
    const first = await w.sync();
    expect(first.changes).toHaveLength(12);
    // Half the bytes, then a tenth: neither is a file cut in two.
    for (const bytes of [iconv.encode(list, 'windows-1252'), gzipSync(list)]) {
      w.list(bytes);
      const again = await w.sync();
      expect(again.changes.map((change) => change.hash)).toEqual(first.changes.map((change) => change.hash));
    }
    w.list(gzipSync(list.split('\n').slice(0, 5).join('\n')));
    await expect(w.sync()).rejects.toMatchObject({ code: 'GATE_X15' });
  } finally {
    await w.close();
  }
});

it('a list that came doubled or trebled is the same list, and the single one that follows is no shrinking', async () => {
  const list = centresList(
    Array.from({ length: 12 }, (_, i) => ({
      title: `Centre d'essai ${String(i + 1)}`,
      hospital: 'CH de Dieppe',
      town: 'Dieppe',
      departement: '76',
    })),
  );
  const [header = '', ...rows] = list.trimEnd().split('\n');
  const w = await openWorld({ list });
  try {
    const first = await w.sync();
    const hashes = first.changes.map((change) => change.hash);
    for (const times of [2, 3]) {
      w.list([header, ...Array.from({ length: times }, () => rows).flat(), ''].join('\n'));
      const doubled = await w.sync();
      expect(doubled.changes.map((change) => change.hash)).toEqual(hashes);
      const told = doubled.sources.find(({ source }) => source === 'labelled-centres');
      expect(told).toMatchObject({ read: 12 * times, kept: 12 });
      expect(told?.setAside.map(({ code }) => code)).toEqual(
        Array.from({ length: 12 * (times - 1) }, () => 'DUPLICATE'),
      );
      w.list(list);
      expect((await w.sync()).changes.map((change) => change.hash)).toEqual(hashes);
    }
    // What is really gone is still refused, from one and from the other.
    for (const before of [list, [header, ...rows, ...rows, ''].join('\n')]) {
      w.list(before);
      await w.sync();
      w.list([header, ...rows.slice(0, 8), ''].join('\n'));
      await expect(w.sync()).rejects.toMatchObject({ code: 'GATE_X15' });
    }
  } finally {
    await w.close();
  }
});
