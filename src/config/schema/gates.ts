import { z } from 'zod';
import type { GateRules } from '../../domain/gates.js';

const count = z.int().nonnegative();
const days = z.int().min(1).max(3660);
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
      lost: z
        .int()
        .min(0)
        .max(100)
        .default(2)
        .describe(
          'Nombre de lignes perdues toujours admis, quelle que soit la part (X15), 0 à 100 : une liste de trois lignes peut en perdre une.',
        ),
      bytes: share
        .default(0.5)
        .describe('Part des octets de la livraison précédente sous laquelle le fichier est en défaut.'),
    })
    .prefault({}),
  freshness: z
    .strictObject({
      daily: days.default(14).describe('Âge admis, en jours, d’un contenu quotidien (X14).'),
      weekly: days.default(42).describe('Âge admis, en jours, d’un contenu hebdomadaire (X14).'),
      monthly: days.default(92).describe('Âge admis, en jours, d’un contenu mensuel (X14).'),
      yearly: days.default(500).describe('Âge admis, en jours, d’un contenu annuel (X14).'),
    })
    .prefault({})
    .describe(
      'Âge du contenu, selon sources.yaml (cadence), au-delà duquel une source est tenue pour morte.',
    ),
  flapping: z
    .strictObject({
      returns: z
        .int()
        .min(0)
        .max(10)
        .default(2)
        .describe(
          'Retours à une valeur déjà dite à partir desquels une source oscille (0 à 10) ; 0 : rien n’est amorti.',
        ),
      deliveries: z
        .int()
        .min(3)
        .max(52)
        .default(6)
        .describe('Livraisons de la source parmi lesquelles ces retours sont comptés (3 à 52).'),
      settle: z
        .int()
        .min(2)
        .max(52)
        .default(3)
        .describe('Livraisons de suite qui rendent une valeur stable (2 à 52).'),
      settleDays: days
        .default(42)
        .describe(
          'Jours sans changement qui la rendent stable aussi, quand la source n’apporte rien de nouveau.',
        ),
      limitDays: days
        .default(90)
        .describe(
          'Jours pendant lesquels une valeur est gardée au plus : au-delà, la source est suivie de nouveau.',
        ),
    })
    .prefault({})
    .describe(
      'Valeurs qui vont et viennent : la dernière valeur stable est gardée, et une alerte le dit, jusqu’à ce que la source s’arrête.',
    ),
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
        coordinators: z
          .array(z.string().min(1))
          .default([])
          .describe('Réseaux dont le coordonnateur est attesté dans la région (N10).'),
      }),
    )
    .default([])
    .describe('Totaux de centres annoncés, par région et par campagne (N1 à N4).'),
  networks: z
    .strictObject({
      nationalFrom: z
        .int()
        .min(2)
        .max(18)
        .default(10)
        .describe(
          'Nombre de régions à partir duquel une liste de centres est tenue pour nationale (R7, L1).',
        ),
      announced: z
        .array(
          z.strictObject({
            filiere: z.string().min(1).describe('Sigle de la filière.'),
            network: z
              .string()
              .min(1)
              .nullable()
              .default(null)
              .describe('Sigle du réseau ; vide : toute la filière.'),
            campaign: z.int().min(2000).max(2100).describe('Campagne de labellisation du total.'),
            source: z.string().min(1).describe('Où le total a été lu.'),
            coordinators: count.describe('Coordonnateurs.'),
            constitutive: count.describe('Constitutifs.'),
            competence: count.describe('Centres de compétence.'),
          }),
        )
        .default([])
        .describe('Sites annoncés d’un réseau ou d’une filière, pour tout le pays (L1, F7 à F11).'),
    })
    .prefault({}),
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
    .describe('Tableau de déploiement BaMaRa connu, par région (N5 à N7).'),
  finess: z.strictObject({
    tolerance: share.default(0.1).describe('Écart accepté, en part du nombre attendu (X4, X5, X10, X13).'),
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
          withoutSiret: count
            .nullable()
            .default(null)
            .describe('Sites du secteur hospitalier sans SIRET (X10) ; vide : non compté.'),
        }),
      )
      .default([])
      .describe('Comptes connus du FINESS, par région.'),
  }),
}) satisfies z.ZodType<Omit<GateRules, 'rules'>>;
