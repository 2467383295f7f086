import { describe, expect, it } from 'vitest';
import { interruptionText } from '../../src/cli/interrupted.js';

describe('what Ctrl+C says', () => {
  it('is what was kept, and that the command can be given again', () => {
    expect(interruptionText(['sync', '--region', '28'])).toMatch(
      /rien de ce passage n’est gardé.*sans risque\.$/,
    );
    expect(interruptionText(['apply'])).toMatch(
      /ce qui est parti est consigné.*prochain « filror apply ».*sans risque\.$/,
    );
    expect(interruptionText(['apply', '--dry-run'])).toMatch(/rien n’a été gardé ni envoyé/);
  });

  it('promises nothing of a command that it knows nothing of', () => {
    expect(interruptionText(['mail', 'send'])).toBe('Interrompu : la commande n’est pas allée à son terme.');
  });
});
