import { z } from 'zod';
import type { GateCode, GateLevel, GateRule } from '../../domain/gates.js';

/** Levels that make sense for a rule, and for its stricter case. One level: what the code does with it, not to be changed. */
interface Allowed {
  readonly level: readonly [GateLevel, ...GateLevel[]];
  readonly strict?: readonly [GateLevel, ...GateLevel[]];
}

const ANY = ['B', 'A', 'I'] as const;
const TOTAL: Allowed = { level: ANY, strict: ['B', 'A'] };
const COMPARED: Allowed = { level: ANY };
/** A list that shrinks or stands still is never only information. */
const GUARD: Allowed = { level: ['B', 'A'] };
const REFUSED_ROW: Allowed = { level: ['B'] };
const SHOWN: Allowed = { level: ['A'] };
const TOLD: Allowed = { level: ['I'] };

const ALLOWED: Readonly<Record<GateCode, Allowed>> = {
  ...{ N1: TOTAL, N2: TOTAL, N3: TOTAL, N4: TOTAL },
  ...{ N5: COMPARED, N6: COMPARED, N7: COMPARED, N8: SHOWN, N9: SHOWN, N10: TOLD },
  ...{ R4: SHOWN, R5: SHOWN, R6: REFUSED_ROW, R7: COMPARED, R8: REFUSED_ROW },
  ...{ L1: COMPARED, L2: REFUSED_ROW, L5: SHOWN },
  ...{ X1: REFUSED_ROW, X2: REFUSED_ROW, X3: REFUSED_ROW, X4: COMPARED, X5: COMPARED },
  ...{ X8: TOLD, X9: TOLD, X10: COMPARED, X11: REFUSED_ROW, X12: REFUSED_ROW, X13: COMPARED },
  ...{ X14: { level: ['A', 'B'], strict: ['B', 'A'] }, X15: GUARD, SRC_HALF_SIZE: GUARD },
};

const LEVELS: Readonly<Record<GateLevel, string>> = {
  B: 'B bloque (livraison refusée, ou ligne mise à part)',
  A: 'A alerte',
  I: 'I informe',
};

function ruleSchema({ level, strict }: Allowed): z.ZodType<GateRule> {
  const said = (levels: readonly GateLevel[]): string => levels.map((each) => LEVELS[each]).join(', ');
  return z.strictObject({
    level: z
      .enum(level)
      .describe(level.length === 1 ? `Fixe : ${said(level)}.` : `Gravité, au choix : ${said(level)}.`),
    ...(strict === undefined
      ? {}
      : {
          strict: z
            .enum(strict)
            .describe(
              'Gravité quand la source se dit complète (N1 à N4), ou que filror va chercher le contenu lui-même (X14).',
            ),
        }),
    scope: z.string().min(5).describe('Ce qui est jugé.'),
    value: z.string().min(3).describe('Où se trouve le chiffre attendu, ou la règle elle-même.'),
    reason: z.string().min(10).describe('Pourquoi le contrôle existe.'),
  }) as z.ZodType<GateRule>;
}

/** config/gate-rules.yaml: every control of deliveries, rows and hospitals, with its level, scope, value and reason. */
export const gateLevelsSchema = z.strictObject(
  Object.fromEntries(
    (Object.entries(ALLOWED) as [GateCode, Allowed][]).map(([code, allowed]) => [code, ruleSchema(allowed)]),
  ) as Record<GateCode, z.ZodType<GateRule>>,
);
