import type { AppliedRow, OfferVersion, PastAttempt } from '../db/as-of.js';
import type { Agreement } from '../db/agreements.js';
import type { AnswerEver, SaidInterval } from '../db/centre-history.js';
import type { StoredChange } from '../db/changes.js';
import type { Decision } from '../db/decisions.js';
import type { FollowupEvent } from '../db/followups.js';
import { labelText, type CentreObservation } from '../domain/centre.js';
import { KIND_WORDS, STATE_WORDS } from '../domain/change.js';
import type { PersonId } from '../domain/ids.js';
import { frenchDay, parisIsoDay } from '../domain/time.js';
import { CHANNEL_WORDS } from '../followup/agree.js';
import { kindText } from '../journal/words.js';
import { termOf } from '../ror/terms.js';
import { ANSWER_WORDS, answerText } from './answer-words.js';
import { dayOf } from './merged-centre.js';
import type { PastRecord } from './as-of.js';

/** Something that was recorded, told in French. */
export interface Happening {
  readonly at: Date;
  /** `people`: somebody decided or answered; `sending`: what went out, and what came of it. */
  readonly theme: 'lists' | 'ror' | 'plan' | 'people' | 'sending';
  readonly text: string;
  /** Change that it is about. */
  readonly change: string | null;
  /** Entry of the journal that holds it, where it is known. */
  readonly entry: number | null;
}

type NameOf = (person: PersonId) => string;

/** Everybody whose name the happenings tell. */
export function peopleOf(record: PastRecord): PersonId[] {
  return [
    ...record.answers.flatMap(({ author, undoing }) => [
      author,
      ...(undoing === null ? [] : [undoing.author]),
    ]),
    ...record.decisions.flatMap(({ person, onBehalfOf }) => [person, ...present(onBehalfOf)]),
    ...record.agreements.map(({ recordedBy }) => recordedBy),
    ...record.followups.flatMap(({ person }) => present(person)),
    ...record.journal.flatMap(({ actor }) => present(actor)),
  ];
}

const present = <T>(value: T | null): T[] => (value === null ? [] : [value]);

