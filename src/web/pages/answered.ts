import { parisDay } from '../../domain/time.js';
import type { GivenAgreement } from '../../followup/agree.js';

/**
 * What an establishment said on a page of ours, today. Its proof is the document that it names, else the page itself.
 * @param refusal why it refuses; null when it agrees
 */
export function answerOfEstablishment(
  said: { readonly par: string; readonly reference: string },
  refusal: string | null,
  way: string,
  now: Date,
): GivenAgreement {
  const on = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' }).format(now);
  const named = said.reference.trim();
  const reference = named === '' ? `${way}, ${parisDay(now)}` : `${named} (${way}, ${parisDay(now)})`;
  const common = {
    by: said.par,
    channel: 'form',
    on,
    document: { name: null, sha256: null, reference },
  } as const;
  return refusal === null
    ? { verdict: 'agree', ...common, reason: null }
    : { verdict: 'refuse', ...common, reason: refusal };
}
