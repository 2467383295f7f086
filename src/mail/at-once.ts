import { z } from 'zod';
import { counted } from '../domain/counted.js';
import { listed, some, subjectOf } from './words.js';
import { link, signed, type Draft, type Place } from './draft.js';

/** Kinds of the journal that are told as soon as they are read. Anything else waits for the digest, or is not told. */
export const TOLD_AT_ONCE = [
  'plan',
  'applyConflict',
  'applyRefused',
  'applyUncertain',
  'anomaly.refused',
  'anomaly.uncertain',
  'agreement.agree',
  'agreement.refuse',
  'agreement.undo',
] as const;

/** What mail reads of the body of a `plan`: kinds and states, never a value. */
export const openedOfPlan = z.object({
  opened: z.array(z.object({ kind: z.string(), state: z.string() })),
});

interface Entry {
  readonly no: number;
  readonly kind: string;
  readonly body: string;
}

/**
 * What entries of the journal, in order, mean for people who must know at once: one message for each sort of thing, with
 * counts and a link, however many entries there are. Pure; the same entries give the same messages.
 */
export function atOnce(place: Place, entries: readonly Entry[]): Draft[] {
  const [first, last] = [entries[0], entries.at(-1)];
  if (first === undefined || last === undefined) return [];
  const count = (...kinds: readonly string[]): number =>
    entries.filter(({ kind }) => kinds.includes(kind)).length;
  const opened = entries
    .filter(({ kind }) => kind === 'plan')
    .flatMap(({ body }) => openedOfPlan.parse(JSON.parse(body)).opened);
  const openedAs = (kind: string): number => opened.filter((change) => change.kind === kind).length;
  const about = `journal:${first.no}-${last.no}`;
  const conflicts = count('applyConflict') + opened.filter(({ state }) => state === 'conflict').length;
  return [
    ...(conflicts === 0 ? [] : [conflict(place, about, conflicts)]),
    ...refused(place, about, {
      refusals: count('applyRefused', 'anomaly.refused'),
      uncertain: count('applyUncertain', 'anomaly.uncertain'),
    }),
    ...withdrawn(place, about, { labels: openedAs('withdraw'), closures: openedAs('close') }),
    ...answered(place, about, {
      agreed: count('agreement.agree'),
      refusals: count('agreement.refuse'),
      undone: count('agreement.undo'),
    }),
  ];
}

function conflict(place: Place, about: string, count: number): Draft {
  return {
    kind: 'conflict',
    audience: 'all',
    about,
    subject: subjectOf(place.code, `${counted(count, 'conflit')} à regarder`),
    body: signed(place, [
      `Dans la région ${place.name}, ${counted(count, 'changement')} ${count > 1 ? 'sont' : 'est'} en conflit : le ROR ne dit plus ce qu’il disait quand ${count > 1 ? 'ils ont été montrés' : 'il a été montré'}. Rien n’a été écrit par-dessus.`,
      `Que faire : ouvrez chaque changement et choisissez, les trois valeurs y sont :\n${link(place, '/changements?etat=conflict')}`,
    ]),
  };
}

function refused(
  place: Place,
  about: string,
  { refusals, uncertain }: { readonly refusals: number; readonly uncertain: number },
): Draft[] {
  if (refusals + uncertain === 0) return [];
  const what = listed([
    some(refusals, 'envoi refusé', 'envois refusés'),
    some(uncertain, 'envoi incertain', 'envois incertains'),
  ]);
  return [
    {
      kind: 'refused',
      audience: 'operators',
      about,
      subject: subjectOf(place.code, what),
      body: signed(place, [
        `Dans la région ${place.name} : ${what} par le répertoire régional.`,
        ...(refusals === 0
          ? []
          : [
              `Que faire des refus : ouvrez le journal, lisez la raison donnée par le répertoire :\n${link(place, '/journal')}`,
            ]),
        ...(uncertain === 0
          ? []
          : [
              'Que faire des incertains : rien pour l’instant. filror attend, relit le répertoire et conclut ; rien d’autre n’est envoyé pour ces offres d’ici là.',
            ]),
      ]),
    },
  ];
}

function withdrawn(
  place: Place,
  about: string,
  { labels, closures }: { readonly labels: number; readonly closures: number },
): Draft[] {
  if (labels + closures === 0) return [];
  const what = listed([some(labels, 'retrait de label', 'retraits de label'), some(closures, 'fermeture')]);
  return [
    {
      kind: 'withdrawal',
      audience: 'reviewers',
      about,
      subject: subjectOf(place.code, `${what} à décider`),
      body: signed(place, [
        `Dans la région ${place.name}, filror propose : ${what}. Chacun demande deux personnes et une confirmation écrite ; rien n’est fait sans elles.`,
        `Que faire : lisez la raison et la preuve, puis approuvez ou rejetez :\n${link(place, '/changements')}`,
      ]),
    },
  ];
}

function answered(
  place: Place,
  about: string,
  {
    agreed,
    refusals,
    undone,
  }: { readonly agreed: number; readonly refusals: number; readonly undone: number },
): Draft[] {
  if (agreed + refusals + undone === 0) return [];
  const what = listed([
    some(agreed, 'accord'),
    some(refusals, 'refus', 'refus'),
    some(undone, 'réponse reprise', 'réponses reprises'),
  ]);
  return [
    {
      kind: 'agreement',
      audience: 'reviewers',
      about,
      subject: subjectOf(place.code, `Réponses d’établissements : ${what}`),
      body: signed(place, [
        `Dans la région ${place.name}, des établissements ont répondu : ${what}.`,
        `Un accord ne remplace pas l’approbation. Que faire : voyez ce qui reste à approuver, et la raison des refus :\n${link(place, '/accords')}`,
      ]),
    },
  ];
}
