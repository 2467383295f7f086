import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readGiven } from '../../src/cli/given-file.js';

const folder = mkdtempSync(join(tmpdir(), 'filror-given-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'essai.bin');
const MIB = 1024 ** 2;
const taken = { maxBytes: MIB, remedies: { unreadable: 'donnez-en un autre.', tooLarge: 'coupez-le.' } };

it('gives a file whole, up to the size that is taken', async () => {
  writeFileSync(file, Buffer.alloc(MIB, 'a'));
  expect((await readGiven(file, taken)).equals(Buffer.alloc(MIB, 'a'))).toBe(true);
});

it('refuses what is larger, what is missing and what is no file, each with its place and remedy', async () => {
  writeFileSync(file, Buffer.alloc(MIB + 1));
  await expect(readGiven(file, taken)).rejects.toMatchObject({
    code: 'FILE_TOO_LARGE',
    message: `Le fichier ${file} dépasse 1 Mio.`,
    place: file,
    remedy: 'coupez-le.',
  });
  for (const path of [join(folder, 'absent.bin'), folder])
    await expect(readGiven(path, taken)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      place: path,
      remedy: 'donnez-en un autre.',
    });
});
