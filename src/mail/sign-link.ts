import { identifyPerson } from '../db/person.js';
import { addAgreementLink, withdrawOlderLinks, type ShownForm } from '../db/agreement-links.js';
import type { StoredMessage } from '../db/mail-messages.js';
import type { RegionProfile } from '../config/schema/region.js';
import { scheduleClock } from '../db/clock.js';
import { inTransaction, type Trx } from '../db/types.js';
import { append } from '../journal/append.js';
import { agreementsAsked } from '../runs/agreements-asked.js';
import { placeOf, type MailContext } from './context.js';
import { LINK_LINE, type Asks } from './reminders.js';

export interface SignedReminder {
  readonly text: string;
  /** Number of the link. */
  readonly link: number;
  readonly asked: readonly ShownForm[];
}

/**
 * The text of a reminder with a signed link of its own, made now: its secret stands in the mail and nowhere else, the
 * database keeps its hash. So a second copy of the same reminder bears another link. The former ones are taken back while
 * nobody is known to have got one, the newest apart: a server that fell silent may have taken it. Once somebody got one,
 * all stay: they open the same page, and the first answer uses one of them.
 * @returns null when nothing of what it asks for is asked any more
 */
export async function withSignedLink(
  context: MailContext,
  region: RegionProfile,
  message: StoredMessage,
): Promise<SignedReminder | null> {
  const { ej, forms, until } = message.asks as Asks;
  const token = context.newToken();
  const made = await inTransaction(context.db, async (trx) => {
    const madeAt = await scheduleClock(trx);
    const expiresAt = new Date(until);
    const asked = await agreementsAsked({ db: trx, region, config: context.config });
    const changes = asked
      .filter((item) => item.ej === ej && item.standing === null)
      .map(({ change }) => ({ id: change.id, hash: change.hash }))
      .filter(({ id, hash }) => forms.some((form) => form.change === id && form.hash === hash));
    if (changes.length === 0 || expiresAt <= madeAt) return null;
    if (message.taken.length === 0) await withdrawOlderLinks(trx, region.code, message.no, madeAt);
    const madeBy = await identifyPerson(trx, {
      issuer: 'filror',
      subject: 'relances',
      displayName: 'filror (relances)',
    });
    const link = await addAgreementLink(trx, region.code, {
      token,
      ej,
      changes,
      madeBy,
      madeAt,
      expiresAt,
      for: { mail: message.no },
    });
    return { link, asked: changes };
  });
  if (made === null) return null;
  const place = placeOf(context, region);
  const address = `${place.publicUrl}/lien/${place.code}/${token}`;
  const lines = message.body.split('\n').map((line) => (line === LINK_LINE ? address : line));
  return { ...made, text: lines.join('\n') };
}

/** Says in the journal that an establishment was reminded, when its first address took the message. */
export async function tellReminded(
  trx: Trx,
  region: string,
  message: StoredMessage,
  asked: readonly ShownForm[],
): Promise<void> {
  const { ej, until } = message.asks as Asks;
  await append(trx, {
    region,
    kind: 'agreement.reminder',
    subject: `establishment:${ej}`,
    actor: null,
    body: {
      ej,
      mail: message.no,
      changes: asked.map(({ id, hash }) => ({ change: id, hash })),
      expiresAt: until,
    },
  });
}
