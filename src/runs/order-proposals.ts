import type { OrderDraft, OrderLineRow } from '../db/orders.js';
import { DataError } from '../domain/errors.js';
import type { RowFault } from '../domain/rows.js';
import { indexFilieres, type FiliereIndex } from '../normalise/filieres.js';
import { tidy } from '../normalise/text.js';
import { readCentre } from '../sources/labelled-centres/read.js';
import { CENTRE_COLUMNS, type CentreColumn } from '../sources/labelled-centres/schema.js';
import { cellsOf } from '../sources/labelling-order/validated.js';
import { configuredFilieres } from './check-source.js';
import type { RunContext } from './context.js';
import { knownFilieres } from './gather.js';
import { cellsSaid } from './order-delivery.js';

/** One line of a draft as it is shown to whoever decides it. */
export interface Proposal {
  readonly row: OrderLineRow;
  /** By column, corrections included. */
  readonly cells: Readonly<Partial<Record<CentreColumn, string>>>;
  /** What forbids to validate it as it is: the same faults as those of a list of centres. */
  readonly faults: readonly Pick<RowFault, 'code' | 'message' | 'remedy'>[];
  /** French: what the layout of the page leaves uncertain. */
  readonly doubts: readonly string[];
}

const DOUBTS: Readonly<Record<string, string>> = {
  merged: 'cellule fusionnée : vérifiez à quelle ligne elle s’applique',
  split: 'cellule coupée entre deux pages',
  hyphen: 'césure recollée : vérifiez le trait d’union',
  joined: 'cellule lue en face de plusieurs lignes',
  unread: 'à relire : la ligne n’a pas été comprise',
};

export function proposalOf(draft: OrderDraft, row: OrderLineRow, index: FiliereIndex): Proposal {
  const cells = cellsSaid(draft, row);
  const locator = { file: draft.fileName, page: row.page, line: row.line };
  const read = readCentre(
    cellsOf(cells),
    { locator, headerOf: (column) => CENTRE_COLUMNS[column].title },
    index,
  );
  return {
    row,
    cells,
    faults: read.kind === 'aside' ? [read] : [],
    doubts: row.doubts.map((doubt) => DOUBTS[doubt] ?? doubt),
  };
}

/** Validated together without being corrected: nothing about it is uncertain. */
export function isPlain({ faults, doubts }: Proposal): boolean {
  return faults.length === 0 && doubts.length === 0;
}

/** The filières of the region's list, else of the file that comes with filror. */
export async function orderFilieres(
  run: Pick<RunContext, 'db' | 'config' | 'region'>,
): Promise<FiliereIndex> {
  const known = await knownFilieres(run);
  return indexFilieres(known.length > 0 ? known : await configuredFilieres(run.config, run.region));
}

/** Fields as people write them. */
export const ORDER_FIELDS: Readonly<Record<string, CentreColumn>> = {
  label: 'label',
  intitule: 'title',
  reseau: 'network',
  filiere: 'filiere',
  etablissement: 'hospital',
  ville: 'town',
  departement: 'departement',
  region: 'region',
  public: 'public',
  responsable: 'head',
  campagne: 'campaign',
  finess_ej: 'finessEj',
  finess_eg: 'finessEg',
};

/** @throws DataError `ORDER_FIELD` */
export function readFields(set: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const corrections: Partial<Record<CentreColumn, string>> = {};
  for (const [name, value] of Object.entries(set)) {
    const column = ORDER_FIELDS[name];
    if (column === undefined)
      throw new DataError({
        code: 'ORDER_FIELD',
        message: `« ${name} » n’est pas un champ d’une ligne d’arrêté.`,
        place: name,
        remedy: `employez l’un de ceux-ci : ${Object.keys(ORDER_FIELDS).join(', ')}.`,
      });
    corrections[column] = tidy(value);
  }
  return corrections;
}
