import { CommanderError, type Command } from 'commander';
import { faultOf, FilrorError } from '../domain/errors.js';
import { commandLineError } from './french.js';

/** Exit codes: 0 nothing to do, 2 changes or questions pending, 1 error. Operational errors say what to do. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync([...argv]);
  } catch (thrown) {
    const error = thrown instanceof CommanderError ? commandLineError(thrown) : thrown;
    if (error === null) {
      // Help asked for is a success; help shown because nothing was asked is not.
      if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode;
      return;
    }
    const { code, message, place, remedy } = faultOf(error);
    process.stderr.write(`Erreur ${code} : ${message}\n`);
    if (place !== null) process.stderr.write(`Où : ${place}\n`);
    if (!(error instanceof FilrorError)) process.stderr.write(framesOf(error));
    process.stderr.write(`Que faire : ${remedy}\n`);
    process.exitCode = 1;
  }
}

/** Where it broke, without the words of the error, which may quote anything. */
function framesOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return frames.length === 0 ? '' : `Pour l’équipe de filror :\n${frames.join('\n')}\n`;
}
