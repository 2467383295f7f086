import { append } from '../journal/append.js';
import { appliedElements, recordApplied } from '../db/applied.js';
import { updateAttempt, type Attempt } from '../db/attempts.js';
import { linkCentre } from '../db/centres.js';
import { setChangeState, type StoredChange } from '../db/changes.js';
import { recordRemote, type RemoteVersion } from '../db/remote.js';
import { inTransaction } from '../db/types.js';
import type { CentreId } from '../domain/ids.js';
import type { Json } from '../domain/json.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';
import { elementsOf } from '../ror/elements.js';
import { parseBody } from '../ror/body.js';
import { sameValue } from '../ror/equality.js';
import type { ApplyContext } from './context.js';
import { notRetained, type MovedElement } from './moved.js';

/** What the repository answered after a write, read again from it. */
export interface ReadBack {
  readonly remoteId: string;
  readonly identifier: string;
  readonly version: string | null;
  readonly body: string;
}

/**
 * Records an applied change in one transaction, the journal last: base per element (what was read back, never what
 * was sent), the version seen, the links of the centres, the state of attempt and change.
 * @returns `lost` when another process took the attempt over: nothing is then recorded here.
 */
export async function settleDone(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  back: ReadBack | null,
): Promise<'done' | 'lost'> {
  const { db, region } = context;
  const at = context.now();
  const identifier = back?.identifier ?? change.target.slice('offer:'.length);
  const remote: ReadonlyMap<ElementKey, OfferElement> =
    back === null ? new Map() : elementsOf(parseBody(back.body));
  return await inTransaction(db, async (trx) => {
    const ours = await updateAttempt(trx, attempt, {
      state: 'done',
      endedAt: at,
      ...(back === null ? {} : { remoteId: back.remoteId }),
      outcome: { version: back?.version ?? null, identifier },
    });
    if (ours === 'lost') return 'lost';
    const base = (await appliedElements(trx, region.code)).get(identifier);
    if (back !== null) {
      const version: RemoteVersion = {
        type: 'HealthcareService',
        remoteId: back.remoteId,
        identifier,
        versionId: back.version,
        body: back.body,
      };
      await recordRemote(trx, region.code, at, [version]);
    }
    for (const centre of change.centres) {
      await linkCentre(trx, {
        region: region.code,
        centre,
        identifier,
        createdByUs: change.kind === 'create',
        eg: null,
        linked: leaving(change).has(centre) ? 'unlinked' : 'linked',
        attempt: attempt.no,
      });
    }
    await recordApplied(
      trx,
      { region: region.code, identifier, attempt: attempt.no, at, centres: change.centres },
      change.elements.map((element) => {
        const known = base?.get(element.key);
        const beforeUs = known === undefined ? element.before : (known.beforeUs ?? undefined);
        const said = element.channel === 'served' ? element.after : remote.get(element.key)?.value;
        // What stands as it stood before us is no longer ours.
        const restored = said !== undefined && beforeUs !== undefined && sameValue(said, beforeUs);
        return {
          key: element.key,
          beforeUs,
          sent: element.after,
          readBack: restored ? undefined : said,
          channel: element.channel,
        };
      }),
    );
    await setChangeState(trx, region.code, change.id, 'applied', at);
    await append(trx, {
      region: region.code,
      kind: 'apply',
      subject: `offer:${identifier}`,
      actor: context.actor?.id ?? null,
      body: {
        change: change.id,
        hash: change.hash,
        kind: change.kind,
        way: attempt.way,
        attempt: attempt.no,
        version: back?.version ?? null,
        centres: change.centres,
        elements: change.elements.map((element) => ({
          key: element.key,
          before: element.before ?? null,
          sent: element.after ?? null,
          readBack: element.channel === 'served' ? null : (remote.get(element.key)?.value ?? null),
          channel: element.channel,
        })),
      },
    });
    return 'done';
  });
}

/** The write was refused, or silently ignored: nothing of ours stands, the change says why. */
export async function settleRefused(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  why: { readonly status: number | null; readonly message: string },
  next: 'approved' | 'conflict',
): Promise<void> {
  const at = context.now();
  await inTransaction(context.db, async (trx) => {
    const ours = await updateAttempt(trx, attempt, { state: 'refused', endedAt: at, outcome: why });
    if (ours === 'lost') return;
    await setChangeState(trx, context.region.code, change.id, next, at);
    await append(trx, {
      region: context.region.code,
      kind: 'applyRefused',
      subject: `change:${change.id}`,
      actor: context.actor?.id ?? null,
      body: { change: change.id, hash: change.hash, attempt: attempt.no, ...why },
    });
  });
}

/** Nobody knows whether the write happened: nothing more is sent for this offer until it is known. */
export async function settleUncertain(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  message: string,
): Promise<void> {
  const at = context.now();
  await inTransaction(context.db, async (trx) => {
    const ours = await updateAttempt(trx, attempt, { state: 'uncertain', outcome: { message } });
    if (ours === 'lost') return;
    await setChangeState(trx, context.region.code, change.id, 'uncertain', at);
    await append(trx, {
      region: context.region.code,
      kind: 'applyUncertain',
      subject: `change:${change.id}`,
      actor: context.actor?.id ?? null,
      body: { change: change.id, hash: change.hash, attempt: attempt.no, message },
    });
  });
}

/** The repository moved since the change was shown: three values, nothing sent. */
export async function settleConflict(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  moved: readonly MovedElement[],
): Promise<void> {
  const at = context.now();
  await inTransaction(context.db, async (trx) => {
    const ours = await updateAttempt(trx, attempt, { state: 'abandoned', endedAt: at, outcome: { moved } });
    if (ours === 'lost') return;
    await setChangeState(trx, context.region.code, change.id, 'conflict', at);
    await append(trx, {
      region: context.region.code,
      kind: 'applyConflict',
      subject: `change:${change.id}`,
      actor: context.actor?.id ?? null,
      body: { change: change.id, hash: change.hash, moved },
    });
  });
}

/** It is now known that the write did not happen: the change waits again, approved. */
export async function settleAbandoned(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
): Promise<void> {
  const at = context.now();
  await inTransaction(context.db, async (trx) => {
    const ours = await updateAttempt(trx, attempt, { state: 'abandoned', endedAt: at });
    if (ours === 'lost') return;
    await setChangeState(trx, context.region.code, change.id, 'approved', at);
    await append(trx, {
      region: context.region.code,
      kind: 'applyAbandoned',
      subject: `change:${change.id}`,
      actor: context.actor?.id ?? null,
      body: { change: change.id, hash: change.hash, attempt: attempt.no },
    });
  });
}

/** What the repository did not keep of what was sent, in French; null when it kept everything. */
export function unkept(change: StoredChange, back: ReadBack): string | null {
  const missing = notRetained(change.elements, elementsOf(parseBody(back.body)));
  return missing.length === 0
    ? null
    : `la relecture ne montre pas ${missing.join(', ')} : le répertoire n’a pas retenu l’écriture.`;
}

/** Centres that leave the offer with this change: their block or their served facts are taken back. */
export function leaving(change: StoredChange): ReadonlySet<CentreId> {
  if (change.kind !== 'withdraw' && change.kind !== 'close') return new Set();
  const gone = (centre: CentreId): boolean =>
    change.elements.some((element) => element.operation === 'delete' && element.key.includes(`[${centre}]`));
  return new Set(change.centres.filter(gone));
}

export function valueText(value: Json | null): string {
  return value === null ? 'rien' : JSON.stringify(value);
}
