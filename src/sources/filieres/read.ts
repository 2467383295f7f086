import type { Filiere } from '../../domain/filiere.js';
import type { Locator } from '../../domain/locator.js';
import { UNREAD, type RowFault, type RowOutcome } from '../../domain/rows.js';
import { listCell } from '../reading/cells.js';
import type { FiliereColumn } from './schema.js';

type Place = { readonly locator: Locator; readonly headerOf: (column: FiliereColumn) => string };

export function readFiliereRow(
  cells: Readonly<Record<FiliereColumn, string>>,
  place: Place,
): RowOutcome<Filiere> {
  for (const column of ['code', 'title'] as const) {
    if (cells[column] === '') return { kind: 'aside', ...missing(column, place), key: cells.code || UNREAD };
  }
  return {
    kind: 'row',
    locator: place.locator,
    value: {
      code: cells.code,
      title: cells.title,
      spellings: listCell(cells.spellings),
      erns: listCell(cells.erns),
    },
  };
}

function missing(column: 'code' | 'title', place: Place): RowFault {
  return {
    code: column === 'code' ? 'CODE_MISSING' : 'TITLE_MISSING',
    locator: place.locator,
    field: place.headerOf(column),
    message: column === 'code' ? 'La filière n’a pas de sigle.' : 'La filière n’a pas de titre.',
    remedy: 'complétez la ligne de config/filieres.csv.',
  };
}
