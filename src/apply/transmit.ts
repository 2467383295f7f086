import { updateAttempt, type Attempt } from '../db/attempts.js';
import { moveInFlight, type StoredChange } from '../db/changes.js';
import { addFollowup } from '../db/followups.js';
import { latestOffer, offersNaming } from '../db/remote.js';
import type { Trx } from '../db/types.js';
import { append } from '../journal/append.js';
import { withLists } from '../ror/arrays.js';
import { parseBody } from '../ror/body.js';
import { elementsOf } from '../ror/elements.js';
import type { ApplyContext } from './context.js';
import { movedText } from './moved-text.js';
import { movedElements } from './moved.js';
import { notOne } from './remote.js';
import { rorEdits } from './request.js';
import { DAY_MS } from '../domain/time.js';
import { offerOfTarget } from '../domain/change.js';

/**
 * What would be refused when written is not handed over either (rule 2): the offer of the mirror is no longer what was
 * shown, or an offer carries the centre's block already.
 * @returns in French, why not; null when it may be handed over
 */
export async function whyNotHanded(
  trx: Trx,
  context: ApplyContext,
  change: StoredChange,
): Promise<string | null> {
  const { code } = context.region;
  const identifier = offerOfTarget(change.target);
  if (identifier === null) {
    const twins = await offersNaming(trx, code, change.centres);
    return twins.length === 0
      ? null
      : `l’offre ${twins.join(', ')} porte déjà le bloc de ce centre : rien n’est transmis. Que faire : lancez un passage (page « Passages », ou « filror sync » au terminal), qui s’y rattachera.`;
  }
  const body = await latestOffer(trx, code, identifier);
  if (body === null) {
    return `l’offre ${identifier} n’est pas dans la dernière lecture du ROR : rien n’est transmis. ${notOne(0)}`;
  }
  const moved = movedElements(change.elements, elementsOf(withLists(parseBody(body))));
  if (moved.length === 0) return null;
  const told = movedText(moved, context.codes);
  return `l’offre a changé dans le ROR depuis l’approbation (${told}). Rien n’est transmis. Que faire : lancez un passage (page « Passages », ou « filror sync » au terminal).`;
}

/**
 * Records, in the transaction of the intent, that a change is handed over: its sending is done, what it leads to is
 * followed (DESIGN 3 (10)). The journal comes last and holds the diff itself.
 */
export async function transmit(
  trx: Trx,
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
): Promise<void> {
  const at = context.now();
  const region = context.region.code;
  const expiresAt = new Date(at.getTime() + context.config.followup.expiryDays * DAY_MS);
  const person = context.actor?.id ?? null;
  await updateAttempt(trx, attempt, {
    state: 'done',
    requestBody: JSON.stringify(rorEdits(change)),
    sentAt: at,
    endedAt: at,
    outcome: { transmitted: attempt.way },
  });
  await moveInFlight(trx, region, change.id, 'transmitted', at);
  await addFollowup(trx, region, {
    changeId: change.id,
    hash: change.hash,
    kind: 'transmitted',
    expiresAt,
    attempt: attempt.no,
    person,
    at,
  });
  await append(trx, {
    region,
    kind: 'transmit',
    subject: `change:${change.id}`,
    actor: person,
    body: {
      change: change.id,
      hash: change.hash,
      kind: change.kind,
      target: change.target,
      centres: change.centres,
      way: attempt.way,
      attempt: attempt.no,
      expiresAt: expiresAt.toISOString(),
      elements: change.elements.map(({ key, operation, before, after, channel }) => ({
        key,
        operation,
        before: before ?? null,
        asked: after ?? null,
        channel,
      })),
    },
  });
}
