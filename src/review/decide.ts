import { append } from '../journal/append.js';
import type { ReviewConfig } from '../config/schema/review.js';
import { unsettledAttempts } from '../db/attempts.js';
import { authorsOf, lockChange, setChangeState, type StoredChange } from '../db/changes.js';
import { addDecision, countingApprovers, decisionsOf, type Decision } from '../db/decisions.js';
import { standingGrants, type Actor, type PersonId } from '../db/people.js';
import { lockRegion, setRegionRules } from '../db/runs.js';
import { inTransaction, type Db } from '../db/types.js';
import { STATE_WORDS, type ChangeState } from '../domain/change.js';
import { RefusalError } from '../domain/errors.js';
import { keptText } from '../domain/plain-words.js';
import { ROLE_WORDS } from '../domain/roles.js';
import { DAY_MS } from '../domain/time.js';

export interface DecisionContext {
  readonly db: Db;
  readonly region: string;
  readonly review: ReviewConfig;
  readonly person: Actor;
  readonly now: Date;
}

/** A change in the form that a person saw. */
export type ShownForm = Pick<StoredChange, 'id' | 'hash'>;

export interface ApprovalResult {
  readonly approvals: number;
  readonly quorum: number;
  readonly approved: boolean;
}

/**
 * One person approves one change in exactly the form shown (its hash). The database refuses authors whatever this
 * code does; the checks here only say it better. What enough people approved already takes no further approval, unless
 * one of theirs counts no more (a right withdrawn since).
 * @param shown the change as the person saw it; what is stored now decides
 * @throws RefusalError `FOUR_EYES`, `NOT_APPROVABLE`, `NOT_AS_SHOWN`, `NO_GRANT`, `ALREADY_DECIDED`, `APPROVED_ENOUGH`
 */
export async function approve(context: DecisionContext, shown: ShownForm): Promise<ApprovalResult> {
  const { db, region, person, now } = context;
  return await inTransaction(db, async (trx) => {
    await lockRegion(trx, region);
    await setRegionRules(trx, region, { grantMaxAgeDays: context.review.grantMaxAgeDays });
    const rights = await reviewerRights(context, trx);
    const change = await asShown(trx, region, shown);
    if (change.state !== 'proposed' && change.state !== 'approved') throw notApprovable(change);
    const authors = await authorsOf(trx, region, change.id);
    const authored = new Set(authors.map((author) => author.person));
    if (authored.has(person.id)) throw fourEyes(change, person);
    const decisions = (await decisionsOf(trx, region, change.id)).filter(({ hash }) => hash === change.hash);
    const right = lentVoice(rights, authored, voicesOf(decisions));
    if (right === undefined) throw deputyOfAuthor(change, person);
    const own = decisions.some((decision) => decision.person === person.id);
    if (!own && (await approvedEnough(context, trx, change))) throw enough(change);
    try {
      await addDecision(trx, {
        region,
        changeId: change.id,
        hash: change.hash,
        verdict: 'approve',
        person: person.id,
        onBehalfOf: right,
        reason: null,
        at: now,
      });
    } catch (error) {
      throw translated(error, change, person);
    }
    const approvers = await countingFor(context, trx, change);
    const approved = approvers.length >= change.quorum;
    if (approved) await setChangeState(trx, region, change.id, 'approved', now);
    await append(trx, {
      region,
      kind: 'approve',
      subject: `change:${change.id}`,
      actor: person.id,
      body: {
        change: change.id,
        hash: change.hash,
        approvals: approvers.length,
        quorum: change.quorum,
        ...(right === null ? {} : { onBehalfOf: right }),
      },
    });
    return { approvals: approvers.length, quorum: change.quorum, approved };
  });
}

/**
 * Rejects a change, with its reason; the refused values are not proposed again for this offer as long as they are the
 * same.
 * @param shown the change as the person saw it; what is stored now decides
 * @throws RefusalError `REASON_MISSING`, `NOT_APPROVABLE`, `NOT_AS_SHOWN`, `BEING_SENT`, `NO_GRANT`, `ALREADY_DECIDED`;
 * DataError `TEXT_PERSONAL`
 */
