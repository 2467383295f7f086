import { z } from 'zod';
import { DataError } from '../../domain/errors.js';
import type { RegionCode } from '../../domain/ids.js';

/** Ways to carry an approved change to a repository, in DESIGN 7's order of risk. */
export const WAYS = ['patch', 'post', 'put', 'sheet', 'task'] as const;
export type Way = (typeof WAYS)[number];

export const ROLES = ['operator', 'reviewer', 'establishment'] as const;
export type Role = (typeof ROLES)[number];

const httpUrl = z
  .string()
  .regex(
    /^https?:\/\/[^\s?#/@]+(\/[^\s?#]*)?$/,
    'adresse http(s) attendue, sans « ? », « # », compte ni mot de passe (un secret est une variable)',
  )
  .transform((url) => url.replace(/\/+$/, ''));

const localId = z.string().regex(/^[0-9]{1,20}$/, 'numéro local : 1 à 20 chiffres, entre guillemets');

/** Values handed over by the ANS with the client_id; the two OIDs are those of the documentation (without urn:oid:). */
const rorHeaders = z
  .strictObject({
    profilCode: z
      .string()
      .min(1)
      .default('CU20')
      .describe(
        'En-tête Ror-Profil-Utilisateur-Code : code du cas d’usage, remis par l’ANS avec le client_id.',
      ),
    profilSystem: z
      .string()
      .regex(/^[0-9]+(\.[0-9]+)+$/)
      .default('1.2.250.1.213.1.6.1.66')
      .describe('En-tête Ror-Profil-Utilisateur-System : OID de la liste des profils, sans « urn:oid: ».'),
    roleCode: z
      .string()
      .min(1)
      .default('AUTOMATE')
      .describe('En-tête Ror-Role-Metier-Code : AUTOMATE pour un échange de machine à machine.'),
    roleSystem: z
      .string()
      .regex(/^[0-9]+(\.[0-9]+)+$/)
      .default('1.2.250.1.213.1.1.4.6')
      .describe('En-tête Ror-Role-Metier-System : OID de la liste des rôles, sans « urn:oid: ».'),
  })
  .prefault({})
  .describe('Les quatre en-têtes Ror-* exigés par chaque requête FHIR.');

const identifiers = z
  .union([
    z.literal('server'),
    z
      .strictObject({
        from: localId.describe('Premier numéro local de la plage remise par le GRADeS, zéros compris.'),
        to: localId.describe('Dernier numéro local de la plage, de même longueur.'),
      })
      .refine((range) => range.from.length === range.to.length && range.from <= range.to, {
        error: 'les deux bornes ont la même longueur et « from » ne dépasse pas « to »',
      }),
  ])
  .default('server')
  .describe(
    'Qui donne le numéro d’une offre créée : « server » (le répertoire) ou une plage {from, to} du GRADeS.',
  );

const repository = z
  .strictObject({
    baseUrl: httpUrl.describe('Base FHIR du répertoire régional, sans barre finale.'),
    tokenUrl: httpUrl.describe('Adresse complète du point de jeton OAuth2 (client_credentials).'),
    accessProfile: z
      .int()
      .min(0)
      .max(5)
      .default(0)
      .describe('Profil d’accès aux données, 0 à 5 : ce que le répertoire nous montre (1 voit tout).'),
    clientId: z.string().min(1).default('filror').describe('client_id remis par l’ANS.'),
    clientSecretEnv: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/, 'nom de variable d’environnement : MAJUSCULES, chiffres et « _ »')
      .default('FILROR_ROR_SECRET')
      .describe('Nom de la variable d’environnement qui porte le secret ; jamais le secret lui-même.'),
    rorHeaders,
    pageSize: z
      .int()
      .min(1)
      .max(200)
      .default(200)
      .describe('Ressources par page de recherche, 1 à 200 (le ROR coupe à 200).'),
    searchLimit: z
      .int()
      .min(1)
      .max(10_000)
      .default(10_000)
      .describe(
        'Nombre de résultats, 1 à 10 000, à partir duquel une recherche est tenue pour coupée par le serveur.',
      ),
    timeoutMs: z
      .int()
      .min(100)
      .max(600_000)
      .default(30_000)
      .describe('Durée maximale d’une requête, en millisecondes, de 100 à 600 000.'),
    declaredLagMs: z
      .int()
      .min(0)
      .max(86_400_000)
      .default(60_000)
      .describe(
        'Délai, en millisecondes (0 à 24 h), entre une écriture et sa visibilité en recherche, déclaré par le GRADeS.',
      ),
    ways: z
      .array(z.enum(WAYS))
      .min(1)
      .default(['sheet', 'task'])
      .refine((ways) => new Set(ways).size === ways.length, { error: 'une voie est citée deux fois' })
      .describe(
        'Voies de publication par ordre de préférence : patch, post, put (écriture), sheet (fiche de saisie), task (signalement).',
      ),
    patchDialect: z
      .enum(['fhir', 'ans'])
      .default('fhir')
      .describe(
        'Forme des PATCH : « fhir » (norme) ou « ans » (exemples de l’ANS), selon ce que le répertoire accepte.',
      ),
    identifiers,
  })
  .refine((repository) => !repository.ways.includes('put') || repository.accessProfile === 1, {
    // DESIGN 7: other access profiles see stripped bodies, and a PUT would erase what they do not see.
    error: '« put » efface ce que nous ne voyons pas : il exige accessProfile 1',
    path: ['ways'],
  });

