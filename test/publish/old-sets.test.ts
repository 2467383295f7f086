import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeSet, type SetName } from '../../src/publish/export/folder.js';
import { oldSets, removeLeftovers, removeSet } from '../../src/publish/export/old-sets.js';

/** Which folders `filror offers export --keep` takes for its own, and what it does to the others: nothing. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'filror-anciens-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const of = (day: number): SetName => ({
  region: '28',
  audience: 'public',
  at: new Date(Date.UTC(2026, 1, day)),
});
const written = async (name: SetName): Promise<string> =>
  (await writeSet(folder, name, [['offres.csv', `état du ${name.at?.toISOString() ?? ''}`]])).name;
const days = async (...wanted: readonly number[]): Promise<string[]> => {
  const names: string[] = [];
  for (const day of wanted) names.push(await written(of(day)));
  return names;
};
const removeOld = async (keep: number, current: string): Promise<readonly string[]> => {
  const { names } = await oldSets(folder, of(1), keep, current);
  for (const name of names) await removeSet(folder, name);
  return names;
};

describe('old sets', () => {
  it('are those beyond the newest ones, by the instant of what they say', async () => {
    const [first = '', second = '', third = '', fourth = ''] = await days(1, 2, 3, 4);
    expect(await removeOld(2, fourth)).toEqual([first, second]);
    expect(readdirSync(folder).sort()).toEqual(['28-public-dernier', third, fourth].sort());
    expect(await removeOld(2, fourth)).toEqual([]);
  });

  it('are never the set just written, whatever its date', async () => {
    const [newest = '', current = ''] = await days(9, 1);
    expect(await removeOld(1, current)).toEqual([newest]);
    expect(existsSync(join(folder, current, 'offres.csv'))).toBe(true);
  });

  it('are of the same region and the same audience alone', async () => {
    await written({ ...of(1), region: '53' });
    await written({ ...of(1), audience: 'regulation' });
    await written({ ...of(1), at: null });
    const current = await written(of(5));
    const removed = await removeOld(1, current);
    expect(removed).toEqual([expect.stringMatching(/^28-public-jamais-servi-/)]);
    expect(readdirSync(folder).filter((name) => /^(53-public|28-regulation)-2026/.test(name)).length).toBe(2);
  });

  it.each<[string, (path: string) => void]>([
    ['remarque.txt n’est pas du jeu', (path) => writeFileSync(join(path, 'remarque.txt'), 'à garder')],
    ['offres.csv a changé', (path) => writeFileSync(join(path, 'offres.csv'), 'corrigé à la main')],
    ['offres.csv manque', (path) => rmSync(join(path, 'offres.csv'))],
    ['sans SHA256SUMS', (path) => rmSync(join(path, 'SHA256SUMS'))],
    ['SHA256SUMS n’est pas celui de ce nom', (path) => writeFileSync(join(path, 'SHA256SUMS'), '')],
    [
      'offres.csv n’est pas un fichier',
      (path) => {
        rmSync(join(path, 'offres.csv'));
        mkdirSync(join(path, 'offres.csv'));
      },
    ],
  ])('are left alone, and told, once somebody touched them: %s', async (why, touch) => {
    const [touched = '', current = ''] = await days(1, 2);
    touch(join(folder, touched));
    const before = readdirSync(join(folder, touched));
    expect(await oldSets(folder, of(1), 1, current)).toEqual({
      names: [],
      strange: [{ name: touched, why }],
    });
    expect(readdirSync(join(folder, touched))).toEqual(before);
  });

  it('are no folder of another name, nor a link to one', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'filror-ailleurs-'));
    writeFileSync(join(elsewhere, 'fichier'), '');
    const [, current = ''] = await days(1, 2);
    mkdirSync(join(folder, '28-public-archives'));
    mkdirSync(join(folder, 'a-moi'));
    symlinkSync(elsewhere, join(folder, '28-public-20260101T000000Z-00000000'));
    await removeOld(1, current);
    expect(readdirSync(folder).sort()).toEqual(
      [
        '28-public-20260101T000000Z-00000000',
        '28-public-archives',
        '28-public-dernier',
        'a-moi',
        current,
      ].sort(),
    );
    expect(readdirSync(elsewhere)).toEqual(['fichier']);
    rmSync(elsewhere, { recursive: true });
  });

  it('are none in a folder that is not there yet', async () => {
    expect(await oldSets(join(folder, 'plus-tard'), of(1), 1, 'x')).toEqual({ names: [], strange: [] });
  });
});

describe('what a kill left of a set on its way out', () => {
  /** As a process killed there leaves it: moved aside, and so many of its files removed. */
  const killedAfter = async (removed: readonly string[], name: SetName = of(1)): Promise<string> => {
    const set = await written(name);
    const aside = join(folder, `.filror-ote-0123abcd-${set}`);
    cpSync(join(folder, set), aside, { recursive: true });
    rmSync(join(folder, set), { recursive: true });
    for (const file of removed) rmSync(join(aside, file));
    return aside;
  };

  it.each([[[]], [['offres.csv']], [['offres.csv', 'SHA256SUMS']]])(
    'goes at the next run, %j being gone',
    async (removed) => {
      const aside = await killedAfter(removed);
      expect(await removeLeftovers(folder, of(2))).toEqual([]);
      expect(existsSync(aside)).toBe(false);
    },
  );

  it.each<[string, (path: string) => void]>([
    ['remarque.txt n’est pas du jeu', (path) => writeFileSync(join(path, 'remarque.txt'), 'à garder')],
    ['offres.csv a changé', (path) => writeFileSync(join(path, 'offres.csv'), 'corrigé à la main')],
    ['sans SHA256SUMS', (path) => rmSync(join(path, 'SHA256SUMS'))],
  ])('stays once somebody touched it: %s', async (why, touch) => {
    const aside = await killedAfter([]);
    touch(aside);
    const before = readdirSync(aside);
    expect(await removeLeftovers(folder, of(2))).toEqual([{ name: aside.slice(folder.length + 1), why }]);
    expect(readdirSync(aside)).toEqual(before);
  });

  it('stays when it is of another region or audience', async () => {
    const others = [
      await killedAfter([], { ...of(1), region: '53' }),
      await killedAfter([], { ...of(1), audience: 'regulation' }),
    ];
    expect(await removeLeftovers(folder, of(2))).toEqual([]);
    expect(others.map((aside) => existsSync(aside))).toEqual([true, true]);
  });
});
