import type { CentreId } from './ids.js';
import type { Json } from './json.js';
import type { Locator } from './locator.js';
import type { ElementKey } from './offer.js';
import type { FieldRank } from './ranked-fields.js';

export const CHANGE_KINDS = ['create', 'attach', 'modify', 'enrich', 'withdraw', 'close'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export const CHANGE_STATES = [
  'toComplete',
  'toReconfirm',
  'question',
  'proposed',
  'approved',
  'rejected',
  'conflict',
  'transmitted',
  'uncertain',
  'applied',
  'superseded',
  'expired',
] as const;
export type ChangeState = (typeof CHANGE_STATES)[number];

/** French words of the kinds, with the sign that goes with them everywhere (never colour alone). */
export const KIND_WORDS: Readonly<Record<ChangeKind, { readonly sign: string; readonly word: string }>> = {
  create: { sign: '+', word: 'créer' },
  attach: { sign: '~', word: 'rattacher' },
  modify: { sign: '~', word: 'modifier' },
  enrich: { sign: '~', word: 'enrichir' },
  withdraw: { sign: '−', word: 'retrait de label' },
  close: { sign: '−', word: 'fermer' },
};

export const STATE_WORDS: Readonly<Record<ChangeState, string>> = {
  toComplete: 'à compléter',
  toReconfirm: 'label à reconfirmer',
  question: 'question posée',
  proposed: 'à approuver',
  approved: 'approuvé',
  rejected: 'rejeté',
  conflict: 'en conflit',
  transmitted: 'transmis',
  uncertain: 'incertain',
  applied: 'appliqué',
  superseded: 'remplacé',
  expired: 'expiré',
};

/** Where a shown value comes from: an extract of a snapshot, a decision of a person, or a written rule. */
export interface Provenance {
  readonly kind: 'source' | 'decision' | 'rule';
  /** Source id, rule name, or key of the person (`PersonId`): a name is put in its place only to be shown. */
  readonly origin: string;
  readonly snapshot?: string;
  readonly locator?: Locator;
  readonly date?: string;
  /** Rank of the source for this value, where several sources say it. */
  readonly rank?: FieldRank;
}

/** One element of a change: what the repository says, what we last read back, what we want. */
export interface ElementChange {
  readonly key: ElementKey;
  readonly path: string;
  readonly operation: 'add' | 'replace' | 'delete';
  /** What was last read back after we wrote; absent when we never wrote it. */
  readonly base?: Json;
  /** Repository's present value; absent when it says nothing. */
  readonly before?: Json;
  /** Wanted value; absent for a deletion. */
  readonly after?: Json;
  /** True when base, remote and desired all differ: three columns, never pushed. */
  readonly conflict: boolean;
  /** `served`: the ROR cannot say it, it is approved and journalled but never sent. */
  readonly channel: 'ror' | 'served';
  readonly assumed: boolean;
  readonly text: string;
  readonly provenance: readonly Provenance[];
}

/** Why a change cannot be approved as it stands; all of them are shown at once. */
export interface Reason {
  readonly code:
    | 'missing'
    | 'labelToReconfirm'
    | 'establishment'
    | 'continuity'
    | 'twin'
    | 'attachOrCreate'
    | 'proof'
    | 'oneCentreTwoSites'
    | 'levelClash'
    | 'codeRetired'
    | 'providerAbsent'
    | 'duplicateOffer'
    | 'duplicateProvider'
    | 'invalid'
    | 'drift'
    | 'note';
  /** Blocking reasons hold the approval back; the others only inform. */
  readonly blocking: boolean;
  readonly field?: string;
  readonly message: string;
  readonly candidates?: readonly { readonly value: string; readonly label: string }[];
}

/** The proposal for one offer. */
export interface PlannedChange {
  readonly kind: ChangeKind;
  readonly state: ChangeState;
  /** `offer:<offer id>`, or `centre:<centre id>` as long as no offer exists. */
  readonly target: string;
  readonly centres: readonly CentreId[];
  readonly reasons: readonly Reason[];
  readonly elements: readonly ElementChange[];
  /** SHA-256 over kind, target, centres and base, remote, desired and assumed of each element. */
  readonly hash: string;
}

const OFFER = 'offer:';

/** Number of the offer that a change is about; null for one that creates its offer. */
export function offerOfTarget(target: string): string | null {
  return target.startsWith(OFFER) ? target.slice(OFFER.length) : null;
}
