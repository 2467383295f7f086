import type { CentreObservation } from '../domain/centre.js';
import type { Deployment } from '../domain/deployment.js';
import { SourceError } from '../domain/errors.js';
import type { Filiere } from '../domain/filiere.js';
import type { DeliveryCounts } from '../domain/gates.js';
import type { RowOutcome } from '../domain/rows.js';
import { SOURCE_IDS } from '../domain/source-ids.js';
import { bamaraDeployment } from '../sources/bamara-deployment/index.js';
import type { DeliveryFacts, PageOptions, Source } from '../sources/contract.js';
import { ernSource } from '../sources/ern/index.js';
import { filieresSource } from '../sources/filieres/index.js';
import { finessActivites } from '../sources/finess-activites/index.js';
import { finessEtalab } from '../sources/finess-etalab/index.js';
import { finessStructures } from '../sources/finess-structures/index.js';
import type { FinessRecord } from '../sources/reading/finess-record.js';
import { orphanet } from '../sources/orphanet/index.js';
import { labelledCentres } from '../sources/labelled-centres/index.js';
import { labellingOrder } from '../sources/labelling-order/index.js';
import { pemrSource } from '../sources/pemr/index.js';
import { countCentres, countDeployment } from '../sources/tally.js';

/**
 * The reader of a list made by people.
 * @param page how its table is found in a page; null: a page is refused
 * @param filieres those known so far, asked for only by readers that need them
 * @throws SourceError `SRC_READER`
 */
export async function listReader(
  { name, reader }: { readonly name: string; readonly reader: string },
  page: PageOptions | null,
  filieres: () => Promise<readonly Filiere[]>,
): Promise<Source<unknown>> {
  switch (reader) {
    case 'labelled-centres':
      return labelledCentres(await filieres()) as Source<unknown>;
    case 'labelling-order':
      return labellingOrder(await filieres()) as Source<unknown>;
    case 'filieres':
      return filieresSource() as Source<unknown>;
    case 'bamara-deployment':
      return bamaraDeployment(page) as Source<unknown>;
    case 'ern':
      return ernSource(await filieres()) as Source<unknown>;
    case 'pemr':
      return pemrSource() as Source<unknown>;
    case 'finess-activites':
      return finessActivites() as Source<unknown>;
    case 'orphanet':
      return orphanet() as Source<unknown>;
    default:
      throw new SourceError({
        code: 'SRC_READER',
        message: `La source « ${name} » demande le lecteur « ${reader} », qui n’existe pas.`,
        place: `sources.yaml, ${name}.reader`,
        remedy: `employez l’un de ceux-ci : ${SOURCE_IDS.join(', ')}.`,
      });
  }
}

/** The reader of a register of establishments, which is streamed. */
export function registerReader(reader: string): Source<FinessRecord> {
  return reader === 'finess-structures' ? finessStructures() : finessEtalab();
}

/** A source without totals of its own is still compared with its previous delivery. */
export interface PlainCounts {
  readonly kind: 'plain';
  readonly rows: number;
  readonly setAside: number;
}

export function countsOf(
  reader: string,
  outcomes: readonly RowOutcome<unknown>[],
): DeliveryCounts | PlainCounts {
  switch (reader) {
    case 'labelled-centres':
      return countCentres(outcomes as readonly RowOutcome<CentreObservation>[]);
    case 'bamara-deployment':
      return countDeployment(outcomes as readonly RowOutcome<Deployment>[]);
    default: {
      const setAside = outcomes.filter((outcome) => outcome.kind === 'aside').length;
      return { kind: 'plain', rows: outcomes.length, setAside };
    }
  }
}

/** Two deliveries of one form have sizes that can be compared: compressed or not, one byte or two a character. */
export function formOf({ compressed, encoding, sheet, page }: DeliveryFacts): string {
  if (sheet !== undefined) return 'workbook';
  if (page !== undefined) return 'page';
  return `${compressed ? 'gzip' : 'plain'}, ${encoding === 'utf-16le' ? 'utf-16' : 'octets'}`;
}
