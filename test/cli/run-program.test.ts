import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runProgram } from '../../src/cli/run-program.js';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

describe('an error that nobody foresaw', () => {
  it('is told as the others are, with where it broke and without its own words', async () => {
    let said = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
    const program = new Command('filror');
    program.command('essai').action(() => {
      throw new RangeError('insert into "delivery" values (secret-d-essai)');
    });
    await runProgram(program, ['node', 'filror', 'essai']);
    expect(process.exitCode).toBe(1);
    expect(said).toMatch(/^Erreur BUG : .*\(RangeError\)/);
    expect(said).toMatch(/\n\s+at .*run-program\.test/);
    expect(said.trimEnd().split('\n').at(-1)).toMatch(/^Que faire : ./);
    expect(said).not.toContain('secret-d-essai');
  });
});
