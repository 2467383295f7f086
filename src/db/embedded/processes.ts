import { spawn, type SpawnOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What one short command said. */
export interface CommandResult {
  /** Exit code, or the system's error code (`ENOENT`, `EPERM`) when it could not be started. */
  readonly status: number | string;
  readonly output: string;
}

/** Runs a command to its end; both outputs are returned together, `input` is written to its standard input. */
export function run(
  file: string,
  args: readonly string[],
  options: SpawnOptions = {},
  input = '',
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    const parts: Buffer[] = [];
    child.stdout?.on('data', (part: Buffer) => parts.push(part));
    child.stderr?.on('data', (part: Buffer) => parts.push(part));
    // A command that does not read its input closes the pipe: its exit code tells the story, EPIPE does not.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    const output = () => Buffer.concat(parts).toString('utf8');
    child.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ status: error.code ?? 'ERROR', output: `${output()}${error.message}` }),
    );
    child.on('close', (code, signal) => resolve({ status: code ?? signal ?? 'ERROR', output: output() }));
  });
}

/**
 * The command line of a living process, null when it is gone. A zombie counts as gone: where process 1 reaps
 * nothing (many containers) a killed server stays in the table for ever, and `kill(pid, 0)` succeeds on it.
 */
export async function commandLine(pid: number): Promise<string | null> {
  if (!signalReaches(pid)) return null;
  if (process.platform === 'linux') {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return line === '' ? null : line;
    } catch {
      return null;
    }
  }
  const { status, output } = await run('ps', ['-o', 'stat=,command=', '-p', String(pid)]);
  if (status !== 0 || output.trim().startsWith('Z')) return null;
  return output.trim().replace(/^\S+\s+/, '');
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Names one life of a pid, so that a pid given again to another process is not taken for the first: start
 * time in clock ticks on Linux (field 22 of /proc/<pid>/stat), nothing elsewhere. Null when the process is gone.
 */
export async function lifeOf(pid: number): Promise<string | null> {
  if ((await commandLine(pid)) === null) return null;
  if (process.platform !== 'linux') return '';
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name is in parentheses and may hold spaces: count fields after the last one.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return null;
  }
}
