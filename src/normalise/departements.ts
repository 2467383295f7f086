import { createRequire } from 'node:module';
import { fold } from './text.js';

interface Division {
  readonly code: string;
  readonly nom: string;
  readonly zone: string;
  readonly region?: string;
}

// The package's own entry reads its data from the current folder and fails anywhere else: its files are read directly.
const require = createRequire(import.meta.url);
const departements = require('@etalab/decoupage-administratif/data/departements.json') as readonly Division[];
const regions = require('@etalab/decoupage-administratif/data/regions.json') as readonly Division[];

/** FINESS writes overseas départements with a letter (9A–9F); INSEE with three digits. */
const FINESS_OVERSEAS: Readonly<Record<string, string>> = {
  '9A': '971',
  '9B': '972',
  '9C': '973',
  '9D': '974',
  '9E': '975',
  '9F': '976',
};

/** Regions before the reform of 2016: older sources still name them ("ARS Basse-Normandie"). */
const FORMER_REGIONS: Readonly<Record<string, string>> = {
  alsace: '44',
  aquitaine: '75',
  auvergne: '84',
  'basse normandie': '28',
  bourgogne: '27',
  centre: '24',
  'champagne ardenne': '44',
  'franche comte': '27',
  'haute normandie': '28',
  'languedoc roussillon': '76',
  limousin: '75',
  lorraine: '44',
  'midi pyrenees': '76',
  'nord pas de calais': '32',
  picardie: '32',
  'poitou charentes': '75',
  'rhone alpes': '84',
  paca: '93',
};

const codes = new Set(departements.map((one) => one.code));
const nameByCode = new Map(departements.map((one) => [one.code, one.nom]));
const codeByName = new Map(departements.map((one) => [fold(one.nom), one.code]));
const regionByName = new Map([
  ...Object.entries(FORMER_REGIONS),
  ...regions.map((one) => [fold(one.nom), one.code] as const),
]);
const regionOfDepartement = new Map(
  departements.flatMap((one) => (one.region === undefined ? [] : [[one.code, one.region] as const])),
);

/**
 * INSEE code of a département written as a code ("14", "2a", "1" whose zero a spreadsheet lost, FINESS's "9D"), as a
 * name ("Seine-Maritime") or as both ("Calvados (14)"). Null when it is none, or when code and name disagree.
 */
export function readDepartement(text: string): string | null {
  const folded = fold(text);
  const whole = codeOf(folded) ?? codeByName.get(folded);
  if (whole !== undefined) return whole;
  const match = /^([0-9][0-9ab]?[0-9]?) (.+)$/.exec(folded) ?? /^(.+) ([0-9][0-9ab]?[0-9]?)$/.exec(folded);
  if (match === null) return null;
  const [left = '', right = ''] = [match[1], match[2]];
  const code = codeOf(left) ?? codeOf(right);
  const named = codeByName.get(left) ?? codeByName.get(right);
  return code !== undefined && code === named ? code : null;
}

/** INSEE code of a region (the codes of TRE_R30), by its present or former name. */
export function readRegion(text: string): string | null {
  return regionByName.get(fold(text)) ?? null;
}

/** Code of a region (TRE_R30) written as a code, whose zero a spreadsheet may have lost ("1"), or as a name. */
export function regionCodeOf(text: string): string | null {
  const code = /^[0-9]$/.test(text.trim()) ? `0${text.trim()}` : text.trim();
  return regions.some((one) => one.code === code) ? code : readRegion(text);
}

/** Region of a département, both as INSEE codes: "14" gives "28". */
export function regionOf(departement: string): string | null {
  return regionOfDepartement.get(departement) ?? null;
}

/** Name of a département by its INSEE code: "Calvados"; null for a code that is none. */
export function departementName(code: string): string | null {
  return nameByCode.get(code) ?? null;
}

function codeOf(folded: string): string | undefined {
  const code = folded.toUpperCase();
  const overseas = FINESS_OVERSEAS[code];
  if (overseas !== undefined) return overseas;
  const padded = /^[1-9]$/.test(code) ? `0${code}` : code;
  return codes.has(padded) ? padded : undefined;
}
