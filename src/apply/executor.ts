import pLimit from 'p-limit';
import {
  openAttempt,
  reserveLocalNumber,
  unsettledAttempts,
  updateAttempt,
  type Attempt,
} from '../db/attempts.js';
import { changesInStates, type StoredChange } from '../db/changes.js';
import { countingApprovers } from '../db/decisions.js';
import { inTransaction } from '../db/types.js';
import { RefusalError } from '../domain/errors.js';
import { changeHash } from '../plan/offer-change.js';
import { oldestGrant } from '../review/decide.js';
import { conclude, leaseEnd, receipt } from './conclude.js';
import type { ApplyContext, Receipt } from './context.js';
import { movedElements } from './moved.js';
import { recover } from './recovery.js';
import { offersByIdentifier, readOffer } from './remote.js';
import { createRequest, editRequest, noWay, rorEdits, type WriteRequest } from './request.js';
import {
  settleAbandoned,
  settleConflict,
  settleDone,
  settleRefused,
  settleUncertain,
  valueText,
} from './settle.js';

/** Requests in flight at once; the remote's own rate rules (ANCHORS 3: a wait of 50 to 300 ms per request). */
const CONCURRENCY = 4;

/**
 * Design step 10. First what a crash or an unknown outcome left behind is settled; then every approved change is
 * sent, each on its own: one refusal does not stop the others. Nothing approved and nothing unsettled: zero requests.
 */
export async function applyApproved(context: ApplyContext): Promise<Receipt[]> {
  const { db, region } = context;
  const unsettled = await unsettledAttempts(db, region.code);
  const receipts: Receipt[] = [];
  const total = unsettled.length + (await changesInStates(db, region.code, ['approved'])).length;
  const tell = (receipt: Receipt): void => {
    receipts.push(receipt);
    context.onReceipt(receipt, receipts.length, Math.max(total, receipts.length));
  };
  const limit = pLimit(CONCURRENCY);
  await Promise.all(
    unsettled.map((attempt) =>
      limit(async () => {
        const receipt = await recover(context, attempt);
        if (receipt !== null) tell(receipt);
      }),
    ),
  );
  const approved = await changesInStates(db, region.code, ['approved']);
  await Promise.all(approved.map((change) => limit(async () => tell(await applyOne(context, change)))));
  return receipts;
}

/** Sends one approved change: intent, last look, write, read back, record. */
export async function applyOne(context: ApplyContext, change: StoredChange): Promise<Receipt> {
  const refusal = await whyNot(context, change);
  if (refusal !== null) return receipt(change, 'skipped', refusal);
  const edits = rorEdits(change);
  const target = change.target.startsWith('offer:') ? change.target.slice('offer:'.length) : null;
  if (edits.length > 0 && change.kind === 'create' && !context.region.repository.ways.includes('post')) {
    throw noWay(context.region, 'post');
  }
  const attempt = await begin(context, change, edits.length === 0 ? 'none' : firstWay(context, change));
  if (attempt === null) {
    return receipt(
      change,
      'waiting',
      'une autre écriture est en cours sur cette offre ; relancez plus tard.',
    );
  }
  if (edits.length === 0) {
    await settleDone(context, change, attempt, null);
    return {
      ...receipt(change, 'applied', 'fait retenu pour la diffusion ; rien à écrire dans le ROR.'),
      way: 'none',
    };
  }
  if (change.kind === 'create') {
    const request = createRequest(change, context.region, context.codes, attempt.identifier, change.openedAt);
    return await write(context, change, attempt, request);
  }
  const found = await offersByIdentifier(context.client, target ?? '');
  const present = found.length === 1 ? found[0] : undefined;
  if (present === undefined) {
    const message = `${found.length} offre(s) portent l’identifiant ${target ?? '?'} : rien n’est envoyé.`;
    await settleRefused(context, change, attempt, { status: null, message }, 'conflict');
    return receipt(change, 'conflict', message);
  }
  const moved = movedElements(change.elements, present.elements);
  if (moved.length > 0) {
    await settleConflict(context, change, attempt, moved);
    const told = moved
      .map(
        (m) =>
          `${m.key} : montré ${valueText(m.shown)}, ROR ${valueText(m.now)}, proposé ${valueText(m.wanted)}`,
      )
      .join(' ; ');
    return receipt(
      change,
      'conflict',
      `l’offre a changé dans le ROR depuis l’approbation (${told}). Rien n’est envoyé ; recalculez le plan avec « filror sync ».`,
    );
  }
  return await write(context, change, attempt, editRequest(change, context.region, present));
}

