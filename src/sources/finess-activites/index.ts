import { SourceError } from '../../domain/errors.js';
import type { Recognition } from '../../domain/recognition.js';
import type { RowOutcome } from '../../domain/rows.js';
import { AsideShare } from '../aside-share.js';
import type { Source, SourceInput } from '../contract.js';
import { emptyFile } from '../reading/content.js';
import { inspectFinessPlus } from '../reading/finess-plus.js';
import { jsonItems } from '../reading/json.js';
import { recognitionKey, RecognitionReader } from './read.js';

/** Sites that are recognised by contract as rare-disease centres, out of the FINESS+ flow of activities. */
export function finessActivites(): Source<Recognition> {
  let mark: string | null = null;
  return {
    id: 'finess-activites',
    title: 'FINESS+, activités (flux JSON) : sites reconnus « maladies rares »',
    owner: 'Agence du Numérique en Santé',
    licence: 'Licence Ouverte 2.0',
    cadence: 'quotidienne',
    read: (input) => records(input, (read) => (mark = read)),
    contentMark: () => mark,
    inspect: inspectFinessPlus,
    keyOf: recognitionKey,
    settle: oneOfEach,
  };
}

/** Sites that are recognised: a few thousand. They are held together, and a file with more is no flow of activities. */
const MOST_RECOGNITIONS = 100_000;

async function* records(
  input: SourceInput,
  marked: (mark: string) => void,
): ReturnType<Source<Recognition>['read']> {
  const reader = new RecognitionReader();
  const share = new AsideShare(input);
  let items = 0;
  let known = 0;
  let recognitions = 0;
  for await (const reading of jsonItems(input, 'pmej')) {
    items++;
    share.add(reading.kind === 'aside');
    if (reading.kind === 'aside') {
      yield reading.row;
      continue;
    }
    if ('informationsGeneralesPMEJ' in reading.value) throw wrongFlow(input, true);
    if ('activitesAutorisees' in reading.value || 'numFiness' in reading.value) known++;
    for (const outcome of reader.read(reading.value, reading.locator)) {
      if (++recognitions > MOST_RECOGNITIONS) throw tooMany(input);
      yield outcome;
    }
  }
  if (items === 0) throw emptyFile(input);
  if (known === 0) throw wrongFlow(input, false);
  share.end();
  reader.fields.assertPresent(input, 'activités');
  marked(reader.mark);
}

/**
 * Several authorisations of one site say one thing: the active one speaks, then the one that did not end or ended last, then
 * the one that began first. The choice does not depend on the order of the file.
 */
function oneOfEach(outcomes: readonly RowOutcome<Recognition>[]): readonly RowOutcome<Recognition>[] {
  const best = new Map<string, Recognition>();
  for (const one of outcomes) {
    if (one.kind !== 'row') continue;
    const key = recognitionKey(one.value);
    const before = best.get(key);
    if (before === undefined || speaksBefore(one.value, before)) best.set(key, one.value);
  }
  return outcomes.filter((one) => one.kind !== 'row' || best.get(recognitionKey(one.value)) === one.value);
}

/** Sorts after every date. */
const NEVER = '9';

function speaksBefore(one: Recognition, other: Recognition): boolean {
  const order =
    Number(other.active) - Number(one.active) ||
    compared(other.endedOn ?? NEVER, one.endedOn ?? NEVER) ||
    compared(one.since ?? NEVER, other.since ?? NEVER) ||
    compared(one.until ?? NEVER, other.until ?? NEVER) ||
    compared(one.ej, other.ej);
  return order < 0;
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
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

function tooMany(input: SourceInput): SourceError {
  return new SourceError({
    code: 'SRC_TOO_LARGE',
    message: `Le fichier donne plus de ${String(MOST_RECOGNITIONS)} reconnaissances « maladies rares » : ce n’est pas le flux attendu.`,
    place: input.fileName,
    remedy: 'vérifiez l’adresse de la source. Rien n’est pris de ce fichier.',
  });
}