export async function reject(context: DecisionContext, shown: StoredChange, reason: string): Promise<void> {
  const { db, region, person, now } = context;
  if (reason.trim() === '') {
    throw new RefusalError({
      code: 'REASON_MISSING',
      message: 'Un rejet demande une raison.',
      remedy: 'écrivez-la, puis recommencez (au terminal : --reason "…") : elle est gardée avec le rejet.',
    });
  }
  const kept = keptText(reason, '--reason', 'la raison du rejet');
  await inTransaction(db, async (trx) => {
    await lockRegion(trx, region);
    const [right = null] = await reviewerRights(context, trx);
    const change = await asShown(trx, region, shown);
    if (!REJECTABLE.includes(change.state)) throw notApprovable(change);
    const sending = await unsettledAttempts(trx, region);
    if (sending.some((attempt) => attempt.changeId === change.id)) throw beingSent(change);
    try {
      await addDecision(trx, {
        region,
        changeId: change.id,
        hash: change.hash,
        verdict: 'reject',
        person: person.id,
        onBehalfOf: right,
        reason: kept,
        at: now,
      });
    } catch (error) {
      throw translated(error, change, person);
    }
    await setChangeState(trx, region, change.id, 'rejected', now);
    await append(trx, {
      region,
      kind: 'reject',
      subject: `change:${change.id}`,
      actor: person.id,
      body: {
        change: change.id,
        hash: change.hash,
        reason: kept,
        elements: change.elements,
        ...(right === null ? {} : { onBehalfOf: right }),
      },
    });
  });
}

const REJECTABLE: readonly ChangeState[] = [
  'toComplete',
  'toReconfirm',
  'question',
  'proposed',
  'approved',
  'conflict',
];

/** The change as it is stored now, held until the transaction ends; what was shown may be minutes old. */
async function asShown(trx: Db, region: string, shown: ShownForm): Promise<StoredChange> {
  const change = await lockChange(trx, region, shown.id);
  if (change !== null && change.hash === shown.hash) return change;
  throw new RefusalError({
    code: 'NOT_AS_SHOWN',
    message: `Le changement ${shown.id} n’est plus celui qui a été montré.`,
    place: `changement ${shown.id}`,
    remedy: `relisez-le (page « Changements », ou « filror show ${shown.id} » au terminal), puis décidez.`,
  });
}

/** Whose voices approved, whatever their rights now. */
function voicesOf(decisions: readonly Decision[]): Set<PersonId> {
  return new Set(
    decisions
      .filter(({ verdict }) => verdict === 'approve')
      .map(({ person, onBehalfOf }) => onBehalfOf ?? person),
  );
}

type Counted = Pick<StoredChange, 'id' | 'hash' | 'state' | 'quorum'>;

async function countingFor(
  { region, review, now }: Pick<DecisionContext, 'region' | 'review' | 'now'>,
  db: Db,
  { id, hash }: Counted,
): Promise<PersonId[]> {
  const confirmedAfter = oldestGrant(now, review);
  return await countingApprovers(db, { region, changeId: id, hash, confirmedAfter });
}

/** Whether it is approved by as many people as it takes, all of whom still count. */
export async function approvedEnough(
  context: Pick<DecisionContext, 'region' | 'review' | 'now'>,
  db: Db,
  change: Counted,
): Promise<boolean> {
  return change.state === 'approved' && (await countingFor(context, db, change)).length >= change.quorum;
}

/**
 * The right under which a person approves: one's own, else that of somebody who is no author; who stands in for several
 * people lends a voice that was not heard yet. Undefined: none is left.
 */
export function lentVoice(
  rights: readonly (PersonId | null)[],
  authored: ReadonlySet<PersonId>,
  voiced: ReadonlySet<PersonId>,
): PersonId | null | undefined {
  const may = rights.filter((each) => each === null || !authored.has(each));
  return may.find((each) => each === null || !voiced.has(each)) ?? may[0];
}

