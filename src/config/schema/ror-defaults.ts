import { z } from 'zod';
import { LABEL_LEVELS, PUBLICS } from '../../domain/centre.js';

const rule = z
  .string()
  .regex(/^ror\.[A-Za-z.]+$/)
  .describe('Stable name of the rule, shown to the reviewer and kept in the journal.');
const assumed = z.boolean().describe('True: nobody stated it, the reviewer sees the mark « supposé ».');
const code = z.string().min(1);
const coded = z.strictObject({ code, assumed, rule });
const age = z.int().min(0).max(150).describe('Years.');

/** The written defaults of DESIGN 7: what stands in a created offer when no source states it (config/ror-defaults.yaml). */
export const rorDefaultsSchema = z.strictObject({
  category: coded.describe('TRE_R244.'),
  activity: coded.describe('TRE_R211, one coding.'),
  careMode: coded.describe('TRE_R213. Another mode is another offer of the same centre.'),
  sensitiveUnit: z.strictObject({ value: z.boolean(), assumed, rule }),
  expertiseLevels: z.record(z.enum(LABEL_LEVELS), coded).describe('TRE_R344 by label level.'),
  ageRanges: z
    .record(
      z.enum(PUBLICS),
      z
        .strictObject({ low: age, high: age, assumed, rule })
        .refine((range) => range.low <= range.high, 'low doit être inférieur ou égal à high'),
    )
    .describe('Ages by public. No default for an unknown public.'),
  activityField: z.strictObject({
    code: code.describe('TRE_R227.'),
    categories: z.array(z.string().regex(/^[0-9]{3}$/)).describe('FINESS categories (TRE_R66) it holds for.'),
    assumed,
    rule,
  }),
  namePrefixes: z
    .partialRecord(z.enum(LABEL_LEVELS), z.string().min(1))
    .describe('Put before the title; a level that is absent (CRC) keeps its own title.'),
});
export type RorDefaults = z.infer<typeof rorDefaultsSchema>;
