#!/usr/bin/env node
import { processContext } from './context.js';
import { filrorProgram } from './program.js';
import { runProgram } from './run-program.js';

await runProgram(await filrorProgram(processContext, process.argv.slice(2)), process.argv);
