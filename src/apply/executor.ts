import pLimit from 'p-limit';
import { openAttempt, reserveLocalNumber, unsettledAttempts, type Attempt } from '../db/attempts.js';
import { asksAgreement } from '../config/schema/region.js';
import { changesInStates, type StoredChange } from '../db/changes.js';
import { offerAsOfRun } from '../db/remote.js';
import { lockRegion, setRegionRules } from '../db/runs.js';
import { inTransaction, rolledBack, type Db } from '../db/types.js';
import { FilrorError, RefusalError } from '../domain/errors.js';
import { isOpen, windowsText } from '../domain/windows.js';
import { elementsOf } from '../ror/elements.js';
import { withLists } from '../ror/arrays.js';
import { parseBody } from '../ror/body.js';
import { FirstLooks } from './first-look.js';
import { leaseEnd, receipt, TAKEN_OVER } from './conclude.js';
import type { ApplyContext, Receipt } from './context.js';
import { movedText } from './moved-text.js';
import { movedElements, newNeighbours } from './moved.js';
import { Pace } from './pace.js';
import { permission } from './permission.js';
import { recover } from './recovery.js';
import { notOne, offersByIdentifier } from './remote.js';
import { createRequest, editRequest, providerOf } from './request.js';
import { settleAbandoned, settleConflict, settleDone, settleRefused } from './settle.js';
import { transmit, whyNotHanded } from './transmit.js';
import { isHanded, wayOf } from './ways.js';
import { write } from './write.js';

/** Requests in flight at once; the remote's own rate rules (ANCHORS 3: a wait of 50 to 300 ms per request). */
const CONCURRENCY = 4;

/**
 * Design step 10. First what a crash or an unknown outcome left behind is settled; then every approved change is
 * sent, each on its own: one refusal or failure does not stop the others. Nothing approved and nothing unsettled: zero
 * requests.
 */
export async function applyApproved(context: ApplyContext): Promise<Receipt[]> {
  const { db, region } = context;
  const unsettled = await unsettledAttempts(db, region.code);
  const receipts: Receipt[] = [];
  const total = unsettled.length + (await changesInStates(db, region.code, ['approved'])).length;
  const tell = (told: Receipt): void => {
    receipts.push(told);
    context.onReceipt(told, receipts.length, Math.max(total, receipts.length));
  };
  await inTurn(unsettled, async (attempt) => {
    const told = await recover(context, attempt);
    if (told !== null) tell(told);
  });
  const approved = await changesInStates(db, region.code, ['approved']);
  const pace = new Pace(context);
  const looks = new FirstLooks(context);
  await inTurn(approved, async (change) => {
    tell(
      await pace.run(
        () => applyOne(context, change, pace, looks),
        (why) => receipt(change, 'waiting', why),
      ),
    );
  });
  return receipts;
}

/** A few at a time. A programmer's error stops what has not begun; what has begun ends before it is thrown. */
async function inTurn<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const limit = pLimit(CONCURRENCY);
  let broken = false;
  const ends = await Promise.allSettled(
    items.map((item) =>
      limit(async () => {
        if (broken) return;
        try {
          await work(item);
        } catch (error) {
          broken = true;
          throw error;
        }
      }),
    ),
  );
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** What `applyOne` would do before its first request: leave, be handed over, or not leave and why. */
export interface Rehearsal {
  readonly change: StoredChange;
  readonly leaves: 'sent' | 'handed' | 'no';
  readonly way: Attempt['way'] | null;
  /** French; null when it leaves. */
  readonly why: string | null;
}

/**
 * Every check that precedes the first request (windows, right, hash, quorum, agreement, other writers), in a transaction
 * that is rolled back. What only the repository can tell, a moved offer or a missing establishment, is found on sending.
 */
