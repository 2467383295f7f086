import type { Agreement, AgreementChannel, AgreementDocument } from '../db/agreements.js';
import { keepDocument } from '../db/agreement-documents.js';
import { addAgreement, standingAgreement } from '../db/agreements.js';
import { lockChange, type StoredChange } from '../db/changes.js';
import { unsettledAttempts } from '../db/attempts.js';
import { lockRegion } from '../db/runs.js';
import { inTransaction, type Trx } from '../db/types.js';
import { STATE_WORDS } from '../domain/change.js';
import { DataError, RefusalError } from '../domain/errors.js';
import { append } from '../journal/append.js';
import type { FollowupContext } from './context.js';
import { staffMember, type Entitled } from './entitled.js';
import { keptFileName, keptText } from '../domain/plain-words.js';
import { citedDocument, type SignedDocument } from './signed-document.js';
import { frenchDay, parisMidnight } from '../domain/time.js';

/** French words of the ways in which an establishment answers, as they are typed and shown. */
export const CHANNEL_WORDS: Readonly<Record<AgreementChannel, string>> = {
  email: 'courriel',
  letter: 'courrier',
  meeting: 'réunion',
  phone: 'téléphone',
  form: 'formulaire',
  other: 'autre',
};

/** What the establishment said, as a person tells it. */
export type GivenAgreement =
  | {
      readonly verdict: 'agree';
      readonly by: string;
      readonly channel: AgreementChannel;
      readonly on: string;
      readonly document: AgreementDocument;
      readonly reason: string | null;
    }
  | {
      readonly verdict: 'refuse';
      readonly by: string;
      readonly channel: AgreementChannel;
      readonly on: string;
      readonly document: AgreementDocument | null;
      readonly reason: string;
    }
  | { readonly verdict: 'undo'; readonly reason: string };

const NO_DOCUMENT: AgreementDocument = { name: null, sha256: null, reference: null };

/**
 * Records what the establishment said of some changes, in exactly the form shown: all of them or none, journalled in
 * the same transaction. It stands beside the approvals and replaces none of them. Possible as long as nothing was sent.
 * @param shown the changes as the person saw them; what is stored now decides
 * @param entitled who may say it: staff, the establishment's own people, or whoever holds its link
 * @param signed the document that came with the answer, kept with it and cited by its hash
 * @throws RefusalError `NO_GRANT`, `NOT_AS_SHOWN`, `AGREEMENT_LATE`, `AGREEMENT_NONE`, `ALREADY_AGREED`; DataError
 * `TEXT_EMPTY`, `TEXT_PERSONAL`, `AGREEMENT_DATE`
 */
export async function recordAgreement(
  context: FollowupContext,
  shown: readonly StoredChange[],
  given: GivenAgreement,
  entitled: Entitled = staffMember,
  signed: SignedDocument | null = null,
): Promise<void> {
  const { db, region, person, now } = context;
  const words = keptWords(given, now);
  const kept =
    signed === null ? words : { ...words, document: citedDocument(signed, words.document.reference) };
  await inTransaction(db, async (trx) => {
    await lockRegion(trx, region.code);
    await entitled(trx, context);
    if (signed !== null) await keepDocument(trx, region.code, { ...signed, at: now });
    for (const change of shown) {
      await requireOpen(trx, context, change);
      await requireOther(trx, context, change, kept);
      await addAgreement(trx, region.code, {
        ...kept,
        changeId: change.id,
        hash: change.hash,
        recordedBy: person.id,
        recordedAt: now,
      });
    }
    // Last, since each entry holds the head of the journal until the transaction ends.
    for (const change of shown) {
      await append(trx, {
        region: region.code,
        kind: `agreement.${kept.verdict}`,
        subject: `change:${change.id}`,
        actor: person.id,
        body: { change: change.id, hash: change.hash, target: change.target, ...kept },
      });
    }
  });
}

type Words = Pick<Agreement, 'verdict' | 'givenBy' | 'channel' | 'givenOn' | 'document' | 'reason'>;

