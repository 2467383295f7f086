import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Establishment } from '../../src/domain/establishment.js';
import { finessFault } from '../../src/domain/finess.js';
import { besideRepository } from '../support/finess-file.js';

/** Sites in the extract of 2021-01-08. */
export const NATIONAL_SITES = 95_333;

/** A register of national size: the real extract when it stands beside the repository, else one of the same size. */
export function nationalRegister(): { readonly what: string; readonly bytes: Buffer; readonly gzip: Buffer } {
  const file = besideRepository('data/finess/finess-national-2021-01-08.csv.gz');
  if (file !== null) {
    const gzip = readFileSync(file);
    return { what: 'FINESS etalab, extract of 2021-01-08', bytes: gunzipSync(gzip), gzip };
  }
  const bytes = Buffer.from(syntheticRegister());
  return { what: 'synthetic register (the extract is absent)', bytes, gzip: gzipSync(bytes) };
}

const WORDS = 'ACACIA BRUYERE CAPUCINE DIGITALE EGLANTINE FOUGERE GENTIANE HELIOTROPE IRIS JONQUILLE'.split(
  ' ',
);
const TOWNS = 'CAEN ROUEN EVREUX ALENCON LISIEUX DIEPPE FALAISE BAYEUX VERNON FLERS'.split(' ');

/** One line in twelve is a hospital, as in the real one; every number has a right key. */
function syntheticRegister(): string {
  const lines = ['finess;etalab;111;2021-01-08'];
  for (let i = 0; i < NATIONAL_SITES; i++) {
    const eg = keyed(`14${String(i).padStart(6, '0')}`);
    const ej = keyed(`27${String(Math.floor(i / 3)).padStart(6, '0')}`);
    const hospital = i % 12 === 0;
    const cells = Array.from({ length: 32 }, () => '');
    cells[0] = 'structureet';
    cells[1] = eg;
    cells[2] = ej;
    cells[3] = `${hospital ? 'HOPITAL' : 'PHARMACIE'} ESSAI ${WORDS[i % 10]} ${WORDS[(i >> 4) % 10]} ${i}`;
    cells[12] = '118';
    cells[13] = '14';
    cells[14] = 'CALVADOS';
    cells[15] = `14000 ${TOWNS[i % 10]}`;
    cells[18] = hospital ? '355' : '620';
    cells[19] = hospital ? 'Centre Hospitalier (C.H.)' : "Pharmacie d'Officine";
    cells[20] = hospital ? '1102' : '3201';
    lines.push(cells.join(';'));
  }
  return `${lines.join('\n')}\n`;
}

function keyed(first: string): string {
  for (const digit of '0123456789') if (finessFault(first + digit) === null) return first + digit;
  throw new RangeError(`${first} has no key`);
}

const HEADER = 'label;centre;réseau;filière;établissement;ville;département;public;campagne;preuve;FINESS EG';
/** Filières with one family: nothing is missing, so that each row is encoded, built and validated whole. */
const FILIERES = ['FIMARAD', 'FILNEMUS', 'OSCAR', 'ORKiD', 'BRAIN-TEAM', 'FILFOIE'];

/** "Centre d’essai" rows spread over the hospitals of the register; `raised` of them have their label raised. */
export function trialRows(hospitals: readonly Establishment[], count: number, raised = 0): string {
  const step = hospitals.length / count;
  const lines = Array.from({ length: count }, (_, i) => {
    const site = hospitals[Math.floor(i * step)];
    if (site === undefined) throw new Error('the register has no hospital');
    const name = site.name.replaceAll(';', ' ').replaceAll('"', '');
    const label = i % 5 === 0 || i < raised ? 'CRMR constitutif' : 'CCMR';
    return [
      label,
      `Centre d’essai ${i + 1}`,
      '',
      FILIERES[i % FILIERES.length],
      name,
      site.town,
      site.departement,
      'mixte',
      '2023',
      'synthétique : ne décrit aucun centre réel',
      site.eg,
    ].join(';');
  });
  return [HEADER, ...lines, ''].join('\n');
}
