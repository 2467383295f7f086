import type { GateFinding, GateRules, GatedDelivery } from '../domain/gates.js';
import { rowsRead, whole } from './gates-words.js';

/** What every delivery has, whatever it lists. */
export interface ShrinkingDelivery extends Pick<GatedDelivery, 'bytes' | 'form' | 'kept' | 'previous'> {
  readonly counts: { readonly rows: number };
}

/**
 * X15 and the half-size file: a list that shrinks is a fault before it is news (DESIGN 6, rule 3).
 *
 * X15 looks at the share of rows that are left, and at nothing else from twenty rows on. Below, one row is already more
 * than ten per cent: a list of three would never be allowed to lose one. So many rows as `shrink.lost` may therefore
 * always go, as so many withdrawals may always be proposed (review.yaml, minWithdrawals): what leaves is still only a
 * question to people. The same limits hold for the rows that can be used: a list of which every filière became
 * unreadable still has its rows, and says nothing any more. With the shipped limits (90 %, two rows), 20 → 18 and 3 → 1 pass, 20 → 17, 8 → 5 and 4 → 1 do not.
 */
export function shrinkGates(
  rules: Pick<GateRules, 'shrink'>,
  { counts, bytes, form, kept, previous }: ShrinkingDelivery,
): readonly GateFinding[] {
  if (previous === null) return [];
  const { shrink } = rules;
  const stays = (now: number, before: number): boolean =>
    before - now <= shrink.lost || now >= before * shrink.rows;
  // The same list in UTF-16 has twice its bytes, compressed a fifth: between two forms only rows can be compared.
  const comparable = previous.form === null || previous.form === form;
  return [
    {
      code: 'SRC_HALF_SIZE',
      ok: !comparable || bytes >= previous.bytes * shrink.bytes,
      expected: previous.bytes,
      found: bytes,
      message: `fichier de ${whole(bytes)} octets, contre ${whole(previous.bytes)} à la livraison précédente`,
      remedy:
        'redemandez le fichier : il est sans doute coupé. S’il est entier, abaissez shrink.bytes dans gates.yaml le temps d’un passage.',
    },
    {
      code: 'X15',
      ok: stays(counts.rows, previous.rows),
      expected: previous.rows,
      found: counts.rows,
      message: `${rowsRead(counts.rows)}, contre ${whole(previous.rows)} à la livraison précédente`,
      remedy:
        'vérifiez que la liste est entière et de la bonne région. Si elle a vraiment raccourci, abaissez shrink.rows dans gates.yaml le temps d’un passage.',
    },
    {
      code: 'X15',
      ok: stays(kept, previous.kept),
      expected: previous.kept,
      found: kept,
      message: `${whole(kept)} lignes utilisables, contre ${whole(previous.kept)} à la livraison précédente`,
      remedy:
        'corrigez les lignes mises à part (la page du passage, ou « filror sync --dry-run » au terminal, les montre) ; si elles doivent vraiment partir, abaissez shrink.rows dans gates.yaml le temps d’un passage.',
    },
  ];
}
