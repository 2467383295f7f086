import { isUnsettled, takeOver, updateAttempt, type Attempt } from '../db/attempts.js';
import { findChanges, type StoredChange } from '../db/changes.js';
import { FilrorError } from '../domain/errors.js';
import type { ApplyContext, Receipt } from './context.js';
import { betweenLooksMs, conclude, leaseEnd, longestSendMs, receipt } from './conclude.js';
import { movedText } from './moved-text.js';
import { isFulfilled, isPartlyFulfilled, movedElements } from './moved.js';
import { namesOne, notOne, offersByIdentifier, offersOfCentres, type PresentOffer } from './remote.js';
import { providerOf } from './request.js';
import { REPLAN, settleAbandoned, settleConflict, settleRefused } from './settle.js';

/**
 * Settles what a crash or an unknown outcome left (rule 6): recovery searches before it creates, and waits when it
 * cannot know. A request may still arrive until the longest sending plus the region's declared lag has passed since
 * its intent; then two searches that agree on "not there" let the change go again.
 * @returns null when there is nothing to tell: the change waits again, or somebody else settled it.
 */
export async function recover(context: ApplyContext, attempt: Attempt): Promise<Receipt | null> {
  const found = await findChanges(context.db, context.region.code, attempt.changeId);
  const change = found.find((each) => each.id === attempt.changeId);
  if (change === undefined) throw new Error(`attempt ${attempt.no} without change`);
  const mine = await claim(context, attempt);
  if (mine === null) {
    return (await isUnsettled(context.db, attempt)) ? elsewhere(change) : null;
  }
  if (mine.sentAt === null) {
    // Nothing was sent (a served fact never is): the change waits again, and its approvals are looked at again.
    await settleAbandoned(context, change, mine, 'coupure avant l’envoi');
    return null;
  }
  try {
    return mine.way === 'post'
      ? await recoverCreation(context, change, mine)
      : await recoverEdit(context, change, mine);
  } catch (error) {
    if (!(error instanceof FilrorError)) throw error;
    const message = `l’issue reste inconnue : ${error.message} Que faire : ${error.remedy}`;
    return receipt(change, 'uncertain', message);
  }
}

function elsewhere(change: StoredChange): Receipt {
  return receipt(
    change,
    'waiting',
    'une écriture est en cours dans un autre processus. Que faire : attendez ; le prochain envoi reprend ce qui reste (au terminal : « filror apply »).',
  );
}

/** Waits for the lease of a dead process, then takes the attempt over; null when somebody else is at it. */
async function claim(context: ApplyContext, attempt: Attempt): Promise<Attempt | null> {
  const { db } = context;
  const wait = attempt.leaseUntil.getTime() - (await context.sharedClock(db)).getTime();
  if (wait > 0) await context.sleep(wait + 50);
  const now = await context.sharedClock(db);
  return await takeOver(db, attempt, now, leaseEnd(context, now));
}

/**
 * An offer that carries our centre's block is ours. One that bears the number that we reserved and no such block may be
 * somebody else's, who took that number: nothing of it becomes ours, a person looks (DESIGN 5, identity).
 */
async function recoverCreation(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
): Promise<Receipt | null> {
  const { client } = context;
  const look = async (): Promise<PresentOffer[]> => {
    const carrying = await offersOfCentres(client, providerOf(change), change.centres);
    const numbered = attempt.identifier === null ? [] : await offersByIdentifier(client, attempt.identifier);
    return [...new Map([...carrying, ...numbered].map((offer) => [offer.remoteId, offer])).values()];
  };
  const ours = (offer: PresentOffer): boolean => namesOne(offer, change.centres);
  const seen = await lookTwice(context, attempt, look, (offers) => offers.some(ours));
  if (seen === null) return elsewhere(change);
  const found = seen.filter(ours);
  if (found.length === 0 && seen.length > 0) {
    const message = `l’offre ${attempt.identifier} porte le numéro réservé pour ce centre, mais pas son bloc de commentaire : une autre offre l’a pris, ou le répertoire n’a pas gardé le commentaire. Rien n’est retenu comme écrit. Que faire : regardez cette offre dans le ROR, demandez au GRADeS à qui est ce numéro, puis lancez un passage (page « Passages », ou « filror sync » au terminal).`;
    await settleRefused(context, change, attempt, { status: null, message }, 'conflict');
    return { ...receipt(change, 'conflict', message), offer: attempt.identifier };
  }
  if (found.length > 1) {
    const message = `${found.length} offres portent le bloc du centre ${change.centres.join(', ')} (${found.map((offer) => offer.identifier).join(', ')}) : un doublon est à traiter dans le ROR. Que faire : demandez au GRADeS de retirer l’offre en trop, puis lancez un passage (page « Passages », ou « filror sync » au terminal).`;
    await settleRefused(context, change, attempt, { status: null, message }, 'conflict');
    return receipt(change, 'conflict', message);
  }
  const offer = found[0];
  if (offer === undefined) {
    await settleAbandoned(context, change, attempt, 'deux recherches concordantes : rien n’a été écrit');
    return null;
  }
  return await conclude(context, change, attempt, offer, { way: 'post', status: null });
}

async function recoverEdit(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
): Promise<Receipt | null> {
  const identifier = change.target.slice('offer:'.length);
  const look = async (): Promise<PresentOffer[]> => await offersByIdentifier(context.client, identifier);
  const found = await lookTwice(context, attempt, look, (offers) =>
    offers.some((offer) => isFulfilled(change.elements, offer.elements)),
  );
  if (found === null) return elsewhere(change);
  const offer = found.length === 1 ? found[0] : undefined;
  if (offer === undefined) {
    const message = `${found.length} offre(s) portent l’identifiant ${identifier}. ${notOne(found.length)}`;
    await settleRefused(context, change, attempt, { status: null, message }, 'conflict');
    return receipt(change, 'conflict', message);
  }
  // Something of ours stands there: the write arrived. What others changed since is told, the rest is our base.
  if (isPartlyFulfilled(change.elements, offer.elements)) {
    return await conclude(context, change, attempt, offer, { way: attempt.way, status: null });
  }
  const moved = movedElements(change.elements, offer.elements);
  if (moved.length > 0) {
    await settleConflict(context, change, attempt, moved);
    const told = movedText(moved, context.codes);
    return receipt(change, 'conflict', `l’offre a changé pendant l’écriture (${told}). ${REPLAN}`);
  }
  await settleAbandoned(context, change, attempt, 'deux recherches concordantes : rien n’a été écrit');
  return null;
}

/**
 * Looks now; when nothing is seen, waits until nothing can arrive any more and looks twice again.
 * @returns null when another process took the attempt over while we waited.
 */
async function lookTwice(
  context: ApplyContext,
  attempt: Attempt,
  look: () => Promise<PresentOffer[]>,
  seen: (offers: readonly PresentOffer[]) => boolean,
): Promise<PresentOffer[] | null> {
  const first = await look();
  if (seen(first)) return first;
  const { declaredLagMs } = context.region.repository;
  const safeAt = (attempt.sentAt?.getTime() ?? 0) + longestSendMs(context) + declaredLagMs;
  const between = betweenLooksMs(context);
  const now = await context.sharedClock(context.db);
  const wait = Math.max(0, safeAt - now.getTime());
  const leaseUntil = new Date(leaseEnd(context, now).getTime() + wait + between);
  if ((await updateAttempt(context.db, attempt, { leaseUntil })) === 'lost') return null;
  if (wait > 0) await context.sleep(wait);
  const second = await look();
  if (seen(second)) return second;
  await context.sleep(between);
  return await look();
}
