import type { ChangeState } from '../domain/change.js';
import { momentText, parisClock, parisDay } from '../domain/time.js';
import { openedOfPlan } from './at-once.js';
import { link, signed, type Draft, type Place } from './draft.js';
import type { OpenThread } from './incidents.js';
import { counted } from '../domain/counted.js';
import { listed, some, subjectOf } from './words.js';

/** Kinds of the journal that a digest counts. */
export const TOLD_IN_DIGEST = [
  'plan',
  'approve',
  'reject',
  'apply',
  'transmit',
  'applyConflict',
  'applyRefused',
  'applyUncertain',
  'agreement.agree',
  'agreement.refuse',
  'followup.seen',
  'followup.expired',
  'slot.failed',
] as const;

/**
 * The day in Paris, `2026-03-29`, whose digest is due now; null when it is not time yet, or it was dealt with. The wall
 * clock decides: an hour that a night of March lacks comes when it is past, one that a night of October has twice comes
 * the first time. A day on which nobody looked has none: the next digest tells what it would have told.
 */
export function digestDue(now: Date, time: string, lastDay: string): string | null {
  const day = parisDay(now).split('/').reverse().join('-');
  return day > lastDay && parisClock(now) >= time ? day : null;
}

export interface DigestFacts {
  readonly entries: readonly { readonly kind: string; readonly body: string }[];
  /** States of the changes that are open. */
  readonly states: readonly ChangeState[];
  readonly threads: readonly OpenThread[];
  /** Reminders that are due to hospitals that have no correspondent in mail.yaml. */
  readonly remindersByHand: number;
}

/** What happened since the last one and what waits; null when there is neither: no mail is the best news. */
export function digest(place: Place, day: string, facts: DigestFacts): Draft | null {
  const happened = happenings(facts.entries);
  const waits = waiting(place, facts);
  if (happened.length + waits.length === 0) return null;
  const date = day.split('-').reverse().join('/');
  const decide = facts.states.filter((state) => state === 'proposed').length;
  const brief = decide === 0 ? 'rien à approuver' : `${counted(decide, 'changement')} à approuver`;
  return {
    kind: 'digest',
    audience: 'all',
    about: `jour:${day}`,
    subject: subjectOf(place.code, `Récapitulatif du ${date} : ${brief}`),
    body: signed(place, [
      `Région ${place.name}, depuis le dernier récapitulatif :\n${list(happened, 'rien de nouveau')}`,
      `Ce qui attend :\n${list(waits, 'rien')}`,
      link(place, ''),
    ]),
  };
}

function list(lines: readonly string[], none: string): string {
  return (lines.length === 0 ? [none] : lines).map((line) => `- ${line}`).join('\n');
}

function happenings(entries: DigestFacts['entries']): string[] {
  const count = (...kinds: readonly string[]): number =>
    entries.filter(({ kind }) => kinds.includes(kind)).length;
  const opened = entries
    .filter(({ kind }) => kind === 'plan')
    .flatMap(({ body }) => openedOfPlan.parse(JSON.parse(body)).opened);
  const as = (kind: string): number => opened.filter((change) => change.kind === kind).length;
  const kinds = listed([
    some(as('create'), 'création'),
    some(as('attach'), 'rattachement'),
    some(as('modify'), 'modification'),
    some(as('enrich'), 'enrichissement'),
    some(as('withdraw'), 'retrait de label', 'retraits de label'),
    some(as('close'), 'fermeture'),
  ]);
  const lines = [
    opened.length === 0
      ? null
      : `${counted(opened.length, 'changement proposé', 'changements proposés')} : ${kinds}`,
    some(count('approve'), 'approbation'),
    some(count('reject'), 'rejet'),
    some(count('apply'), 'offre écrite au répertoire', 'offres écrites au répertoire'),
    some(count('transmit'), 'changement transmis', 'changements transmis'),
    some(count('followup.seen'), 'saisie constatée', 'saisies constatées'),
    some(count('followup.expired'), 'fiche expirée', 'fiches expirées'),
    some(count('agreement.agree'), 'accord d’établissement', 'accords d’établissements'),
    some(count('agreement.refuse'), 'refus d’établissement', 'refus d’établissements'),
    some(count('applyConflict'), 'conflit'),
    some(
      count('applyRefused', 'applyUncertain'),
      'envoi refusé ou incertain',
      'envois refusés ou incertains',
    ),
    some(count('slot.failed'), 'passage planifié en échec', 'passages planifiés en échec'),
  ];
  return lines.filter((line) => line !== null);
}

function waiting(place: Place, { states, threads, remindersByHand }: DigestFacts): string[] {
  const of = (...wanted: readonly ChangeState[]): number =>
    states.filter((state) => wanted.includes(state)).length;
  const line = (text: string | null, path: string): string | null =>
    text === null ? null : `${text} : ${link(place, path)}`;
  const at = '/changements?etat=';
  const lines = [
    line(some(of('proposed'), 'changement à approuver', 'changements à approuver'), `${at}proposed`),
    line(
      some(
        of('toComplete', 'toReconfirm', 'question'),
        'changement à compléter ou à éclaircir',
        'changements à compléter ou à éclaircir',
      ),
      `${at}asked`,
    ),
    line(some(of('conflict'), 'conflit à regarder', 'conflits à regarder'), `${at}conflict`),
    some(
      of('uncertain'),
      'envoi incertain (filror attend et conclut)',
      'envois incertains (filror attend et conclut)',
    ),
    line(
      some(of('transmitted'), 'changement transmis, pas encore vu', 'changements transmis, pas encore vus'),
      '/a-saisir',
    ),
    line(some(remindersByHand, 'relance à faire à la main', 'relances à faire à la main'), '/accords'),
    ...threads.map(
      (thread) => `${thread.subject.replace(/^\[[^\]]*\] /, '')}, depuis le ${momentText(thread.openedAt)}`,
    ),
  ];
  return lines.filter((each) => each !== null);
}
