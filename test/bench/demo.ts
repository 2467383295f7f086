import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tell } from './figures.js';

/**
 * The demonstration as its reader runs it, `npm run demo` apart from npm's own start: wall clock, each time on a data
 * folder that does not exist yet, so that the first start of PostgreSQL counts.
 */
const ROUNDS = Number(process.argv[2] ?? 1);
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const run = promisify(execFile);

async function once(): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), 'filror-bench-demo-'));
  chmodSync(home, 0o755);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    XDG_DATA_HOME: home,
    // Root's embedded server does not read XDG_DATA_HOME.
    FILROR_DATA_HOME: join(home, 'filror'),
    NO_COLOR: '1',
  };
  delete env['DATABASE_URL'];
  delete env['DATABASE_OWNER_URL'];
  try {
    const started = performance.now();
    await run(process.execPath, [program, 'demo'], { env, maxBuffer: 64 * 1024 ** 2 });
    const seconds = (performance.now() - started) / 1000;
    console.log(`demo: ${seconds.toFixed(1)} s`);
    return seconds;
  } finally {
    await run(process.execPath, [program, 'db', 'stop'], { env });
    rmSync(home, { recursive: true, force: true });
  }
}

const seconds: number[] = [];
for (let round = 0; round < ROUNDS; round++) seconds.push(await once());
tell([
  {
    work: 'Demonstration',
    what: 'whole, first start of PostgreSQL included',
    unit: 's',
    values: seconds,
    target: { is: '≤', value: 60 },
  },
]);
