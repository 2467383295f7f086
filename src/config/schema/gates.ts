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
        region: region.describe('Code de la région (TRE_R30).'),
        campaign: z.int().min(2000).max(2100).describe('Campagne de labellisation du total annoncé.'),
        date: z.string().min(4).describe('Date du total annoncé, telle qu’affichée.'),
        centres: count.describe('Centres labellisés (N1).'),
        reference: count.describe('Centres de référence (N2).'),
        competence: count.describe('Centres de compétence (N2).'),
        crc: count.describe('Centres de ressources et de compétences (N2, N4).'),
        filieres: count.describe('Filières représentées (N3).'),
      }),
    )
    .default([])
    .describe('Totaux de centres annoncés, par région et par campagne (N1 à N4).'),
  deployment: z
    .array(
      z.strictObject({
        region: region.describe('Code de la région (TRE_R30).'),
        date: z.string().min(4).describe('Date du tableau, telle qu’affichée.'),
        hospitals: count.describe('Hôpitaux du tableau (N5).'),
        delabelled: count.describe('Hôpitaux « délabellisés » (N5).'),
        signed: count.describe('Conventions signées, de chaque sorte (N6).'),
        deployed: count.describe('Hôpitaux déployés (N7).'),
        unstated: count.describe('Cases vides de la colonne « déployé » (N7).'),
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
    national: z
      .array(
        z.strictObject({
          date: isoDate.describe('Date du contenu (AAAA-MM-JJ).'),
          establishments: count.describe('Établissements du fichier national à cette date.'),
        }),
      )
      .default([])
      .describe('Totaux nationaux connus (X13) ; le plus proche en date sert.'),
    regions: z
      .array(
        z.strictObject({
          region: region.describe('Code de la région (TRE_R30).'),
          date: isoDate.describe('Date du compte (AAAA-MM-JJ).'),
          departements: z
            .record(
              z.string().regex(/^(?:[0-9]{2,3}|2[AB])$/),
              count.describe('Établissements du département.'),
            )
            .describe('Établissements par département (X4).'),
          hospitals: count.describe('Sites du secteur hospitalier (X5).'),
          hospitalEntities: count.describe('Entités juridiques du secteur hospitalier (X5).'),
        }),
      )
      .default([])
      .describe('Comptes connus du FINESS, par région.'),
  }),
}) satisfies z.ZodType<GateRules>;
