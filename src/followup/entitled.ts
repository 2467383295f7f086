import { useAgreementLink, type AgreementLink } from '../db/agreement-links.js';
import { standingAgreements } from '../db/agreements.js';
import { standingGrants } from '../db/people.js';
import type { Db, Trx } from '../db/types.js';
import { RefusalError } from '../domain/errors.js';
import { frenchDay } from '../domain/time.js';
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

/**
 * Whoever holds the link, once, as long as nobody answered for the establishment by another way: an answer that stands is
 * taken back by the staff only.
 * @throws RefusalError `LINK_USED`, `LINK_ANSWERED`
 */
export function byLink(link: AgreementLink): Entitled {
  return async (trx, { region, now }) => {
    await requireUnanswered(trx, region.code, link);
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

/** Several links may be on their way for one question: the first answer is the establishment's. @throws `LINK_ANSWERED` */
export async function requireUnanswered(
  db: Db,
  region: string,
  { changes }: Pick<AgreementLink, 'changes'>,
): Promise<void> {
  const [given] = (await standingAgreements(db, region, changes)).values();
  if (given === undefined) return;
  const said = given.verdict === 'agree' ? 'un accord' : 'un refus';
  throw new RefusalError({
    code: 'LINK_ANSWERED',
    message: `Votre établissement a déjà répondu par une autre voie${given.givenOn === null ? '' : `, le ${frenchDay(given.givenOn)}`} (${said}) : ce lien ne change plus rien.`,
    remedy: 'rien à faire ; pour revenir sur la réponse, écrivez à l’équipe qui vous a envoyé le lien.',
  });
}
