import { describe, expect, it } from 'vitest';
import type { JournalAct, PastAttempt } from '../../src/db/as-of.js';
import type { Decision } from '../../src/db/decisions.js';
import type { FollowupEvent } from '../../src/db/followups.js';
import type { ChangeState } from '../../src/domain/change.js';
import type { PersonId } from '../../src/domain/ids.js';
import { stateAt, stateSteps, type ChangeActs, type ChangeLife } from '../../src/runs/as-of-states.js';

const at = (hour: number): Date => new Date(Date.UTC(2026, 2, 10, hour));
const [A, B] = ['a', 'b'] as unknown as readonly [PersonId, PersonId];

const life = (state: ChangeState, closed: number | null = null, quorum = 1): ChangeLife => ({
  id: 'essai',
  state,
  quorum,
  openedAt: at(1),
  closedAt: closed === null ? null : at(closed),
});
const acts = (given: Partial<ChangeActs> = {}): ChangeActs => ({
  opening: null,
  decisions: [],
  attempts: [],
  followups: [],
  journal: [],
  ...given,
});
const decision = (hour: number, given: Partial<Decision> = {}): Decision => ({
  no: hour,
  changeId: 'essai',
  hash: 'e'.repeat(64),
  verdict: 'approve',
  person: A,
  onBehalfOf: null,
  reason: null,
  at: at(hour),
  ...given,
});
const attempt = (no: number, ended: number | null, given: Partial<PastAttempt> = {}): PastAttempt => ({
  no,
  changeId: 'essai',
  way: 'patch',
  identifier: null,
  sentAt: ended === null ? null : at(ended),
  state: ended === null ? 'open' : 'done',
  endedAt: ended === null ? null : at(ended),
  outcome: {},
  ...given,
});
const act = (kind: string, hour: number, given: Partial<JournalAct> = {}): JournalAct => ({
  no: hour,
  kind,
  at: at(hour),
  actor: A,
  change: 'essai',
  attempt: null,
  approvals: null,
  ...given,
});
const followup = (
  kind: FollowupEvent['kind'],
  hour: number,
  person: PersonId | null = null,
): FollowupEvent => ({
  no: hour,
  changeId: 'essai',
  hash: 'e'.repeat(64),
  kind,
  owner: null,
  expiresAt: null,
  reason: null,
  body: null,
  attempt: 1,
  person,
  at: at(hour),
});
/** "1 proposed, 3 approved": hours and states. */
const told = (of: ChangeLife, done: ChangeActs): string =>
  stateSteps(of, done)
    .map(({ at: when, state }) => `${String(when.getUTCHours())} ${state ?? 'unknown'}`)
    .join(', ');

