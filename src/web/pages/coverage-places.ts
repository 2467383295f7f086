import { counted } from '../../domain/counted.js';
import { groupsOf } from '../../domain/groups.js';
import { departementName } from '../../normalise/departements.js';
import { fold } from '../../normalise/text.js';
import type { Coverage, CoveredCentre, CoveredPlace } from '../../runs/coverage.js';
import { heatChart, type HeatCell } from '../charts/heat.js';
import { withQuery } from '../query-text.js';
import type { Cell, Figure } from './coverage-figure.js';
import type { MatrixRow } from './coverage-matrix.js';
import { list, seenWords, tally } from './coverage-words.js';

const FRENCH = new Intl.Collator('fr', { numeric: true });

/** Rows of the table of filières: hospitals, or départements. */
export type By = 'hopital' | 'departement';

interface Row {
  readonly name: string;
  /** FINESS number or code of the département: empty when neither is known. */
  readonly code: string;
  readonly centres: readonly CoveredCentre[];
}

/** A hospital: its legal entity with the places where it has centres. */
interface Hospital extends Row {
  readonly places: readonly Row[];
}

/** Which filière has centres where, and how many of them are seen. */
export function filieresFigure(
  region: string,
  { filieres: known }: Pick<Coverage, 'filieres'>,
  centres: readonly CoveredCentre[],
  asked: { readonly by: By; readonly filiere: string; readonly departements: readonly string[] },
): Figure {
  const { by, filiere } = asked;
  const [one, many] =
    by === 'hopital'
      ? (['établissement', 'établissements'] as const)
      : (['département', 'départements'] as const);
  const rows = by === 'hopital' ? byHospital(centres) : byDepartement(centres, asked.departements);
  const lines = rows.flatMap((row) => linesOf(row, by));
  const present = [...new Set(centres.map((each) => each.filiere))];
  const codes = known.map(({ code }) => code).sort(FRENCH.compare);
  const columns = [...new Set([...(filiere === '' ? codes : []), ...present])].sort(FRENCH.compare);
  const title = `Filières par ${one}`;
  const finding = findingOf(
    centres,
    by === 'hopital' ? hospitalsText(rows) : departementsText(rows),
    filiere === '' ? { codes, absent: codes.filter((code) => !present.includes(code)) } : null,
  );
  return {
    id: 'filieres',
    title,
    finding,
    chart:
      centres.length === 0
        ? null
        : heatChart({
            id: 'filieres',
            title,
            desc: finding,
            columns,
            columnsAre: 'filières',
            rowsAre: many,
            rows: lines.map(({ name, kind, centres: here }) => ({
              name: kind === 'site' ? `dont ${name}` : name,
              cells: cellsOf(here, columns),
            })),
          }),
    matrix:
      centres.length === 0
        ? null
        : {
            caption: `${title} : centres visibles dans le ROR / centres connus des listes`,
            rowsAre: `${one.charAt(0).toLocaleUpperCase('fr')}${one.slice(1)}`,
            columns,
            rows: lines.map(({ name, code, kind, centres: here }): MatrixRow => {
              return { name, code, kind, cells: cellsOf(here, columns), all: cellOf(here) };
            }),
          },
    head: [
      by === 'hopital' ? 'Établissement' : 'Département',
      by === 'hopital' ? 'FINESS' : 'Code',
      ...(by === 'hopital' ? ['Entité juridique'] : []),
      'Filière',
      'Centres',
      'Visibles',
      'Question ouverte',
      'Pas visibles',
    ],
    rows: rows.flatMap(({ places }) => places).flatMap((row) => dataRows(region, row, by)),
    note: `Chaque case : centres visibles dans le ROR / centres connus des listes. Une filière sans centre garde sa colonne${by === 'hopital' ? '. Une entité juridique de plusieurs sites a sa ligne, et celles de ses sites dessous' : ', un département sans centre sa ligne'}.`,
  };
}

function findingOf(
  centres: readonly CoveredCentre[],
  where: string,
  known: { readonly codes: readonly string[]; readonly absent: readonly string[] } | null,
): string {
  if (centres.length === 0) return 'Aucun centre à montrer ici.';
  const { seen } = tally(centres);
  const first = `${counted(centres.length, 'centre')} dans ${where} : ${seenWords(seen, centres.length)} dans le ROR.`;
  if (known === null || known.codes.length === 0) return first;
  const { codes, absent } = known;
  const all = String(codes.length);
  if (absent.length === 0) return `${first} Chacune des ${all} filières a au moins un centre.`;
  return absent.length === 1
    ? `${first} Une filière sur ${all} n’a aucun centre : ${list(absent)}.`
    : `${first} ${String(absent.length)} filières sur ${all} n’ont aucun centre : ${list(absent)}.`;
}

/** "4 départements, 1 centre sans département établi" */
function departementsText(rows: readonly Row[]): string {
  const known = rows.filter(({ code, centres }) => code !== '' && centres.length > 0);
  const lost = rows.filter(({ code }) => code === '').flatMap(({ centres }) => centres).length;
  if (known.length === 0) return 'un département pas établi';
  const text = counted(known.length, 'département');
  return lost === 0 ? text : `${text}, ${counted(lost, 'centre')} sans département établi`;
}

