import type { StoredChange } from '../db/changes.js';
import type { Db } from '../db/types.js';
import type { ApplyContext } from './context.js';

/**
 * The establishment's agreement to a change (DESIGN 9 and 10: none is asked in the sandbox, others ask by default). The
 * one place to ask: it is called in the transaction that records an intent, with the change's row held. No agreement can
 * be recorded yet, so that outside a sandbox nothing leaves.
 * @returns in French, what is missing; null when the change may be sent
 */
export async function missingAgreement(
  _trx: Db,
  context: Pick<ApplyContext, 'region'>,
  change: StoredChange,
): Promise<string | null> {
  if (context.region.sandbox) return null;
  return await Promise.resolve(
    `l’accord de l’établissement manque pour le changement ${change.id} : hors région d’essai, rien n’est envoyé sans lui. Que faire : demandez l’accord au référent ROR de l’établissement ; tant qu’il ne peut pas être enregistré ici, saisissez le changement à la main dans le ROR.`,
  );
}
