import { CommanderError, type Command } from 'commander';
import { FilrorError } from '../domain/errors.js';
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
    if (!(error instanceof FilrorError)) throw error;
    process.stderr.write(`Erreur ${error.code} : ${error.message}\n`);
    if (error.place !== null) process.stderr.write(`Où : ${error.place}\n`);
    process.stderr.write(`Que faire : ${error.remedy}\n`);
    process.exitCode = 1;
  }
}