function cellOf(centres: readonly CoveredCentre[]): HeatCell | null {
  return centres.length === 0 ? null : { seen: tally(centres).seen, all: centres.length };
}

function cellsOf(centres: readonly CoveredCentre[], columns: readonly string[]): (HeatCell | null)[] {
  return columns.map((column) => cellOf(centres.filter(({ filiere }) => filiere === column)));
}

/** By legal entity (EJ), the same hospital whichever of its sites the register or a list names. */
function byHospital(centres: readonly CoveredCentre[]): Hospital[] {
  return grouped(
    centres,
    ({ place }) => (place.legal === null ? place.key : `ej:${place.legal.finess}`),
    ({ place }) => ({ name: place.legal?.name ?? placeName(place), code: place.legal?.finess ?? '' }),
  )
    .map((entity): Hospital => {
      const places = grouped(
        entity.centres,
        ({ place }) => place.key,
        ({ place }) => ({ name: placeName(place), code: place.finess ?? '' }),
      ).sort((a, b) => Number(unchosen(a)) - Number(unchosen(b)));
      const [alone] = places;
      return places.length === 1 && alone !== undefined ? { ...alone, places } : { ...entity, places };
    })
    .sort(inOrder);
}

/** The lines of a row: itself, and its sites where it has several. */
function linesOf({ places, ...row }: Hospital, by: By): (Row & Pick<MatrixRow, 'kind'>)[] {
  const code = by === 'hopital' ? row.code : '';
  if (places.length < 2) return [{ ...row, code, kind: 'alone' }];
  return [
    { ...row, code, kind: 'entity' },
    ...places.map((place) => ({ ...place, name: siteName(place), kind: 'site' as const })),
  ];
}

/** A centre whose site nobody chose yet stands last under its legal entity, by what it lacks. */
function siteName(row: Row): string {
  return unchosen(row) ? 'site pas encore choisi' : row.name;
}

/** The legal entity is known, none of its sites. */
function unchosen({ centres }: Row): boolean {
  const place = centres[0]?.place;
  return place?.key.startsWith('finess:') === true && place.finess === place.legal?.finess;
}

/** "14 établissements", "14 établissements (18 lieux)" */
function hospitalsText(rows: readonly Hospital[]): string {
  const text = counted(rows.length, 'établissement');
  const places = rows.reduce((all, row) => all + row.places.length, 0);
  return places === rows.length ? text : `${text} (${counted(places, 'lieu', 'lieux')})`;
}

/** A département of the region without any centre has its row: that it has none is what is looked for. */
function byDepartement(centres: readonly CoveredCentre[], departements: readonly string[]): Hospital[] {
  const found = grouped(
    centres,
    ({ place }) => place.departement ?? '',
    ({ place: { departement } }) => ({
      name: departement === null ? 'département pas établi' : departementText(departement),
      code: departement ?? '',
    }),
  );
  const empty = departements
    .filter((code) => !found.some((row) => row.code === code))
    .map((code): Row => ({ name: departementText(code), code, centres: [] }));
  return [...found, ...empty].sort(inOrder).map((row) => ({ ...row, places: [row] }));
}

const inOrder = (a: Row, b: Row): number => FRENCH.compare(a.name, b.name) || (a.code < b.code ? -1 : 1);

function grouped(
  centres: readonly CoveredCentre[],
  key: (centre: CoveredCentre) => string,
  named: (centre: CoveredCentre) => Omit<Row, 'centres'>,
): Row[] {
  return [...groupsOf(centres, key).values()]
    .flatMap((group) => (group[0] === undefined ? [] : [{ ...named(group[0]), centres: group }]))
    .sort(inOrder);
}

function dataRows(region: string, { name, code, centres }: Row, by: By): (readonly Cell[])[] {
  const filieres = [...new Set(centres.map(({ filiere }) => filiere))].sort(FRENCH.compare);
  return filieres.map((filiere) => {
    const here = centres.filter((each) => each.filiere === filiere);
    const { seen, asked, hidden } = tally(here);
    const cherche = by === 'hopital' ? code : '';
    const legal = centres[0]?.place.legal ?? null;
    return [
      name,
      code,
      ...(by === 'hopital' ? [legal === null ? 'pas reconnue' : `${legal.name} (${legal.finess})`] : []),
      { text: filiere, href: withQuery(`/${region}/centres`, { cherche, filiere }) },
      here.length,
      seen,
      asked,
      hidden,
    ];
  });
}

/** "CH DIEPPE"; "HOPITAL JACQUES MONOD, MONTIVILLIERS" where the name does not say the town. */
export function placeName({ name, town }: Pick<CoveredPlace, 'name' | 'town'>): string {
  return town === null || fold(name).includes(fold(town)) ? name : `${name}, ${town}`;
}

/** "14 – Calvados" */
export function departementText(code: string): string {
  const name = departementName(code);
  return name === null ? code : `${code} – ${name}`;
}
