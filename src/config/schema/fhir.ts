import { z } from 'zod';
import { trustedProxies } from './proxies.js';

/** Whom a view is cut for, by what the ROR's access profiles 0, 2 and 1 see. */
export const FHIR_AUDIENCES = ['public', 'professional', 'regulation'] as const;

const httpsUrl = z
  .url()
  .refine(
    (url) => /^https:\/\//.test(url) || /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(url),
    'adresse https attendue (http : cette machine seulement)',
  );

const client = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(120)
    .describe('Identifiant du client, tel que le jeton le porte (azp, client_id, ou sub à défaut).'),
  name: z
    .string()
    .min(1)
    .max(60)
    .describe('Nom du lecteur, pour le journal d’accès : un outil, jamais une personne.'),
  audience: z
    .enum(FHIR_AUDIENCES)
    .describe('Ce que ce client voit : public (profil 0), professional (profil 2), regulation (profil 1).'),
  perMinute: z.int().min(1).max(100_000).default(600).describe('Requêtes par minute, de 1 à 100 000.'),
});

/** The read API: where it listens, who reads what. */
export const fhirConfig = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe('Adresse d’écoute ; derrière un mandataire : 127.0.0.1.'),
    port: z.int().min(0).max(65535).default(8471).describe('Port d’écoute, 0 à 65535 ; 0 : un port libre.'),
    publicUrl: z
      .url()
      .transform((url) => url.replace(/\/+$/, ''))
      .nullable()
      .default(null)
      .describe(
        'Adresse sous laquelle les lecteurs voient l’API, sans barre finale ; vide : http://hôte:port.',
      ),
    trustProxy: trustedProxies,
    canonical: z
      .url()
      .transform((url) => url.replace(/\/+$/, ''))
      .default('https://filror.example/fhir')
      .describe(
        'Base des adresses de nos extensions, écrite dans le code des lecteurs : à fixer une fois pour toutes, sur un nom que la région possède, avant d’ouvrir l’API.',
      ),
    public: z
      .boolean()
      .default(false)
      .describe('true : lecture anonyme de ce qui est tout public ; false : un jeton est exigé.'),
    publicPerMinute: z
      .int()
      .min(1)
      .max(100_000)
      .default(120)
      .describe(
        'Requêtes anonymes par minute et par adresse, de 1 à 100 000 ; autant de demandes refusées (jeton absent ou faux), à part.',
      ),
    tokens: z
      .strictObject({
        issuer: z.string().min(1).describe('Émetteur (iss) des jetons d’accès.'),
        jwksUrl: httpsUrl.describe('Adresse de ses clés publiques (JWKS).'),
        audience: z.string().min(1).describe('Audience (aud) que les jetons doivent porter.'),
      })
      .nullable()
      .default(null)
      .describe('Jetons d’accès JWT admis (OAuth2) ; vide : aucun.'),
    clients: z.array(client).default([]).describe('Clients connus ; un jeton d’un autre client est refusé.'),
    pageSize: z
      .int()
      .min(1)
      .max(200)
      .default(200)
      .describe('Ressources par page quand _count n’est pas donné, 1 à 200 (le ROR en donne 200).'),
    queryMs: z
      .int()
      .min(100)
      .max(60_000)
      .default(5_000)
      .describe('Durée maximale d’une recherche, en millisecondes, de 100 à 60 000.'),
    publishSeconds: z
      .int()
      .min(1)
      .max(3_600)
      .default(10)
      .describe(
        'Secondes, 1 à 3 600, entre deux regards au journal : ce qui a été lu ou approuvé depuis est alors servi.',
      ),
    licence: z
      .string()
      .trim()
      .min(1)
      .max(400)
      .default(
        'Licence Ouverte / Open Licence, version 2.0 (Etalab), https://www.etalab.gouv.fr/licence-ouverte-open-licence/ ; à confirmer par la région avant toute diffusion',
      )
      .describe(
        'Licence écrite dans les jeux publics (filror offers export) : une phrase ; la région la confirme avant de diffuser.',
      ),
    exportHours: z
      .int()
      .min(1)
      .max(168)
      .default(24)
      .describe('Heures, 1 à 168, pendant lesquelles un export demandé peut être repris.'),
  })
  .refine(({ public: open, tokens, clients }) => open || clients.length === 0 || tokens !== null, {
    error: 'des clients sont connus mais aucun jeton n’est admis : renseignez tokens',
    path: ['tokens'],
  })
  .refine(({ clients }) => new Set(clients.map(({ id }) => id)).size === clients.length, {
    error: 'deux clients portent le même identifiant',
    path: ['clients'],
  });

export type FhirConfig = z.infer<typeof fhirConfig>;
export type FhirAudience = (typeof FHIR_AUDIENCES)[number];

/** The audiences that somebody may be: nothing is prepared for the others. */
export function audiencesOf(config: Pick<FhirConfig, 'public' | 'clients'>): readonly FhirAudience[] {
  return FHIR_AUDIENCES.filter(
    (audience) =>
      (audience === 'public' && config.public) || config.clients.some((each) => each.audience === audience),
  );
}