const persona = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,39}$/)
    .describe('Nom de connexion du personnage de démonstration : minuscules, chiffres, tirets.'),
  displayName: z.string().min(1).max(80).describe('Nom affiché, 80 caractères au plus.'),
  roles: z
    .array(z.enum(ROLES))
    .min(1)
    .describe('Droits : operator (exploitation), reviewer (équipe PEMR), establishment (établissement).'),
});

export const regionSchema = z
  .strictObject({
    code: z
      .string()
      .regex(/^[0-9]{2}$/, 'deux chiffres entre guillemets, par exemple "28"')
      .transform((code) => code as RegionCode)
      .describe('Code de la région dans TRE_R30, entre guillemets : "28" Normandie, "53" Bretagne.'),
    name: z.string().min(1).max(60).describe('Nom de la région, tel qu’affiché.'),
    departements: z
      .array(z.string().regex(/^([0-9]{2}|2A|2B|9[A-F]|97[0-9])$/, 'code de département entre guillemets'))
      .min(1)
      .describe('Codes des départements de la région, entre guillemets.'),
    sandbox: z
      .boolean()
      .default(false)
      .describe(
        'true : région d’essai, sur le bac à sable livré ; seule une telle région a des personnages.',
      ),
    repository,
    personas: z
      .array(persona)
      .default([])
      .describe('Personnages de démonstration, qui tiennent lieu de comptes ; région d’essai seulement.'),
  })
  .refine((region) => region.sandbox || region.personas.length === 0, {
    error: 'les personnages ne sont admis que dans une région d’essai (sandbox: true)',
    path: ['personas'],
  });

/** What one regional repository accepts (DESIGN 2, "region profile"), every default filled in. */
export type RegionProfile = z.infer<typeof regionSchema>;

/** @throws DataError `CFG_INVALID` naming every faulty option in French. */
export function parseRegionProfile(value: unknown, place: string): RegionProfile {
  const result = regionSchema.safeParse(value, { error: z.locales.fr().localeError });
  if (result.success) return result.data;
  throw new DataError({
    code: 'CFG_INVALID',
    message: `Le profil de région ${place} est refusé :\n${z.prettifyError(result.error)}`,
    place,
    remedy: 'corrigez les options citées (le nom de chacune est indiqué), puis relancez la commande.',
  });
}