export async function rehearse(context: ApplyContext, change: StoredChange): Promise<Rehearsal> {
  const begun = await rolledBack(context.db, async (trx) => {
    try {
      return await begin(trx, context, change);
    } catch (error) {
      return { kind: 'skipped' as const, why: explained(error) };
    }
  });
  switch (begun.kind) {
    case 'begun':
      return { change, leaves: 'sent', way: begun.attempt.way, why: null };
    case 'transmitted':
      return { change, leaves: 'handed', way: begun.way, why: null };
    case 'skipped':
    case 'waiting':
      return { change, leaves: 'no', way: null, why: begun.why };
  }
}

/** Sends one approved change: intent, last look, write, read back, record. */
export async function applyOne(
  context: ApplyContext,
  proposed: StoredChange,
  pace: Pace,
  looks: FirstLooks,
): Promise<Receipt> {
  let begun: Begun;
  try {
    begun = await begin(context.db, context, proposed);
  } catch (error) {
    return receipt(proposed, 'skipped', explained(error));
  }
  if (begun.kind === 'transmitted') return { ...receipt(proposed, begun.kind, HANDED), way: begun.way };
  if (begun.kind !== 'begun') return receipt(proposed, begun.kind, begun.why);
  const { attempt, change } = begun;
  try {
    return await send(context, change, attempt, pace, looks);
  } catch (error) {
    // `write` settles by itself whatever happens once a request may have left: nothing left here.
    const why = explained(error);
    await settleAbandoned(context, change, attempt, why);
    return receipt(change, 'waiting', `rien n’est parti : ${why}`);
  }
}

/** French text of an operational error. @throws what is no operational error */
function explained(error: unknown): string {
  if (!(error instanceof FilrorError)) throw error;
  return `${error.message} Que faire : ${error.remedy}`;
}

async function send(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  pace: Pace,
  looks: FirstLooks,
): Promise<Receipt> {
  if (attempt.way === 'none') {
    if ((await settleDone(context, change, attempt, null)) === 'lost') {
      return receipt(change, 'waiting', TAKEN_OVER);
    }
    return {
      ...receipt(change, 'applied', 'fait retenu pour la diffusion ; rien à écrire dans le ROR.'),
      way: 'none',
    };
  }
  return change.kind === 'create'
    ? await sendCreation(context, change, attempt, pace, looks)
    : await sendEdit(context, change, attempt, pace);
}

/** Searches before it creates: an offer that already carries our block (typed by hand, another run) is not doubled. */
async function sendCreation(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  pace: Pace,
  looks: FirstLooks,
): Promise<Receipt> {
  const twins = await looks.offersOf(providerOf(change), change.centres);
  if (twins.length > 0) {
    const numbers = twins.map((offer) => offer.identifier).join(', ');
    const message = `l’offre ${numbers} porte déjà le bloc de ce centre : rien n’est créé. Que faire : lancez un passage (page « Passages », ou « filror sync » au terminal), qui s’y rattachera.`;
    await settleRefused(context, change, attempt, { status: null, message }, 'conflict');
    return { ...receipt(change, 'conflict', message), offer: twins[0]?.identifier ?? null };
  }
  const request = createRequest(change, context.region, context.codes, attempt.identifier, change.openedAt);
  return await write(context, change, attempt, request, pace);
}

async function sendEdit(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  pace: Pace,
): Promise<Receipt> {
  const target = change.target.slice('offer:'.length);
  const found = await offersByIdentifier(context.client, target);
  const present = found.length === 1 ? found[0] : undefined;
  if (present === undefined) {
    const message = `${found.length} offre(s) portent l’identifiant ${target} : rien n’est envoyé. ${notOne(found.length)}`;
    await settleRefused(context, change, attempt, { status: null, message }, 'conflict');
    return receipt(change, 'conflict', message);
  }
  const shown = await offerAsOfRun(context.db, context.region.code, change.runId, target);
  const moved = [
    ...movedElements(change.elements, present.elements),
    ...(shown === null
      ? []
      : newNeighbours(change.elements, elementsOf(withLists(parseBody(shown))), present.elements)),
  ];
  if (moved.length > 0) {
    await settleConflict(context, change, attempt, moved);
    const told = movedText(moved, context.codes);
    return receipt(
      change,
      'conflict',
      `l’offre a changé dans le ROR depuis l’approbation (${told}). Rien n’est envoyé. Que faire : lancez un passage (page « Passages », ou « filror sync » au terminal), puis relisez le changement.`,
    );
  }
  return await write(context, change, attempt, editRequest(change, context.region, present), pace);
}

