import { z } from 'zod';
import { readSheets, type Sheet, type SheetRow } from '../sources/reading/workbook/read.js';
import { fold } from '../normalise/text.js';
import { DataError } from '../domain/errors.js';
import {
  ANSWER_FIELDS,
  COLUMNS,
  SHOWN_FIELDS,
  titleOf,
  type AnswerField,
  type Landmark,
  type ShownField,
  type WorkbookField,
} from './columns.js';

/** What is wrong at one place of the workbook; the rest of it stands. */
export interface WorkbookFault {
  readonly line: number;
  /** Header of the column; null when the whole line is concerned. */
  readonly column: string | null;
  /** French. */
  readonly message: string;
  readonly remedy: string;
}

/** One line as it comes back. */
export interface ReturnedLine {
  readonly line: number;
  readonly id: string;
  readonly texts: Readonly<Partial<Record<AnswerField | ShownField | 'preuve', string>>>;
  /** What the line was made from; null when that cell was lost or rewritten. */
  readonly landmark: Landmark | null;
}

export interface ReturnedWorkbook {
  readonly sheet: string;
  readonly lines: readonly ReturnedLine[];
  readonly faults: readonly WorkbookFault[];
}

/** A header of the first day's template that a workbook of ours never has: the file is a list of centres. */
const LIST_MARK = 'FINESS juridique';

/** @throws DataError `WORKBOOK_NOT_OURS`, `WORKBOOK_IS_A_LIST`, SourceError as `readSheets` does */
export async function readReturned(fileName: string, bytes: Uint8Array): Promise<ReturnedWorkbook> {
  const sheets = await readSheets({ fileName }, bytes);
  const sheet = sheets.find((each) => headersOf(each).some((header) => fold(header) === fold(titleOf('id'))));
  if (sheet === undefined) {
    const list = sheets.some((each) => headersOf(each).some((header) => fold(header) === fold(LIST_MARK)));
    throw list ? isAList(fileName) : notOurs(fileName);
  }
  const faults: WorkbookFault[] = [];
  const places = placesOf(sheet, faults);
  const lines = sheet.rows.slice(1).flatMap((row) => {
    const used = [...places.values()];
    if (used.every((place) => (row.cells[place] ?? '').trim() === '' && !row.faults.has(place))) return [];
    return lineOf(row, places, faults);
  });
  return { sheet: sheet.name, lines: onePerCentre(lines, faults), faults };
}

function headersOf({ rows }: Sheet): readonly string[] {
  return rows[0]?.cells ?? [];
}

/** Columns by their header; one that is missing or there twice is told, and not read. */
function placesOf(sheet: Sheet, faults: WorkbookFault[]): Map<WorkbookField, number> {
  const headers = headersOf(sheet).map(fold);
  const places = new Map<WorkbookField, number>();
  for (const { field, title } of COLUMNS) {
    const found = headers.flatMap((header, place) => (header === fold(title) ? [place] : []));
    const [only, ...others] = found;
    if (only !== undefined && others.length === 0) places.set(field, only);
    else
      faults.push({
        line: 1,
        column: title,
        message:
          only === undefined
            ? 'Cette colonne manque, ou a été renommée : rien n’en est lu.'
            : 'Cette colonne est là plusieurs fois : aucune n’est lue.',
        remedy: 'remettez l’en-tête tel qu’il était, ou téléchargez de nouveau le classeur.',
      });
  }
  return places;
}

function lineOf(
  row: SheetRow,
  places: ReadonlyMap<WorkbookField, number>,
  faults: WorkbookFault[],
): ReturnedLine[] {
  const texts: Partial<Record<WorkbookField, string>> = {};
  for (const [field, place] of places) {
    const fault = row.faults.get(place);
    if (fault === undefined) texts[field] = (row.cells[place] ?? '').trim();
    else
      faults.push({ line: row.line, column: titleOf(field), message: fault.message, remedy: fault.remedy });
  }
  const { id, repere, ...read } = texts;
  if (id === undefined) return [];
  if (id === '') {
    faults.push({
      line: row.line,
      column: titleOf('id'),
      message: 'Cette ligne n’a pas d’identifiant : un centre nouveau ne s’ajoute pas par ce classeur.',
      remedy: 'ajoutez-le à la liste des centres (le modèle de la page « Tableur »), puis déposez la liste.',
    });
    return [];
  }
  return [{ line: row.line, id, texts: read, landmark: landmarkOf(repere ?? '') }];
}

const landmarkSchema = z.object({
  region: z.string(),
  answers: z.record(z.enum(ANSWER_FIELDS), z.string()),
  shown: z.record(z.enum(SHOWN_FIELDS), z.string()),
});

/** Null for whatever is not a whole landmark: it comes from a file, where anybody may have written over it. */
function landmarkOf(text: string): Landmark | null {
  try {
    return landmarkSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** As many lines as a message names. */
const NAMED_LINES = 10;

/** Two lines of one centre may contradict each other: neither is read. */
function onePerCentre(lines: readonly ReturnedLine[], faults: WorkbookFault[]): ReturnedLine[] {
  const linesOf = new Map<string, number[]>();
  for (const { id, line } of lines) {
    const known = linesOf.get(id);
    if (known === undefined) linesOf.set(id, [line]);
    else known.push(line);
  }
  return lines.filter((line) => {
    const all = linesOf.get(line.id) ?? [];
    if (all.length < 2) return true;
    faults.push({
      line: line.line,
      column: titleOf('id'),
      message: `Cet identifiant est sur plusieurs lignes (${all.slice(0, NAMED_LINES).join(', ')}${all.length > NAMED_LINES ? '…' : ''}) : aucune n’est lue.`,
      remedy: 'gardez une seule ligne par centre.',
    });
    return false;
  });
}

function notOurs(fileName: string): DataError {
  return new DataError({
    code: 'WORKBOOK_NOT_OURS',
    message: `Aucune feuille visible n’a la colonne « ${titleOf('id')} » sur sa première ligne : ce n’est pas le classeur des centres, ou cette colonne a été ôtée.`,
    place: fileName,
    remedy: 'téléchargez de nouveau le classeur des centres, et reportez-y vos réponses.',
  });
}

function isAList(fileName: string): DataError {
  return new DataError({
    code: 'WORKBOOK_IS_A_LIST',
    message:
      'Ce fichier est une liste de centres (le modèle du premier jour), et non le classeur de nos centres.',
    place: fileName,
    remedy:
      'déposez-le comme liste de centres (page « Tableur » ; au terminal : filror sync --source labelled-centres=FICHIER).',
  });
}
