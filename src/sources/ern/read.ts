import type { EuropeanNetwork } from '../../domain/ern.js';
import type { Locator } from '../../domain/locator.js';
import { asOneFault, UNREAD, type RowFault, type RowOutcome } from '../../domain/rows.js';
import { readFiliere, type FiliereIndex } from '../../normalise/filieres.js';
import { listCell, quoted } from '../reading/cells.js';
import type { ErnColumn } from './schema.js';

type Place = { readonly locator: Locator; readonly headerOf: (column: ErnColumn) => string };

export function readErn(
  cells: Readonly<Record<ErnColumn, string>>,
  place: Place,
  index: FiliereIndex,
): RowOutcome<EuropeanNetwork> {
  const faults: RowFault[] = [];
  for (const column of ['code', 'name'] as const) {
    if (cells[column] !== '') continue;
    faults.push({
      code: column === 'code' ? 'CODE_MISSING' : 'NAME_MISSING',
      locator: place.locator,
      field: place.headerOf(column),
      message:
        column === 'code' ? 'Le réseau européen n’a pas de code.' : 'Le réseau européen n’a pas de nom.',
      remedy: 'complétez la ligne de config/ern.csv.',
    });
  }
  const filieres = listCell(cells.filieres).map((written) => {
    const reading = readFiliere(index, written);
    if (reading.kind === 'one') return reading.code;
    faults.push({
      code: 'FILIERE_UNKNOWN',
      locator: place.locator,
      field: place.headerOf('filieres'),
      value: quoted(written),
      message: `« ${quoted(written)} » n’est pas une filière connue.`,
      remedy: 'écrivez le sigle d’une filière de config/filieres.csv ; entre plusieurs, le signe « | ».',
    });
    return '';
  });
  const fault = asOneFault(faults);
  if (fault !== undefined) return { kind: 'aside', ...fault, key: cells.code || UNREAD };
  const { code, name, domain } = cells;
  return {
    kind: 'row',
    locator: place.locator,
    value: { code, name, domain, filieres: [...new Set(filieres)] },
  };
}
