import { mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openPlace } from '../../src/snapshots/open-place.js';

const NO_HOSTS = { allowedHosts: [], privateHosts: [] };
const folder = mkdtempSync(join(tmpdir(), 'filror-place-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function sizeOf(place: string): Promise<number> {
  const opened = await openPlace(place, null, NO_HOSTS);
  if (opened.status !== 'ok') throw new Error('a local file is never unchanged');
  let size = 0;
  for await (const chunk of opened.bytes) size += chunk.length;
  return size;
}

describe('a local place', () => {
  it('gives the bytes of its file', async () => {
    const file = join(folder, 'liste.csv');
    writeFileSync(file, 'label;centre\n');
    expect(await sizeOf(file)).toBe(13);
  });

  it('that is a folder gives its newest list, not a transfer under way nor a note beside it', async () => {
    const inbox = mkdtempSync(join(folder, 'depot-'));
    const names = ['liste.csv', 'liste.csv.part', '~$liste.csv', '.liste.csv.swp', 'README', 'LISEZMOI.txt'];
    names.forEach((name, i) => {
      const file = join(inbox, name);
      writeFileSync(file, 'x'.repeat(i + 1));
      utimesSync(file, 1_000 + i, 1_000 + i);
    });
    expect(await sizeOf(inbox)).toBe(1);
    writeFileSync(join(inbox, 'reprise.csv'), '12345678');
    expect(await sizeOf(inbox)).toBe(8);
  });

  // The memory of a process is a file that everybody sees and whose first byte nobody can read, root included.
  it.runIf(process.platform === 'linux')('that is seen but cannot be read is told as such', async () => {
    await expect(sizeOf('/proc/self/mem')).rejects.toMatchObject({
      code: 'SRC_UNREADABLE',
      message: '« /proc/self/mem » ne peut pas être lu (EIO).',
      place: '/proc/self/mem',
    });
  });

  it('of more than 512 Mio is refused as an address would be', async () => {
    const file = join(folder, 'enorme.csv');
    writeFileSync(file, '');
    truncateSync(file, 512 * 1024 ** 2 + 1);
    await expect(sizeOf(file)).rejects.toMatchObject({
      code: 'SRC_TOO_LARGE',
      message: `« ${file} » dépasse 512 Mio.`,
    });
  });
});
