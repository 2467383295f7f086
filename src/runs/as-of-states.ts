import type { JournalAct, PastAttempt } from '../db/as-of.js';
import type { Decision } from '../db/decisions.js';
import type { FollowupEvent } from '../db/followups.js';
import type { ChangeState } from '../domain/change.js';

/** A state that a change took; null: which one was not kept. */
export interface StateStep {
  readonly at: Date;
  readonly state: ChangeState | null;
}

/** What a change's row keeps of its life. */
export interface ChangeLife {
  readonly id: string;
  readonly state: ChangeState;
  readonly quorum: number;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
}

/** What happened to one change, each list in the order of its recording. */
export interface ChangeActs {
  /** As the journal of its plan says; null when that entry says nothing of it. */
  readonly opening: ChangeState | null;
  readonly decisions: readonly Decision[];
  readonly attempts: readonly PastAttempt[];
  readonly followups: readonly FollowupEvent[];
  readonly journal: readonly JournalAct[];
}

const ASKED: readonly ChangeState[] = ['toComplete', 'toReconfirm', 'question'];
const PASSED_PROPOSED: readonly ChangeState[] = [
  ...(['proposed', 'approved', 'transmitted', 'uncertain', 'applied', 'expired'] as const),
];

/**
 * The state in which a change was opened, where its present row and what was done to it leave no doubt: only what is
 * proposed is approved, and only what is approved is sent; a question leaves its state only by a new form.
 */
export function openingOf(
  { state }: Pick<ChangeLife, 'state'>,
  { decisions, attempts }: Pick<ChangeActs, 'decisions' | 'attempts'>,
): ChangeState | null {
  if (ASKED.includes(state)) return state;
  if (PASSED_PROPOSED.includes(state) || attempts.length > 0) return 'proposed';
  if (decisions.some(({ verdict }) => verdict === 'approve')) return 'proposed';
  return state === 'conflict' ? 'conflict' : null;
}

/**
 * The states of a change, one after the other. Its row keeps the last one only: the others are told by the decisions,
 * the sendings and their ends, the follow-up and the journal.
 */
export function stateSteps(life: ChangeLife, acts: ChangeActs): StateStep[] {
  const opening = openingOf(life, acts) ?? acts.opening;
  const steps: StateStep[] = [{ at: life.openedAt, state: opening }];
  for (const { at, state, from } of moves(life, acts)) {
    const present = steps.at(-1)?.state ?? null;
    if (present !== null && !from.includes(present)) continue;
    if (present !== state || present === null) steps.push({ at, state });
  }
  const { closedAt, state: end } = life;
  if (closedAt !== null) {
    const before = steps.filter(({ at, state }, rank) => rank === 0 || (at < closedAt && state !== end));
    return [...before, { at: closedAt, state: end }];
  }
  const last = steps.at(-1);
  // What its row says and nothing explains came at an instant that nobody kept.
  if (last !== undefined && last.state !== life.state) steps.push({ at: last.at, state: null });
  return steps;
}

/** The state at an instant; undefined before it was opened. */
export function stateAt(steps: readonly StateStep[], instant: Date): ChangeState | null | undefined {
  return steps.findLast(({ at }) => at.getTime() <= instant.getTime())?.state;
}

interface Move extends StateStep {
  readonly from: readonly ChangeState[];
}

const IN_FLIGHT: readonly ChangeState[] = ['approved', 'uncertain'];
const DECIDABLE: readonly ChangeState[] = ['proposed', 'approved'];

function moves(life: ChangeLife, acts: ChangeActs): Move[] {
  const found = [
    ...approvals(life, acts),
    ...acts.decisions
      .filter(({ verdict }) => verdict === 'reject')
      .map(({ at }): Move => ({
        at,
        state: 'rejected',
        from: [...ASKED, ...DECIDABLE, 'conflict', 'transmitted'],
      })),
    ...sendings(life, acts),
    ...acts.followups.flatMap((event): Move[] => {
      const state = endOf(event);
      return state === null ? [] : [{ at: event.at, state, from: ['transmitted'] }];
    }),
  ];
  return found.sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** Approved once enough voices counted: the journal holds how many did; without it every voice is taken to count. */
function approvals({ quorum }: ChangeLife, { decisions, journal }: ChangeActs): Move[] {
  const told = journal.filter(({ kind }) => kind === 'approve');
  const voices = new Set<string>();
  return decisions
    .filter(({ verdict }) => verdict === 'approve')
    .flatMap(({ at, person, onBehalfOf }, rank): Move[] => {
      voices.add(onBehalfOf ?? person);
      const counted = told[rank]?.approvals ?? voices.size;
      return counted >= quorum ? [{ at, state: 'approved', from: DECIDABLE }] : [];
    });
}

function sendings(life: ChangeLife, { attempts, journal }: ChangeActs): Move[] {
  return attempts.flatMap((attempt, rank): Move[] => {
    const { no, endedAt } = attempt;
    const doubt = journal
      .filter(({ kind, attempt: of }) => kind === 'applyUncertain' && of === no)
      .map(({ at }): Move => ({ at, state: 'uncertain', from: IN_FLIGHT }));
    if (endedAt === null) return doubt;
    const again = rank < attempts.length - 1;
    return [...doubt, { at: endedAt, state: outcomeOf(attempt, life, again), from: IN_FLIGHT }];
  });
}

function outcomeOf(
  { state, way, outcome }: PastAttempt,
  life: ChangeLife,
  again: boolean,
): ChangeState | null {
  switch (state) {
    case 'done':
      return way === 'sheet' || way === 'task' ? 'transmitted' : 'applied';
    case 'abandoned':
      return outcome?.['moved'] === undefined ? 'approved' : 'conflict';
    case 'refused':
      // Sent again later: it had stayed approved. Otherwise the row says it, unless a new form took its place since.
      if (again || life.state === 'approved') return 'approved';
      if (life.state === 'conflict' || outcome?.['status'] === null) return 'conflict';
      return outcome?.['identifier'] === undefined ? null : 'conflict';
    case 'open':
    case 'uncertain':
      return 'uncertain';
  }
}

function endOf({ kind, person }: FollowupEvent): ChangeState | null {
  switch (kind) {
    case 'seen':
      return 'applied';
    case 'differs':
      return 'conflict';
    case 'expired':
      return 'expired';
    case 'refused':
      // Whoever follows the queue rejects it; a report that has no suite leaves it in conflict.
      return person === null ? 'conflict' : 'rejected';
    case 'transmitted':
    case 'assigned':
    case 'reminded':
      return null;
  }
}
