import { SourceError } from '../../domain/errors.js';
import { counted } from '../../domain/counted.js';
import { UNREAD } from '../../domain/rows.js';
import type { Source, SourceInput } from '../contract.js';
import { emptyFile } from '../reading/content.js';
import { finessKey, type FinessRecord } from '../reading/finess-record.js';
import { inspectFinessPlus } from '../reading/finess-plus.js';
import { jsonItems } from '../reading/json.js';
import { StructureReader } from './read.js';

/** The living register of establishments: FINESS+ structures, daily JSON of the ANS. */
export function finessStructures(): Source<FinessRecord> {
  return {
    id: 'finess-structures',
    title: 'FINESS+, structures (flux JSON)',
    owner: 'Agence du Numérique en Santé',
    licence: 'Licence Ouverte 2.0 (à vérifier avant rediffusion)',
    cadence: 'quotidienne',
    read: records,
    inspect: inspectFinessPlus,
    keyOf: finessKey,
  };
}

async function* records(input: SourceInput): ReturnType<Source<FinessRecord>['read']> {
  const reader = new StructureReader();
  let known = 0;
  let rows = 0;
  let kept = 0;
  for await (const reading of jsonItems(input, 'pmej')) {
    rows++;
    if (reading.kind === 'aside') yield reading.row;
    else if (isEntity(reading.value)) {
      known++;
      for (const outcome of reader.read(reading.value, reading.locator)) {
        if (outcome.kind === 'row') kept++;
        yield outcome;
      }
    } else if (isActivities(reading.value)) throw wrongFlow(input, true);
    else
      yield {
        kind: 'aside',
        code: 'ITEM_SHAPE',
        locator: reading.locator,
        message: 'L’élément n’a pas d’« informationsGeneralesPMEJ » : il n’est pas une entité juridique.',
        remedy: 'signalez l’élément au propriétaire de la source ; il est laissé de côté.',
        key: UNREAD,
      };
  }
  if (rows === 0) throw emptyFile(input);
  if (known === 0) throw wrongFlow(input, false);
  // Whoever reads may use nothing of a file whose reading throws, were it at its end.
  reader.fields.assertPresent(input, 'structures');
  if (kept === 0) throw withoutSites(input, known);
}

/** The key of the live flow, or the one of the draft of 2025-12-11. */
function isEntity(item: object): boolean {
  return 'informationsGeneralesPMEJ' in item || 'informationsGeneralesPmej' in item;
}

/** The other FINESS+ flow has the same lists and other contents. */
function isActivities(item: object): boolean {
  return 'activitesAutorisees' in item;
}

function wrongFlow(input: SourceInput, activities: boolean): SourceError {
  return new SourceError({
    code: 'SRC_FORMAT',
    message: activities
      ? 'Le fichier est le flux FINESS+ des activités, et non celui des structures.'
      : 'Aucun élément de « pmej » n’a d’« informationsGeneralesPMEJ » : ce schéma n’est pas connu.',
    place: input.fileName,
    remedy: 'prenez le fichier finess-structures-journalier-AAAAMMJJ.json.gz du jeu finess-structures-1.',
  });
}

function withoutSites(input: SourceInput, entities: number): SourceError {
  return new SourceError({
    code: 'SRC_EMPTY',
    message: `Le fichier ne donne aucun établissement lisible, pour ${counted(entities, 'entité juridique', 'entités juridiques')}.`,
    place: input.fileName,
    remedy: 'vérifiez le fichier donné, ou l’adresse de la source. Rien n’est retiré du registre.',
  });
}
