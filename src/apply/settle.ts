import { append } from '../journal/append.js';
import { appliedElements, recordApplied } from '../db/applied.js';
import { updateAttempt, type Attempt } from '../db/attempts.js';
import { linkCentre } from '../db/centres.js';
import { holdChange, moveInFlight, type StoredChange } from '../db/changes.js';
import { recordRemote, type RemoteVersion } from '../db/remote.js';
import { shareRegion } from '../db/runs.js';
import { inTransaction, type Trx } from '../db/types.js';
import type { ElementChange } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';
import { elementsOf } from '../ror/elements.js';
import { withLists } from '../ror/arrays.js';
import { parseBody } from '../ror/body.js';
import { saysTheSame } from '../ror/equality.js';
import type { ApplyContext } from './context.js';
import { notRetained, type MovedElement } from './moved.js';

/** What the repository answered after a write, read again from it. */
export interface ReadBack {
  readonly remoteId: string;
  readonly identifier: string;
  readonly version: string | null;
  readonly body: string;
}

/*
 * Every transaction here and in `begin` and `recordIntent` takes its rows in one order (region, change, attempt, head
 * of the journal), as planning and deciding do: two processes that meet on one offer wait, and never deadlock.
 */

/**
 * Records an applied change in one transaction, the journal last: base per element (what was read back, never what
 * was sent), the version seen, the links of the centres, the state of attempt and change.
 * @returns `lost` when another process took the attempt over or settled it: nothing is then recorded here.
 */
export async function settleDone(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  back: ReadBack | null,
): Promise<'done' | 'lost'> {
  const at = context.now();
  const identifier = back?.identifier ?? change.target.slice('offer:'.length);
  const remote = elementsOfBack(back);
  return await inTransaction(context.db, async (trx) => {
    await shareRegion(trx, context.region.code);
    await holdChange(trx, context.region.code, change.id);
    const ours = await updateAttempt(trx, attempt, {
      state: 'done',
      endedAt: at,
      ...(back === null ? {} : { remoteId: back.remoteId }),
      outcome: { version: back?.version ?? null, identifier },
    });
    if (ours === 'lost') return 'lost';
    if (back !== null) await recordSeen(trx, context, back, at);
    await linkCentres(trx, context, change, attempt, identifier);
    await recordBase(trx, context, { change, attempt, identifier, remote, at }, change.elements);
    await moveInFlight(trx, context.region.code, change.id, 'applied', at);
    await append(trx, {
      region: context.region.code,
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
        elements: diffOf(change, remote),
      },
    });
    return 'done';
  });
}

/**
 * The repository accepted the write and did not keep all of it. What it kept is ours and becomes the base (an offer
 * that was created stands, whatever it lacks); the change is in conflict, the journal holds both.
 */
export async function settlePartly(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  back: ReadBack,
  why: Refusal,
): Promise<'done' | 'lost'> {
  const at = context.now();
  const { identifier } = back;
  const remote = elementsOfBack(back);
  const lost = new Set(notRetained(change.elements, remote));
  const kept = change.elements.filter((element) => element.channel === 'ror' && !lost.has(element.key));
  return await inTransaction(context.db, async (trx) => {
    await shareRegion(trx, context.region.code);
    await holdChange(trx, context.region.code, change.id);
    const ours = await updateAttempt(trx, attempt, {
      state: 'refused',
      endedAt: at,
      remoteId: back.remoteId,
      outcome: { ...why, version: back.version, identifier },
    });
    if (ours === 'lost') return 'lost';
    await recordSeen(trx, context, back, at);
    if (change.kind === 'create' || (kept.length > 0 && change.kind === 'attach')) {
      await linkCentres(trx, context, change, attempt, identifier);
    }
    await recordBase(trx, context, { change, attempt, identifier, remote, at }, kept);
    await moveInFlight(trx, context.region.code, change.id, 'conflict', at);
    await append(trx, {
      region: context.region.code,
      kind: 'applyRefused',
      subject: `offer:${identifier}`,
      actor: context.actor?.id ?? null,
      body: {
        change: change.id,
        hash: change.hash,
        kind: change.kind,
        way: attempt.way,
        attempt: attempt.no,
        version: back.version,
        centres: change.centres,
        ...why,
        elements: diffOf(change, remote),
      },
    });
    return 'done';
  });
}

type Elements = ReadonlyMap<ElementKey, OfferElement>;

function elementsOfBack(back: ReadBack | null): Elements {
  return back === null ? new Map() : elementsOf(withLists(parseBody(back.body)));
}

async function recordSeen(trx: Trx, context: ApplyContext, back: ReadBack, at: Date): Promise<void> {
  const version: RemoteVersion = {
    type: 'HealthcareService',
    remoteId: back.remoteId,
    identifier: back.identifier,
    versionId: back.version,
    body: back.body,
  };
  await recordRemote(trx, context.region.code, at, [version]);
}

export async function linkCentres(
  trx: Trx,
  context: Pick<ApplyContext, 'region'>,
  change: StoredChange,
  attempt: Pick<Attempt, 'no'>,
  identifier: string,
): Promise<void> {
  const gone = leaving(change);
  for (const centre of change.centres) {
    await linkCentre(trx, {
      region: context.region.code,
      centre,
      identifier,
      createdByUs: change.kind === 'create',
      eg: null,
      linked: gone.has(centre) ? 'unlinked' : 'linked',
      attempt: attempt.no,
    });
  }
}

