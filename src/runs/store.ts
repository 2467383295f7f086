import type { PersonId } from '../domain/ids.js';
import { canonicalText } from '../domain/json.js';
import { append } from '../journal/append.js';
import { unsettledAttempts } from '../db/attempts.js';
import {
  authorsOf,
  insertAuthors,
  insertChange,
  openChanges,
  setChangeState,
  setReasons,
  type StoredChange,
} from '../db/changes.js';
import { decisionsOf } from '../db/decisions.js';
import type { Trx } from '../db/types.js';
import type { FilrorConfig } from '../config/load.js';
import { quorumFor } from '../review/policy.js';
import type { ProposedChange } from './propose.js';

/** What promoting a plan did to the open changes. */
export interface PlanDelta {
  readonly opened: readonly string[];
  readonly kept: readonly string[];
  readonly superseded: readonly string[];
}

/**
 * States that a new plan may not touch: what was sent is settled by its own follow-up. A change whose attempt is open
 * is still "approved"; superseded now, it would be proposed, approved and created a second time.
 */
const IN_FLIGHT: ReadonlySet<StoredChange['state']> = new Set(['uncertain', 'transmitted']);

/**
 * Promotes a plan: an open change with the same hash is kept with its decisions; another hash supersedes it; a change
 * that is no longer proposed is superseded. New reasons alone (a note, a locator) do not touch the decisions.
 */
export async function storePlan(
  trx: Trx,
  region: string,
  runId: string,
  proposed: readonly ProposedChange[],
  config: FilrorConfig,
  now: Date,
  newChangeId: () => string,
): Promise<PlanDelta> {
  const sending = new Set((await unsettledAttempts(trx, region)).map((attempt) => attempt.changeId));
  const inFlight = (change: StoredChange): boolean => IN_FLIGHT.has(change.state) || sending.has(change.id);
  const open = new Map((await openChanges(trx, region)).map((change) => [change.target, change]));
  const delta = { opened: [] as string[], kept: [] as string[], superseded: [] as string[] };
  for (const change of proposed) {
    const known = open.get(change.target);
    open.delete(change.target);
    if (known !== undefined && inFlight(known)) {
      delta.kept.push(known.id);
      continue;
    }
    if (known !== undefined && (await sameProposal(trx, region, known, change))) {
      delta.kept.push(known.id);
      continue;
    }
    if (known !== undefined) {
      await setChangeState(trx, region, known.id, 'superseded', now);
      delta.superseded.push(known.id);
    }
    const id = newChangeId();
    await insertChange(
      trx,
      region,
      { ...change, id, runId, quorum: quorumFor(change, config.review), openedAt: now },
      change.authors,
    );
    delta.opened.push(id);
  }
  for (const gone of open.values()) {
    if (inFlight(gone)) continue;
    await setChangeState(trx, region, gone.id, 'superseded', now);
    delta.superseded.push(gone.id);
  }
  return delta;
}

/**
 * Same hash and same readiness: the change stays, with its decisions, and shows the new reasons. Authors that a new
 * run adds join it, unless one of them already approved: then the change is proposed anew.
 */
async function sameProposal(
  trx: Trx,
  region: string,
  known: StoredChange,
  change: ProposedChange,
): Promise<boolean> {
  if (known.hash !== change.hash || readiness(known.state) !== change.state) return false;
  const authors = await authorsOf(trx, region, known.id);
  const present = new Set(authors.map((author) => `${author.person}|${author.why}`));
  const added = change.authors.filter((author) => !present.has(`${author.person}|${author.why}`));
  const decisions = await decisionsOf(trx, region, known.id);
  const approvers = new Set(
    decisions.filter((each) => each.verdict === 'approve').map((each) => each.person),
  );
  if (added.some((author) => approvers.has(author.person))) return false;
  await insertAuthors(trx, region, known.id, added);
  if (canonicalText(known.reasons) !== canonicalText(change.reasons)) {
    await setReasons(trx, region, known.id, change.reasons);
  }
  return true;
}

/** An approved change is a proposed one for the plan. */
function readiness(state: StoredChange['state']): StoredChange['state'] {
  return state === 'approved' ? 'proposed' : state;
}

/** The journal entry of a plan holds the diff itself: every change opened, with its elements. */
export async function journalPlan(
  trx: Trx,
  entry: {
    region: string;
    runId: string;
    actor: PersonId | null;
    summary: string;
    input: unknown;
    delta: PlanDelta;
  },
): Promise<void> {
  const opened = new Set(entry.delta.opened);
  const changes = (await openChanges(trx, entry.region)).filter((change) => opened.has(change.id));
  await append(trx, {
    region: entry.region,
    kind: 'plan',
    subject: `run:${entry.runId}`,
    actor: entry.actor,
    body: {
      run: entry.runId,
      summary: entry.summary,
      input: entry.input,
      superseded: entry.delta.superseded,
      kept: entry.delta.kept,
      opened: changes.map((change) => ({
        id: change.id,
        kind: change.kind,
        state: change.state,
        target: change.target,
        centres: change.centres,
        hash: change.hash,
        elements: change.elements,
      })),
    },
  });
}
