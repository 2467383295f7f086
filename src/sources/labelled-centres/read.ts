import type { CentreObservation, LabelLevel, Public } from '../../domain/centre.js';
import type { Locator } from '../../domain/locator.js';
import { asOneFault, UNREAD, type AsideRow, type RowFault, type RowOutcome } from '../../domain/rows.js';
import { readCampaign } from '../../normalise/campaigns.js';
import { readDepartement } from '../../normalise/departements.js';
import { readFiliere, type FiliereIndex } from '../../normalise/filieres.js';
import { readLabelLevel } from '../../normalise/labels.js';
import { readPublic } from '../../normalise/publics.js';
import { quoted } from '../reading/cells.js';
import type { ReadableCells } from '../reading/table.js';
import { readFinessNumber } from '../reading/finess-number.js';
import { asideKey, rowKey } from './keys.js';
import { CRC_FILIERES, type CentreColumn } from './schema.js';

type Cells = Readonly<Record<CentreColumn, string>>;
type Place = { readonly locator: Locator; readonly headerOf: (column: CentreColumn) => string };

/** Turns the cells of one row into an observation; the first fault met sets the row aside under what can be read of its key. */
export function readCentre(
  cells: Cells,
  place: Place,
  filieres: FiliereIndex,
): RowOutcome<CentreObservation> {
  const faults: RowFault[] = [];
  const flags: RowFault[] = [];
  const note =
    (list: RowFault[]) =>
    (column: CentreColumn, code: string, message: string, remedy: string): void => {
      const value = quoted(cells[column]);
      list.push({ code, locator: place.locator, field: place.headerOf(column), value, message, remedy });
    };
  const refuse = note(faults);
  const flag = note(flags);

  if (cells.title === '') {
    refuse(
      'title',
      'TITLE_MISSING',
      'Le centre n’a pas d’intitulé.',
      'écrivez l’intitulé du centre ou de son réseau.',
    );
  }
  const level = labelLevel(cells, refuse);
  const filiere = filiereCode(cells, filieres, refuse);
  if (cells.hospital === '' && cells.town === '') {
    refuse(
      'hospital',
      'ESTABLISHMENT_MISSING',
      'La ligne ne donne ni établissement ni ville.',
      'écrivez l’établissement où le centre reçoit.',
    );
  } else if (cells.hospital === '') {
    flag(
      'hospital',
      'L5',
      `La ligne donne la ville seule (${cells.town}) : une ville n’est pas un établissement.`,
      'écrivez l’établissement, ou choisissez-le à la relecture.',
    );
  }
  const publicTaken = takenPublic(cells, refuse);
  const finessEj = finess(cells, 'finessEj', refuse);
  const finessEg = finess(cells, 'finessEg', refuse);
  if (level === 'CRC' && filiere !== null && !CRC_FILIERES.includes(filiere)) {
    refuse(
      'label',
      'R8',
      `Un CRC ne peut pas relever de ${filiere} : il n’en existe que dans ${CRC_FILIERES.join(', ')}.`,
      'vérifiez le label et la filière de la ligne.',
    );
  }

  if (namesTwoPeople(cells.head))
    flags.push({
      // Names of people stay where they are: the flag says the cell, not what it holds.
      code: 'R5',
      locator: place.locator,
      field: place.headerOf('head'),
      message: 'La cellule du responsable semble nommer deux personnes : un centre en a une seule.',
      remedy:
        'gardez le responsable du centre ; si deux centres sont écrits sur une ligne, écrivez deux lignes.',
    });

  const parts = {
    title: cells.title,
    network: orNull(cells.network),
    hospital: cells.hospital,
    town: orNull(cells.town),
  };
  const fault = asOneFault(faults);
  if (fault !== undefined || level === null || filiere === null) {
    if (fault === undefined) throw new Error('a row without label or filière has a fault');
    return {
      kind: 'aside',
      ...fault,
      key: asideKey({ ...cells, filiere }, publicOf(cells.public), cells.campaign),
    };
  }
  const value: CentreObservation = {
    ...parts,
    filiere,
    label: { level, ...readCampaign(cells.campaign) },
    departement: departement(cells, flag),
    region: orNull(cells.region),
    public: publicTaken,
    head: orNull(cells.head),
    finessEj,
    finessEg,
    specificActs: specificActs(cells, flag),
    evidence: orNull(cells.evidence),
  };
  const key = rowKey(value, publicTaken);
  return { kind: 'row', locator: place.locator, value, key, ...(flags.length > 0 ? { flags } : {}) };
}

const TITLE = String.raw`(?:professeur|prof|pr|docteur|dr|mme|m)\b`;
const BETWEEN_PEOPLE = new RegExp(String.raw`[/;&\n+]|\set\s|,\s?${TITLE}`, 'giu');

/**
 * "Pr A. Un et Dr B. Deux", "Un / Deux", "Pr Un, Dr Deux"; a comma alone also stands between a name and a first name.
 * @param head tidied
 */
