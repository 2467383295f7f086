import { SourceError } from '../../domain/errors.js';
import type { Recognition } from '../../domain/recognition.js';
import type { RowOutcome } from '../../domain/rows.js';
import type { Source, SourceInput } from '../contract.js';
import { emptyFile } from '../reading/content.js';
import { inspectFinessPlus } from '../reading/finess-plus.js';
import { jsonItems } from '../reading/json.js';
import { recognitionKey, recognitionsOf } from './read.js';

/** Sites that are recognised by contract as rare-disease centres, out of the FINESS+ flow of activities. */
export function finessActivites(): Source<Recognition> {
  return {
    id: 'finess-activites',
    title: 'FINESS+, activités (flux JSON) : sites reconnus « maladies rares »',
    owner: 'Agence du Numérique en Santé',
    licence: 'Licence Ouverte 2.0',
    cadence: 'quotidienne',
    read: records,
    inspect: inspectFinessPlus,
    keyOf: recognitionKey,
    settle: oneOfEach,
  };
}

async function* records(input: SourceInput): ReturnType<Source<Recognition>['read']> {
  let items = 0;
  let known = 0;
  for await (const reading of jsonItems(input, 'pmej')) {
    items++;
    if (reading.kind === 'aside') {
      yield reading.row;
      continue;
    }
    if ('informationsGeneralesPMEJ' in reading.value) throw wrongFlow(input, true);
    if ('activitesAutorisees' in reading.value || 'numFiness' in reading.value) known++;
    yield* recognitionsOf(reading.value, reading.locator);
  }
  if (items === 0) throw emptyFile(input);
  if (known === 0) throw wrongFlow(input, false);
}

/**
 * Several authorisations of one site say one thing: the active one speaks, then the one that began first. The choice
 * does not depend on the order of the file.
 */
function oneOfEach(outcomes: readonly RowOutcome<Recognition>[]): readonly RowOutcome<Recognition>[] {
  const best = new Map<string, Recognition>();
  const rank = (one: Recognition): string =>
    [one.active ? '0' : '1', one.since ?? '9', one.until ?? '9'].join('|');
  for (const one of outcomes) {
    if (one.kind !== 'row') continue;
    const key = recognitionKey(one.value);
    const before = best.get(key);
    if (before === undefined || rank(one.value) < rank(before)) best.set(key, one.value);
  }
  const told = new Set<string>();
  return outcomes.filter((one) => {
    if (one.kind !== 'row') return true;
    const key = recognitionKey(one.value);
    const speaks = best.get(key);
    if (told.has(key) || speaks === undefined || rank(speaks) !== rank(one.value)) return false;
    told.add(key);
    return true;
  });
}

function wrongFlow(input: SourceInput, structures: boolean): SourceError {
  return new SourceError({
    code: 'SRC_FORMAT',
    message: structures
      ? 'Le fichier est le flux FINESS+ des structures, et non celui des activités.'
      : 'Aucun élément de « pmej » n’a d’« activitesAutorisees » : ce schéma n’est pas connu.',
    place: input.fileName,
    remedy: 'prenez le fichier finess-activites-journalier-AAAAMMJJ.json.gz du jeu finess-activites-1.',
  });
}
