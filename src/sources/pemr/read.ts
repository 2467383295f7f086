import type { ExpertisePlatform } from '../../domain/expertise-platform.js';
import type { Locator } from '../../domain/locator.js';
import { asOneFault, UNREAD, type RowFault, type RowOutcome } from '../../domain/rows.js';
import { regionCodeOf } from '../../normalise/departements.js';
import { fold } from '../../normalise/text.js';
import { listCell, quoted } from '../reading/cells.js';
import type { PlatformColumn } from './schema.js';

type Cells = Readonly<Record<PlatformColumn, string>>;
type Place = { readonly locator: Locator; readonly headerOf: (column: PlatformColumn) => string };

const KINDS: Readonly<Record<string, ExpertisePlatform['kind']>> = { pemr: 'PEMR', pcom: 'PCOM' };

/** The longest cell that was seen has 103 characters; each name in it is looked for in the register. */
const CARRIERS_AT_MOST = 1_000;

export function platformKey(row: { readonly name: string | null }): string {
  return fold(row.name ?? '') || UNREAD;
}

export function readPlatform(cells: Cells, place: Place): RowOutcome<ExpertisePlatform> {
  const faults: RowFault[] = [];
  const refuse = (column: PlatformColumn, code: string, message: string, remedy: string): void => {
    const value = quoted(cells[column]);
    faults.push({ code, locator: place.locator, field: place.headerOf(column), value, message, remedy });
  };
  if (platformKey(cells) === UNREAD)
    refuse('name', 'NAME_MISSING', 'La plateforme n’a pas de nom.', 'complétez la ligne de config/pemr.csv.');
  const kind = KINDS[fold(cells.kind)];
  if (kind === undefined)
    refuse(
      'kind',
      'KIND_UNKNOWN',
      `« ${quoted(cells.kind)} » n’est pas un type de plateforme.`,
      'écrivez PEMR ou PCOM.',
    );
  const written = listCell(cells.regions);
  const regions = written.flatMap((text) => regionCodeOf(text) ?? []);
  if (written.length === 0 || regions.length < written.length)
    refuse(
      'regions',
      'REGION_UNKNOWN',
      written.length === 0
        ? 'La plateforme n’a pas de région.'
        : `« ${quoted(cells.regions)} » ne nomme pas que des régions.`,
      'écrivez le code TRE_R30 ou le nom de la région (28 ou Normandie) ; entre plusieurs, le signe « | ».',
    );
  const year = cells.year === '' ? null : Number(/^20[0-9]{2}$/.exec(cells.year)?.[0] ?? Number.NaN);
  if (Number.isNaN(year))
    refuse(
      'year',
      'YEAR_UNREADABLE',
      `« ${quoted(cells.year)} » n’est pas une année.`,
      'écrivez 2021, ou laissez la cellule vide.',
    );
  if (cells.carriers.length > CARRIERS_AT_MOST)
    refuse(
      'carriers',
      'CARRIERS_TOO_LONG',
      `La cellule des établissements porteurs dépasse ${String(CARRIERS_AT_MOST)} caractères.`,
      'n’y laissez que les noms des établissements ; entre plusieurs, le signe « | ».',
    );
  const fault = asOneFault(faults);
  if (fault !== undefined || kind === undefined) {
    if (fault === undefined) throw new Error('a row without kind has a fault');
    return { kind: 'aside', ...fault, key: platformKey(cells) };
  }
  const { name, carriers } = cells;
  const value = { name, kind, regions: [...new Set(regions)], carriers: carriers || null, year };
  return { kind: 'row', locator: place.locator, value };
}
