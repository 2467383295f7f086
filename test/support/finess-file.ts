import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { Establishment } from '../../src/domain/establishment.js';
import type { FinessEg, FinessEj } from '../../src/domain/ids.js';

/** Material beside the repository: its tests skip visibly when it is absent. */
export function besideRepository(path: string): string | null {
  const file = fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
  return existsSync(file) ? file : null;
}

/** Reads a FINESS etalab file whole, for tests of the matching only: the product's reader streams and checks. */
export function readFinessFile(file: string): Establishment[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const rows: string[][] = parse(text, { delimiter: ';', relaxColumnCount: true });
  return rows.filter((row) => row[0] === 'structureet').map(toEstablishment);
}

export function toEstablishment(row: readonly string[]): Establishment {
  const cell = (at: number): string => row[at] ?? '';
  const orNull = (at: number): string | null => (cell(at) === '' ? null : cell(at));
  return {
    eg: cell(1) as FinessEg,
    ej: cell(2) as FinessEj,
    name: cell(3),
    longName: orNull(4),
    complement: orNull(5),
    commune: cell(12),
    departement: cell(13),
    postalCode: cell(15).slice(0, 5),
    town: cell(15)
      .slice(6)
      .replace(/ CEDEX.*$| CEDE$| CED$/, ''),
    address: null,
    category: cell(18),
    categoryLabel: cell(19),
    aggregate: cell(20),
    siret: orNull(22),
    phone: orNull(16),
    openedOn: orNull(28),
    updatedOn: orNull(30),
  };
}
