import { asksAgreement } from '../config/schema/region.js';
import { agreedOtherwise, standingAgreement } from '../db/agreements.js';
import type { StoredChange } from '../db/changes.js';
import type { Db } from '../db/types.js';
import type { ApplyContext } from './context.js';

/**
 * The establishment's agreement to a change (DESIGN 9 and 10: none is asked in the sandbox, others ask by default). The
 * one place to ask: it is called in the transaction that records an intent, with the change's row held. It is bound to
 * the hash: one given to another form does not count.
 * @returns in French, what is missing; null when the change may be sent
 */
export async function missingAgreement(
  trx: Db,
  context: Pick<ApplyContext, 'region'>,
  change: Pick<StoredChange, 'id' | 'hash' | 'target'>,
): Promise<string | null> {
  const { region } = context;
  if (!asksAgreement(region)) return null;
  const standing = await standingAgreement(trx, region.code, change);
  if (standing?.verdict === 'agree') return null;
  if (standing !== null) {
    return `l’établissement a refusé le changement ${change.id} (${standing.reason ?? ''}) : rien n’est envoyé. Que faire : rejetez-le à sa page (au terminal : filror reject ${change.id} --reason "…"), ou, si l’établissement revient sur son refus, enregistrez son accord (page « Accords », ou « filror agree » au terminal).`;
  }
  const stale = (await agreedOtherwise(trx, region.code, change))
    ? ' L’accord enregistré porte sur une forme antérieure : il ne vaut plus.'
    : '';
  return `l’accord de l’établissement manque pour le changement ${change.id} : rien n’est envoyé sans lui.${stale} Que faire : demandez l’accord au référent ROR de l’établissement, puis enregistrez-le (page « Accords », ou « filror agree ${change.id} » au terminal).`;
}
