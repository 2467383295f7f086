import type { ChangeKind } from '../domain/change.js';
import { RefusalError } from '../domain/errors.js';

/** The word to type before a withdrawal or a closure is approved; null for every other kind. */
export function confirmationOf(kind: ChangeKind): string | null {
  return kind === 'withdraw' ? 'RETIRER' : kind === 'close' ? 'FERMER' : null;
}

/**
 * Withdrawals and closures are slow and apart: a word is typed, so that no habit approves one (ANCHORS 5.1).
 * @throws RefusalError `CONFIRMATION_MISSING`
 */
export function requireConfirmation({ kind }: { readonly kind: ChangeKind }, typed: string): void {
  const word = confirmationOf(kind);
  if (word === null || typed.trim() === word) return;
  throw new RefusalError({
    code: 'CONFIRMATION_MISSING',
    message: `Approuver ce changement demande de taper ${word}, en capitales : rien n’a été enregistré.`,
    remedy: `revenez au changement, relisez la raison et la preuve, puis tapez ${word}.`,
  });
}
