import { useAgreementLink, type AgreementLink } from '../db/agreement-links.js';
import { standingGrants } from '../db/people.js';
import type { Trx } from '../db/types.js';
import { RefusalError } from '../domain/errors.js';
import { oldestGrant } from '../review/decide.js';
import { requireAnswerRight } from '../review/rights.js';
import type { FollowupContext } from './context.js';

/** Refuses, in the transaction of the record, whoever may not say it. */
export type Entitled = (trx: Trx, context: FollowupContext) => Promise<void>;

/** Staff write down what the establishment told them. @throws RefusalError `NO_GRANT` */
export const staffMember: Entitled = async (trx, { region, review, person, now }) =>
  await requireAnswerRight(trx, region, review, person, now);

/** A person of the establishment itself, by a right on its legal entity. @throws RefusalError `OTHER_ESTABLISHMENT` */
export function ofEstablishment(ej: string | null): Entitled {
  return async (trx, { region, review, person, now }) => {
    const grants = await standingGrants(trx, {
      person: person.id,
      region: region.code,
      at: now,
      confirmedAfter: oldestGrant(now, review),
    });
    if (ej !== null && grants.some((grant) => grant.role === 'establishment' && grant.ej === ej)) return;
    throw otherEstablishment();
  };
}

/** Whoever holds the link, once. @throws RefusalError `LINK_USED` */
export function byLink(link: AgreementLink): Entitled {
  return async (trx, { region, now }) => {
    if (await useAgreementLink(trx, region.code, link.no, now)) return;
    throw new RefusalError({
      code: 'LINK_USED',
      message: 'Ce lien a déjà servi, ou n’est plus valable : rien n’a été enregistré par cette demande.',
      remedy: 'demandez un autre lien à l’équipe qui vous l’a envoyé, si la réponse doit changer.',
    });
  };
}

export function otherEstablishment(): RefusalError {
  return new RefusalError({
    code: 'OTHER_ESTABLISHMENT',
    message: 'Ce changement concerne un autre établissement que le vôtre.',
    remedy: 'partez de la liste de votre établissement ; si elle est incomplète, dites-le à l’équipe PEMR.',
  });
}