export async function recordBase(
  trx: Trx,
  context: Pick<ApplyContext, 'region'>,
  done: {
    readonly change: StoredChange;
    readonly attempt: Pick<Attempt, 'no'>;
    readonly identifier: string;
    readonly remote: Elements;
    readonly at: Date;
  },
  elements: readonly ElementChange[],
): Promise<void> {
  const { change, attempt, identifier, remote, at } = done;
  const region = context.region.code;
  const base = (await appliedElements(trx, region, undefined, identifier)).get(identifier);
  await recordApplied(
    trx,
    { region, identifier, attempt: attempt.no, at, centres: change.centres },
    elements.map((element) => {
      const known = base?.get(element.key);
      const beforeUs = known === undefined ? element.before : (known.beforeUs ?? undefined);
      const said = element.channel === 'served' ? element.after : remote.get(element.key)?.value;
      // What stands as it stood before us is no longer ours.
      const restored = said !== undefined && beforeUs !== undefined && saysTheSame(said, beforeUs);
      return {
        key: element.key,
        beforeUs,
        sent: element.after,
        readBack: restored ? undefined : said,
        channel: element.channel,
      };
    }),
  );
}

/** The diff that the journal holds: what stood there, what was sent, what was read back. */
export function diffOf(change: StoredChange, remote: Elements): object[] {
  return change.elements.map((element) => ({
    key: element.key,
    before: element.before ?? null,
    sent: element.after ?? null,
    readBack: element.channel === 'served' ? null : (remote.get(element.key)?.value ?? null),
    channel: element.channel,
  }));
}

interface Refusal {
  readonly status: number | null;
  readonly message: string;
}

/** The write was refused, or may not be made: nothing of ours stands, the change says why. */
export async function settleRefused(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  why: Refusal,
  next: 'approved' | 'conflict',
): Promise<void> {
  const at = context.now();
  await inTransaction(context.db, async (trx) => {
    await holdChange(trx, context.region.code, change.id);
    const ours = await updateAttempt(trx, attempt, { state: 'refused', endedAt: at, outcome: why });
    if (ours === 'lost') return;
    await moveInFlight(trx, context.region.code, change.id, next, at);
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
    await holdChange(trx, context.region.code, change.id);
    // The lease ends here: whoever comes next may look, nobody need wait for this process.
    const ours = await updateAttempt(trx, attempt, {
      state: 'uncertain',
      leaseUntil: await context.sharedClock(trx),
      outcome: { message },
    });
    if (ours === 'lost') return;
    await moveInFlight(trx, context.region.code, change.id, 'uncertain', at);
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
    await holdChange(trx, context.region.code, change.id);
    const ours = await updateAttempt(trx, attempt, { state: 'abandoned', endedAt: at, outcome: { moved } });
    if (ours === 'lost') return;
    await moveInFlight(trx, context.region.code, change.id, 'conflict', at);
    await append(trx, {
      region: context.region.code,
      kind: 'applyConflict',
      subject: `change:${change.id}`,
      actor: context.actor?.id ?? null,
      body: { change: change.id, hash: change.hash, moved },
    });
  });
}

/** It is now known that the write did not happen: the change waits again, unless it was rejected meanwhile. */
export async function settleAbandoned(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  message: string,
): Promise<void> {
  const at = context.now();
  await inTransaction(context.db, async (trx) => {
    await holdChange(trx, context.region.code, change.id);
    const ours = await updateAttempt(trx, attempt, {
      state: 'abandoned',
      endedAt: at,
      outcome: { message },
    });
    if (ours === 'lost') return;
    await moveInFlight(trx, context.region.code, change.id, 'approved', at);
    await append(trx, {
      region: context.region.code,
      kind: 'applyAbandoned',
      subject: `change:${change.id}`,
      actor: context.actor?.id ?? null,
      body: { change: change.id, hash: change.hash, attempt: attempt.no, message },
    });
  });
}

/** After a write that did not end as approved. */
export const REPLAN =
  'Que faire : lancez un passage (page « Passages », ou « filror sync » au terminal) : il repart de ce que le répertoire dit maintenant.';

/** What the repository did not keep of what was sent, in French; null when it kept everything. */
export function unkept(change: StoredChange, back: ReadBack): string | null {
  const missing = notRetained(change.elements, elementsOf(withLists(parseBody(back.body))));
  return missing.length === 0
    ? null
    : `la relecture ne montre pas ${missing.join(', ')} comme envoyé : le répertoire ne l’a pas retenu, ou d’autres l’ont changé depuis. ${REPLAN}`;
}

/** Centres that leave the offer with this change: their block or their served facts are taken back. */
export function leaving(change: StoredChange): ReadonlySet<CentreId> {
  if (change.kind !== 'withdraw' && change.kind !== 'close') return new Set();
  const gone = (centre: CentreId): boolean =>
    change.elements.some((element) => element.operation === 'delete' && element.key.includes(`[${centre}]`));
  return new Set(change.centres.filter(gone));
}
