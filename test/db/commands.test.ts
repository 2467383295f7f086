import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { stopCluster } from '../../src/db/embedded/cluster.js';
import { clusterFolder } from '../../src/db/embedded/folder.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { runFilror } from '../support/built.js';
import type { Finished } from '../support/node-process.js';

let empty: TestDatabase;

beforeAll(async () => {
  empty = await testDatabase({ from: 'empty' });
});

afterAll(async () => {
  await empty.drop();
  await stopCluster(clusterFolder({ FILROR_DATA_HOME: inject('testHome') }));
});

function given(...args: string[]): Promise<Finished> {
  return runFilror(args, { DATABASE_URL: empty.appUrl, DATABASE_OWNER_URL: empty.ownerUrl });
}

function embedded(...args: string[]): Promise<Finished> {
  return runFilror(args, { DATABASE_URL: '', FILROR_DATA_HOME: inject('testHome') });
}

describe('filror db on a given server', () => {
  it('says what is pending, tries it without keeping it, does it, then has nothing to do', async () => {
    const pending = await given('db', 'status');
    expect(pending).toMatchObject({ code: 2, stderr: '' });
    expect(pending.stdout).toContain('Migrations en attente : 0001_roles_and_journal.sql');

    const dry = await given('db', 'migrate', '--dry-run');
    expect(dry.code).toBe(2);
    expect(dry.stdout).toContain('+ 0001_roles_and_journal.sql : serait appliquée');
    expect((await given('db', 'status')).code).toBe(2);

    const done = await given('db', 'migrate');
    expect(done.code).toBe(0);
    expect(done.stdout).toContain('+ 0001_roles_and_journal.sql : appliquée');
    expect((await given('db', 'status')).stdout).toContain('Migrations : à jour.');
    expect((await given('db', 'migrate')).stdout).toMatch(/^Aucun changement\./);
  });

  it('does not stop a server that it did not start', async () => {
    const { code, stderr } = await given('db', 'stop');
    expect(code).toBe(1);
    expect(stderr).toContain('Erreur DB_NOT_OURS');
    expect(stderr).toContain('Que faire : ');
  });

  it('never shows a password', async () => {
    const { stdout, stderr } = await given('db', 'status');
    expect(stdout + stderr).not.toContain(new URL(empty.appUrl).password);
  });
});

describe('filror db on the embedded server', () => {
  it('looks without starting, starts at the first command that needs it, stops', async () => {
    expect((await embedded('db', 'status')).stdout).toContain('Base embarquée : pas encore créée');
    expect((await embedded('journal', 'verify')).stdout).toBe('Journal intact : aucune écriture.\n');
    const running = await embedded('db', 'status');
    expect(running.stdout).toMatch(/en marche[\s\S]*Migrations : à jour\./);
    expect((await embedded('db', 'stop')).stdout).toBe('Base embarquée arrêtée.\n');
    expect((await embedded('db', 'status')).stdout).toContain('Base embarquée : arrêtée');
    expect((await embedded('db', 'stop')).stdout).toMatch(/^Aucun changement\./);
  });
});
