import type { ReviewConfig } from '../config/schema/review.js';
import type { ChangeAuthor, StoredChange } from '../db/changes.js';
import { STATE_WORDS, type ChangeKind } from '../domain/change.js';
import { RefusalError } from '../domain/errors.js';
import type { PersonId } from '../domain/ids.js';
import { approveTogether } from './approve-together.js';
import { approve, type ApprovalResult, type DecisionContext, type ShownForm } from './decide.js';
import { quorumFor } from './policy.js';

/** What may be approved by rule; withdrawals and closures go one by one (STYLE, "The page and the terminal"). */
export const BULK_KINDS: readonly ChangeKind[] = ['create', 'attach', 'modify', 'enrich'];

export interface BulkView {
  readonly review: ReviewConfig;
  readonly person: PersonId;
  readonly authors: readonly ChangeAuthor[];
  /** Who approved this change already. */
  readonly approvers: ReadonlySet<PersonId>;
}

/** Why this person may not approve this change with others at once, in French; null when they may. */
export function bulkRefusal(
  change: Pick<StoredChange, 'kind' | 'state' | 'elements'>,
  { review, person, authors, approvers }: BulkView,
): string | null {
  if (!BULK_KINDS.includes(change.kind)) return 'retrait ou fermeture : s’approuve seul, avec confirmation';
  if (change.state === 'conflict') return 'en conflit : trois valeurs à comparer';
  if (change.state !== 'proposed') return STATE_WORDS[change.state];
  if (touchesIdentity(change, review)) return 'change ce qui identifie l’offre : s’approuve seul';
  if (authors.some((author) => author.person === person)) return 'vous êtes à l’origine d’une valeur';
  if (approvers.has(person)) return 'vous l’avez déjà approuvé : il manque une autre personne';
  return null;
}

/** Whether it changes an offer that we describe already. */
export function ofStandingOffer(kind: ChangeKind): boolean {
  return kind === 'modify' || kind === 'enrich';
}

/** Of an offer that we describe already: a name, an establishment or a level that changes. */
function touchesIdentity(change: Pick<StoredChange, 'kind' | 'elements'>, review: ReviewConfig): boolean {
  if (!ofStandingOffer(change.kind)) return false;
  const once = { ...review, quorum: { ...review.quorum, modify: 1, enrich: 1 } };
  return quorumFor(change, once) > 1;
}

export type BulkOutcome =
  | { readonly change: string; readonly done: true; readonly result: ApprovalResult }
  | { readonly change: string; readonly done: false; readonly why: string };

/** Changes of one transaction: the region is held for a fraction of a second at a time. */
const TOGETHER = 100;

/** Approves each change in the form that was shown; what one refuses stops no other. */
export async function approveEach(
  context: DecisionContext,
  shown: readonly ShownForm[],
): Promise<BulkOutcome[]> {
  const outcomes: BulkOutcome[] = [];
  for (let at = 0; at < shown.length; at += TOGETHER) {
    const some = shown.slice(at, at + TOGETHER);
    const together = await approveTogether(context, some);
    for (const change of some) {
      const result = together.get(change.id);
      outcomes.push(
        result === undefined
          ? await approveAlone(context, change)
          : { change: change.id, done: true, result },
      );
    }
  }
  return outcomes;
}

async function approveAlone(context: DecisionContext, change: ShownForm): Promise<BulkOutcome> {
  try {
    return { change: change.id, done: true, result: await approve(context, change) };
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    return { change: change.id, done: false, why: error.message };
  }
}
