#!/usr/bin/env node
import { Command } from 'commander';
import { runProgram } from './run-program.js';
import { registerSandbox } from './sandbox.js';

const program = new Command('filror');
registerSandbox(program);

await runProgram(program, process.argv);
