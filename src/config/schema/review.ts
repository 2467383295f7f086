import { z } from 'zod';

/** Elements that a configuration may hold to be identity as well; those of `IDENTITY` are, whatever it says. */
const MORE_IDENTITY = [
  'type',
  'category',
  'location',
  'specialty[operationalActivity]',
  'characteristic[takingCareSpeciality]',
  'characteristic[specificAct]',
  'extension[patient-type]',
  'telecom',
  'extension[contact]',
] as const;

const people = z.number().int().min(1).max(3);

/** Who must agree to what, and what a run may not do by itself (DESIGN 6, 10). */
export const reviewConfig = z
  .strictObject({
    currentCampaign: z
      .number()
      .int()
      .min(2017)
      .max(2100)
      .default(2023)
      .describe('Campagne de labellisation en vigueur ; un label plus ancien est « à reconfirmer ».'),
    quorum: z
      .strictObject({
        create: people.default(1).describe('Personnes pour une création, 1 à 3.'),
        attach: people.default(1).describe('Personnes pour un rattachement, 1 à 3.'),
        modify: people.default(1).describe('Personnes pour une modification, 1 à 3.'),
        enrich: people.default(1).describe('Personnes pour un enrichissement, 1 à 3.'),
        withdraw: z
          .number()
          .int()
          .min(2)
          .max(3)
          .default(2)
          .describe('Personnes pour un retrait de label, 2 ou 3.'),
        close: z.number().int().min(2).max(3).default(2).describe('Personnes pour une fermeture, 2 ou 3.'),
      })
      .prefault({})
      .describe(
        'Nombre de personnes, toutes non autrices, par genre de changement (retraits et fermetures : 2 au moins).',
      ),
    identityElements: z
      .array(z.enum(MORE_IDENTITY))
      .default([])
      .describe(
        'Éléments qui demandent deux personnes quand on les modifie, en plus du nom, de l’établissement et du niveau de label, qui les demandent toujours.',
      ),
    grantMaxAgeDays: z
      .number()
      .int()
      .min(1)
      .max(366)
      .default(90)
      .describe('Âge maximal, en jours, de la confirmation d’un droit pour qu’une approbation compte.'),
    maxWithdrawalShare: z
      .number()
      .min(0)
      .max(1)
      .default(0.05)
      .describe('Part des offres de la région qu’un passage peut proposer de retirer avant de s’arrêter.'),
    minWithdrawals: z
      .number()
      .int()
      .min(0)
      .max(100)
      .default(2)
      .describe('Nombre de retraits toujours admis, quelle que soit la part.'),
  })
  .describe('Politique de relecture.');

export type ReviewConfig = z.infer<typeof reviewConfig>;
