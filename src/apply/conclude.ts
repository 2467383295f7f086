import type { Attempt } from '../db/attempts.js';
import type { StoredChange } from '../db/changes.js';
import type { ApplyContext, Receipt } from './context.js';
import type { PresentOffer } from './remote.js';
import { settleDone, settleRefused, unkept } from './settle.js';

/** The lease outlives the longest request by this much: only a dead process loses its attempt. */
const LEASE_MARGIN_MS = 2_000;

export function leaseEnd(context: ApplyContext): Date {
  return new Date(context.now().getTime() + context.region.repository.timeoutMs * 2 + LEASE_MARGIN_MS);
}

/** After the read-back, whether the write was just made or is recognised by a recovery. */
export async function conclude(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  back: PresentOffer,
  how: { readonly way: Receipt['way']; readonly status: number | null },
): Promise<Receipt> {
  const lacking = unkept(change, back);
  if (lacking !== null) {
    await settleRefused(context, change, attempt, { status: how.status, message: lacking }, 'conflict');
    return { ...receipt(change, 'conflict', lacking), ...how, offer: back.identifier };
  }
  const settled = await settleDone(context, change, attempt, back);
  if (settled === 'lost') return receipt(change, 'waiting', 'un autre processus a repris cette écriture.');
  return {
    ...receipt(change, 'applied', 'écrite, relue identique.'),
    ...how,
    offer: back.identifier,
    version: back.version,
  };
}

export function receipt(change: StoredChange, result: Receipt['result'], message: string): Receipt {
  return {
    change: change.id,
    result,
    offer: change.target.startsWith('offer:') ? change.target.slice('offer:'.length) : null,
    way: null,
    status: null,
    version: null,
    message,
  };
}
