import type { Establishment } from '../domain/establishment.js';
import type { FinessEj } from '../domain/ids.js';
import type { MatchingOptions } from '../domain/matching-options.js';
import { fold } from '../normalise/text.js';
import { initialsOf } from './initials.js';
import { readHospitalName, townWords, type HospitalName, type HospitalType } from '../normalise/names.js';

export interface Site {
  readonly establishment: Establishment;
  readonly name: HospitalName;
  readonly words: ReadonlySet<string>;
  readonly town: readonly string[];
  readonly departement: string;
  readonly main: boolean;
  /** A hospital by its category, main or a part that only its kind of stay tells ("SSR ALBERT CALMETTE"). */
  readonly stay: boolean;
  /** Its name says "hôpital", as private ones may ("HOPITAL PRIVÉ DE LA BAIE"). */
  readonly saysHospital: boolean;
}

/** A legal entity seen through its sites: FINESS etalab gives it no name of its own. */
export interface Entity {
  readonly ej: FinessEj;
  /** Main sites first, then by number. */
  readonly sites: readonly Site[];
  readonly mains: readonly Site[];
  /** No site but units (a scanner, a day hospital): it wins only when a unit is named. */
  readonly onlyUnits: boolean;
  /** Position of its best aggregate in the options: 0 is the hospital proper. */
  readonly sector: number;
  readonly kinds: ReadonlySet<HospitalType>;
  readonly nameTypes: ReadonlySet<HospitalType>;
  /** Words of main sites, and the brand. */
  readonly strongWords: ReadonlySet<string>;
  /** Words that two sites, and a quarter of them, carry without being their town. */
  readonly brandWords: ReadonlySet<string>;
  readonly weakWords: ReadonlySet<string>;
  readonly mainTownWords: ReadonlySet<string>;
  readonly departements: ReadonlySet<string>;
  /** Acronyms that the names of main sites give (initials.ts). */
  readonly initials: ReadonlySet<string>;
  /** Département of most main sites. */
  readonly home: string;
}

const KIND_OF_CATEGORY: Readonly<Record<string, HospitalType>> = {
  '101': 'chu',
  '106': 'ch',
  '114': 'hospital',
  '131': 'clcc',
  '292': 'psy',
  '355': 'ch',
  '122': 'clinic',
  '128': 'clinic',
  '129': 'clinic',
  '365': 'clinic',
};

/** `9A` is written 971 in the published files, as people write it; the other way round never happens. */
export function foldDepartement(text: string): string {
  const upper = text.trim().toUpperCase();
  const overseas = /^9([A-F])$/.exec(upper);
  if (overseas !== null) return `97${String((overseas[1] ?? 'A').charCodeAt(0) - 64)}`;
  return /^[0-9]$/.test(upper) ? `0${upper}` : upper;
}

/** A cooperation group that is itself a health establishment ("CLINIQUE RHENA GCS ES"), among equipment in the aggregates. */
const HEALTH_GCS = '697';
/** Hospitals that the aggregates put elsewhere: cooperation groups, and hospitals of the armed forces among dispensaries. */
const HOSPITALS_ELSEWHERE: ReadonlySet<string> = new Set([HEALTH_GCS, '114']);

/** Postal codes of La Réunion that begin by 978 made FINESS write Saint-Martin there: the number of the site says 974. */
export function departementOf({ departement, eg }: Establishment): string {
  const folded = foldDepartement(departement);
  return folded === '978' && eg.startsWith('9704') ? '974' : folded;
}

/** Position of the aggregate among the options, or -1 when the establishment is outside the hospital sector. */
export function sectorOf(establishment: Establishment, options: MatchingOptions): number {
  if (HOSPITALS_ELSEWHERE.has(establishment.category)) return 0;
  return options.hospitalAggregates.findIndex((prefix) => establishment.aggregate.startsWith(prefix));
}

export function buildEntity(
  ej: FinessEj,
  establishments: readonly Establishment[],
  options: MatchingOptions,
): Entity {
  const read = establishments.map((establishment) => readSite(establishment, options));
  const named = read.filter((site) => site.main);
  const onlyUnits = named.length === 0;
  const sites = (onlyUnits ? read.map((site) => ({ ...site, main: true })) : read).sort(bySize);
  const mains = sites.filter((site) => site.main);
  const strongWords = new Set(mains.flatMap((site) => [...site.words]));
  const brand = brandWords(sites);
  for (const word of brand) strongWords.add(word);
  return {
    ej,
    sites,
    mains,
    onlyUnits,
    sector: Math.min(...establishments.map((establishment) => sectorOf(establishment, options))),
    kinds: new Set(mains.flatMap((site) => KIND_OF_CATEGORY[site.establishment.category] ?? [])),
    nameTypes: new Set(mains.flatMap((site) => site.name.ownTypes)),
    strongWords,
    brandWords: brand,
    weakWords: new Set(sites.flatMap((site) => [...site.words, ...site.town])),
    mainTownWords: new Set(mains.flatMap((site) => site.town)),
    departements: new Set(sites.map((site) => site.departement)),
    initials: new Set(mains.flatMap(initialsOf)),
    home: mostFrequent(mains.map((site) => site.departement)),
  };
}

/** Units where patients stay: their lines are hospitals by their category. */
const STAYS: readonly string[] =
  'ssr soins readaptation convalescence psy psychiatrie psychiatrique gcs'.split(' ');

function readSite(establishment: Establishment, options: MatchingOptions): Site {
  const name = readHospitalName(
    [establishment.name, establishment.longName ?? ''].reduce((short, long) =>
      long.length > short.length ? long : short,
    ),
  );
  const isGroup = establishment.category === HEALTH_GCS;
  const minor =
    !isGroup && options.minorAggregates.some((prefix) => establishment.aggregate.startsWith(prefix));
  return {
    establishment,
    name,
    words: new Set(name.words),
    town: townWords(establishment.town),
    departement: departementOf(establishment),
    saysHospital: /\bhop(ital)?\b/.test(fold(establishment.name)),
    stay: !minor && name.units.every((unit) => STAYS.includes(unit)),
    main: !minor && name.units.every((unit) => isGroup && unit === 'gcs'),
  };
}

/** One site in so many at least carries a brand: two day hospitals called "St François" name no group of 150 sites. */
const BRAND_SHARE = 4;

function brandWords(sites: readonly Site[]): Set<string> {
  const carriers = new Map<string, number>();
  for (const site of sites) {
    for (const word of site.words) {
      if (!site.town.includes(word)) carriers.set(word, (carriers.get(word) ?? 0) + 1);
    }
  }
  return new Set(
    [...carriers]
      .filter(([, count]) => count > 1 && count * BRAND_SHARE >= sites.length)
      .map(([word]) => word),
  );
}

function bySize(a: Site, b: Site): number {
  if (a.main !== b.main) return a.main ? -1 : 1;
  return a.establishment.eg < b.establishment.eg ? -1 : 1;
}

function mostFrequent(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] ?? '';
}
