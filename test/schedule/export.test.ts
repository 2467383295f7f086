import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { filrorProgram } from '../../src/cli/program.js';
import { loadConfig } from '../../src/config/load.js';
import { verify } from '../../src/journal/verify.js';
import { runFilror } from '../support/built.js';
import type { Finished } from '../support/node-process.js';
import { scheduleClock, type ScheduleClock } from '../support/schedule-clock.js';
import { servedWorld, trialCentres, type ServedWorld } from '../support/served-world.js';

/** The set to download as a job of the schedule, as an operator types it. */
let world: ServedWorld;
let clock: ScheduleClock;
let config: string;
let to: string;
beforeAll(async () => {
  world = await servedWorld();
  await trialCentres(world);
  clock = await scheduleClock(world.database.owner, '2026-03-01T12:00:00Z');
});
afterAll(() => world.close());
beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), 'filror-config-'));
  to = mkdtempSync(join(tmpdir(), 'filror-jeux-'));
  writeFileSync(
    join(config, 'fhir.yaml'),
    JSON.stringify({ public: true, canonical: 'https://filror.example/fhir' }),
  );
  exporting({ to, formats: ['csv'], keep: 1 });
});
afterEach(async () => {
  await typed('remove', 'jeu').catch(() => 'was refused');
  for (const folder of [config, to]) rmSync(folder, { recursive: true, force: true });
});

const exporting = (options: object): void =>
  writeFileSync(join(config, 'schedule.yaml'), JSON.stringify({ export: options }));
/** In a process of its own, as an operator of systemd: what is due is done there. */
const ran = (...words: readonly string[]): Promise<Finished> =>
  runFilror(['schedule', 'run', ...words], {
    DATABASE_URL: world.database.appUrl,
    DATABASE_OWNER_URL: world.database.ownerUrl,
    FILROR_CONFIG: config,
    FILROR_REGION: '28',
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
  const program = await filrorProgram(context, ['schedule']);
  program.exitOverride();
  await program.parseAsync(['schedule', ...words, '--region', '28', '--config', config], { from: 'user' });
  return said;
}
const added = (): Promise<string> => typed('add', 'jeu', '--kind', 'export');
/** How the slots of the job ended, oldest first. */
const ends = async (): Promise<string[]> =>
  await world.database.app('slot').where({ job: 'export' }).orderBy('due_at').pluck('state');
const sets = (): string[] => readdirSync(to).filter((name) => /^28-public-2/.test(name));

describe('an export of the schedule', () => {
  it('publishes and writes the set when it is due, once, keeps so many, and is in the ledger and the list', async () => {
    expect(await added()).toContain('jeu à télécharger, « 0 6 * * 1 » Europe/Paris');
    expect(await ran('--due')).toMatchObject({ code: 0, stdout: 'Rien n’est dû.\n' });
    await clock.set('2026-03-02T05:01:00Z');
    const first = await ran('--due');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const [set = ''] = sets();
    expect(first.stdout).toContain(`= faite`);
    expect(first.stdout).toContain(`jeu écrit : ${set}, 2 offres`);
    expect(readdirSync(join(to, '28-public-dernier')).sort()).toEqual([
      'LICENCE.txt',
      'SHA256SUMS',
      'anciens-numeros.csv',
      'datapackage.json',
      'dictionnaire.csv',
      'offres.csv',
      'retraits-annonces.csv',
    ]);
    expect(await ran('--due')).toMatchObject({ code: 0, stdout: 'Rien n’est dû.\n' });

    // Nothing moved: the same set stands. Then an offer is there no more, and the new set is published by the job itself.
    await clock.set('2026-03-09T05:01:00Z');
    expect((await ran('--due')).stdout).toContain(`rien de nouveau depuis le jeu ${set}, 2 offres`);
    await world.gone('offre-essai-1');
    await clock.set('2026-03-16T05:01:00Z');
    expect((await ran('--due')).stdout).toMatch(/jeu écrit : 28-public-\S+, 1 offre ; 1 ancien jeu ôté/);
    expect(sets()).toHaveLength(1);
    expect(sets()).not.toEqual([set]);
    expect(await ends()).toEqual(['done', 'done', 'done']);
    expect(await typed('list')).toMatch(/export {7}= faite .* : jeu écrit : 28-public-/);
    expect((await verify(world.database.app)).fault).toBeNull();
  });

  it('waits while the region is paused, then makes up for the last slot missed alone', async () => {
    await added();
    const before = await ends();
    await typed('pause', '--hours', '720', '--reason', 'essai');
    await clock.set('2026-03-30T05:01:00Z');
    expect(await ran('--due')).toMatchObject({ stdout: 'Rien n’est dû.\n' });
    expect((await ran('jeu')).stderr).toContain('Erreur PAUSED');
    expect(sets()).toEqual([]);
    await typed('resume');
    // The weekly reading comes due too, and has no repository here.
    expect((await ran('--due')).stdout).toContain('jeu écrit : ');
    expect(sets()).toHaveLength(1);
    expect(await ends()).toEqual([...before, 'done']);
  });

  it('fails with a remedy when its folder has gone, leaves the ledger whole, and is done once it is back', async () => {
    await added();
    rmSync(to, { recursive: true });
    const failed = await ran('jeu');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain(`! en échec`);
    expect(failed.stdout).toContain(`ne peut pas paraître dans ${to} : il n’existe pas`);
    expect(failed.stdout).toContain('Que faire : créez ce dossier');
    expect(existsSync(to)).toBe(false);
    const slot = await world.database.app('slot').where({ job: 'export', state: 'failed' }).first();
    expect(slot).toMatchObject({ exit_code: 1, error: { code: 'EXPORT_FOLDER' } });
    mkdirSync(to);
    await clock.set('2026-03-30T06:00:00Z');
    expect(await ran('jeu')).toMatchObject({ code: 0 });
    expect(readFileSync(join(to, '28-public-dernier', 'offres.csv'), 'utf8')).toContain('Centre d');
  });

  it.each<[string, () => void]>([
    ['EXPORT_UNSET', () => exporting({})],
    ['EXPORT_FOLDER', () => exporting({ to: join(to, 'absent') })],
    ['EXPORT_FOLDER', () => exporting({ to: join(config, 'fhir.yaml') })],
    ['EXPORT_CLOSED', () => exporting({ to, audience: 'professional' })],
  ])('is refused as %s before it is added, with a remedy', async (code, set) => {
    set();
    await expect(added()).rejects.toMatchObject({ code, remedy: expect.any(String) as string });
    expect(await world.database.app('schedule').where({ name: 'jeu' })).toEqual([]);
  });

  it.each([
    [{ to: 'exports' }, 'chemin absolu'],
    [{ to: '/srv', formats: [] }, 'export.formats'],
    [{ to: '/srv', keep: 0 }, 'export.keep'],
    [{ to: '/srv', audience: 'presse' }, 'export.audience'],
  ])('is refused by the configuration: %j', (options, words) => {
    exporting(options);
    expect(() => loadConfig(config)).toThrow(words);
  });
});
