import { z } from 'zod';
import type { GateRules } from '../../domain/gates.js';

const count = z.int().nonnegative();
const share = z.number().gt(0).max(1);
const region = z.string().regex(/^[0-9]{2,3}$/);
const isoDate = z.iso.date();

/** Figures of config/gates.yaml: each is a fact with its source, or a limit that a region may change. */
export const gateRulesSchema = z.strictObject({
  shrink: z
    .strictObject({
      rows: share
        .default(0.9)
        .describe('Part des lignes de la livraison précédente sous laquelle la livraison est refusée (X15).'),
      bytes: share
        .default(0.5)
        .describe('Part des octets de la livraison précédente sous laquelle le fichier est en défaut.'),
    })
    .prefault({}),
  crcFilieres: z.array(z.string().min(1)).min(1).describe('Filières qui ont des CRC (R8, N4).'),
  centres: z
    .array(
      z.strictObject({
        region,
        campaign: z.int().min(2000).max(2100),
        date: z.string().min(4),
        centres: count,
        reference: count,
        competence: count,
        crc: count,
        filieres: count,
      }),
    )
    .default([])
    .describe('Totaux de centres annoncés, par région et par campagne (N1 à N4).'),
  deployment: z
    .array(
      z.strictObject({
        region,
        date: z.string().min(4),
        hospitals: count,
        delabelled: count,
        signed: count,
        deployed: count,
        unstated: count,
      }),
    )
    .default([])
    .describe('Tableau de déploiement BaMaRa connu, par région (N5 à N8).'),
  finess: z.strictObject({
    tolerance: share.default(0.1).describe('Écart accepté, en part du nombre attendu (X4, X5, X13).'),
    nationalFrom: z
      .int()
      .min(1)
      .max(101)
      .default(90)
      .describe('Nombre de départements à partir duquel un fichier est tenu pour national.'),
    national: z.array(z.strictObject({ date: isoDate, establishments: count })).default([]),
    regions: z
      .array(
        z.strictObject({
          region,
          date: isoDate,
          departements: z.record(z.string().regex(/^(?:[0-9]{2,3}|2[AB])$/), count),
          hospitals: count,
          hospitalEntities: count,
        }),
      )
      .default([]),
  }),
}) satisfies z.ZodType<GateRules>;
