/**
 * What several lists may say of one centre and disagree on, each taken on its own from the source of highest rank.
 * `establishment` is one fact: hospital, town, département and FINESS numbers of one row, never of two.
 */
export const RANKED_FIELDS = [
  'title',
  'network',
  'filiere',
  'label',
  'establishment',
  'public',
  'specificActs',
] as const;
export type RankedField = (typeof RANKED_FIELDS)[number];

/** Rank of trust; `never`: what the source says of it is shown beside the others, and is not taken. */
export type FieldRank = number | 'never';
