import { RefusalError } from '../domain/errors.js';
import { appendAll } from '../journal/append.js';
import { lockHeads } from '../db/change-heads.js';
import { authorsOfEach, setChangeStates } from '../db/changes.js';
import { addDecisions, countingApproversOfEach, decisionsOn } from '../db/decisions.js';
import { lockRegion, setRegionRules } from '../db/runs.js';
import { inTransaction, type Trx } from '../db/types.js';
import {
  lentVoice,
  oldestGrant,
  reviewerRights,
  type ApprovalResult,
  type DecisionContext,
  type ShownForm,
} from './decide.js';

/** What the database says of a decision that it refuses; the whole transaction is lost with it. */
const REFUSED = /FILROR_FOUR_EYES|FILROR_NOT_APPROVABLE|decision_once/;

/**
 * Approves the changes that raise no question, in one transaction: the same rights, the same form shown, the same four
 * eyes, the same journal entry each as `approve`, with a dozen statements for all instead of for each.
 * @returns what became of those; an absent one is for `approve`, which decides it alone or says why not
 */
export async function approveTogether(
  context: DecisionContext,
  shown: readonly ShownForm[],
): Promise<ReadonlyMap<string, ApprovalResult>> {
  try {
    return await inTransaction(context.db, async (trx) => await approved(context, trx, shown));
  } catch (error) {
    if (error instanceof RefusalError || (error instanceof Error && REFUSED.test(error.message)))
      return new Map();
    throw error;
  }
}

async function approved(
  context: DecisionContext,
  trx: Trx,
  shown: readonly ShownForm[],
): Promise<ReadonlyMap<string, ApprovalResult>> {
  const { region, person, review, now } = context;
  await lockRegion(trx, region);
  await setRegionRules(trx, region, { grantMaxAgeDays: review.grantMaxAgeDays });
  const rights = await reviewerRights(context, trx);
  const ids = shown.map(({ id }) => id);
  const stored = new Map((await lockHeads(trx, region, ids)).map((head) => [head.id, head]));
  const authors = await authorsOfEach(trx, region, ids);
  const decisions = await decisionsOn(trx, region, ids);
  const taken = shown.flatMap(({ id, hash }) => {
    const head = stored.get(id);
    // What is approved already is for `approve`: it may need no further approval.
    if (head?.hash !== hash || head.state !== 'proposed') return [];
    const authored = new Set((authors.get(id) ?? []).map((author) => author.person));
    const voiced = new Set(
      decisions
        .filter((each) => each.changeId === id && each.hash === hash && each.verdict === 'approve')
        .map((each) => each.onBehalfOf ?? each.person),
    );
    const right = lentVoice(rights, authored, voiced);
    return authored.has(person.id) || right === undefined ? [] : [{ head, right }];
  });
  await addDecisions(
    trx,
    taken.map(({ head, right }) => ({
      region,
      changeId: head.id,
      hash: head.hash,
      verdict: 'approve',
      person: person.id,
      onBehalfOf: right,
      reason: null,
      at: now,
    })),
  );
  const approvers = await countingApproversOfEach(trx, {
    region,
    forms: taken.map(({ head }) => ({ changeId: head.id, hash: head.hash })),
    confirmedAfter: oldestGrant(now, review),
  });
  const results = new Map<string, ApprovalResult>();
  for (const { head } of taken) {
    const approvals = approvers.get(head.id) ?? 0;
    results.set(head.id, { approvals, quorum: head.quorum, approved: approvals >= head.quorum });
  }
  const done = [...results].filter(([, result]) => result.approved).map(([id]) => id);
  await setChangeStates(trx, region, done, 'approved', now);
  await appendAll(
    trx,
    taken.map(({ head, right }) => ({
      region,
      kind: 'approve',
      subject: `change:${head.id}`,
      actor: person.id,
      body: {
        change: head.id,
        hash: head.hash,
        approvals: approvers.get(head.id) ?? 0,
        quorum: head.quorum,
        ...(right === null ? {} : { onBehalfOf: right }),
      },
    })),
  );
  return results;
}
