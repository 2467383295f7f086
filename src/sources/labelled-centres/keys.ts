import type { CentreObservation, Public } from '../../domain/centre.js';
import type { RowOutcome } from '../../domain/rows.js';
import { fold } from '../../normalise/text.js';

type Outcome = RowOutcome<CentreObservation>;

/** What a key is made of; a row set aside may have it all. */
export interface KeyParts {
  readonly title: string;
  readonly network: string | null;
  readonly filiere: string;
  readonly hospital: string;
  readonly town: string | null;
}

/** Establishment as written, or the town of a source that gives nothing else. */
export function placeOf(row: Pick<KeyParts, 'hospital' | 'town'>): string {
  return fold(row.hospital === '' ? (row.town ?? '') : row.hospital);
}

/**
 * Observation key (DESIGN 5): network or title, filière, establishment or town as written. The public is left out, so
 * that completing it never makes a new centre.
 */
export function baseKey(row: KeyParts): string {
  return [fold(row.network ?? row.title), fold(row.filiere), placeOf(row)].join('|');
}

/** Key of a row before its neighbours are known: `assignKeys` drops the public where nothing needs it. */
export function rowKey(row: KeyParts, publicTaken: Public | null): string {
  return publicTaken === null ? baseKey(row) : `${baseKey(row)}#${publicTaken}`;
}

/**
 * Final keys of one delivery. The public enters the key only where rows of the same base key have different ones (the
 * rows set aside count: a fault corrected later must not rename its neighbour). When one centre has rows of several
 * campaigns, the latest has the key and the others carry their campaign: `…@2017`.
 */
export function assignKeys(outcomes: readonly Outcome[]): readonly Outcome[] {
  const publics = new Map<string, Set<string>>();
  for (const outcome of outcomes) {
    const { base, taken } = splitKey(longKey(outcome));
    if (base !== '') publics.set(base, (publics.get(base) ?? new Set()).add(taken));
  }
  const shortened = outcomes.map((outcome) => {
    const key = longKey(outcome);
    const { base } = splitKey(key);
    return { outcome, key: (publics.get(base)?.size ?? 0) > 1 ? key : base };
  });
  const latest = new Map<string, CentreObservation>();
  for (const { outcome, key } of shortened) {
    if (outcome.kind !== 'row') continue;
    const other = latest.get(key);
    if (other === undefined || isLater(outcome.value, other)) latest.set(key, outcome.value);
  }
  return shortened.map(({ outcome, key }) => {
    if (key === '') return outcome;
    const newest = latest.get(key);
    if (outcome.kind !== 'row' || newest === undefined || sameCampaign(outcome.value, newest))
      return { ...outcome, key };
    return { ...outcome, key: `${key}@${campaignOf(outcome.value)}` };
  });
}

function longKey(outcome: Outcome): string {
  if (outcome.key !== undefined) return outcome.key;
  return outcome.kind === 'row' ? rowKey(outcome.value, outcome.value.public) : '';
}

function splitKey(key: string): { readonly base: string; readonly taken: string } {
  const [base = '', taken = ''] = key.split('#');
  return { base, taken };
}

function campaignOf(row: CentreObservation): string {
  return fold(row.label.campaignText);
}

function sameCampaign(one: CentreObservation, other: CentreObservation): boolean {
  return campaignOf(one) === campaignOf(other);
}

/** An exact year is later than a vague one; between two vague ones the text decides, for a stable result. */
function isLater(one: CentreObservation, other: CentreObservation): boolean {
  const [a, b] = [one.label.campaign ?? 0, other.label.campaign ?? 0];
  return a === b ? campaignOf(one) > campaignOf(other) : a > b;
}
