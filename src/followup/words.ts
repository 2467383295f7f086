import type { FollowupEnd } from '../db/followups.js';

/** French words of the ends of a wait, and the sign that goes with each. */
export const END_WORDS: Readonly<Record<FollowupEnd, string>> = {
  seen: 'vu',
  differs: 'différent',
  refused: 'refusé',
  expired: 'expiré',
};

export const END_SIGNS: Readonly<Record<FollowupEnd, string>> = {
  seen: '=',
  differs: '!',
  refused: '−',
  expired: '?',
};
