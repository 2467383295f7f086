import { SourceError } from '../../domain/errors.js';
import { orphanetKey, type OrphanetRecord } from '../../domain/orphanet.js';
import { UNREAD } from '../../domain/rows.js';
import type { Source, SourceInput } from '../contract.js';
import { statedDate } from '../reading/content-date.js';
import { emptyFile } from '../reading/content.js';
import { oneRowPerKey } from '../reading/one-row-per-key.js';
import { openXml, xmlLocator, xmlReadings, type XmlReading } from '../reading/xml.js';
import { ClassificationWalk } from './classification.js';
import { aside, LISTS, productOf, readDisorder, readPreferred, type Outcome } from './read.js';

const SHAPE = {
  items: [
    { parent: 'DisorderList', name: 'Disorder' },
    { parent: 'ClassificationNode', name: 'Disorder' },
  ],
  marks: ['DisorderList', 'ClassificationList', 'Classification', 'ClassificationNode'],
  lists: LISTS,
};

/** Free products of Orphanet: nomenclature (1), classifications (3), linearisation (7); told apart by what they contain. */
export function orphanet(): Source<OrphanetRecord> {
  return {
    id: 'orphanet',
    title: 'Orphanet : nomenclature, classifications et linéarisation des maladies rares',
    owner: 'Orphanet (INSERM, US14)',
    licence: 'CC BY 4.0 (© Orphanet)',
    cadence: 'une ou deux fois par an',
    read: records,
    inspect: async (input) => {
      const { facts, root } = await openXml(input);
      return { ...facts, ...statedDate(input, root.get('date') ?? '', 'date') };
    },
    keyOf: orphanetKey,
    settle: (outcomes) => oneRowPerKey(outcomes, orphanetKey),
  };
}

async function* records(input: SourceInput): AsyncGenerator<Outcome, void, undefined> {
  const walk = new ClassificationWalk();
  const seen = { lists: 0, elements: 0, ours: 0 };
  for await (const reading of xmlReadings(input, SHAPE)) {
    switch (reading.kind) {
      case 'open':
        if (reading.name === 'Classification') walk.openClassification(reading.attributes.get('id') ?? '');
        else if (reading.name === 'ClassificationNode') walk.openNode();
        else seen.lists++;
        break;
      case 'close':
        if (reading.name === 'ClassificationNode') yield* walk.closeNode();
        break;
      case 'aside':
        seen.elements++;
        yield aside(reading.fault, placeOf(input, reading, walk), UNREAD);
        break;
      case 'item': {
        seen.elements++;
        const locator = placeOf(input, reading, walk);
        if (reading.parent === 'ClassificationNode') {
          seen.ours++;
          walk.disorder(reading.value, locator);
          break;
        }
        const product = productOf(reading.value);
        if (product !== null) seen.ours++;
        const outcome = product === 'linearisation' ? readPreferred(reading.value, locator) : null;
        if (product === 'nomenclature') yield readDisorder(reading.value, locator);
        else if (product === null) yield otherProduct(locator);
        else if (outcome !== null) yield outcome;
      }
    }
  }
  if (seen.lists === 0) throw wrongFormat(input, 'il n’a ni « DisorderList » ni « ClassificationList ».');
  if (seen.elements === 0) throw emptyFile(input);
  if (seen.ours === 0)
    throw wrongFormat(input, 'ses éléments n’ont ni synonymes, ni classification, ni parent préférentiel.');
}

function placeOf(
  input: SourceInput,
  { parent, document, index }: Extract<XmlReading, { kind: 'item' | 'aside' }>,
  walk: ClassificationWalk,
): Outcome['locator'] {
  const path =
    parent === 'ClassificationNode' ? walk.place : `/JDBOR/DisorderList/Disorder[${String(index)}]`;
  return xmlLocator(input, document, path);
}

function otherProduct(locator: Outcome['locator']): Outcome {
  return aside(
    {
      code: 'ITEM_SHAPE',
      message: 'L’élément n’a ni synonymes ni parent préférentiel : il est d’un autre produit d’Orphanet.',
    },
    locator,
    UNREAD,
  );
}

function wrongFormat(input: SourceInput, why: string): SourceError {
  return new SourceError({
    code: 'SRC_FORMAT',
    message: `Le fichier n’est pas un produit d’Orphanet que filror lit : ${why}`,
    place: input.fileName,
    remedy:
      'prenez la nomenclature (fr_product1.xml), les classifications (fr_product3_NNN.xml) ou la linéarisation (fr_product7.xml).',
  });
}
