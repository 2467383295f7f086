#!/usr/bin/env node
import { Command } from 'commander';
import { processContext } from './context.js';
import { registerDb } from './db.js';
import { registerJournal } from './journal.js';
import { registerDiff } from './diff.js';
import { runProgram } from './run-program.js';
import { registerSandbox } from './sandbox.js';

const program = new Command('filror');
registerDb(program, processContext);
registerJournal(program, processContext);
registerSandbox(program);

registerDiff(program);

await runProgram(program, process.argv);
