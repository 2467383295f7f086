import { endTransmitted, lockChange, type StoredChange } from '../db/changes.js';
import { addDecision } from '../db/decisions.js';
import { addFollowup } from '../db/followups.js';
import { lockRegion } from '../db/runs.js';
import { inTransaction, type Trx } from '../db/types.js';
import { STATE_WORDS, type ChangeState } from '../domain/change.js';
import { RefusalError } from '../domain/errors.js';
import { append } from '../journal/append.js';
import { requireAnswerRight } from '../review/rights.js';
import type { FollowupContext } from './context.js';
import { keptText } from '../domain/plain-words.js';

/**
 * Says who types a sheet: a service or a function.
 * @throws RefusalError `NO_GRANT`, `NOT_QUEUED`, `NOT_AS_SHOWN`; DataError `TEXT_EMPTY`, `TEXT_PERSONAL`
 */
export async function assign(
  context: FollowupContext,
  changes: readonly StoredChange[],
  owner: string,
): Promise<void> {
  const kept = keptText(owner, '--to', 'un service ou une fonction');
  await record(context, changes, ['approved', 'transmitted'], async (trx, change) => {
    await addFollowup(trx, context.region.code, { ...told(context, change), kind: 'assigned', owner: kept });
    return { kind: 'followup.assigned', body: { owner: kept } };
  });
}

/** Records that whoever types these sheets was reminded. @throws as `assign` */
export async function remind(context: FollowupContext, changes: readonly StoredChange[]): Promise<void> {
  await record(context, changes, ['transmitted'], async (trx, change) => {
    await addFollowup(trx, context.region.code, { ...told(context, change), kind: 'reminded' });
    return { kind: 'followup.reminded', body: {} };
  });
}

/**
 * Records that the establishment or the GRADeS will not type these sheets. As any rejection, it is remembered: the same
 * values are not proposed again for this offer.
 * @throws as `assign`
 */
export async function refuse(
  context: FollowupContext,
  changes: readonly StoredChange[],
  reason: string,
): Promise<void> {
  const kept = keptText(reason, '--reason', 'la raison du refus');
  await record(context, changes, ['transmitted'], async (trx, change) => {
    const { region, person, now } = context;
    await addDecision(trx, {
      region: region.code,
      changeId: change.id,
      hash: change.hash,
      verdict: 'reject',
      person: person.id,
      onBehalfOf: null,
      reason: kept,
      at: now,
    });
    await endTransmitted(trx, region.code, change.id, 'rejected', now);
    await addFollowup(trx, region.code, { ...told(context, change), kind: 'refused', reason: kept });
    return { kind: 'followup.refused', body: { reason: kept, elements: change.elements } };
  });
}

function told(
  { person, now }: FollowupContext,
  change: StoredChange,
): Pick<Parameters<typeof addFollowup>[2], 'changeId' | 'hash' | 'person' | 'at'> {
  return { changeId: change.id, hash: change.hash, person: person.id, at: now };
}

/** One act on several changes: all of them or none, each journalled, the journal last. */
async function record(
  context: FollowupContext,
  shown: readonly StoredChange[],
  states: readonly ChangeState[],
  act: (trx: Trx, change: StoredChange) => Promise<{ readonly kind: string; readonly body: object }>,
): Promise<void> {
  const { db, region, person, now } = context;
  await inTransaction(db, async (trx) => {
    await lockRegion(trx, region.code);
    await requireAnswerRight(trx, region, context.review, person, now);
    const entries: { readonly change: StoredChange; readonly kind: string; readonly body: object }[] = [];
    for (const { id, hash } of shown) {
      const change = await lockChange(trx, region.code, id);
      if (change === null || change.hash !== hash) throw notAsShown(id);
      if (!states.includes(change.state)) throw notQueued(change);
      entries.push({ change, ...(await act(trx, change)) });
    }
    for (const { change, kind, body } of entries) {
      await append(trx, {
        region: region.code,
        kind,
        subject: `change:${change.id}`,
        actor: person.id,
        body: { change: change.id, hash: change.hash, ...body },
      });
    }
  });
}

function notAsShown(id: string): RefusalError {
  return new RefusalError({
    code: 'NOT_AS_SHOWN',
    message: `Le changement ${id} n’est plus celui qui a été montré.`,
    place: `changement ${id}`,
    remedy: 'relisez la file (page « À saisir », ou « filror queue list » au terminal), puis recommencez.',
  });
}

function notQueued(change: StoredChange): RefusalError {
  return new RefusalError({
    code: 'NOT_QUEUED',
    message: `Le changement ${change.id} est « ${STATE_WORDS[change.state]} » : il n’est pas dans la file à cette étape.`,
    place: `changement ${change.id}`,
    remedy:
      'voyez la file (page « À saisir », ou « filror queue list » au terminal) ; avant sa transmission, un changement se rejette à sa page (« filror reject » au terminal).',
  });
}
