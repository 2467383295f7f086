import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { inject } from 'vitest';
import { startNode, type Finished, type Running } from './node-process.js';

const root = join(import.meta.dirname, '..', '..');
/** What a checkout holds besides its code; the program looks for them beside `dist`. */
const BESIDE = ['package.json', 'config', 'sql', 'node_modules'];
const OPTIONS = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true };

export interface BuiltProgram {
  /** `filror …` as it is installed: JavaScript on plain node, a third of the start of tsx. */
  start(args: readonly string[], env: Readonly<Record<string, string>>): Running;
}

/**
 * The program in JavaScript, made once per run of the tests in the run's own folder, where the end of the run removes
 * it. Types are checked by `npm run typecheck`, not here.
 */
export function builtProgram(): BuiltProgram {
  const folder = join(inject('testHome'), 'built');
  if (!existsSync(folder)) build(folder);
  const main = join(folder, 'dist', 'cli', 'main.js');
  const clock = join(folder, 'skewed-clock.js');
  return { start: (args, env) => startNode(['--import', clock, main, ...args], env) };
}

/** `filror …` to its end. */
export function runFilror(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Finished> {
  return builtProgram().start(args, env).finished;
}

/** Whole before it bears its name: another worker may be at the same work. */
function build(folder: string): void {
  const draft = `${folder}-${process.pid}`;
  const source = join(root, 'src');
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.ts')) translate(join(source, name), join(draft, 'dist', name));
  }
  translate(join(import.meta.dirname, 'skewed-clock.ts'), join(draft, 'skewed-clock.ts'));
  for (const name of BESIDE) symlinkSync(join(root, name), join(draft, name));
  try {
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(draft, { recursive: true });
  }
}

function translate(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  const { outputText } = ts.transpileModule(readFileSync(from, 'utf8'), { compilerOptions: OPTIONS });
  writeFileSync(to.replace(/\.ts$/, '.js'), outputText);
}
