import type { FollowupEvent, FollowupKind } from '../db/followups.js';
import { KIND_WORDS } from '../domain/change.js';
import type { Followed } from '../followup/follow.js';
import { STEP_WORDS, type QueueItem } from '../followup/queue.js';
import { parisDay } from '../domain/time.js';
import type { TypedOtherwise } from '../followup/compare.js';
import { END_SIGNS, END_WORDS } from '../followup/words.js';
import { columnsOf } from '../ror/columns.js';
import type { Labels } from '../ror/describe.js';
import type { CentreIdentity } from '../runs/report.js';
import { identityLine } from './render.js';

type Centres = Readonly<Record<string, CentreIdentity>>;

/** One line an item: step, kind, identity, then who, since when, and what is expected. */
export function queueText(
  items: readonly QueueItem[],
  centres: Centres,
  region: string,
  codes: Labels,
): string {
  if (items.length === 0) return `${region} : rien n’est à saisir dans le ROR.\n`;
  const counts = Object.entries(STEP_WORDS)
    .map(([step, word]) => ({ word, count: items.filter((item) => item.step === step).length }))
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${word}`);
  const lines = items.flatMap((item) => itemLines(item, centres, codes));
  return `${[`${region}, à saisir dans le ROR : ${counts.join(', ')}.`, ...lines].join('\n')}\n`;
}

function itemLines(item: QueueItem, centres: Centres, codes: Labels): string[] {
  const { change, step } = item;
  const { sign, word } = KIND_WORDS[change.kind];
  return [
    `  ${STEP_WORDS[step].padEnd(15)} ${sign} ${word.padEnd(16)} ${change.id}  ${identityLine(change, centres)}`,
    ...itemDetails(item, codes).map((line) => `      ${line}`),
  ];
}

/** Who, since when and until when, why, and what to do. */
function itemDetails(item: QueueItem, codes: Labels): string[] {
  const facts = [
    item.owner === null ? 'à confier' : item.owner,
    `depuis ${item.ageDays} jour(s)`,
    item.expiresAt === null ? null : `à saisir avant le ${parisDay(item.expiresAt)}`,
    item.reminderDue ? 'À RELANCER' : item.remindAt === null ? null : `relance le ${parisDay(item.remindAt)}`,
    item.reminders === 0 ? null : `${item.reminders} relance(s)`,
  ].filter((part) => part !== null);
  const next = NEXT[item.step];
  return [
    facts.join(' · '),
    ...(item.reason === null ? [] : [item.reason]),
    ...(item.columns as readonly TypedOtherwise[]).map((columns) => columnsText(columns, codes)),
    ...(next === undefined ? [] : [`Que faire : ${next.replace('ID', item.change.id)}`]),
  ];
}

function columnsText({ key, before, asked, now }: TypedOtherwise, codes: Labels): string {
  const [was, wanted, says] = columnsOf([before, asked, now], codes);
  return `! ${key} : avant ${was ?? ''} | demandé ${wanted ?? ''} | ROR ${says ?? ''}`;
}

const EVENT_WORDS: Readonly<Record<FollowupKind, string>> = {
  transmitted: 'transmis',
  assigned: 'confié',
  reminded: 'relancé',
  ...END_WORDS,
};

/**
 * Where one change stands on its way into the ROR by hand, and the dated steps behind it; empty for what filror writes
 * itself. What ended long ago is no more in the queue: its steps still say how.
 */
export function followupText(
  item: QueueItem | null,
  events: readonly FollowupEvent[],
  codes: Labels,
): string {
  const last = events.findLast(({ kind }) => kind !== 'assigned' && kind !== 'reminded');
  const step = item !== null ? STEP_WORDS[item.step] : last === undefined ? null : EVENT_WORDS[last.kind];
  if (step === null) return '';
  return [
    `Saisie dans le ROR : ${step}`,
    ...events.map(eventLine),
    ...(item === null ? [] : itemDetails(item, codes)).map((line) => `  ${line}`),
  ].join('\n');
}

function eventLine({ kind, at, owner, expiresAt, reason }: FollowupEvent): string {
  const more = [
    owner === null ? null : `à ${owner}`,
    expiresAt === null ? null : `à saisir avant le ${parisDay(expiresAt)}`,
    reason,
  ].filter((part) => part !== null);
  return `  ${parisDay(at)} ${EVENT_WORDS[kind]}${more.length === 0 ? '' : ` : ${more.join(', ')}`}`;
}

const NEXT: Partial<Readonly<Record<QueueItem['step'], string>>> = {
  agreement: 'demandez l’accord de l’établissement, puis « filror agree ID … ».',
  disagreed:
    'rejetez le changement (filror reject ID), ou enregistrez l’accord s’il est revenu sur son refus.',
  ready: '« filror apply » écrit la fiche et transmet.',
  differs:
    'voyez avec l’établissement laquelle des deux valeurs est juste ; « filror sync » repart de ce que dit le ROR.',
};

/** What is to be sent to whoever types: filror sends no mail, it says what to write and remembers that it was said. */
export function reminderText(items: readonly QueueItem[], centres: Centres): string {
  if (items.length === 0) return 'Personne n’est à relancer.\n';
  return items
    .map(
      ({ change, owner, since, expiresAt }) =>
        `À ${owner ?? 'qui saisit pour l’établissement'} : la fiche ${change.id} (${identityLine(change, centres)}), transmise le ${parisDay(since)}, n’est pas encore visible dans le ROR${expiresAt === null ? '' : ` ; elle expire le ${parisDay(expiresAt)}`}. Merci de la saisir, ou de dire pourquoi elle ne le sera pas.\n`,
    )
    .join('');
}

export function followedLine({ change, end, message }: Followed): string {
  return `${END_SIGNS[end]} ${change} ${END_WORDS[end]} : ${message}.`;
}

/** Stable keys, for people's tools. */
export function queueJson(item: QueueItem): object {
  const { change, ...rest } = item;
  return {
    change: change.id,
    kind: change.kind,
    target: change.target,
    centres: change.centres,
    hash: change.hash,
    ...rest,
  };
}
