import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/config/files.js';

describe('a result whose reader has gone', () => {
  it.each([
    ['a result', ['config', 'print']],
    ['the help', ['mirror', 'offers', '--help']],
  ])('ends in silence, as `filror … | head` should: %s', async (_what, asked) => {
    const main = join(packageRoot, 'src', 'cli', 'main.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', main, ...asked], { cwd: packageRoot });
    child.stdout.destroy();
    let said = '';
    child.stderr.on('data', (part: Buffer) => (said += part.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, said]).toEqual([0, '']);
  });
});
