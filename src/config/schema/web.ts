import { z } from 'zod';
import { trustedProxies } from './proxies.js';

const issuer = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,39}$/)
    .describe('Nom court, dans les adresses : minuscules, chiffres, tirets.'),
  label: z.string().min(1).max(60).describe('Nom affiché sur le bouton de connexion.'),
  url: z.url().describe('Adresse de l’émetteur OpenID Connect (sans /.well-known/…).'),
  clientId: z.string().min(1).describe('Identifiant du client, remis par l’émetteur.'),
  clientSecretEnv: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/)
    .nullable()
    .default(null)
    .describe('Variable d’environnement qui porte le secret ; vide : client public (PKCE seul).'),
  scopes: z.string().default('openid profile').describe('Portées demandées, séparées par des espaces.'),
  acrValues: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'Niveau d’authentification exigé (acr_values), ou plusieurs séparés par des espaces : eidas1 pour Pro Santé Connect ; l’un d’eux doit être attesté (acr) à la connexion et dans un jeton de l’API ; vide : aucun.',
    ),
  apiAudience: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'Audience (aud) des jetons d’accès de cet émetteur qui ouvrent l’API JSON ; autre que clientId, pour qu’un jeton d’identité n’ouvre rien ; vide : aucun jeton.',
    ),
});

/** The pages: where they are served, who vouches for people, how long a session lasts. */
export const webConfig = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Adresse d’écoute ; derrière un mandataire : 127.0.0.1.'),
  port: z.int().min(0).max(65535).default(8470).describe('Port d’écoute, 0 à 65535 ; 0 : un port libre.'),
  publicUrl: z
    .url()
    .nullable()
    .default(null)
    .describe('Adresse sous laquelle les navigateurs voient filror ; vide : http://hôte:port.'),
  trustProxy: trustedProxies,
  issuers: z
    .array(
      issuer.refine(({ apiAudience, clientId }) => apiAudience !== clientId, {
        path: ['apiAudience'],
        message: 'une autre audience que clientId : un jeton d’identité n’ouvre pas l’API',
      }),
    )
    .default([])
    .describe(
      'Émetteurs OpenID Connect. Aucun : un émetteur local, avec les personnages des régions d’essai, jamais à côté d’une région réelle.',
    ),
  sessionIdleMinutes: z
    .int()
    .min(5)
    .max(480)
    .default(60)
    .describe('Minutes, 5 à 480, sans page demandée après lesquelles une session se ferme.'),
  sessionHours: z
    .int()
    .min(1)
    .max(24)
    .default(10)
    .describe('Heures, 1 à 24, après lesquelles il faut se reconnecter quoi qu’il arrive.'),
});

export type WebConfig = z.infer<typeof webConfig>;
export type IssuerConfig = WebConfig['issuers'][number];
