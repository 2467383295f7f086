import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filrorProgram } from '../../src/cli/program.js';
import { servedWorld, trialCentres, type ServedWorld } from '../support/served-world.js';

/** `filror offers export` as it is typed. */
let world: ServedWorld;
const folder = mkdtempSync(join(tmpdir(), 'filror-commande-'));
beforeAll(async () => {
  world = await servedWorld();
  await trialCentres(world);
  await world.publish('public');
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

async function typed(...words: readonly string[]): Promise<string> {
  let said = '';
  const context = {
    env: { DATABASE_URL: world.database.appUrl, DATABASE_OWNER_URL: world.database.ownerUrl },
    out: (text: string) => {
      said += text;
      return Promise.resolve();
    },
    err: () => undefined,
  };
  const program = await filrorProgram(context, ['offers']);
  program.exitOverride();
  await program.parseAsync(['offers', 'export', '--region', '28', ...words], { from: 'user' });
  return said;
}

describe('« filror offers export »', () => {
  it('tries without writing anything, then writes what it tried, then finds nothing new', async () => {
    const to = join(folder, 'exports');
    const tried = await typed('--to', to, '--dry-run');
    const name = /Le jeu serait : .*\/(\S+)\n/.exec(tried)?.[1] ?? '';
    expect(tried).toContain('2 offre(s), 0 ancien(s) numéro(s), 0 retrait(s) annoncé(s)');
    expect(tried).toContain('Essai à blanc : rien n’a été gardé.');
    expect(existsSync(to)).toBe(false);
    expect(await typed('--to', to)).toContain(`Jeu écrit : ${to}/${name}`);
    expect(readdirSync(join(to, '28-public-dernier')).sort()).toEqual([
      'LICENCE.txt',
      'SHA256SUMS',
      'anciens-numeros.csv',
      'datapackage.json',
      'dictionnaire.csv',
      'offres.csv',
      'offres.geojson',
      'offres.ndjson',
      'retraits-annonces.csv',
    ]);
    expect(readFileSync(join(to, name, 'LICENCE.txt'), 'utf8')).toContain('Licence Ouverte');
    expect(await typed('--to', to)).toContain('Rien de nouveau');
  });

  it('writes the formats that are asked for, and tells a program what it wrote', async () => {
    const to = join(folder, 'carte');
    const told = JSON.parse(await typed('--to', to, '--format', 'geojson', '--output', 'json')) as object;
    expect(told).toMatchObject({
      outcome: 'written',
      files: ['offres.geojson', 'dictionnaire.csv', 'LICENCE.txt', 'datapackage.json', 'SHA256SUMS'],
      offers: 2,
    });
  });

  it('keeps as many sets as it is told to; a dry run only says which would go', async () => {
    const to = join(folder, 'gardes');
    const sets = (): string[] => readdirSync(to).filter((name) => name.startsWith('28-public-2'));
    await typed('--to', to, '--format', 'csv');
    const [first = ''] = sets();
    await typed('--to', to, '--format', 'ndjson');
    expect(sets().length).toBe(2);
    const words = ['--to', to, '--format', 'geojson', '--keep', '1'];
    const second = sets().find((name) => name !== first) ?? '';
    const tried = await typed(...words, '--dry-run');
    for (const name of [first, second]) expect(tried).toContain(`ancien jeu, serait ôté : ${name}`);
    expect(sets().length).toBe(2);
    const left = join(to, `.filror-ote-0123abcd-${first}`);
    cpSync(join(to, first), left, { recursive: true });
    const told = JSON.parse(await typed(...words, '--output', 'json')) as { name: string; removed: string[] };
    expect(told.removed.sort()).toEqual([first, second].sort());
    expect(sets()).toEqual([told.name]);
    expect(readdirSync(to).sort()).toEqual([told.name, '28-public-dernier'].sort());
  });

  it.each([
    [['--format', 'xlsx'], 'EXPORT_FORMAT'],
    [['--audience', 'presse'], 'EXPORT_AUDIENCE'],
    [['--audience', 'professional'], 'EXPORT_NOT_PUBLISHED'],
  ])('refuses %j and says what to do', async (words, code) => {
    const to = join(folder, 'rien');
    await expect(typed('--to', to, ...words)).rejects.toMatchObject({ code, remedy: expect.any(String) });
    expect(existsSync(to)).toBe(false);
  });
});
