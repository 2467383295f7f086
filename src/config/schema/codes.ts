import { z } from 'zod';

const displays = z.record(z.string().min(1), z.string().min(1));

/**
 * One code system as the ROR binds it (config/codes/*.yaml). Only codes that may be written or recognised stand here:
 * unknown codes are refused when writing and tolerated when reading (DESIGN 6, rule 7).
 */
export const codeSystemSchema = z.strictObject({
  name: z
    .string()
    .regex(/^TRE_[A-Z][0-9]+$/)
    .describe('Short name, e.g. TRE_R344.'),
  system: z.url().describe('Canonical URL, written in Coding.system.'),
  oid: z.string().optional().describe('OID of the code system, for people.'),
  valueSet: z.string().optional().describe('Value set of the ROR profile that these codes come from.'),
  boundTo: z.string().describe('Element of the offer that uses it.'),
  version: z.string().describe('Version of the code system, or « not given ».'),
  source: z.string().describe('Where the codes and displays were read.'),
  active: displays.describe('Codes that may be written, with their official display.'),
  deprecated: displays.default({}).describe('Codes understood when read, refused when written.'),
  successors: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe(
      'Retired code → the code to be written in its place. Filled by `filror codes pull` when the nomenclature itself says so; a person may add one.',
    ),
  chosen: z
    .boolean()
    .default(false)
    .describe('True: a choice of codes, not the whole value set; `filror codes pull` adds none to it.'),
});
export type CodeSystemConfig = z.infer<typeof codeSystemSchema>;

const codes = z.array(z.string().regex(/^[0-9]+$/));

/** From a filière to the ROR codes that may describe its centres (config/crosswalk.yaml). */
export const crosswalkSchema = z.strictObject({
  version: z.string().describe('Date of the last review, ISO.'),
  networks: z
    .record(z.string(), z.strictObject({ families: codes.min(1) }))
    .describe('TRE_R245 families fixed for one network, by acronym; they win over those of the filière.'),
  filieres: z.record(
    z.string(),
    z.strictObject({
      families: codes.min(1).describe('TRE_R245. One: written alone. Several: candidates for the reviewer.'),
      activities: codes.describe('TRE_R211 codes by which an existing offer is recognised. Never written.'),
      acts: codes.describe(
        'TRE_R210 codes near the subject, as help. Written only when a source states them.',
      ),
    }),
  ),
});
export type Crosswalk = z.infer<typeof crosswalkSchema>;
