import type { CentreId, PersonId } from '../domain/ids.js';
import { canonicalText } from '../domain/json.js';
import { append } from '../journal/append.js';
import { unsettledAttempts } from '../db/attempts.js';
import {
  authorsOfEach,
  insertAuthors,
  openChanges,
  setReasons,
  supersede,
  type ChangeAuthor,
  type StoredChange,
} from '../db/changes.js';
import { approversOfEach } from '../db/decisions.js';
import { insertChanges, type NewChange } from '../db/new-changes.js';
import type { Trx } from '../db/types.js';
import type { FilrorConfig } from '../config/load.js';
import { quorumFor } from '../review/policy.js';
import type { ProposedChange } from './propose.js';
import { offerOfTarget } from '../domain/change.js';

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
  const ids = [...open.values()].map((change) => change.id);
  const standing: Standing = {
    authors: await authorsOfEach(trx, region, ids),
    approvers: await approversOfEach(trx, region, ids),
  };
  const opened: NewChange[] = [];
  const kept: string[] = [];
  const superseded: string[] = [];
  const joining: (ChangeAuthor & { readonly changeId: string })[] = [];
  const awaited = awaitedCentres([...open.values()].filter(inFlight));
  for (const change of proposed) {
    // A creation that was handed over, or whose outcome is unknown: the offer that appears meanwhile is its own.
    const known = open.get(change.target);
    const own = known !== undefined && inFlight(known);
    if (!own && change.centres.some((centre) => awaited.has(centre))) continue;
    open.delete(change.target);
    if (known !== undefined && inFlight(known)) {
      kept.push(known.id);
      continue;
    }
    const added = known === undefined ? null : addedAuthors(known, change, standing);
    if (known !== undefined && added !== null) {
      kept.push(known.id);
      joining.push(...added.map((author) => ({ ...author, changeId: known.id })));
      if (canonicalText(known.reasons) !== canonicalText(change.reasons)) {
        await setReasons(trx, region, known.id, change.reasons);
      }
      continue;
    }
    if (known !== undefined) superseded.push(known.id);
    opened.push({
      ...change,
      id: newChangeId(),
      runId,
      quorum: quorumFor(change, config.review),
      openedAt: now,
    });
  }
  for (const gone of open.values()) if (!inFlight(gone)) superseded.push(gone.id);
  await insertAuthors(trx, region, joining);
  // Before the new ones: an offer has one open change at most.
  await supersede(trx, region, superseded, now);
  await insertChanges(trx, region, opened);
  return { opened: opened.map((change) => change.id), kept, superseded };
}

/** Centres whose offer is being created by somebody: nothing else is proposed for them meanwhile. */
function awaitedCentres(sent: readonly StoredChange[]): ReadonlySet<CentreId> {
  return new Set(
    sent.filter((change) => offerOfTarget(change.target) === null).flatMap((change) => change.centres),
  );
}

/** Who stands behind the changes that are open. */
interface Standing {
  readonly authors: ReadonlyMap<string, readonly ChangeAuthor[]>;
  readonly approvers: ReadonlyMap<string, ReadonlySet<PersonId>>;
}

/**
 * Same hash and same readiness: the change stays, with its decisions, and shows the new reasons. Authors that a new
 * run adds join it, unless one of them already approved: then the change is proposed anew.
 * @returns the authors that join, or null when the change does not stay
 */
function addedAuthors(
  known: StoredChange,
  change: ProposedChange,
  standing: Standing,
): readonly ChangeAuthor[] | null {
  if (known.hash !== change.hash || readiness(known.state) !== change.state) return null;
  const present = new Set(standing.authors.get(known.id)?.map((author) => `${author.person}|${author.why}`));
  const added = change.authors.filter((author) => !present.has(`${author.person}|${author.why}`));
  const approvers = standing.approvers.get(known.id);
  return added.some((author) => approvers?.has(author.person) === true) ? null : added;
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
    /** The changes open after the plan, as they are stored. */
    changes: readonly StoredChange[];
  },
): Promise<void> {
  const opened = new Set(entry.delta.opened);
  const changes = entry.changes.filter((change) => opened.has(change.id));
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
