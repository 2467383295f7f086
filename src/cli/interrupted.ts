/** Exit code of a command ended by Ctrl+C: 128 + 2 (POSIX shells). */
const INTERRUPTED = 130;
const SHOW_CURSOR = '\u001b[?25h';

/**
 * Ctrl+C says what was kept before it ends a command. Whoever serves listens to the signal as well: there it is the normal
 * end, and theirs to tell.
 */
export function tellInterruption(words: readonly string[]): void {
  process.on('SIGINT', () => {
    if (process.listenerCount('SIGINT') > 1) return;
    // A progress bar may have hidden the cursor, and left its line open.
    process.stderr.write(`${process.stderr.isTTY ? `${SHOW_CURSOR}\n` : ''}${interruptionText(words)}\n`);
    process.exit(INTERRUPTED);
  });
}

/** French: what is kept of the command that these words began, and that it can be given again. */
export function interruptionText(words: readonly string[]): string {
  const again = 'La relancer est sans risque.';
  if (words.includes('--dry-run'))
    return `Interrompu : essai à blanc, rien n’a été gardé ni envoyé. ${again}`;
  return KEPT[words[0] ?? ''] ?? 'Interrompu : la commande n’est pas allée à son terme.';
}

const KEPT: Readonly<Record<string, string>> = {
  sync: 'Interrompu : rien de ce passage n’est gardé, ce qui attendait n’a pas bougé. Relancer « filror sync » est sans risque.',
  apply:
    'Interrompu : ce qui est parti est consigné ; le prochain « filror apply » cherche d’abord, sans rien écrire deux fois, ce que la coupure a laissé en suspens. Le relancer est sans risque.',
  demo: 'Interrompu : la démonstration n’a touché que sa propre base, recréée à chaque fois. La relancer est sans risque.',
};
