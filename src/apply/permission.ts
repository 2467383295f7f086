import { lockChange, type StoredChange } from '../db/changes.js';
import { countingApprovers } from '../db/decisions.js';
import type { Db } from '../db/types.js';
import { STATE_WORDS } from '../domain/change.js';
import { changeHash } from '../plan/offer-change.js';
import { oldestGrant } from '../review/decide.js';
import { quorumFor } from '../review/policy.js';
import { missingAgreement } from './agreement.js';
import type { ApplyContext } from './context.js';

export type Permission =
  | { readonly kind: 'granted'; readonly change: StoredChange }
  /** French: why nothing may be sent. */
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Rule 2, asked of the database when the intent is recorded and again just before the request: the change is still
 * approved, its content still gives the hash that was approved, and enough entitled people who are no authors approved
 * that hash. The change's row is held until the transaction ends, so that nobody rejects or supersedes it meanwhile.
 */
export async function permission(
  trx: Db,
  context: ApplyContext,
  changeId: string,
  hash: string,
): Promise<Permission> {
  const change = await lockChange(trx, context.region.code, changeId);
  if (change === null)
    return refused(
      'le changement n’existe plus. Que faire : lancez un passage (page « Passages », ou « filror sync » au terminal).',
    );
  if (change.state !== 'approved') {
    return refused(
      `il est maintenant « ${STATE_WORDS[change.state]} » : rien n’est envoyé. Que faire : voyez pourquoi à la page du changement (« filror show ${changeId} » au terminal).`,
    );
  }
  if (change.hash !== hash || changeHash(change) !== hash) {
    return refused(
      'le contenu a été modifié après l’approbation : rien n’est envoyé. Que faire : vérifiez le journal (page « Journal », ou filror journal verify au terminal), puis lancez un passage.',
    );
  }
  const quorum = Math.max(change.quorum, quorumFor(change, context.config.review));
  const approvers = await countingApprovers(trx, {
    region: context.region.code,
    changeId,
    hash,
    confirmedAfter: oldestGrant(context.now(), context.config.review),
  });
  if (approvers.length < quorum) {
    return refused(
      `${approvers.length} approbation(s) valable(s) sur ${quorum} : un droit manque, a été retiré ou n’est plus confirmé, ou l’approbation est celle d’un personnage d’essai. Que faire : faites approuver par une autre personne.`,
    );
  }
  const missing = await missingAgreement(trx, context, change);
  return missing === null ? { kind: 'granted', change } : refused(missing);
}

function refused(why: string): Permission {
  return { kind: 'refused', why };
}
