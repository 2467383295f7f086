import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../domain/json.js';

/** `sql/` of the package, from src/db as from dist/db. */
export const sqlFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'sql');

export interface MigrationFile {
  readonly number: number;
  /** File name without folder: `0001_roles_and_journal.sql`. */
  readonly name: string;
  readonly text: string;
  /** Of the text with `\n` line ends, so that a checkout that converts them does not look changed. */
  readonly sha256: string;
}

/** The numbered files of the folder in order. A bad name or a number used twice is a fault of ours: it crashes. */
export function readMigrations(folder: string): readonly MigrationFile[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name): MigrationFile => {
      const number = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1];
      if (number === undefined) throw new Error(`${join(folder, name)}: expected NNNN_name.sql`);
      const text = readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n');
      return { number: Number(number), name, text, sha256: sha256(text) };
    });
  for (const [index, file] of files.entries()) {
    if (file.number === files[index - 1]?.number) throw new Error(`${file.name}: this number is used twice`);
  }
  return files;
}
