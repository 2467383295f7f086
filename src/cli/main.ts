#!/usr/bin/env node
import { Command } from 'commander';
import { runProgram } from './run-program.js';

const program = new Command('filror');

await runProgram(program, process.argv);