function namesTwoPeople(head: string): boolean {
  const names = [...head.matchAll(/\p{L}{2,}/gu)];
  const [first, last] = [names[0], names.at(-1)];
  if (first === undefined || last === undefined) return false;
  const end = last.index + last[0].length - lengthOf(Array.from(last[0]).slice(-2));
  BETWEEN_PEOPLE.lastIndex = first.index + lengthOf(Array.from(first[0]).slice(0, 2));
  const between = BETWEEN_PEOPLE.exec(head);
  return between !== null && between.index + between[0].length <= end;
}

function lengthOf(letters: readonly string[]): number {
  return letters.join('').length;
}

/** A row with an unusable cell, under the key that its other cells give. */
export function damagedCentre(
  fault: AsideRow,
  cells: ReadableCells<CentreColumn>,
  filieres: FiliereIndex,
): AsideRow {
  const reading = readFiliere(filieres, cells.filiere ?? '');
  const filiere = reading.kind === 'one' ? reading.code : null;
  const key = asideKey({ ...cells, filiere }, publicOf(cells.public), cells.campaign);
  return { ...fault, key };
}

/** Null: the row states no public; `*`: it states one that cannot be read. */
function publicOf(cell: string | null): Public | typeof UNREAD | null {
  return cell === '' ? null : (readPublic(cell ?? '') ?? UNREAD);
}

type Note = (column: CentreColumn, code: string, message: string, remedy: string) => void;

function labelLevel(cells: Cells, refuse: Note): LabelLevel | null {
  const level = readLabelLevel(cells.label);
  if (level === null) {
    refuse(
      'label',
      'LABEL_UNKNOWN',
      cells.label === ''
        ? 'La ligne ne donne pas de label.'
        : `« ${quoted(cells.label)} » ne dit pas de label.`,
      'écrivez CRMR coordonnateur, CRMR constitutif, CRC ou CCMR, avec sa preuve ; sans label, laissez la ligne de côté.',
    );
  }
  return level;
}

function filiereCode(cells: Cells, filieres: FiliereIndex, refuse: Note): string | null {
  const reading = readFiliere(filieres, cells.filiere);
  switch (reading.kind) {
    case 'one':
      return reading.code;
    case 'several':
      refuse(
        'filiere',
        'R6',
        `La cellule nomme plusieurs filières (${reading.codes.join(', ')}) : un centre en a exactement une.`,
        'gardez la filière de rattachement, ou séparez les centres sur deux lignes.',
      );
      return null;
    case 'unknown':
      refuse(
        'filiere',
        'FILIERE_UNKNOWN',
        cells.filiere === ''
          ? 'La ligne ne donne pas de filière.'
          : `« ${quoted(cells.filiere)} » n’est pas une filière connue.`,
        'écrivez le sigle d’une des filières ; pour une écriture nouvelle, ajoutez-la dans config/filieres.csv.',
      );
      return null;
  }
}

function takenPublic(cells: Cells, refuse: Note): Public | null {
  if (cells.public === '') return null;
  const taken = readPublic(cells.public);
  if (taken === null) {
    refuse(
      'public',
      'PUBLIC_UNKNOWN',
      `« ${quoted(cells.public)} » ne dit pas quel public est reçu.`,
      'écrivez adulte, pédiatrique ou mixte, ou laissez la cellule vide : la question sera posée à la relecture.',
    );
  }
  return taken;
}

function finess(cells: Cells, column: 'finessEj' | 'finessEg', refuse: Note): string | null {
  if (cells[column] === '') return null;
  const reading = readFinessNumber(cells[column]);
  if (reading.kind === 'number') return reading.number;
  refuse(column, reading.code, reading.message, reading.remedy);
  return null;
}

function departement(cells: Cells, flag: Note): string | null {
  if (cells.departement === '') return null;
  const code = readDepartement(cells.departement);
  if (code === null) {
    flag(
      'departement',
      'DEPARTEMENT_UNKNOWN',
      `« ${quoted(cells.departement)} » n’est pas un département : la valeur est laissée de côté.`,
      'écrivez le code (14) ou le nom (Calvados).',
    );
  }
  return code;
}

/** TRE_R210 codes: "1635", "1635|1640", "1635 ETP labellisée". */
function specificActs(cells: Cells, flag: Note): readonly string[] {
  const parts = cells.acts.split(/[|,;/]/).filter((part) => part.trim() !== '');
  const codes = parts.flatMap((part) => /^\s*([0-9]{2,5})(?![0-9])/.exec(part)?.[1] ?? []);
  if (codes.length < parts.length) {
    flag(
      'acts',
      'ACT_UNREADABLE',
      `« ${quoted(cells.acts)} » ne donne pas de code d’acte (TRE_R210) partout : ce qui n’en a pas est laissé de côté.`,
      'écrivez les codes, séparés par | (1635 pour un programme d’ETP).',
    );
  }
  return [...new Set(codes)].sort();
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}