/** A right older than this does not count (DESIGN 5). */
export function oldestGrant(now: Date, review: ReviewConfig): Date {
  return new Date(now.getTime() - review.grantMaxAgeDays * DAY_MS);
}

/**
 * The rights under which the person may decide, one's own first: null for one's own, else of whom one is the deputy now
 * (S6). A right of one's own goes before: nobody's voice is then taken for another's.
 */
export async function reviewerRights(context: DecisionContext, db: Db): Promise<(PersonId | null)[]> {
  const grants = await standingGrants(db, {
    person: context.person.id,
    region: context.region,
    at: context.now,
    confirmedAfter: oldestGrant(context.now, context.review),
  });
  const rights = grants.filter(({ role }) => role === 'reviewer').map(({ onBehalfOf }) => onBehalfOf);
  if (rights.includes(null)) return [null];
  if (rights.length > 0) return rights;
  throw new RefusalError({
    code: 'NO_GRANT',
    message: `${context.person.displayName} n’a pas le droit d’approuver dans la région ${context.region}.`,
    remedy: `approuvez avec une personne qui a le droit de ${ROLE_WORDS.reviewer} ; hors bac à sable, l’approbation demande une connexion (page de relecture).`,
  });
}

function notApprovable(change: StoredChange): RefusalError {
  return new RefusalError({
    code: 'NOT_APPROVABLE',
    message: `Le changement ${change.id} est « ${STATE_WORDS[change.state]} » : il ne peut pas être décidé.`,
    place: `changement ${change.id}`,
    remedy: `voyez ce qui manque à la page du changement (au terminal : « filror show ${change.id} »).`,
  });
}

function enough(change: StoredChange): RefusalError {
  return new RefusalError({
    code: 'APPROVED_ENOUGH',
    message: `Le changement ${change.id} est déjà approuvé par assez de personnes : une approbation de plus n’est pas enregistrée.`,
    place: `changement ${change.id}`,
    remedy: 'rien à faire : il partira au prochain envoi ; pour l’arrêter, rejetez-le avec une raison.',
  });
}

function beingSent(change: StoredChange): RefusalError {
  return new RefusalError({
    code: 'BEING_SENT',
    message: `Le changement ${change.id} est en cours d’envoi : il ne peut plus être rejeté.`,
    place: `changement ${change.id}`,
    remedy:
      'attendez l’issue, que la page du changement montrera (au terminal : « filror apply --resume ») ; si rien n’a été écrit, rejetez-le ensuite.',
  });
}

function fourEyes(change: StoredChange, person: Actor): RefusalError {
  return new RefusalError({
    code: 'FOUR_EYES',
    message: `${person.displayName} est à l’origine d’une valeur du changement ${change.id} et ne peut pas l’approuver.`,
    place: `changement ${change.id}`,
    remedy: 'demandez l’approbation à une autre personne.',
  });
}

function deputyOfAuthor(change: StoredChange, person: Actor): RefusalError {
  return new RefusalError({
    code: 'FOUR_EYES',
    message: `${person.displayName} supplée une personne à l’origine d’une valeur du changement ${change.id} et ne peut pas l’approuver à sa place.`,
    place: `changement ${change.id}`,
    remedy: 'demandez l’approbation à une autre personne.',
  });
}

function translated(error: unknown, change: StoredChange, person: Actor): unknown {
  const text = error instanceof Error ? error.message : '';
  if (text.includes('FILROR_FOUR_EYES')) return fourEyes(change, person);
  if (text.includes('FILROR_NOT_APPROVABLE')) return notApprovable(change);
  if (text.includes('decision_once')) {
    return new RefusalError({
      code: 'ALREADY_DECIDED',
      message: `${person.displayName} s’est déjà prononcé(e) sur le changement ${change.id}.`,
      place: `changement ${change.id}`,
      remedy: 'rien de plus à faire : s’il manque une approbation, elle revient à une autre personne.',
    });
  }
  return error;
}
