import { OUR_ID_COLUMN } from '../sources/labelled-centres/schema.js';

/**
 * Contacts of the service that have a column each: nature TRE_R287, channel TRE_R200 or TRE_R256, confidentiality TRE_R283,
 * which the header says in words. Others are declared on their page, where a contact is also taken away.
 */
export const CONTACT_COLUMNS = {
  secretariat: { nature: '07', channel: '2', confidentiality: '1' },
  'rendez-vous': { nature: '02', channel: '2', confidentiality: '1' },
  'avis-medical': { nature: '04', channel: '2', confidentiality: '2' },
  mssante: { nature: '07', channel: 'MSSANTE', confidentiality: '2' },
} as const;
export type ContactField = keyof typeof CONTACT_COLUMNS;

/**
 * The columns of our centres as a workbook. An answer is one of those that `filror complete` takes, under the same name;
 * what the lists say is shown and corrected there.
 */
export const ANSWER_FIELDS = [
  'public',
  'site',
  'champ-activite',
  'familles',
  'secretariat',
  'rendez-vous',
  'avis-medical',
  'mssante',
  'campagne',
] as const;
export type AnswerField = (typeof ANSWER_FIELDS)[number];

export const SHOWN_FIELDS = ['titre', 'reseau', 'filiere', 'label', 'hopital', 'ville'] as const;
export type ShownField = (typeof SHOWN_FIELDS)[number];

export type WorkbookField = 'id' | ShownField | AnswerField | 'preuve' | 'repere';

export interface WorkbookColumn {
  readonly field: WorkbookField;
  /** Header: columns are found by it, wherever they stand. */
  readonly title: string;
  readonly width: number;
  /** `shown`: grey and locked. `hidden`: what the workbook was made from. */
  readonly use: 'shown' | 'answer' | 'hidden';
}

export const COLUMNS: readonly WorkbookColumn[] = [
  { field: 'id', title: OUR_ID_COLUMN, width: 24, use: 'shown' },
  { field: 'titre', title: 'Intitulé du centre', width: 48, use: 'shown' },
  { field: 'reseau', title: 'Réseau', width: 14, use: 'shown' },
  { field: 'filiere', title: 'Filière', width: 14, use: 'shown' },
  { field: 'label', title: 'Label', width: 20, use: 'shown' },
  { field: 'hopital', title: 'Établissement', width: 30, use: 'shown' },
  { field: 'ville', title: 'Ville', width: 18, use: 'shown' },
  { field: 'public', title: 'Public', width: 14, use: 'answer' },
  { field: 'site', title: 'Site (numéro FINESS)', width: 22, use: 'answer' },
  { field: 'champ-activite', title: 'Champ d’activité', width: 30, use: 'answer' },
  { field: 'familles', title: 'Familles de maladies (codes TRE_R245)', width: 24, use: 'answer' },
  {
    field: 'secretariat',
    title: 'Secrétariat, téléphone fixe (visible du grand public)',
    width: 22,
    use: 'answer',
  },
  {
    field: 'rendez-vous',
    title: 'Rendez-vous, téléphone fixe (visible du grand public)',
    width: 22,
    use: 'answer',
  },
  {
    field: 'avis-medical',
    title: 'Avis médical, téléphone fixe (visible des professionnels)',
    width: 22,
    use: 'answer',
  },
  {
    field: 'mssante',
    title: 'Boîte MSSanté du service (visible des professionnels)',
    width: 30,
    use: 'answer',
  },
  { field: 'campagne', title: 'Campagne attestée', width: 18, use: 'answer' },
  { field: 'preuve', title: 'Preuve de la campagne (acte, date, page)', width: 40, use: 'answer' },
  { field: 'repere', title: 'Repère (ne pas modifier)', width: 10, use: 'hidden' },
];

export function titleOf(field: WorkbookField): string {
  return COLUMNS.find((column) => column.field === field)?.title ?? field;
}

export const SHEET = 'Centres';
export const GUIDE_SHEET = 'Mode d’emploi';
export const LISTS_SHEET = 'Listes';

/** What a cell may hold, for its list of choices; by field. A field without choices takes any text. */
export type Choices<Field extends string> = Readonly<Partial<Record<Field, readonly string[]>>>;

/** What a row was made from: answers as written, and a mark of each shown text. */
export interface Landmark {
  readonly region: string;
  readonly answers: Readonly<Record<AnswerField, string>>;
  readonly shown: Readonly<Record<ShownField, string>>;
}
