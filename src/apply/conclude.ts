import type { Attempt } from '../db/attempts.js';
import type { StoredChange } from '../db/changes.js';
import type { ApplyContext, Receipt } from './context.js';
import type { PresentOffer } from './remote.js';
import { settleDone, settlePartly, unkept } from './settle.js';
import { offerOfTarget } from '../domain/change.js';

/** The lease outlives the longest request by this much: only a dead process loses its attempt. */
const LEASE_MARGIN_MS = 2_000;

/** @param from by the shared clock: from when the request may be under way */
export function leaseEnd(context: ApplyContext, from: Date): Date {
  return new Date(from.getTime() + longestSendMs(context) + LEASE_MARGIN_MS);
}

/** From the recorded intent to the last instant at which a request may be under way: it leaves within one time-out,
 * and is given up one time-out later. */
export function longestSendMs(context: ApplyContext): number {
  return context.region.repository.timeoutMs * 2;
}

/**
 * By this machine's clock: the request leaves within one time-out of its intent or not at all. Recovery counts on it,
 * wherever it runs. Taken before the shared instant of the intent, it never allows more.
 */
export function lastLeave({ now, region }: Pick<ApplyContext, 'now' | 'region'>): Date {
  return new Date(now().getTime() + region.repository.timeoutMs);
}

/** Between two looks that must agree: the declared lag, at most a second. */
export function betweenLooksMs(context: ApplyContext): number {
  return Math.min(context.region.repository.declaredLagMs, 1_000);
}

/** Another process is at it: nothing is recorded here. */
export const TAKEN_OVER =
  'un autre processus a repris cette écriture. Que faire : attendez qu’il finisse : le prochain envoi reprend ce qui reste (au terminal : « filror apply »).';

/** After the read-back, whether the write was just made or is recognised by a recovery. */
export async function conclude(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  back: PresentOffer,
  how: { readonly way: Receipt['way']; readonly status: number | null },
): Promise<Receipt> {
  const lacking = unkept(change, back);
  const settled =
    lacking === null
      ? await settleDone(context, change, attempt, back)
      : await settlePartly(context, change, attempt, back, { status: how.status, message: lacking });
  if (settled === 'lost') return receipt(change, 'waiting', TAKEN_OVER);
  const told =
    lacking === null
      ? receipt(change, 'applied', 'écrite, relue identique.')
      : receipt(change, 'conflict', lacking);
  return { ...told, ...how, offer: back.identifier, version: back.version };
}

export function receipt(change: StoredChange, result: Receipt['result'], message: string): Receipt {
  return {
    change: change.id,
    result,
    offer: offerOfTarget(change.target),
    way: null,
    status: null,
    version: null,
    message,
  };
}