/** All that happened, oldest first; of one instant, in the order in which the stages of a run act. */
export function happenings(record: PastRecord, name: NameOf): Happening[] {
  return [
    ...lists(record.said),
    ...record.attempts.flatMap((each) => sent(each, record, name)),
    ...record.offers.flatMap((identifier) => readings(record, identifier)),
    ...record.answers.flatMap((each) => answered(each, name)),
    ...record.changes.flatMap((change) => planned(change, record)),
    ...record.agreements.map((each) => agreed(each, name)),
    ...record.decisions.map((each) => decided(each, record, name)),
    ...record.followups.flatMap((each) => followed(each, name)),
    ...served(record.applied),
  ].sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** Days in Paris on which something happened, oldest first. */
export function daysOf(found: readonly Happening[]): readonly { iso: string; happenings: Happening[] }[] {
  const days = new Map<string, Happening[]>();
  for (const each of found) {
    const iso = parisIsoDay(each.at);
    const known = days.get(iso);
    if (known === undefined) days.set(iso, [each]);
    else known.push(each);
  }
  return [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([iso, each]) => ({ iso, happenings: each }));
}

function told(
  at: Date,
  theme: Happening['theme'],
  text: string,
  of: Partial<Pick<Happening, 'change' | 'entry'>> = {},
): Happening {
  return { at, theme, text, change: of.change ?? null, entry: of.entry ?? null };
}

function lists(said: readonly SaidInterval[]): Happening[] {
  const follows = (each: SaidInterval, no: number | undefined): boolean =>
    said.some((other) => other.source === each.source && other.key === each.key && other.until?.no === no);
  return said.flatMap((each) => {
    const { source, from, until, key } = each;
    const list = `La liste « ${source} »`;
    const verb = follows(each, from.no) ? 'dit autre chose de ce centre' : 'dit ce centre';
    const begun = told(
      from.fetchedAt,
      'lists',
      `${list} (${from.fileName}, du ${frenchDay(dayOf(from))}) ${verb} : ${saidText(each)}.`,
    );
    const goesOn = said.some(
      (other) => other.source === source && other.key === key && other.from.no === until?.no,
    );
    if (until === null || goesOn) return [begun];
    return [begun, told(until.fetchedAt, 'lists', `${list} (${until.fileName}) ne dit plus ce centre.`)];
  });
}

/** "CCMR, campagne 2023 ; filière FIMARAD ; CH de Dieppe, Dieppe" */
export function saidText({ content }: Pick<SaidInterval, 'content'>): string {
  const { label, filiere, hospital, town } = JSON.parse(content) as CentreObservation;
  const place = [hospital, town].filter((part) => part !== null && part !== '').join(', ');
  return [labelText(label), `filière ${filiere}`, ...(place === '' ? [] : [place])].join(' ; ');
}

function readings({ versions, attempts }: PastRecord, identifier: string): Happening[] {
  const before = new Map<string, OfferVersion>();
  const found: Happening[] = [];
  for (const version of versions) {
    const last = before.get(version.remoteId);
    before.set(version.remoteId, version);
    const text = readingText(version, last, identifier);
    if (text === null) continue;
    const back = attempts.find(
      ({ endedAt, state }) =>
        endedAt?.getTime() === version.seenAt.getTime() && (state === 'done' || state === 'refused'),
    );
    const after = back === undefined || version.gone ? '' : ', relue après l’envoi de filror';
    found.push(told(version.seenAt, 'ror', `${text}${after}.`));
  }
  return found;
}

function readingText(
  version: OfferVersion,
  last: OfferVersion | undefined,
  identifier: string,
): string | null {
  const ours = version.identifier === identifier;
  const offer = `L’offre ${identifier}`;
  const numbered = version.versionId === null ? '' : ` (version ${version.versionId})`;
  if (last?.identifier !== identifier || last.gone) {
    if (!ours || version.gone) return null;
    const again = last === undefined ? 'lue pour la première fois' : 'lue de nouveau';
    return `${offer} est ${again} dans le ROR${numbered}`;
  }
  if (version.gone) return `${offer} n’est plus dans le ROR`;
  if (!ours) return `La ressource de l’offre ${identifier} porte un autre numéro${numbered}`;
  return `${offer} a changé dans le ROR${numbered}`;
}

function planned({ id, kind, openedAt, closedAt, state }: StoredChange, record: PastRecord): Happening[] {
  const opening = record.steps.get(id)?.[0]?.state ?? null;
  const word = opening === null ? 'état non connu' : STATE_WORDS[opening];
  const opened = told(openedAt, 'plan', `Proposé : ${KIND_WORDS[kind].word} (${word}).`, { change: id });
  if (state !== 'superseded' || closedAt === null) return [opened];
  return [opened, told(closedAt, 'plan', 'Remplacé par un nouveau calcul du plan.', { change: id })];
}

function answered(answer: AnswerEver, name: NameOf): Happening[] {
  const words = ANSWER_WORDS[answer.kind];
  const text = `${words.charAt(0).toUpperCase()}${words.slice(1)}${answerText(answer)}`;
  const { undoing } = answer;
  const given = told(answer.at, 'people', `${text}, par ${name(answer.author)}.`);
  if (undoing === null) return [given];
  return [given, told(undoing.at, 'people', `Repris par ${name(undoing.author)} : ${words}.`)];
}

function decided(decision: Decision, { journal, changes }: PastRecord, name: NameOf): Happening {
  const { verdict, person, onBehalfOf, reason, at, changeId } = decision;
  const deputy = onBehalfOf === null ? '' : `, au nom de ${name(onBehalfOf)}`;
  const why = reason === null ? '' : ` : « ${reason} »`;
  const word = verdict === 'approve' ? 'Approuvé' : 'Rejeté';
  const entry = journal.find(
    ({ kind, change, actor }) => kind === verdict && change === changeId && actor === person,
  );
  const quorum = changes.find(({ id }) => id === changeId)?.quorum ?? 1;
  const voices = entry?.approvals ?? null;
  const counted = quorum === 1 || voices === null ? '' : ` (${String(voices)} voix sur ${String(quorum)})`;
  return told(at, 'people', `${word} par ${name(person)}${deputy}${counted}${why}.`, {
    change: changeId,
    entry: entry?.no ?? null,
  });
}

function agreed(agreement: Agreement, name: NameOf): Happening {
  const { verdict, givenBy, givenOn, channel, reason, recordedBy, recordedAt, changeId } = agreement;
  const by = `enregistré par ${name(recordedBy)}`;
  const on = givenOn === null ? '' : ` le ${frenchDay(givenOn)}`;
  const way = channel === null ? '' : ` (${CHANNEL_WORDS[channel]})`;
  const why = reason === null ? '' : ` : « ${reason} »`;
  const from = givenBy === null ? '' : `, ${givenBy},`;
  const text = {
    agree: `L’établissement${from} a donné son accord${on}${way}, ${by}.`,
    refuse: `L’établissement${from} a refusé${on}${way}${why}, ${by}.`,
    undo: `Réponse de l’établissement reprise par ${name(recordedBy)}${why}.`,
  }[verdict];
  return told(recordedAt, 'people', text, { change: changeId });
}

function sent(attempt: PastAttempt, { journal }: PastRecord, name: NameOf): Happening[] {
  const { no, changeId, way, sentAt, endedAt } = attempt;
  const acts = journal.filter((act) => act.attempt === no && act.change === changeId);
  const last = acts.findLast(({ kind }) => kind !== 'applyUncertain');
  const actor = last?.actor ?? null;
  const by = actor === null ? '' : ` par ${name(actor)}`;
  const of = { change: changeId, entry: last?.no ?? null };
  if (way === 'sheet' || way === 'task') {
    const text = way === 'sheet' ? 'fiche' : 'signalement';
    return endedAt === null ? [] : [told(endedAt, 'sending', `Transmis${by} à qui saisit (${text}).`, of)];
  }
  return [
    ...(sentAt === null || way === 'none' ? [] : [told(sentAt, 'sending', `Envoyé au ROR${by}.`, of)]),
    ...acts
      .filter(({ kind }) => kind === 'applyUncertain')
      .map(({ at, no: entry }) =>
        told(at, 'sending', 'Issue de l’envoi inconnue.', { change: changeId, entry }),
      ),
    ...(endedAt === null ? [] : [told(endedAt, 'sending', `${endText(attempt)}.`, of)]),
  ];
}

function endText({ state, way, outcome }: PastAttempt): string {
  const message = outcome?.['message'];
  // The remedy was for that day.
  const said = typeof message === 'string' ? (message.split(' Que faire')[0] ?? '') : '';
  const why = said === '' ? '' : ` : ${said.replace(/\.$/, '')}`;
  switch (state) {
    case 'done':
      return way === 'none' ? 'Appliqué sans rien envoyer au ROR' : 'Écrit dans le ROR, et relu';
    case 'refused':
      return `Pas écrit, ou pas en entier${why}`;
    case 'abandoned':
      return outcome?.['moved'] === undefined
        ? `Envoi abandonné${why}`
        : 'Pas envoyé : l’offre avait changé dans le ROR depuis l’approbation';
    case 'open':
    case 'uncertain':
      return `Issue inconnue${why}`;
  }
}

function followed({ kind, at, owner, reason, person, changeId }: FollowupEvent, name: NameOf): Happening[] {
  // The sending tells it already.
  if (kind === 'transmitted') return [];
  const words = kindText(`followup.${kind}`);
  const to = owner === null ? '' : ` à ${owner}`;
  const by = person === null ? '' : ` par ${name(person)}`;
  const why = reason === null ? '' : ` : ${reason}`;
  const text = `${words.charAt(0).toUpperCase()}${words.slice(1)}${to}${by}${why}.`;
  return [told(at, person === null ? 'sending' : 'people', text, { change: changeId })];
}

/** What is given beside the ROR, one line for what began or ended together. */
function served(applied: readonly AppliedRow[]): Happening[] {
  const together = new Map<string, AppliedRow[]>();
  for (const row of applied) {
    if (row.channel !== 'served') continue;
    const key = `${row.identifier}|${String(row.at.getTime())}|${row.readBack === null ? 'ended' : 'begun'}`;
    together.set(key, [...(together.get(key) ?? []), row]);
  }
  return [...together.values()].flatMap((rows) => {
    const [first] = rows;
    if (first === undefined) return [];
    const what = [...new Set(rows.map(({ key }) => termOf(key)))].join(', ');
    const verb = first.readBack === null ? 'filror ne sert plus' : 'filror sert';
    return [told(first.at, 'sending', `${verb}, à côté du ROR : ${what} (offre ${first.identifier}).`)];
  });
}
