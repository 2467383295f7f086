import { counted } from '../domain/counted.js';
import { momentText } from '../domain/time.js';
import type { MirrorState } from '../runs/mirror-state.js';

const STATES: Readonly<Record<MirrorState['state'], string>> = {
  never: 'jamais lu en entier',
  fresh: 'à jour',
  late: 'lecture complète en retard (une par semaine)',
};

/** In the form of the other sources: state, owner and rhythm, dates, counts, what to do. */
export function mirrorStateText(mirror: MirrorState, region: string): string {
  const { place, state, lastFull, lastReading, seenUntil, offers } = mirror;
  return [
    `répertoire régional : ${STATES[state]}`,
    '    Offres que d’autres décrivent (ROR, FHIR R4). Éditeur : le GRADeS de la région. Rythme : à chaque passage, en entier chaque semaine.',
    `    connu jusqu’au : ${moment(seenUntil)} | dernière lecture : ${moment(lastReading)} | dernière complète : ${moment(lastFull)}`,
    `    ${counted(offers.read, 'offre lue', 'offres lues')}, ${offers.rareDisease} de maladies rares, ${counted(offers.setAside, 'mise de côté', 'mises de côté')} (sans identifiant), ${place}`,
    ...(state === 'fresh' ? [] : [`    Que faire : filror mirror refresh --region ${region} --full`]),
  ].join('\n');
}

function moment(iso: string | null): string {
  return iso === null ? 'aucune' : momentText(new Date(iso));
}
