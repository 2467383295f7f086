import { cellText, markOf, shownText } from './cells.js';
import {
  ANSWER_FIELDS,
  COLUMNS,
  SHEET,
  SHOWN_FIELDS,
  type AnswerField,
  type Choices,
  type Landmark,
  type ShownField,
} from './columns.js';
import { addChoices, addGuide, headerStyle, TEXT_FORMAT } from './sheets.js';

/** One centre as the workbook shows it; what nobody knows is an empty text. */
export interface CentreLine {
  readonly id: string;
  readonly shown: Readonly<Record<ShownField, string>>;
  readonly answers: Readonly<Record<AnswerField, string>>;
}

export interface WorkbookFacts {
  readonly region: { readonly code: string; readonly name: string };
  readonly madeAt: Date;
  readonly choices: Choices<AnswerField>;
}

const LOCKED_FILL = { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FFE8E8E8' } } as const;

/**
 * Our centres as a workbook that comes back: grey columns are locked, the others take an answer, an empty cell changes
 * nothing. A hidden column holds what each row was made from, so that a workbook that grew old is seen.
 */
export async function writeCentres(lines: readonly CentreLine[], facts: WorkbookFacts): Promise<Buffer> {
  // Read only here: it is large, and few commands write a workbook.
  const { default: exceljs } = await import('exceljs');
  const workbook = new exceljs.Workbook();
  workbook.created = facts.madeAt;
  workbook.modified = facts.madeAt;
  const sheet = workbook.addWorksheet(SHEET, { views: [{ state: 'frozen', ySplit: 1, xSplit: 2 }] });
  sheet.columns = COLUMNS.map(({ width, use }) => ({
    width,
    hidden: use === 'hidden',
    style: { numFmt: TEXT_FORMAT },
  }));
  headerStyle(sheet.addRow(COLUMNS.map(({ title }) => title)));
  for (const line of lines) {
    const row = sheet.addRow(valuesOf(line, facts));
    COLUMNS.forEach(({ use }, at) => {
      const cell = row.getCell(at + 1);
      cell.numFmt = TEXT_FORMAT;
      cell.alignment = { vertical: 'top', wrapText: use !== 'hidden' };
      if (use === 'answer') cell.protection = { locked: false };
      else cell.fill = LOCKED_FILL;
    });
  }
  sheet.autoFilter = { from: { row: 1, column: 1 }, to: { row: 1, column: COLUMNS.length - 1 } };
  addGuide(workbook, guide(facts));
  const choose = addChoices(workbook, facts.choices);
  COLUMNS.forEach(({ field }, at) => {
    const letter = sheet.getColumn(at + 1).letter;
    if (isAnswer(field) && lines.length > 0)
      choose(sheet, field, `${letter}2:${letter}${String(lines.length + 1)}`);
  });
  await sheet.protect('', { formatColumns: true, formatRows: true, autoFilter: true, sort: true });
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

function valuesOf({ id, shown, answers }: CentreLine, { region }: WorkbookFacts): string[] {
  const landmark: Landmark = {
    region: region.code,
    answers: Object.fromEntries(
      ANSWER_FIELDS.map((field) => [field, shownText(answers[field])]),
    ) as Landmark['answers'],
    shown: Object.fromEntries(
      SHOWN_FIELDS.map((field) => [field, markOf(shown[field])]),
    ) as Landmark['shown'],
  };
  const texts: Readonly<Record<string, string>> = {
    id,
    ...shown,
    ...answers,
    preuve: '',
    repere: JSON.stringify(landmark),
  };
  return COLUMNS.map(({ field }) => cellText(texts[field] ?? ''));
}

function isAnswer(field: string): field is AnswerField {
  return (ANSWER_FIELDS as readonly string[]).includes(field);
}

function guide({ region, madeAt }: WorkbookFacts): string[] {
  const made = new Intl.DateTimeFormat('fr-FR', {
    timeZone: 'Europe/Paris',
    dateStyle: 'short',
    timeStyle: 'short',
  });
  return [
    `Centres maladies rares, ${region.name}`,
    `Classeur fait par filror le ${made.format(madeAt)}.`,
    'Une ligne par centre. Les colonnes grises se lisent ; les autres se complètent.',
    'Une cellule vide ne change rien. Une valeur inchangée ne change rien non plus.',
    'Là où une liste est proposée, choisissez dans la liste.',
    'Site : les neuf caractères du numéro FINESS géographique, zéro de tête compris.',
    'Familles : un ou plusieurs codes, séparés par des virgules.',
    'Contacts : ceux du service, jamais le mobile ni la boîte d’une personne. Un contact s’ôte à la page « Déclarer ».',
    'Campagne attestée : changez-la seulement avec une preuve, dans la colonne voisine.',
    'Intitulé, filière, label, établissement et ville se corrigent dans la liste des centres (la source), pas ici.',
    'Un centre nouveau s’ajoute dans la liste des centres (modèle du premier jour), pas ici.',
    'N’ôtez et ne renommez aucune colonne ; leur ordre est libre. N’écrivez pas de formule : une cellule calculée n’est pas lue.',
    'Redéposez le classeur à la page « Tableur » : filror montre ce qui changerait, et rien ne compte avant votre confirmation.',
  ];
}
