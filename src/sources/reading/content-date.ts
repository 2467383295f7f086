import type { Json } from '../../domain/json.js';
import type { DeliveryFacts, SourceInput } from '../contract.js';
import { quoted } from './cells.js';
import { isoDay } from './json-values.js';

/** `impossible`: something is written that names no day of the calendar. PostgreSQL has no year 0. */
export function readDay(value: Json | undefined): {
  readonly day: string | null;
  readonly impossible: boolean;
} {
  const day = isoDay(value);
  if (day !== null && !day.startsWith('0000')) return { day, impossible: false };
  const blank = value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
  return { day: null, impossible: !blank };
}

/**
 * The date that the head of a delivery states; one that is none of the calendar is told, and the content is undated.
 * @param field name of the field, or of the place in the head
 */
export function statedDate(
  input: SourceInput,
  stated: string,
  field: string,
): Pick<DeliveryFacts, 'contentDate' | 'flags'> {
  const { day, impossible } = readDay(stated.trim());
  if (!impossible) return { contentDate: day };
  return {
    contentDate: null,
    flags: [
      {
        code: 'CONTENT_DATE_UNREADABLE',
        locator: { file: input.fileName, path: field },
        field,
        value: quoted(stated),
        message: `« ${quoted(stated)} » n’est pas une date du calendrier : le contenu est tenu pour non daté, et son âge compté depuis son dernier changement.`,
        remedy: 'signalez l’en-tête au propriétaire de la source ; les éléments sont lus.',
      },
    ],
  };
}
