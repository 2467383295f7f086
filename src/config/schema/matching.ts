import { z } from 'zod';
import { DEFAULT_MATCHING_OPTIONS as DEFAULTS, type MatchingOptions } from '../../domain/matching-options.js';

const share = z.number().min(0).max(1);

const aliasSchema = z
  .strictObject({
    alias: z.string().min(2).describe('Nom écrit dans une liste, tel quel ; casse et accents indifférents.'),
    ej: z
      .string()
      .regex(/^[0-9][0-9A-Z][0-9]{7}$/)
      .optional()
      .describe('Entité juridique désignée, neuf caractères entre guillemets.'),
    name: z.string().min(2).optional().describe('Le même nom dans les mots de FINESS.'),
    source: z.string().min(1).describe('Où le fait a été lu, pour le revérifier.'),
  })
  .refine((alias) => (alias.ej === undefined) !== (alias.name === undefined), {
    error: 'un alias porte « ej » ou « name », l’un des deux et un seul',
  });

/** `config/matching.yaml`. An empty file is the defaults. */
export const matchingSchema: z.ZodType<MatchingOptions> = z.strictObject({
  aliases: z
    .array(aliasSchema)
    .default([])
    .describe('Noms et sigles que ni FINESS ni une règle ne donnent ; peu nombreux, chacun avec sa source.'),
  hospitalAggregates: z
    .array(z.string().regex(/^[0-9]{1,4}$/))
    .min(1)
    .default([...DEFAULTS.hospitalAggregates])
    .describe('Débuts d’agrégats FINESS rapprochés, par ordre de préférence (11 : établissements de santé).'),
  minorAggregates: z
    .array(z.string().regex(/^[0-9]{1,4}$/))
    .default([...DEFAULTS.minorAggregates])
    .describe(
      'Agrégats qui ne sont jamais un site principal : long séjour, antennes psychiatriques, autres.',
    ),
  autoScore: share
    .default(DEFAULTS.autoScore)
    .describe('Score minimal d’un rattachement automatique (0 à 1).'),
  autoMargin: share
    .default(DEFAULTS.autoMargin)
    .describe('Avance minimale sur la deuxième entité juridique pour un rattachement automatique (0 à 1).'),
  autoName: share
    .default(DEFAULTS.autoName)
    .describe('Ressemblance minimale des noms pour un rattachement automatique (0 à 1).'),
  reviewScore: share
    .default(DEFAULTS.reviewScore)
    .describe('Score minimal d’un candidat montré à une personne (0 à 1).'),
  holderName: share
    .default(DEFAULTS.holderName)
    .describe(
      'Ressemblance sous laquelle un numéro FINESS est celui d’un autre hôpital (contrôle X12, 0 à 1).',
    ),
  maxCandidates: z
    .number()
    .int()
    .min(1)
    .max(50)
    .default(DEFAULTS.maxCandidates)
    .describe('Nombre de candidats gardés (1 à 50).'),
});

export type MatchingConfig = z.infer<typeof matchingSchema>;
