import { spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that runs: `kill` ends it as a power cut would, `stop` asks it to end. */
export interface Running {
  readonly finished: Promise<Finished>;
  kill(): void;
  stop(): void;
  /** Ctrl+C. */
  interrupt(): void;
  /** What it wrote on its standard output so far, and on its standard error. */
  said(): string;
  told(): string;
}

/** Runs a TypeScript file of this repository to its end, as its users do: in a process of its own. */
export function runScript(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return startScript(file, args, env).finished;
}

/** The same, still running. */
export function startScript(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  return startNode(['--import', 'tsx', join(root, file), ...args], env);
}

/** Node itself, in the repository's folder. */
export function startNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  const finished = new Promise<Finished>((resolve, reject) => {
    child.stdout.on('data', (part: Buffer) => out.push(part));
    child.stderr.on('data', (part: Buffer) => err.push(part));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });
  return {
    finished,
    kill: () => child.kill('SIGKILL'),
    stop: () => child.kill('SIGTERM'),
    interrupt: () => child.kill('SIGINT'),
    said: () => Buffer.concat(out).toString(),
    told: () => Buffer.concat(err).toString(),
  };
}