const HANDED =
  'fiche de saisie à transmettre : le changement reste ouvert jusqu’à ce que la relecture le constate (page « À saisir », ou filror queue list au terminal).';

type Begun =
  | { readonly kind: 'transmitted'; readonly way: Attempt['way'] }
  | { readonly kind: 'begun'; readonly attempt: Attempt; readonly change: StoredChange }
  | { readonly kind: 'skipped' | 'waiting'; readonly why: string };

/**
 * The intent is committed before anything is sent; it makes this process the offer's only writer. The region is held
 * meanwhile, so that no plan supersedes the change between the look at it and the intent.
 */
async function begin(db: Db, context: ApplyContext, proposed: StoredChange): Promise<Begun> {
  const { region } = context;
  const { windows } = region.repository;
  // What is handed over writes nothing: only a write keeps to the windows.
  const handed = isHanded(wayOf(region, proposed));
  if (!handed && !isOpen(windows, context.now())) {
    const why = `hors des créneaux d’écriture de la région (${windowsText(windows) ?? ''}, heure de Paris) ; rien n’est parti, le prochain envoi, dans un créneau, le reprendra (au terminal : « filror apply »).`;
    return { kind: 'waiting', why };
  }
  return await inTransaction(db, async (trx): Promise<Begun> => {
    await lockRegion(trx, region.code);
    await setRegionRules(trx, region.code, {
      sandbox: region.sandbox,
      grantMaxAgeDays: context.config.review.grantMaxAgeDays,
      agreementAsked: asksAgreement(region),
    });
    const given = await permission(trx, context, proposed.id, proposed.hash);
    if (given.kind === 'refused') return { kind: 'skipped', why: given.why };
    const { change } = given;
    const way = wayOf(region, change);
    const refused = isHanded(way) ? await whyNotHanded(trx, context, change) : null;
    if (refused !== null) return { kind: 'skipped', why: refused };
    const attempt = await openAttempt(trx, {
      region: region.code,
      changeId: change.id,
      hash: change.hash,
      target: change.target,
      way,
      identifier: way === 'post' ? await reserved(trx, context) : null,
      remoteId: null,
      requestPath: 'HealthcareService',
      requestBody: '',
      leaseUntil: leaseEnd(context, await context.sharedClock(trx)),
    });
    if (attempt === null) {
      return {
        kind: 'waiting',
        why: 'une autre écriture est en cours sur cette offre. Que faire : attendez le prochain envoi (au terminal : « filror apply »).',
      };
    }
    if (!isHanded(way)) return { kind: 'begun', attempt, change };
    await transmit(trx, context, change, attempt);
    return { kind: 'transmitted', way };
  });
}

/** The next number of the region's range; null when the repository gives the numbers. */
async function reserved(
  trx: Parameters<typeof reserveLocalNumber>[0],
  context: ApplyContext,
): Promise<string | null> {
  const { code, repository } = context.region;
  const range = repository.identifiers;
  if (range === 'server') return null;
  const number = await reserveLocalNumber(trx, code, BigInt(range.from), BigInt(range.to));
  if (number === null) throw rangeUsedUp(context);
  return `${code}/${number.toString().padStart(range.from.length, '0')}`;
}

function rangeUsedUp(context: ApplyContext): RefusalError {
  return new RefusalError({
    code: 'RANGE_USED_UP',
    message: `La plage d’identifiants de la région ${context.region.name} est épuisée.`,
    place: `regions/${context.region.code}.yaml, repository.identifiers`,
    remedy: 'demandez une nouvelle plage au GRADeS et écrivez-la dans le profil.',
  });
}
