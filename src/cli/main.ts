#!/usr/bin/env node
import { leaveWithReader, processContext } from './context.js';
import { tellInterruption } from './interrupted.js';
import { filrorProgram } from './program.js';
import { runProgram } from './run-program.js';

tellInterruption(process.argv.slice(2));
leaveWithReader();
await runProgram(await filrorProgram(processContext, process.argv.slice(2)), process.argv);