describe('the states of a change', () => {
  it.each<[string, ChangeLife, ChangeActs, string]>([
    ['that nobody touched', life('proposed'), acts(), '1 proposed'],
    ['that asks a question', life('question'), acts(), '1 question'],
    [
      'approved, then written',
      life('applied', 5),
      acts({ decisions: [decision(3)], attempts: [attempt(1, 5)] }),
      '1 proposed, 3 approved, 5 applied',
    ],
    [
      'rejected at once',
      life('rejected', 4),
      acts({ opening: 'toComplete', decisions: [decision(4, { verdict: 'reject', reason: 'essai' })] }),
      '1 toComplete, 4 rejected',
    ],
    [
      'replaced after its approval',
      life('superseded', 6),
      acts({ decisions: [decision(2)] }),
      '1 proposed, 2 approved, 6 superseded',
    ],
    [
      'replaced, of which the journal says how it was opened',
      life('superseded', 6),
      acts({ opening: 'question' }),
      '1 question, 6 superseded',
    ],
    ['replaced, of which it does not', life('superseded', 6), acts(), '1 unknown, 6 superseded'],
    [
      'replaced at the very instant of its opening',
      life('superseded', 1),
      acts({ opening: 'question' }),
      '1 question, 1 superseded',
    ],
    [
      'that two people approve',
      life('approved', null, 2),
      acts({ decisions: [decision(2), decision(4, { person: B })] }),
      '1 proposed, 4 approved',
    ],
    [
      'of which one approval of two did not count any more',
      life('proposed', null, 2),
      acts({
        decisions: [decision(2), decision(4, { person: B })],
        journal: [act('approve', 2, { approvals: 1 }), act('approve', 4, { approvals: 1 })],
      }),
      '1 proposed',
    ],
    [
      'that a deputy approves twice for one voice',
      life('proposed', null, 2),
      acts({ decisions: [decision(2), decision(4, { person: B, onBehalfOf: A })] }),
      '1 proposed',
    ],
    [
      'uncertain, then found written',
      life('applied', 9),
      acts({
        decisions: [decision(2)],
        attempts: [attempt(7, 9)],
        journal: [act('applyUncertain', 5, { attempt: 7 })],
      }),
      '1 proposed, 2 approved, 5 uncertain, 9 applied',
    ],
    [
      'whose first sending was given up',
      life('applied', 9),
      acts({
        decisions: [decision(2)],
        attempts: [
          attempt(1, 5, { state: 'abandoned', outcome: { message: 'rien n’est parti' } }),
          attempt(2, 9),
        ],
        journal: [act('applyUncertain', 4, { attempt: 1 })],
      }),
      '1 proposed, 2 approved, 4 uncertain, 5 approved, 9 applied',
    ],
    [
      'that met another value when it was sent',
      life('conflict'),
      acts({
        decisions: [decision(2)],
        attempts: [attempt(1, 5, { state: 'abandoned', outcome: { moved: [] } })],
      }),
      '1 proposed, 2 approved, 5 conflict',
    ],
    [
      'refused for a moment, then written',
      life('applied', 9),
      acts({
        decisions: [decision(2)],
        attempts: [attempt(1, 5, { state: 'refused', outcome: { status: 503 } }), attempt(2, 9)],
      }),
      '1 proposed, 2 approved, 9 applied',
    ],
    [
      'refused, then replaced: which of two states it had is not kept',
      life('superseded', 9),
      acts({
        decisions: [decision(2)],
        attempts: [attempt(1, 5, { state: 'refused', outcome: { status: 422 } })],
      }),
      '1 proposed, 2 approved, 5 unknown, 9 superseded',
    ],
    [
      'handed over and seen',
      life('applied', 9),
      acts({
        decisions: [decision(2)],
        attempts: [attempt(1, 3, { way: 'sheet' })],
        followups: [followup('transmitted', 3), followup('reminded', 5, A), followup('seen', 9)],
      }),
      '1 proposed, 2 approved, 3 transmitted, 9 applied',
    ],
    [
      'reported, without a suite',
      life('conflict'),
      acts({
        decisions: [decision(2)],
        attempts: [attempt(1, 3, { way: 'task' })],
        followups: [followup('transmitted', 3), followup('refused', 9)],
      }),
      '1 proposed, 2 approved, 3 transmitted, 9 conflict',
    ],
    [
      'whose row says what nothing explains',
      life('uncertain'),
      acts({ decisions: [decision(2)] }),
      '1 proposed, 2 approved, 2 unknown',
    ],
  ])('%s', (_what, of, done, expected) => {
    expect(told(of, done)).toBe(expected);
  });

  it('are asked at an instant: none before it was opened, the last one reached after', () => {
    const steps = stateSteps(
      life('applied', 5),
      acts({ decisions: [decision(3)], attempts: [attempt(1, 5)] }),
    );
    const states = [0, 1, 2, 3, 4, 5, 23].map((hour) => stateAt(steps, at(hour)));
    expect(states).toEqual([undefined, 'proposed', 'proposed', 'approved', 'approved', 'applied', 'applied']);
  });
});
