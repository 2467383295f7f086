import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plannedCentres } from '../../src/runs/planned-centres.js';
import { centresList, openWorld, type World } from '../scenarios/world.js';
import type { Finished } from '../support/node-process.js';
import { edited, put } from '../support/workbook-file.js';

describe('filror tableur', () => {
  let w: World;
  let [path, id] = ['', ''];
  const tableur = (...args: readonly string[]): Promise<Finished> =>
    w.filror('tableur', ...args, '--region', '28', '--as', 'camille');
  const publicNow = async (): Promise<string | null> => (await plannedCentres(w.context))[id]?.public ?? null;

  beforeAll(async () => {
    w = await openWorld({
      list: centresList([{ title: 'Centre d’essai 1', hospital: 'CH de Dieppe', town: 'Dieppe' }]),
    });
    await w.sync();
    id = Object.keys(await plannedCentres(w.context))[0] ?? '';
    path = join(w.folder, 'centres.xlsx');
  });
  afterAll(() => w.close());

  it('writes the workbook once, and never over a file that is there', async () => {
    expect(await tableur('export', path)).toMatchObject({ code: 0, stdout: `Classeur écrit : ${path}\n` });
    const again = await tableur('export', path);
    expect([again.code, again.stderr.includes('existe déjà'), again.stderr.includes('Que faire')]).toEqual([
      1,
      true,
      true,
    ]);
  });

  it('says that an untouched workbook changes nothing', async () => {
    const shown = await tableur('importer', path, '--dry-run');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('0 modification(s), 1 ligne(s) inchangée(s), 0 point(s) à corriger.');
  });

  it('shows what would change, and records it under its fingerprint only', async () => {
    writeFileSync(path, await edited(readFileSync(path), (sheet) => put(sheet, id, 'Public', 'mixte')));
    const shown = await tableur('importer', path, '--dry-run');
    expect([shown.code, await publicNow()]).toEqual([2, null]);
    expect(shown.stdout).toContain(`~ Centre d’essai 1 (${id}), Public : vide → mixte`);
    const [, print = ''] = /Empreinte : ([0-9a-f]{12})/.exec(shown.stdout) ?? [];
    for (const wrong of [[], ['--empreinte', 'a'.repeat(12)], ['--empreinte', print.slice(0, 4)]]) {
      const refused = await tableur('importer', path, ...wrong);
      expect([
        refused.code,
        refused.stderr.includes('DIFF_NOT_SHOWN') || refused.stderr.includes('empreinte'),
      ]).toEqual([1, true]);
    }
    expect(await publicNow()).toBeNull();
    expect((await tableur('importer', path, '--empreinte', print)).code).toBe(2);
    expect(await publicNow()).toBe('mixte');
  });

  it('writes the template, which is the list that sync reads', async () => {
    const list = join(w.folder, 'modele.xlsx');
    expect((await tableur('modele', list)).code).toBe(0);
    expect(existsSync(list)).toBe(true);
    const tried = await w.filror(
      'sync',
      '--region',
      '28',
      '--source',
      `labelled-centres=${list}`,
      '--dry-run',
    );
    expect([tried.code, tried.stderr.includes('ne contient aucune ligne de données')]).toEqual([1, true]);
  });
});
