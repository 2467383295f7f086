import { diffOf, linkCentres, recordBase } from '../apply/settle.js';
import type { RegionProfile } from '../config/schema/region.js';
import { changesInStates, endTransmitted, holdChange, type StoredChange } from '../db/changes.js';
import { addFollowup, followupsOf, type FollowupEnd, type FollowupEvent } from '../db/followups.js';
import { offerAsOfRun } from '../db/remote.js';
import type { Trx } from '../db/types.js';
import type { PersonId } from '../domain/ids.js';
import { append } from '../journal/append.js';
import { presentState, type PresentOffer } from '../mirror/present.js';
import { withLists } from '../ror/arrays.js';
import { parseBody } from '../ror/body.js';
import { elementsOf } from '../ror/elements.js';
import { lookAt, type Look } from './compare.js';
import { offerOfTarget } from '../domain/change.js';

/** One change whose wait ended, told in French. */
export interface Followed {
  readonly change: string;
  readonly end: FollowupEnd;
  readonly offer: string | null;
  readonly message: string;
}

interface FollowContext {
  readonly region: RegionProfile;
  readonly actor: { readonly id: PersonId } | null;
  readonly now: () => Date;
}

/**
 * Compares what was handed over with the mirror that was just read, in the transaction that recorded the reading and
 * with the region held: seen, the change is applied and its base is what was read; typed otherwise, it is in conflict,
 * three columns; too old, it expires and may be proposed again (DESIGN 3 (10)). Each end is journalled.
 */
export async function followUp(trx: Trx, context: FollowContext): Promise<Followed[]> {
  const region = context.region.code;
  const waiting = await changesInStates(trx, region, ['transmitted']);
  if (waiting.length === 0) return [];
  const { offers } = await presentState(trx, region);
  const events = await followupsOf(
    trx,
    region,
    waiting.map((change) => change.id),
  );
  const at = context.now();
  const followed: Followed[] = [];
  for (const change of waiting) {
    const handed = events.get(change.id)?.find((event) => event.kind === 'transmitted');
    if (handed === undefined) continue;
    const look = lookAt(change, offers, await shownOffer(trx, region, change));
    const end = endOf(look, handed, at);
    if (end === null) continue;
    const told = await settle(trx, context, { change, look, handed, end, at });
    if (told !== null) followed.push(told);
  }
  return followed;
}

/** The offer that the approver saw, cut into elements. */
async function shownOffer(
  trx: Trx,
  region: string,
  change: StoredChange,
): Promise<ReturnType<typeof elementsOf> | null> {
  const identifier = offerOfTarget(change.target);
  if (identifier === null) return null;
  const body = await offerAsOfRun(trx, region, change.runId, identifier);
  return body === null ? null : elementsOf(withLists(parseBody(body)));
}

function endOf(look: Look, handed: FollowupEvent, at: Date): Exclude<FollowupEnd, 'refused'> | null {
  if (look.kind !== 'waiting') return look.kind;
  return handed.expiresAt !== null && at.getTime() >= handed.expiresAt.getTime() ? 'expired' : null;
}

const STATES = { seen: 'applied', differs: 'conflict', expired: 'expired' } as const;

interface Ending {
  readonly change: StoredChange;
  readonly look: Look;
  readonly handed: FollowupEvent;
  readonly end: keyof typeof STATES;
  readonly at: Date;
}

/** What was typed as asked is ours from now on, whatever became of the rest, as after a write that was partly kept. */
async function settle(trx: Trx, context: FollowContext, ending: Ending): Promise<Followed | null> {
  const { change, look, handed, end, at } = ending;
  const region = context.region.code;
  const { offer } = look;
  await holdChange(trx, region, change.id);
  if (!(await endTransmitted(trx, region, change.id, STATES[end], at))) return null;
  if (offer !== null) await recordTyped(trx, context, ending, offer);
  const message = messageOf(ending);
  const body = {
    offer: offer?.identifier ?? null,
    typed: look.typed.map((element) => element.key),
    ...(look.kind === 'differs' ? { columns: look.columns } : {}),
  };
  await addFollowup(trx, region, {
    changeId: change.id,
    hash: change.hash,
    kind: end,
    reason: message,
    body,
    attempt: handed.attempt,
    person: null,
    at,
  });
  await append(trx, {
    region,
    kind: `followup.${end}`,
    subject: offer === null ? `change:${change.id}` : `offer:${offer.identifier}`,
    actor: context.actor?.id ?? null,
    body: {
      change: change.id,
      hash: change.hash,
      kind: change.kind,
      attempt: handed.attempt,
      centres: change.centres,
      ...body,
      elements: diffOf(change, offer?.elements ?? new Map()),
    },
  });
  return { change: change.id, end, offer: offer?.identifier ?? null, message };
}

async function recordTyped(
  trx: Trx,
  context: FollowContext,
  { change, look, handed, end, at }: Ending,
  offer: PresentOffer,
): Promise<void> {
  if (handed.attempt === null) throw new Error(`change ${change.id} was handed over without an attempt`);
  const attempt = { no: handed.attempt };
  const { identifier, elements: remote } = offer;
  const kept = end === 'seen' ? change.elements : look.typed;
  const links = end === 'seen' || change.kind === 'create' || (kept.length > 0 && change.kind === 'attach');
  if (links) await linkCentres(trx, context, change, attempt, identifier);
  await recordBase(trx, context, { change, attempt, identifier, remote, at }, kept);
}

function messageOf({ look, end, handed }: Ending): string {
  const { offer } = look;
  switch (end) {
    case 'seen':
      return `saisie constatée dans l’offre ${offer?.identifier ?? ''}`;
    case 'differs':
      return look.kind === 'differs' ? look.why : '';
    case 'expired': {
      const typed = look.typed.length === 0 ? '' : ` (${look.typed.length} élément(s) saisi(s))`;
      return `jamais vue en entier dans le ROR${typed} avant le ${(handed.expiresAt ?? new Date(0)).toISOString().slice(0, 10)}`;
    }
  }
}
