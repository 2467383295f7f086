import { LABEL_LEVELS, PUBLICS } from '../domain/centre.js';
import { CENTRE_COLUMNS, type CentreColumn } from '../sources/labelled-centres/schema.js';
import { SHEET, type Choices } from './columns.js';
import { addChoices, addGuide, headerStyle, TEXT_FORMAT } from './sheets.js';

/** Rows that have their lists of choices: the national list has 2,400 centres, a region about a hundred. */
const ROWS = 3000;
const WIDE: readonly CentreColumn[] = ['title', 'hospital', 'evidence'];

/**
 * An empty list for a region's first day: its columns are those that the source `labelled-centres` reads, under the first
 * of their names.
 */
export async function writeTemplate(
  region: { readonly name: string },
  filieres: readonly string[],
  campaigns: readonly number[],
): Promise<Buffer> {
  // Read only here: it is large, and few commands write a workbook.
  const { default: exceljs } = await import('exceljs');
  const workbook = new exceljs.Workbook();
  const fields = Object.keys(CENTRE_COLUMNS) as CentreColumn[];
  const sheet = workbook.addWorksheet(SHEET, { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = fields.map((field) => ({
    width: WIDE.includes(field) ? 40 : 18,
    style: { numFmt: TEXT_FORMAT },
  }));
  headerStyle(sheet.addRow(fields.map((field) => CENTRE_COLUMNS[field].title)));
  addGuide(workbook, guide(region.name, fields));
  const choices: Choices<CentreColumn> = {
    label: LABEL_LEVELS,
    filiere: filieres,
    public: PUBLICS,
    campaign: campaigns.map(String),
  };
  const choose = addChoices(workbook, choices);
  fields.forEach((field, at) => {
    const { letter } = sheet.getColumn(at + 1);
    choose(sheet, field, `${letter}2:${letter}${String(ROWS + 1)}`);
  });
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

function guide(region: string, fields: readonly CentreColumn[]): string[] {
  const required = fields
    .filter((field) => CENTRE_COLUMNS[field].required)
    .map((field) => CENTRE_COLUMNS[field].title);
  return [
    `Liste des centres maladies rares, ${region} : modèle`,
    'Une ligne par centre : un réseau (ou un titre de CRC), un établissement, un public.',
    `Colonnes obligatoires : ${required.join(', ')}.`,
    'Label : CRMR coordonnateur, CRMR constitutif, CRC ou CCMR, tel que l’arrêté le dit.',
    'Filière : le sigle d’une seule filière.',
    'Public : adulte, pédiatrique ou mixte ; vide si personne ne le sait encore, la question sera posée.',
    'FINESS : les neuf caractères, zéro de tête compris ; les colonnes sont au format texte pour cela.',
    'Source : d’où vient la ligne (acte, date, page). Responsable : nom professionnel public, jamais publié.',
    'N’écrivez ni formule ni macro, ne fusionnez pas de cellules : une valeur calculée n’est pas lue.',
    'Déposez le classeur rempli à la page « Tableur » : filror montre ce que la liste donnerait avant qu’elle compte.',
  ];
}
