import type { AppliedRow, JournalAct, LinkEvent, OfferVersion, PastAttempt } from '../db/as-of.js';
import type { Agreement } from '../db/agreements.js';
import type { AnswerEver, SaidInterval } from '../db/centre-history.js';
import type { StoredChange } from '../db/changes.js';
import type { Decision } from '../db/decisions.js';
import type { FollowupEvent } from '../db/followups.js';
import type { ChangeState } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import type { ElementKey } from '../domain/offer.js';
import { appliedAt, linkAt, offerAt, type LinkAt, type OfferAt } from './as-of-offer.js';
import { stateAt, type StateStep } from './as-of-states.js';

/** Everything that was ever recorded of a centre, or of an offer; each list in the order of its recording. */
export interface PastRecord {
  readonly centres: readonly CentreId[];
  /** Numbers of the offers that these centres are or were in, or that a change of theirs is about. */
  readonly offers: readonly string[];
  readonly said: readonly SaidInterval[];
  readonly answers: readonly AnswerEver[];
  readonly versions: readonly OfferVersion[];
  readonly links: readonly LinkEvent[];
  readonly applied: readonly AppliedRow[];
  readonly changes: readonly StoredChange[];
  readonly steps: ReadonlyMap<string, readonly StateStep[]>;
  readonly decisions: readonly Decision[];
  readonly agreements: readonly Agreement[];
  readonly attempts: readonly PastAttempt[];
  readonly followups: readonly FollowupEvent[];
  readonly journal: readonly JournalAct[];
}

export interface PastOffer {
  readonly identifier: string;
  readonly read: OfferAt;
  readonly links: readonly {
    readonly centre: CentreId;
    readonly link: LinkAt;
    readonly since: Date | null;
    readonly createdByUs: boolean;
  }[];
  /** Written or served by filror, and not taken back by then. */
  readonly ours: ReadonlyMap<ElementKey, AppliedRow>;
}

/** How things stood at an instant, by what filror had recorded by then. */
export interface AsOf {
  readonly instant: Date;
  readonly offers: readonly PastOffer[];
  readonly said: readonly SaidInterval[];
  /** Changes open then; a state of null was not kept. */
  readonly open: readonly { readonly change: StoredChange; readonly state: ChangeState | null }[];
}

/** Set-aside of what came later: the answer for an instant does not depend on what was recorded after it. */
export function asOf(record: PastRecord, instant: Date): AsOf {
  const passed = (at: Date | null): boolean => at !== null && at.getTime() <= instant.getTime();
  return {
    instant,
    offers: record.offers.map((identifier) => ({
      identifier,
      read: offerAt(record.versions, identifier, instant),
      links: linksAt(record, identifier, instant),
      ours: appliedAt(record.applied, identifier, instant),
    })),
    said: record.said.filter(
      ({ from, until }) => passed(from.fetchedAt) && !passed(until?.fetchedAt ?? null),
    ),
    open: record.changes
      .filter(({ openedAt, closedAt }) => passed(openedAt) && !passed(closedAt))
      .map((change) => ({ change, state: stateAt(record.steps.get(change.id) ?? [], instant) ?? null })),
  };
}

function linksAt({ centres, links }: PastRecord, identifier: string, instant: Date): PastOffer['links'] {
  return centres.map((centre) => ({
    centre,
    ...linkAt(links, { centre, identifier }, instant),
    createdByUs: links.some((each) => each.identifier === identifier && each.createdByUs),
  }));
}
