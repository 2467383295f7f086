import type { CentreObservation, Label, Public } from '../../domain/centre.js';
import { UNREAD, type RowOutcome } from '../../domain/rows.js';
import { readCampaign } from '../../normalise/campaigns.js';
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

/** Facts that tell two establishments written alike ("Centre hospitalier") apart. */
type PlaceFacts = Pick<CentreObservation, 'finessEg' | 'finessEj' | 'town'>;

/**
 * What tells apart the establishments of rows that share a base key: the first of site, legal entity and town that
 * differs between rows that state it. A row that does not state it may be any of them and gets ''.
 */
export function apartness(rows: readonly PlaceFacts[]): (row: PlaceFacts) => string {
  for (const field of ['finessEg', 'finessEj', 'town'] as const) {
    const values = new Set(rows.map((row) => fold(row[field] ?? '')).filter((value) => value !== ''));
    if (values.size > 1) return (row) => fold(row[field] ?? '');
  }
  return () => '';
}

/** What could be read of the parts of a key; null: not read. */
export type ReadParts = { readonly [Part in keyof KeyParts]: string | null };

/**
 * Key of a row that is set aside, before its neighbours are known: what could be read of it, `*` for the rest, with its
 * campaign, so that a fault corrected later does not rename the other campaigns of the centre.
 * @param campaign as written; null when it could not be read
 */
export function asideKey(
  parts: ReadParts,
  publicTaken: Public | typeof UNREAD | null,
  campaign: string | null,
): string {
  const { network, title, hospital, town } = parts;
  const name = network === '' ? title : network;
  const place = hospital === '' ? town : hospital;
  const base = [name, parts.filiere, place].map((part) => fold(part ?? '') || UNREAD).join('|');
  const long = publicTaken === null ? base : `${base}#${publicTaken}`;
  return campaign === null ? long : `${long}@${fold(campaign)}`;
}

/** Key of a row before its neighbours are known: `assignKeys` drops the public where nothing needs it. */
export function rowKey(row: KeyParts, publicTaken: Public | null): string {
  return publicTaken === null ? baseKey(row) : `${baseKey(row)}#${publicTaken}`;
}

/**
 * Final keys of one delivery. The public enters the key only where rows of the same base key have different ones. When
 * one centre has rows of several campaigns, the latest has the key and the others carry their campaign: `…@2017`. Rows
 * set aside count in both: a fault corrected later must not rename its neighbour.
 */
export function assignKeys(outcomes: readonly Outcome[]): readonly Outcome[] {
  const apart = placesApart(outcomes);
  const publics = new Map<string, Set<string>>();
  for (const outcome of outcomes) {
    const { base, taken } = longKey(outcome, apart);
    if (base !== '' && taken !== '') publics.set(base, (publics.get(base) ?? new Set()).add(taken));
  }
  const shortened = outcomes.map((outcome) => {
    const { base, taken, campaign } = longKey(outcome, apart);
    const told = taken !== '' && taken !== UNREAD && (publics.get(base)?.size ?? 0) > 1;
    const key = told ? `${base}#${taken}` : base;
    return { outcome, key, campaign };
  });
  const latest = new Map<string, Campaign>();
  for (const { key, campaign } of shortened) {
    if (campaign === null) continue;
    const other = latest.get(key);
    if (other === undefined || isLater(campaign, other)) latest.set(key, campaign);
  }
  return shortened.map(({ outcome, key, campaign }) => {
    if (key === '') return outcome;
    const newest = latest.get(key);
    if (campaign === null || newest === undefined || sameCampaign(campaign, newest))
      return { ...outcome, key };
    return { ...outcome, key: `${key}@${campaignOf(campaign)}` };
  });
}

type Campaign = Pick<Label, 'campaign' | 'campaignText'>;

interface LongKey {
  readonly base: string;
  readonly taken: string;
  /** Null for a row whose campaign could not be read. */
  readonly campaign: Campaign | null;
}

type Apart = ReadonlyMap<string, (row: PlaceFacts) => string>;

function placesApart(outcomes: readonly Outcome[]): Apart {
  const groups = new Map<string, CentreObservation[]>();
  for (const outcome of outcomes) {
    if (outcome.kind !== 'row') continue;
    const base = baseKey(outcome.value);
    groups.set(base, [...(groups.get(base) ?? []), outcome.value]);
  }
  return new Map([...groups].map(([base, rows]) => [base, apartness(rows)]));
}

function longKey(outcome: Outcome, apart: Apart): LongKey {
  if (outcome.kind === 'row') {
    const { value } = outcome;
    const plain = baseKey(value);
    const place = apart.get(plain)?.(value) ?? '';
    const base = place === '' ? plain : `${plain}/${place}`;
    return { base, taken: value.public ?? '', campaign: value.label };
  }
  const [long = '', campaign] = (outcome.key ?? '').split('@');
  const [base = '', taken = ''] = long.split('#');
  return { base, taken, campaign: campaign === undefined ? null : readCampaign(campaign) };
}

function sameCampaign(one: Campaign, other: Campaign): boolean {
  return campaignOf(one) === campaignOf(other);
}

/** The year where there is one: "2022-2023" and "2023" are one campaign. */
export function campaignOf({ campaign, campaignText }: Campaign): string {
  return campaign === null ? fold(campaignText) : String(campaign);
}

/** An exact year is later than a vague one; between two vague ones the text decides, for a stable result. */
function isLater(one: Campaign, other: Campaign): boolean {
  const [a, b] = [one.campaign ?? 0, other.campaign ?? 0];
  return a === b ? fold(one.campaignText) > fold(other.campaignText) : a > b;
}
