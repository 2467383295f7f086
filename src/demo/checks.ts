import type { Receipt } from '../apply/context.js';
import { DataError } from '../domain/errors.js';
import type { Verification } from '../journal/verify.js';

/**
 * What the demonstration promises, checked where it is shown: a demonstration that cannot fail proves nothing. The
 * first promise that does not hold ends it, with exit code 1.
 */
function broken(code: string, message: string): DataError {
  return new DataError({
    code: `DEMO_${code}`,
    message,
    place: 'filror demo',
    remedy:
      'c’est un défaut de filror, pas de cette machine : signalez-le avec toute la sortie de la démonstration.',
  });
}

/** Rule 2. @throws DataError `DEMO_FOUR_EYES`: whoever gave a value could approve it */
export function requireRefusal(refused: boolean): void {
  if (!refused)
    throw broken('FOUR_EYES', 'Une autrice a pu approuver un changement dont elle a donné une valeur.');
}

/** @throws DataError `DEMO_NOTHING_APPROVED`, `DEMO_NOT_APPLIED`: what was approved is not all written and read again */
export function requireAllApplied(receipts: readonly Receipt[], approved: number): void {
  if (approved === 0) throw broken('NOTHING_APPROVED', 'Aucun changement n’a pu être approuvé.');
  const applied = receipts.filter((receipt) => receipt.result === 'applied').length;
  if (applied === approved && receipts.length === approved) return;
  const others = receipts
    .filter((receipt) => receipt.result !== 'applied')
    .map((receipt) => `\n${receipt.change} : ${receipt.message}`);
  throw broken(
    'NOT_APPLIED',
    `${approved} changements approuvés, ${applied} appliqués sur ${receipts.length} envois.${others.join('')}`,
  );
}

/** Rule 8. @throws DataError `DEMO_JOURNAL` */
export function requireIntact(checked: Verification): void {
  if (checked.fault !== null) throw broken('JOURNAL', `Journal faux à l’écriture ${checked.fault.no}.`);
  if (checked.entries === 0) throw broken('JOURNAL', 'Le journal est vide après des envois.');
}

/** Rule 5. @throws DataError `DEMO_NOT_QUIET`: the same lists gave another plan, or something was written */
export function requireQuiet(summary: string, writes: number): void {
  if (!summary.startsWith('Aucun changement')) {
    throw broken('NOT_QUIET', `Le second passage sur les mêmes listes a changé quelque chose : ${summary}`);
  }
  if (writes > 0)
    throw broken('NOT_QUIET', `Le second passage a envoyé ${writes} écriture(s) au répertoire.`);
}

/** Rules 3 and 5. @throws DataError `DEMO_NO_NEWS`: the changed list gave no plan */
export function requireNews(kinds: Readonly<Record<string, number>>): void {
  const missing = ['create', 'modify', 'withdraw'].filter((kind) => (kinds[kind] ?? 0) === 0);
  if (missing.length > 0) {
    throw broken('NO_NEWS', `La liste changée n’a proposé aucun changement de genre ${missing.join(', ')}.`);
  }
}
