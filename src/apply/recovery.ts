import { takeOver, updateAttempt, type Attempt } from '../db/attempts.js';
import { findChanges, type StoredChange } from '../db/changes.js';
import type { CentreId } from '../domain/ids.js';
import { isJsonObject, type Json } from '../domain/json.js';
import { elementsOf } from '../ror/elements.js';
import { parseBody } from '../ror/body.js';
import type { ApplyContext, Receipt } from './context.js';
import { conclude, leaseEnd, receipt } from './conclude.js';
import { isFulfilled, movedElements } from './moved.js';
import { offersByIdentifier, offersOfCentre, type PresentOffer } from './remote.js';
import { settleAbandoned, settleConflict, settleDone, settleRefused, valueText } from './settle.js';

/**
 * Settles what a crash or an unknown outcome left (rule 6): recovery searches before it creates, and waits when it
 * cannot know. A request may still arrive until the longest time-out plus the region's declared lag has passed since
 * it was sent; then two searches that agree on "not there" let the change go again.
 */
export async function recover(context: ApplyContext, attempt: Attempt): Promise<Receipt | null> {
  const change = (await findChanges(context.db, context.region.code, attempt.changeId))[0];
  if (change === undefined) throw new Error(`attempt ${attempt.no} without change`);
  const mine = await claim(context, attempt);
  if (mine === null) {
    return receipt(
      change,
      'waiting',
      'une écriture est en cours dans un autre processus ; relancez plus tard.',
    );
  }
  if (mine.way === 'none') {
    await settleDone(context, change, mine, null);
    return receipt(change, 'applied', 'repris : fait retenu pour la diffusion.');
  }
  if (mine.sentAt === null) {
    // The intent was recorded and nothing was sent: the change simply waits again.
    await settleAbandoned(context, change, mine);
    return null;
  }
  return mine.way === 'post'
    ? await recoverCreation(context, change, mine)
    : await recoverEdit(context, change, mine);
}

/** Waits for the lease of a dead process, then takes the attempt over; null when somebody else is at it. */
async function claim(context: ApplyContext, attempt: Attempt): Promise<Attempt | null> {
  if (attempt.state === 'open') {
    const wait = attempt.leaseUntil.getTime() - context.now().getTime();
    if (wait > 0) await context.sleep(wait + 50);
  }
  return await takeOver(context.db, attempt, context.now(), leaseEnd(context));
}

async function recoverCreation(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
): Promise<Receipt | null> {
  const centre = change.centres[0] as CentreId;
  const look = async (): Promise<PresentOffer[]> =>
    attempt.identifier === null
      ? await offersOfCentre(context.client, providerOf(change), centre)
      : await offersByIdentifier(context.client, attempt.identifier);
  const found = await lookTwice(context, attempt, look, (offers) => offers.length > 0);
  if (found.length > 1) {
    const message = `${found.length} offres portent le bloc du centre ${centre} : un doublon est à traiter dans le ROR.`;
    await settleRefused(context, change, attempt, { status: null, message }, 'conflict');
    return receipt(change, 'conflict', message);
  }
  const offer = found[0];
  if (offer === undefined) {
    await settleAbandoned(context, change, attempt);
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
  const offer = found.length === 1 ? found[0] : undefined;
  if (offer === undefined) {
    const message = `${found.length} offre(s) portent l’identifiant ${identifier}.`;
    await settleRefused(context, change, attempt, { status: null, message }, 'conflict');
    return receipt(change, 'conflict', message);
  }
  if (isFulfilled(change.elements, elementsOf(parseBody(offer.body)))) {
    return await conclude(context, change, attempt, offer, { way: attempt.way, status: null });
  }
  const moved = movedElements(change.elements, offer.elements);
  if (moved.length > 0) {
    await settleConflict(context, change, attempt, moved);
    const told = moved.map((m) => `${m.key} : ROR ${valueText(m.now)}`).join(' ; ');
    return receipt(change, 'conflict', `l’offre a changé pendant l’écriture (${told}).`);
  }
  await settleAbandoned(context, change, attempt);
  return null;
}

/** Looks now; when nothing is seen, waits until nothing can arrive any more and looks twice again. */
async function lookTwice(
  context: ApplyContext,
  attempt: Attempt,
  look: () => Promise<PresentOffer[]>,
  seen: (offers: readonly PresentOffer[]) => boolean,
): Promise<PresentOffer[]> {
  const first = await look();
  if (seen(first)) return first;
  const { timeoutMs, declaredLagMs } = context.region.repository;
  const safeAt = (attempt.sentAt?.getTime() ?? 0) + timeoutMs + declaredLagMs;
  const wait = safeAt - context.now().getTime();
  if (wait > 0) {
    await updateAttempt(context.db, attempt, {
      leaseUntil: new Date(leaseEnd(context).getTime() + wait),
    });
    await context.sleep(wait);
  }
  const second = await look();
  if (seen(second)) return second;
  await context.sleep(Math.min(declaredLagMs, 1_000));
  return await look();
}

function providerOf(change: StoredChange): string {
  const value: Json | undefined = change.elements.find((element) => element.key === 'providedBy')?.after;
  const reference = isJsonObject(value) ? value['reference'] : undefined;
  if (typeof reference !== 'string')
    throw new Error(`change ${change.id} creates an offer without providedBy`);
  return reference;
}
