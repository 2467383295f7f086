#!/usr/bin/env node
import { Command } from 'commander';
import { registerDiff } from './diff.js';
import { runProgram } from './run-program.js';

const program = new Command('filror');

registerDiff(program);

await runProgram(program, process.argv);
