#!/usr/bin/env node
import { processContext } from './context.js';
import { tellInterruption } from './interrupted.js';
import { filrorProgram } from './program.js';
import { runProgram } from './run-program.js';

tellInterruption(process.argv.slice(2));
await runProgram(await filrorProgram(processContext, process.argv.slice(2)), process.argv);
