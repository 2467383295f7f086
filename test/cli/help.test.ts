import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { filrorProgram } from '../../src/cli/program.js';

const context = { env: {}, out: () => Promise.resolve(), err: () => undefined };
const program = await filrorProgram(context);

/** Commands that change what a region holds: each can be tried without keeping anything. */
const WRITING = [
  'sync',
  'attach',
  'create',
  'complete',
  'same',
  'different',
  'withdraw',
  'close',
  'reopen',
  'undo',
  'approve',
  'reject',
  'agree',
  'apply',
  'queue assign',
  'queue remind',
  'queue refuse',
  'queue follow',
  'task send',
  'tableur importer',
  'order read',
  'order validate',
  'order discard',
  'order undo',
  'match accept',
  'match reject',
  'match undo',
  'schedule add',
  'schedule remove',
  'schedule pause',
  'schedule resume',
  'schedule run',
  'grant give',
  'grant confirm',
  'grant revoke',
  'grant deputy',
  'mirror refresh',
  'mail send',
  'publish',
  'db migrate',
  'codes pull',
  'codes undo',
];

/** Commands that read, or write nothing but the file, the process or the throw-away database that they are named for. */
const OTHERS = [
  'mirror offers',
  'changes',
  'queue list',
  'queue sheet',
  'task list',
  'show',
  'show-at',
  'visible',
  'tableur export',
  'tableur modele',
  'schedule list',
  'serve',
  'grant list',
  'mail list',
  'mail test',
  'region check',
  'sources',
  'source check',
  'order list',
  'order show',
  'match list',
  'match try',
  'offers export',
  'plan export',
  'plan replay',
  'journal verify',
  'journal export',
  'journal head',
  'diff',
  'codes orphanet',
  'codes diff',
  'config check',
  'config print',
  'sandbox',
  'db status',
  'db stop',
  'demo',
];

function* walk(command: Command, path: readonly string[]): Iterable<readonly [string, Command]> {
  yield [path.join(' '), command];
  for (const child of command.commands) yield* walk(child, [...path, child.name()]);
}

const commands = [...walk(program, [])];
const leaves = commands.filter(([, command]) => command.commands.length === 0);

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

describe('the help of every command', () => {
  it.each(commands)('« filror %s » has an example that can be typed', (path, command) => {
    const help = helpOf(command);
    expect(help).toMatch(/\nExemples? :\n {2}filror /);
    const [, shown = ''] = help.split(/\nExemples? :\n/);
    expect(shown).toContain(path === '' ? 'filror ' : `filror ${path}`);
  });

  it('knows each command as one that writes or one that does not', () => {
    expect(leaves.map(([path]) => path).sort()).toEqual([...WRITING, ...OTHERS].sort());
  });

  it.each(program.commands.map((command) => command.name()))(
    '« filror %s » is there when it alone is read',
    async (name) => {
      const alone = await filrorProgram(context, [name]);
      const found = alone.commands.find((command) => command.name() === name);
      const whole = program.commands.find((command) => command.name() === name);
      expect(found && helpOf(found)).toBe(whole && helpOf(whole));
      expect(alone.commands.length).toBeLessThan(program.commands.length);
    },
  );

  it.each(leaves.filter(([path]) => WRITING.includes(path)))(
    '« filror %s » can be tried by --dry-run',
    (_path, command) => {
      expect(command.options.map((option) => option.long)).toContain('--dry-run');
    },
  );
});
