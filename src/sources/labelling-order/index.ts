import type { CentreObservation } from '../../domain/centre.js';
import { SourceError } from '../../domain/errors.js';
import type { Filiere } from '../../domain/filiere.js';
import type { Locator } from '../../domain/locator.js';
import { indexFilieres } from '../../normalise/filieres.js';
import type { DeliveryFacts, Source, SourceInput } from '../contract.js';
import { crossCheck } from '../labelled-centres/cross-check.js';
import { baseKey } from '../labelled-centres/keys.js';
import { readCentre } from '../labelled-centres/read.js';
import { CENTRE_COLUMNS } from '../labelled-centres/schema.js';
import { LIST_LIMITS, openText } from '../reading/text.js';
import { cellsOf, ORDER_FORMAT, type ValidatedLine } from './validated.js';

/**
 * Lines of a labelling order that people validated, one by one. The PDF itself is read by `readOrder` into a draft;
 * nothing of it comes this way before somebody said that it is right.
 * @param filieres the known filières and their spellings
 */
export function labellingOrder(filieres: readonly Filiere[]): Source<CentreObservation> {
  const index = indexFilieres(filieres);
  return {
    id: 'labelling-order',
    title: 'Arrêté de labellisation (lignes validées)',
    owner: 'Ministère chargé de la santé, Bulletin officiel',
    licence: 'Acte officiel, réutilisation libre',
    cadence: 'tous les cinq ans, puis arrêtés modificatifs',
    trial: true,
    async *read(input) {
      for (const line of await linesOf(input)) {
        const { file, page, line: no } = line;
        const locator: Locator = { file, page, line: no };
        yield readCentre(
          cellsOf(line.cells),
          { locator, headerOf: (column) => CENTRE_COLUMNS[column].title },
          index,
        );
      }
    },
    inspect: async (input): Promise<DeliveryFacts> => {
      await linesOf(input);
      return {
        encoding: 'utf-8',
        compressed: false,
        separator: null,
        headers: [],
        unknownColumns: [],
        contentDate: null,
      };
    },
    keyOf: baseKey,
    settle: crossCheck,
  };
}

/** @throws SourceError `ORDER_NOT_VALIDATED` for anything but what filror wrote from validated lines; those of `openText` */
async function linesOf(input: SourceInput): Promise<readonly ValidatedLine[]> {
  const { text } = await openText(input, LIST_LIMITS);
  let whole = '';
  for await (const piece of text()) whole += piece;
  const given = parsed(whole);
  if (given?.format === ORDER_FORMAT && Array.isArray(given.lines))
    return given.lines as readonly ValidatedLine[];
  throw new SourceError({
    code: 'ORDER_NOT_VALIDATED',
    message: 'Ce fichier n’est pas fait de lignes d’arrêté validées.',
    place: input.fileName,
    remedy:
      'lisez le PDF de l’arrêté à la page « Arrêtés » (au terminal : filror order read ARRETE.pdf --campaign 2023), puis validez ses lignes une à une.',
  });
}

function parsed(text: string): { readonly format?: unknown; readonly lines?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}
