import { DAY_MS, parisDay } from '../domain/time.js';
import { canonicalHash } from '../domain/json.js';
import type { AskedAgreement } from '../runs/agreements-asked.js';
import { link, signed, type Draft, type Place } from './draft.js';
import { counted } from '../domain/counted.js';
import { oneLine, subjectOf } from './words.js';

/** One form of one change, and how many times it has been reminded of, this one included; 0: the deadline is over. */
export interface AskedForm {
  readonly change: string;
  readonly hash: string;
  readonly askedAt: string;
  readonly time: number;
}

/** What a reminder asks for; kept with the message, since its link is made only when it is sent. */
export interface Asks {
  readonly ej: string;
  readonly forms: readonly AskedForm[];
  /** The day by which an answer is expected: the link is worth nothing after it. */
  readonly until: string;
}

export interface AskingDraft extends Draft {
  readonly asks: Asks;
}

/** A line of its own in the body of a reminder, replaced by the signed link when it is sent. */
export const LINK_LINE = '<lien signé>';

interface Due {
  readonly form: AskedForm;
  readonly item: AskedAgreement;
}

/**
 * Reminders and deadlines that are due: one message for each legal entity, for the forms that were not yet told of. A
 * change is reminded of every `reminderDays` until its deadline, then the region's reviewers are told once.
 * @param told forms of the messages that were already decided
 * @param known legal entities that have a correspondent
 */
export function dueReminders(
  place: Place,
  asked: readonly AskedAgreement[],
  told: readonly AskedForm[],
  known: ReadonlySet<string>,
  now: Date,
  reminderDays: number,
): { readonly drafts: readonly AskingDraft[]; readonly byHand: number } {
  const before = new Set(told.map(keyOf));
  const byEntity = new Map<string, { late: Due[]; due: Due[] }>();
  let byHand = 0;
  for (const item of asked) {
    const { ej, standing, askedAt, overdueAt } = item;
    if (standing !== null || askedAt === null || overdueAt === null || ej === null) continue;
    const late = overdueAt <= now;
    const time = late ? 0 : Math.floor((now.getTime() - askedAt.getTime()) / (reminderDays * DAY_MS));
    if (!late && time === 0) continue;
    if (!late && !known.has(ej)) {
      byHand += 1;
      continue;
    }
    const form = { change: item.change.id, hash: item.change.hash, askedAt: askedAt.toISOString(), time };
    if (before.has(keyOf(form))) continue;
    const group = byEntity.get(ej) ?? { late: [], due: [] };
    byEntity.set(ej, group);
    group[late ? 'late' : 'due'].push({ form, item });
  }
  const drafts = [...byEntity].flatMap(([ej, { late, due }]) => [
    ...(due.length === 0 ? [] : [reminder(place, ej, due)]),
    ...(late.length === 0 ? [] : [overdue(place, ej, late)]),
  ]);
  return { drafts, byHand };
}

function keyOf({ change, hash, askedAt, time }: AskedForm): string {
  return [change, hash, askedAt, time].join('|');
}

function asksOf(ej: string, due: readonly Due[]): Asks {
  const ends = due.flatMap(({ item }) => item.overdueAt ?? []);
  return {
    ej,
    forms: due.map(({ form }) => form),
    until: new Date(Math.min(...ends.map((end) => end.getTime()))).toISOString(),
  };
}

function reminder(place: Place, ej: string, due: readonly Due[]): AskingDraft {
  const asks = asksOf(ej, due);
  const what = counted(due.length, 'changement');
  const hospital = oneLine(due[0]?.item.hospital ?? '', 80);
  return {
    kind: 'reminder',
    audience: `establishment:${ej}`,
    about: canonicalHash(asks.forms),
    subject: subjectOf(place.code, `Accord attendu pour ${what} – ${hospital}`),
    body: signed(place, [
      'Bonjour,',
      `L’équipe maladies rares de la région ${place.name} attend l’accord de votre établissement (${hospital}, FINESS ${ej}) pour ${what} à publier dans le ROR.`,
      `Réponse attendue avant le ${parisDay(new Date(asks.until))}, sans compte, à cette adresse :\n${LINK_LINE}`,
      'Lire la page n’engage à rien : elle demande une réponse, d’accord ou de refus. Qui a cette adresse peut répondre pour l’établissement : ne la transmettez qu’à la personne habilitée.',
    ]),
    asks,
  };
}

function overdue(place: Place, ej: string, late: readonly Due[]): AskingDraft {
  const asks = asksOf(ej, late);
  const what = counted(late.length, 'changement');
  const hospital = oneLine(late[0]?.item.hospital ?? '', 80);
  return {
    kind: 'overdue',
    audience: 'reviewers',
    about: canonicalHash(asks.forms),
    subject: subjectOf(place.code, `Délai dépassé pour ${what} – ${hospital}`),
    body: signed(place, [
      `Région ${place.name} : ${hospital} (FINESS ${ej}) n’a pas répondu pour ${what}. Le délai est passé depuis le ${parisDay(new Date(asks.until))}.`,
      `Que faire : prévenez la direction de l’établissement et le comité de pilotage, puis créez un autre lien :\n${link(place, '/accords')}`,
    ]),
    asks,
  };
}
