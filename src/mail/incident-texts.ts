import { momentText } from '../domain/time.js';
import { link, signed, type Draft, type Place } from './draft.js';
import type { Incident, OpenThread, ThreadMove } from './incidents.js';
import { oneLine, sentence, subjectOf } from './words.js';

/** The subject of a thread: it stays the same from the first message to the last. */
export function threadSubject(place: Place, { about }: Pick<Incident, 'about'>): string {
  return subjectOf(place.code, SUBJECTS[sortOf(about)](nameOf(about)));
}

/** The message of one move of a thread. */
export function threadDraft(place: Place, move: ThreadMove, subject: string): Draft {
  if (move.move === 'close') return recovered(place, move.thread, move.at, subject);
  const { incident } = move;
  const { message, remedy } = told(incident);
  return {
    kind: 'failure',
    audience: 'operators',
    about: `${incident.about}:${incident.seen}`,
    subject,
    body: signed(place, [
      move.move === 'open' ? FAILED[sortOf(incident.about)](place, incident) : again(move.thread, incident),
      `${sentence(message)} (${oneLine(incident.code, 40)})`,
      `Que faire : ${sentence(remedy)}`,
      link(place, pathOf(incident)),
      'Ce fil se fermera par un message « Rétabli » quand cela marchera de nouveau.',
    ]),
  };
}

/** A fault that filror did not foresee says its own words: they are for the log, not for a reader (DESIGN 6, rule 10). */
function told({ code, message, remedy, about }: Incident): { message: string; remedy: string } {
  const known = code !== 'BUG';
  return {
    message: known && message !== '' ? message : 'filror s’est arrêté sur une erreur qu’il ne prévoyait pas.',
    remedy: known && remedy !== '' ? remedy : `${RETRY[sortOf(about)]} ; si cela recommence, ${REPORT}`,
  };
}

const REPORT =
  'transmettez à l’équipe de filror l’adresse ci-dessous et ce que le journal du service dit à cette heure.';

function again(thread: OpenThread, incident: Incident): string {
  const same = thread.lastCode === incident.code ? 'L’échec dure' : 'L’échec a changé de cause';
  return `${same} : commencé le ${momentText(thread.openedAt)}, vu encore le ${momentText(incident.at)}.`;
}

function recovered(place: Place, thread: OpenThread, at: Date, subject: string): Draft {
  return {
    kind: 'recovered',
    audience: 'operators',
    about: `${thread.about}:${thread.no}`,
    subject,
    body: signed(place, [
      `Rétabli : ${WORKS[sortOf(thread.about)](nameOf(thread.about))}, vu le ${momentText(at)}. L’échec avait commencé le ${momentText(thread.openedAt)}.`,
      'Il n’y a rien à faire. Ce fil est fermé ; un nouvel échec en ouvrira un autre.',
    ]),
  };
}

type Sort = 'source' | 'run' | 'apply' | 'fullReading';

function sortOf(about: string): Sort {
  return about.startsWith('source:') ? 'source' : (about as Sort);
}

function nameOf(about: string): string {
  return oneLine(about.slice('source:'.length), 60);
}

const SUBJECTS: Readonly<Record<Sort, (name: string) => string>> = {
  source: (name) => `Source « ${name} » en échec`,
  run: () => 'Passages en échec',
  apply: () => 'Envois planifiés en échec',
  fullReading: () => 'Relecture complète manquée',
};

const RETRY: Readonly<Record<Sort, string>> = {
  source: 'relancez le passage (page « Passages », ou « filror sync » au terminal)',
  run: 'relancez le passage (page « Passages », ou « filror sync » au terminal)',
  apply: 'attendez l’envoi suivant, qui reprend de lui-même ce qui est approuvé',
  fullReading: 'relancez la relecture (au terminal : « filror schedule run relecture »)',
};

const WORKS: Readonly<Record<Sort, (name: string) => string>> = {
  source: (name) => `la source « ${name} » est de nouveau collectée`,
  run: () => 'les passages aboutissent',
  apply: () => 'les envois planifiés aboutissent',
  fullReading: () => 'le répertoire a été relu en entier',
};

const FAILED: Readonly<Record<Sort, (place: Place, incident: Incident) => string>> = {
  source: ({ name }, { about, at }) =>
    `Région ${name} : la source « ${nameOf(about)} » n’a pas pu être collectée ou lue le ${momentText(at)}. Rien n’a été changé : le dernier état reste en place.`,
  run: ({ name }, { at }) =>
    `Région ${name} : le passage du ${momentText(at)} a échoué. Rien n’a été changé : le dernier état reste en place.`,
  apply: ({ name }, { at }) =>
    `Région ${name} : l’envoi planifié du ${momentText(at)} a échoué. Ce qui est approuvé attend le suivant.`,
  fullReading: ({ name }, { at }) =>
    `Région ${name} : la relecture complète du répertoire était due le ${momentText(at)}.`,
};

function pathOf({ about, seen }: Incident): string {
  if (about === 'apply' || about === 'fullReading') return '/sources';
  return `/passages/${encodeURIComponent(seen)}`;
}
