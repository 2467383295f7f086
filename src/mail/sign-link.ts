import { identifyPerson } from '../db/person.js';
import { addAgreementLink } from '../db/agreement-links.js';
import type { StoredMessage } from '../db/mail-messages.js';
import type { RegionProfile } from '../config/schema/region.js';
import { scheduleClock } from '../db/clock.js';
import { inTransaction } from '../db/types.js';
import { append } from '../journal/append.js';
import { agreementsAsked } from '../runs/agreements-asked.js';
import { placeOf, type MailContext } from './context.js';
import { LINK_LINE, type Asks } from './reminders.js';

/**
 * The text of a reminder with a signed link of its own, made now: its secret stands in the mail and nowhere else, the
 * database keeps its hash. A second copy of the same reminder bears another link; both open the same page, and the
 * first answer uses one of them.
 * @returns null when nothing of what it asks for is asked any more
 */
export async function withSignedLink(
  context: MailContext,
  region: RegionProfile,
  message: StoredMessage,
): Promise<string | null> {
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
    if (changes.length === 0 || expiresAt <= madeAt) return false;
    const madeBy = await identifyPerson(trx, {
      issuer: 'filror',
      subject: 'relances',
      displayName: 'filror (relances)',
    });
    await addAgreementLink(trx, region.code, {
      token,
      ej,
      changes,
      madeBy,
      madeAt,
      expiresAt,
      for: 'reminder',
    });
    await append(trx, {
      region: region.code,
      kind: 'agreement.reminder',
      subject: `establishment:${ej}`,
      actor: null,
      body: {
        ej,
        mail: message.no,
        changes: changes.map(({ id, hash }) => ({ change: id, hash })),
        expiresAt: until,
      },
    });
    return true;
  });
  if (!made) return null;
  const place = placeOf(context, region);
  const address = `${place.publicUrl}/lien/${place.code}/${token}`;
  return message.body
    .split('\n')
    .map((line) => (line === LINK_LINE ? address : line))
    .join('\n');
}