function keptWords(given: GivenAgreement, now: Date): Words {
  const reason =
    given.reason === null ? null : keptText(given.reason, '--reason', 'la raison en quelques mots');
  if (given.verdict === 'undo') {
    return { verdict: 'undo', givenBy: null, channel: null, givenOn: null, document: NO_DOCUMENT, reason };
  }
  const { name = null, reference = null } = given.document ?? NO_DOCUMENT;
  return {
    verdict: given.verdict,
    givenBy: keptText(given.by, '--by', 'la fonction et l’établissement de qui répond'),
    channel: given.channel,
    givenOn: pastDay(given.on, now),
    document: {
      ...(given.document ?? NO_DOCUMENT),
      name: name === null ? null : keptFileName(name),
      reference:
        reference === null
          ? null
          : keptText(reference, '--document', 'la référence ou le fichier de la preuve'),
    },
    reason,
  };
}

/** @throws DataError `AGREEMENT_DATE` */
function pastDay(text: string, now: Date): string {
  const midnight = parisMidnight(text);
  if (midnight !== null && midnight <= now) return text;
  throw new DataError({
    code: 'AGREEMENT_DATE',
    message:
      midnight !== null
        ? `La date ${text} est à venir : un accord se date du jour où il a été donné.`
        : `« ${text} » n’est pas une date.`,
    place: '--date',
    remedy: 'donnez le jour de l’accord, par exemple --date 2026-03-12.',
  });
}

/** The change as it is stored now is the one shown, and nothing of it has left. */
async function requireOpen(trx: Trx, { region }: FollowupContext, shown: StoredChange): Promise<void> {
  const change = await lockChange(trx, region.code, shown.id);
  if (change === null || change.hash !== shown.hash) {
    throw new RefusalError({
      code: 'NOT_AS_SHOWN',
      message: `Le changement ${shown.id} n’est plus celui qui a été montré.`,
      place: `changement ${shown.id}`,
      remedy: `relisez-le (page « Changements », ou « filror show ${shown.id} » au terminal) ; l’établissement doit avoir vu la même forme.`,
    });
  }
  const sending = (await unsettledAttempts(trx, region.code)).some((each) => each.changeId === shown.id);
  if ((change.state === 'proposed' || change.state === 'approved') && !sending) return;
  throw new RefusalError({
    code: 'AGREEMENT_LATE',
    message: sending
      ? `Le changement ${shown.id} est en cours d’envoi : son accord ne change plus.`
      : `Le changement ${shown.id} est « ${STATE_WORDS[change.state]} » : il n’attend pas, ou plus, l’accord de l’établissement.`,
    place: `changement ${shown.id}`,
    remedy: `voyez où il en est (page « Changements », ou « filror show ${shown.id} » au terminal) ; un accord s’enregistre quand le changement est à approuver ou approuvé, avant tout envoi.`,
  });
}

/** The same verdict is not recorded twice, and what was never said is not taken back. */
async function requireOther(
  trx: Trx,
  { region }: FollowupContext,
  change: StoredChange,
  { verdict }: Words,
): Promise<void> {
  const standing = await standingAgreement(trx, region.code, change);
  if (verdict === 'undo' && standing === null) {
    throw new RefusalError({
      code: 'AGREEMENT_NONE',
      message: `Aucun accord ni refus n’est enregistré pour le changement ${change.id}.`,
      place: `changement ${change.id}`,
      remedy:
        'il n’y a rien à reprendre : vérifiez le changement à la page « Accords » (au terminal : « filror queue list »).',
    });
  }
  if (standing?.verdict !== verdict) return;
  throw new RefusalError({
    code: 'ALREADY_AGREED',
    message: `L’établissement a déjà ${verdict === 'agree' ? 'donné son accord au' : 'refusé le'} changement ${change.id}.`,
    place: `changement ${change.id}`,
    remedy:
      'rien à faire ; pour le reprendre : page « Accords » (au terminal : « filror agree --undo --reason "…" »).',
  });
}

/** "Accord de l’établissement : donné le 12/03/2026 par la référente ROR, CHU de Rouen (courriel, accord.pdf)." */
export function agreementLine(standing: Agreement | null): string {
  if (standing === null) return 'Accord de l’établissement : demandé, pas encore enregistré.';
  const { givenBy, givenOn, channel, document, reason } = standing;
  const how = [channel === null ? null : CHANNEL_WORDS[channel], document.name ?? document.reference]
    .filter((part) => part !== null)
    .join(', ');
  const day = frenchDay(givenOn ?? '');
  return standing.verdict === 'agree'
    ? `Accord de l’établissement : donné le ${day} par ${givenBy ?? ''} (${how}).`
    : `Accord de l’établissement : refusé le ${day} par ${givenBy ?? ''} (${how}) : ${reason ?? ''}.`;
}
