import { updateAttempt, type Attempt } from '../db/attempts.js';
import type { StoredChange } from '../db/changes.js';
import { inTransaction } from '../db/types.js';
import { FilrorError } from '../domain/errors.js';
import type { WriteOutcome } from '../ror/outcome.js';
import { conclude, lastLeave, leaseEnd, receipt, TAKEN_OVER } from './conclude.js';
import type { ApplyContext, Receipt } from './context.js';
import type { Pace } from './pace.js';
import { permission } from './permission.js';
import { readOffer, type PresentOffer } from './remote.js';
import type { WriteRequest } from './request.js';
import { settleAbandoned, settleRefused, settleUncertain } from './settle.js';

/**
 * From the recorded intent to the recorded outcome. Whatever happens once the request may have left is settled here:
 * known, or uncertain; no operational error leaves this function.
 */
export async function write(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  request: WriteRequest,
  pace: Pace,
): Promise<Receipt> {
  const notAfter = lastLeave(context);
  const sentAt = await context.sharedClock(context.db);
  const allowed = await recordIntent(context, attempt, request, sentAt);
  if (allowed === 'lost') return receipt(change, 'waiting', TAKEN_OVER);
  if (allowed !== null) {
    await settleAbandoned(context, change, attempt, allowed.why);
    return receipt(change, 'skipped', allowed.why);
  }
  const outcome = await sendOnce(context, request, notAfter);
  if (outcome.kind === 'refused') {
    const { text: said, status } = outcome;
    // A number of the range that somebody uses already (409): the next try takes the next number. Somebody wrote between
    // our last look and our request (412): the next try looks again, and sends only what still stands as shown.
    const passing =
      isPassing(status) ||
      (status === 409 && attempt.identifier !== null) ||
      (status === 412 && request.version !== null && context.region.repository.ifMatch);
    const what = passing
      ? 'Que faire : attendez le prochain envoi (au terminal : « filror apply ») ; le changement reste approuvé.'
      : 'Que faire : corrigez ce que le répertoire refuse, puis lancez un passage (page « Passages », ou « filror sync » au terminal) ; rien ne repart sans un nouveau plan.';
    const message = `le répertoire a refusé l’écriture : ${said} ${what}`;
    await settleRefused(context, change, attempt, { status, message }, passing ? 'approved' : 'conflict');
    if (outcome.status === 429) pace.hold(outcome.retryAfterMs);
    return { ...receipt(change, 'refused', message), way: request.way, status: outcome.status };
  }
  if (outcome.kind === 'notSent') {
    const why = `${outcome.error.message} Que faire : ${outcome.error.remedy}`;
    await settleAbandoned(context, change, attempt, why);
    return { ...receipt(change, 'waiting', `rien n’est parti : ${why}`), way: request.way };
  }
  if (outcome.kind === 'unknown') {
    const message = `issue inconnue (${outcome.text}) : rien d’autre n’est envoyé pour cette offre avant vérification. Que faire : attendez la vérification, que le prochain envoi fait (au terminal : « filror apply --resume »).`;
    await settleUncertain(context, change, attempt, message);
    // This change waits to be verified in any case: the others wait as long as the server asks.
    if (outcome.retryAfterMs !== null) pace.hold(outcome.retryAfterMs);
    return { ...receipt(change, 'uncertain', message), way: request.way, status: outcome.status };
  }
  const back = await readBack(context, outcome.id);
  if (typeof back === 'string') {
    const message = `acceptée, mais ${back}. Que faire : attendez la vérification, que le prochain envoi fait (au terminal : « filror apply --resume »).`;
    await settleUncertain(context, change, attempt, message);
    return { ...receipt(change, 'uncertain', message), way: request.way, status: outcome.status };
  }
  return await conclude(context, change, attempt, back, { way: request.way, status: outcome.status });
}

/**
 * Commits what is about to be sent, if it still may be: fence, state, hash and approvals are looked at again in the
 * transaction that records the request.
 * @returns null when it may leave; `lost` when another process took over; else why not, in French.
 */
async function recordIntent(
  context: ApplyContext,
  attempt: Attempt,
  request: WriteRequest,
  sentAt: Date,
): Promise<{ readonly why: string } | 'lost' | null> {
  return await inTransaction(context.db, async (trx) => {
    const given = await permission(trx, context, attempt.changeId, attempt.hash);
    if (given.kind === 'refused') return given;
    const ours = await updateAttempt(trx, attempt, {
      requestPath: request.path,
      requestBody: request.body,
      sentAt,
      leaseUntil: leaseEnd(context, sentAt),
    });
    return ours === 'ours' ? null : 'lost';
  });
}

async function sendOnce(context: ApplyContext, request: WriteRequest, notAfter: Date): Promise<WriteOutcome> {
  const { client } = context;
  const id = request.path.slice('HealthcareService/'.length);
  switch (request.way) {
    case 'post':
      return await client.create('HealthcareService', request.body, notAfter);
    case 'put':
      return await client.update('HealthcareService', id, request.body, notAfter, request.version);
    case 'patch':
      return await client.patch('HealthcareService', id, request.body, notAfter, request.version);
  }
}

/**
 * A refusal that says nothing of what was sent: sign-in or pace (RFC 9110 section 15). Any other would be the same again
 * for the same body; the server's own trouble (5xx) is no refusal but an unknown outcome.
 */
function isPassing(status: number): boolean {
  return [401, 403, 408, 423, 425, 429].includes(status);
}

/** @returns the offer, or in French why it could not be read. */
async function readBack(context: ApplyContext, id: string): Promise<PresentOffer | string> {
  try {
    return (await readOffer(context.client, id)) ?? 'introuvable à la relecture';
  } catch (error) {
    if (!(error instanceof FilrorError)) throw error;
    return `la relecture a échoué : ${error.message}`;
  }
}