/** Rule 2: the form approved is recomputed from what is stored; too few entitled approvers or an edited body send nothing. */
async function whyNot(context: ApplyContext, change: StoredChange): Promise<string | null> {
  if (changeHash(change) !== change.hash) {
    return 'le contenu a été modifié après l’approbation : rien n’est envoyé. Vérifiez le journal (filror journal verify), puis recalculez le plan.';
  }
  const approvers = await countingApprovers(context.db, {
    region: context.region.code,
    changeId: change.id,
    hash: change.hash,
    confirmedAfter: oldestGrant(context.now(), context.config.review),
  });
  return approvers.length >= change.quorum
    ? null
    : `${approvers.length} approbation(s) valable(s) sur ${change.quorum} : un droit a été retiré ou a expiré.`;
}

function firstWay(context: ApplyContext, change: StoredChange): 'post' | 'patch' | 'put' {
  if (change.kind === 'create') return 'post';
  const way = context.region.repository.ways.find((each) => each === 'patch' || each === 'put');
  if (way === undefined) throw noWay(context.region, 'patch ou put');
  return way;
}

/** The intent is committed before anything is sent; it makes this process the offer's only writer. */
async function begin(
  context: ApplyContext,
  change: StoredChange,
  way: 'post' | 'patch' | 'put' | 'none',
): Promise<Attempt | null> {
  const { region } = context;
  return await inTransaction(context.db, async (trx) => {
    let identifier: string | null = null;
    const range = region.repository.identifiers;
    if (way === 'post' && range !== 'server') {
      const number = await reserveLocalNumber(trx, region.code, BigInt(range.from), BigInt(range.to));
      if (number === null) throw rangeUsedUp(context);
      identifier = `${region.code}/${number.toString().padStart(range.from.length, '0')}`;
    }
    return await openAttempt(trx, {
      region: region.code,
      changeId: change.id,
      hash: change.hash,
      target: change.target,
      way,
      identifier,
      remoteId: null,
      requestPath: 'HealthcareService',
      requestBody: '',
      leaseUntil: leaseEnd(context),
    });
  });
}

async function write(
  context: ApplyContext,
  change: StoredChange,
  attempt: Attempt,
  request: WriteRequest,
): Promise<Receipt> {
  const sent = await updateAttempt(context.db, attempt, {
    requestPath: request.path,
    requestBody: request.body,
    sentAt: context.now(),
    leaseUntil: leaseEnd(context),
  });
  if (sent === 'lost') return receipt(change, 'waiting', 'un autre processus a repris cette écriture.');
  const outcome =
    request.way === 'post'
      ? await context.client.create('HealthcareService', request.body)
      : request.way === 'put'
        ? await context.client.update('HealthcareService', idOf(request), request.body)
        : await context.client.patch('HealthcareService', idOf(request), request.body);
  if (outcome.kind === 'refused') {
    const message = `le répertoire a refusé l’écriture : ${outcome.text}`;
    await settleRefused(context, change, attempt, { status: outcome.status, message }, 'approved');
    return { ...receipt(change, 'refused', message), way: request.way, status: outcome.status };
  }
  if (outcome.kind === 'notSent') {
    await settleAbandoned(context, change, attempt);
    return { ...receipt(change, 'waiting', `rien n’est parti : ${outcome.error.message}`), way: request.way };
  }
  if (outcome.kind === 'unknown') {
    const message = `issue inconnue (${outcome.text}) : rien d’autre n’est envoyé pour cette offre avant vérification. Relancez « filror apply --resume ».`;
    await settleUncertain(context, change, attempt, message);
    return { ...receipt(change, 'uncertain', message), way: request.way };
  }
  const back = await readOffer(context.client, outcome.id);
  if (back === null) {
    const message = 'écrite mais introuvable à la relecture. Relancez « filror apply --resume ».';
    await settleUncertain(context, change, attempt, message);
    return { ...receipt(change, 'uncertain', message), way: request.way, status: outcome.status };
  }
  return await conclude(context, change, attempt, back, { way: request.way, status: outcome.status });
}

function idOf(request: WriteRequest): string {
  return request.path.slice('HealthcareService/'.length);
}

function rangeUsedUp(context: ApplyContext): RefusalError {
  return new RefusalError({
    code: 'RANGE_USED_UP',
    message: `La plage d’identifiants de la région ${context.region.name} est épuisée.`,
    place: `regions/${context.region.code}.yaml, repository.identifiers`,
    remedy: 'demandez une nouvelle plage au GRADeS et écrivez-la dans le profil.',
  });
}
