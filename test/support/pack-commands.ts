import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/config/files.js';

/** What integrators are given, and its command lines run as a shell runs them. */
export const packFolder = join(packageRoot, 'ops', 'consumers');

export const packPages: readonly string[] = [
  ...readdirSync(packFolder).filter((name) => name.endsWith('.md')),
  join('jeu-d-essai', 'README.md'),
];

export const packPage = (name: string): string => readFileSync(join(packFolder, name), 'utf8');

/** Blocks of commands, as they stand. What names a part to fill in (…) cannot be run. */
export function shellBlocks(name: string): string[] {
  return [...packPage(name).matchAll(/```sh\n([^]*?)```/g)]
    .map(([, body = '']) => body)
    .filter((body) => !body.includes('…'));
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** All commands of a page, in a folder of their own; the report that it shows is the file that its command sends. */
export async function runPage(
  name: string,
  env: Readonly<Record<string, string>>,
  before = '',
): Promise<Ran> {
  const [, report] = /```json\n([\s\S]*?)```/.exec(packPage(name)) ?? [];
  const files = report === undefined ? {} : { 'signalement.json': report };
  return await runShell([before, ...shellBlocks(name)].join('\n'), env, files);
}

export async function runShell(
  script: string,
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'filror-curl-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  try {
    return await bash(script, folder, env);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function bash(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-eu', '-o', 'pipefail', '-c', script], {
      cwd,
      env: { ...process.env, ...env },
    });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (piece: Buffer) => out.push(piece));
    child.stderr.on('data', (piece: Buffer) => err.push(piece));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });
}
