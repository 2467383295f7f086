#!/usr/bin/env node
import { processContext } from './context.js';
import { filrorProgram } from './program.js';
import { runProgram } from './run-program.js';

await runProgram(filrorProgram(processContext), process.argv);
