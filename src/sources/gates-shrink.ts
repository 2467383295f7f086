import type { GateFinding, GateRules, GatedDelivery } from '../domain/gates.js';
import { rowsRead, whole } from './gates-words.js';

/** What every delivery has, whatever it lists. */
export interface ShrinkingDelivery extends Pick<
  GatedDelivery,
  'bytes' | 'form' | 'kept' | 'repeated' | 'previous'
> {
  readonly counts: { readonly rows: number };
}

/**
 * X15 and the half-size file: a list that shrinks is a fault before it is news (DESIGN 6, rule 3).
 *
 * X15 looks at the share of rows that are left, and at nothing else from twenty rows on. Below, one row is already more
 * than ten per cent: a list of three would never be allowed to lose one. So many rows as `shrink.lost` may therefore
 * always go, as so many withdrawals may always be proposed (review.yaml, minWithdrawals): what leaves is still only a
 * question to people. The same limits hold for the rows that can be used: a list of which every filière became
 * unreadable still has its rows, and says nothing any more. A row that says again what another one says counts in neither
 * delivery, nor does its share of the bytes: after a list came doubled, the single one is no shrinking. With the shipped limits (90 %, two rows), 20 → 18 and 3 → 1 pass, 20 → 17, 8 → 5 and 4 → 1 do not.
 */
export function shrinkGates(
  rules: Pick<GateRules, 'shrink'>,
  { counts, bytes, form, kept, repeated = 0, previous }: ShrinkingDelivery,
): readonly GateFinding[] {
  if (previous === null) return [];
  const { shrink } = rules;
  const again = previous.repeated ?? 0;
  const [own, before] = [counts.rows - repeated, previous.rows - again];
  const [size, sizeBefore] = [
    share(bytes, repeated, counts.rows),
    share(previous.bytes, again, previous.rows),
  ];
  const different = repeated + again > 0 ? ', sans celles qui se répètent' : '';
  const stays = (now: number, before: number): boolean =>
    before - now <= shrink.lost || now >= before * shrink.rows;
  // The same list in UTF-16 has twice its bytes, compressed a fifth: between two forms only rows can be compared.
  const comparable = previous.form === null || previous.form === form;
  return [
    {
      code: 'SRC_HALF_SIZE',
      ok: !comparable || size >= sizeBefore * shrink.bytes,
      expected: previous.bytes,
      found: bytes,
      message: `fichier de ${whole(bytes)} octets, contre ${whole(previous.bytes)} à la livraison précédente`,
      remedy:
        'redemandez le fichier : il est sans doute coupé. S’il est entier, abaissez shrink.bytes dans gates.yaml le temps d’un passage.',
    },
    {
      code: 'X15',
      ok: stays(own, before),
      expected: before,
      found: own,
      message: `${rowsRead(own)}, contre ${whole(before)} à la livraison précédente${different}`,
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

/** Bytes of a file without those of its repeated rows, as if every row had as many. */
function share(bytes: number, repeated: number, rows: number): number {
  return rows === 0 ? bytes : bytes * (1 - repeated / rows);
}
