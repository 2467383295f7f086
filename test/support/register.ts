import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { Establishment } from '../../src/domain/establishment.js';
import type { FinessEg, FinessEj } from '../../src/domain/ids.js';

/** The small committed register, test/matching/register.csv. */
export function readRegister(): Establishment[] {
  const rows: Record<string, string>[] = parse(
    readFileSync(new URL('../matching/register.csv', import.meta.url)),
    { columns: true, delimiter: ';' },
  );
  return rows.map((row) => ({
    eg: row['eg'] as FinessEg,
    ej: row['ej'] as FinessEj,
    name: row['name'] ?? '',
    longName: null,
    complement: null,
    category: row['category'] ?? '',
    categoryLabel: '',
    aggregate: row['aggregate'] ?? '',
    departement: row['departement'] ?? '',
    commune: '',
    postalCode: row['postal'] ?? '',
    town: row['town'] ?? '',
    address: null,
    siret: null,
    phone: null,
    openedOn: null,
    updatedOn: null,
  }));
}
