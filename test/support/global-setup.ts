import { existsSync, readdirSync, statSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { stopCluster } from '../../src/db/embedded/cluster.js';
import { commandLine } from '../../src/db/embedded/processes.js';
import { dropRun, runCluster } from './test-server.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** This run's own folder; its PostgreSQL starts there when the first test asks for a database. */
    testHome: string;
  }
}

const PREFIX = 'filror-test-';

/**
 * One PostgreSQL of the tests' own, shared by all workers, on a free port. It starts when the first test asks for
 * a database (a run of pure tests pays nothing) and is stopped here.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const base = reachableTmp();
  await sweepDeadRuns(base);
  const testHome = await mkdtemp(join(base, `${PREFIX}${process.pid}-`));
  await chmod(testHome, process.getuid?.() === 0 ? 0o755 : 0o700);
  project.provide('testHome', testHome);
  return async () => {
    await dropRun(testHome);
    await stopCluster(runCluster(testHome));
    await rm(testHome, { recursive: true, force: true });
  };
}

/** A run that was killed leaves its server and its folder; its pid is in the folder's name. */
async function sweepDeadRuns(base: string): Promise<void> {
  for (const name of readdirSync(base)) {
    const pid = /^filror-test-(\d+)-\w+$/.exec(name)?.[1];
    const folder = join(base, name);
    if (pid === undefined || (await commandLine(Number(pid))) !== null) continue;
    if (statSync(folder).uid !== process.getuid?.()) continue;
    await stopCluster(runCluster(folder));
    await rm(folder, { recursive: true, force: true });
  }
}

/** As root the server runs under another account, to which root's own temporary folder may be closed. */
function reachableTmp(): string {
  if (process.getuid?.() !== 0) return tmpdir();
  const open = (folder: string): boolean =>
    (statSync(folder).mode & 0o005) === 0o005 && (folder === '/' || open(dirname(folder)));
  return [tmpdir(), '/tmp', '/var/tmp'].find((folder) => existsSync(folder) && open(folder)) ?? tmpdir();
}
