import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { DAYS } from '../../domain/windows.js';

/** Ways to carry an approved change to a repository, in DESIGN 7's order of risk. */
export const WAYS = ['patch', 'post', 'put', 'sheet', 'task'] as const;
export type Way = (typeof WAYS)[number];

const httpUrl = z
  .string()
  .regex(
    /^https?:\/\/[^\s?#/@]+(\/[^\s?#]*)?$/,
    'adresse http(s) attendue, sans « ? », « # », compte ni mot de passe (le secret vient de l’environnement)',
  )
  .transform((url) => url.replace(/\/+$/, ''));

const envName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, 'nom de variable d’environnement : MAJUSCULES, chiffres et « _ »');

const absolutePath = z
  .string()
  .refine((path) => isAbsolute(path), { error: 'chemin absolu attendu, par exemple /etc/filror/ror.pem' });

const localId = z.string().regex(/^[0-9]{1,20}$/, 'numéro local : 1 à 20 chiffres, entre guillemets');

const oid = z.string().regex(/^[0-9]+(\.[0-9]+)+$/);

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
    profilSystem: oid
      .default('1.2.250.1.213.1.6.1.66')
      .describe('En-tête Ror-Profil-Utilisateur-System : OID de la liste des profils, sans « urn:oid: ».'),
    roleCode: z
      .string()
      .min(1)
      .default('AUTOMATE')
      .describe('En-tête Ror-Role-Metier-Code : AUTOMATE pour un échange de machine à machine.'),
    roleSystem: oid
      .default('1.2.250.1.213.1.1.4.6')
      .describe('En-tête Ror-Role-Metier-System : OID de la liste des rôles, sans « urn:oid: ».'),
  })
  .prefault({})
  .describe('Les quatre en-têtes Ror-* exigés par chaque requête FHIR.');

/** The client certificate of RFC 8705 (api.md 1): never its content nor its passphrase, only where they are. */
const certificate = z
  .discriminatedUnion('format', [
    z.strictObject({
      format: z.literal('pem').describe('pem : certificat et clé dans deux fichiers de texte.'),
      certFile: absolutePath.describe(
        'Certificat ORG / AUTH_CLI de l’IGC-Santé, suivi de ses intermédiaires (PEM, chemin absolu).',
      ),
      keyFile: absolutePath.describe(
        'Clé privée du certificat (PEM, chemin absolu), lisible par filror seul.',
      ),
      passphraseEnv: envName
        .nullable()
        .default(null)
        .describe('Variable d’environnement du mot de passe de la clé ; vide : la clé n’est pas chiffrée.'),
    }),
    z.strictObject({
      format: z.literal('pkcs12').describe('pkcs12 : un seul fichier .p12 ou .pfx, ancien ou récent.'),
      file: absolutePath.describe('Fichier .p12 ou .pfx (chemin absolu), lisible par filror seul.'),
      passphraseEnv: envName.describe('Variable d’environnement du mot de passe du fichier.'),
    }),
  ])
  .nullable()
  .default(null)
  .describe(
    'Certificat client présenté au seul point de jeton (mTLS, RFC 8705) ; il remplace le secret dès le profil d’accès 1. Relu à chaque jeton : on le remplace sans redémarrer.',
  );

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

/** Milliseconds. The total (timeoutMs) bounds the three of them together. */
const timeouts = z
  .strictObject({
    connectMs: z
      .int()
      .min(50)
      .max(120_000)
      .default(5_000)
      .describe('Délai pour joindre le serveur, TLS compris, en millisecondes, de 50 à 120 000.'),
    firstByteMs: z
      .int()
      .min(50)
      .max(600_000)
      .default(30_000)
      .describe(
        'Délai jusqu’aux en-têtes de la réponse, connexion comprise, en millisecondes, de 50 à 600 000.',
      ),
    idleMs: z
      .int()
      .min(50)
      .max(600_000)
      .default(15_000)
      .describe('Silence admis entre deux morceaux d’une réponse, en millisecondes, de 50 à 600 000.'),
  })
  .prefault({})
  .describe('Délais par étape d’une requête ; timeoutMs borne le tout.');

const rate = z
  .strictObject({
    perSecond: z
      .number()
      .min(0.1)
      .max(1_000)
      .describe('Requêtes par seconde admises par le répertoire, de 0,1 à 1 000.'),
    burst: z
      .int()
      .min(1)
      .max(1_000)
      .default(1)
      .describe('Requêtes qui peuvent partir ensemble après un temps calme, de 1 à 1 000.'),
  })
  .nullable()
  .default(null)
  .describe('Débit déclaré par le GRADeS ; vide : aucun débit déclaré, seule « concurrency » limite.');

const circuit = z
  .strictObject({
    failures: z
      .int()
      .min(1)
      .max(1_000)
      .default(10)
      .describe('Échecs de suite (aucune réponse, ou 5xx) après lesquels plus rien ne part, de 1 à 1 000.'),
    cooldownMs: z
      .int()
      .min(100)
      .max(3_600_000)
      .default(30_000)
      .describe(
        'Repos avant une requête d’essai, en millisecondes (100 à 1 h) ; doublé à chaque essai manqué.',
      ),
  })
  .prefault({})
  .describe('Disjoncteur : un répertoire en panne n’est pas harcelé.');

const clock = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'heure attendue, par exemple "07:30"');

const windows = z
  .array(
    z
      .strictObject({
        days: z
          .array(z.enum(DAYS))
          .min(1)
          .default([...DAYS])
          .describe('Jours où le créneau commence : lun, mar, mer, jeu, ven, sam, dim.'),
        from: clock.describe('Heure de début, heure de Paris, entre guillemets : "07:30".'),
        to: clock.describe('Heure de fin, exclue ; plus petite que le début : le lendemain.'),
      })
      .refine((window) => window.from !== window.to, { error: 'début et fin du créneau sont les mêmes' }),
  )
  .default([])
  .describe(
    'Créneaux, à l’heure de Paris, hors desquels rien n’est écrit au répertoire ; vide : à toute heure.',
  );

/** Who else reads the directory: "Visible dans le ROR ?" asks what each of them would find. */
const consumers = z
  .array(
    z.strictObject({
      name: z.string().min(1).max(60).describe('Nom affiché : l’outil ou le groupe d’outils qui lit.'),
      accessProfile: z.int().min(0).max(5).describe('Profil d’accès aux données de ce lecteur, 0 à 5.'),
      baseUrl: httpUrl
        .nullable()
        .default(null)
        .describe('Base FHIR que ce lecteur interroge (le ROR national, par exemple) ; vide : baseUrl.'),
      tokenUrl: httpUrl.nullable().default(null).describe('Son point de jeton ; vide : tokenUrl.'),
      clientId: z.string().min(1).describe('client_id obtenu pour rejouer sa recherche.'),
      clientSecretEnv: envName
        .default('FILROR_ROR_SECRET')
        .describe('Nom de la variable d’environnement qui porte le secret de ce client_id.'),
      certificate,
    }),
  )
  .default([])
  .describe('Autres lecteurs dont « filror visible » rejoue la recherche, chacun sous son profil d’accès.');

export const repository = z
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
    clientSecretEnv: envName
      .default('FILROR_ROR_SECRET')
      .describe('Nom de la variable d’environnement qui porte le secret ; jamais le secret lui-même.'),
    certificate,
    caFile: absolutePath
      .nullable()
      .default(null)
      .describe(
        'Autorités (PEM, chemin absolu) reconnues en plus de celles livrées avec Node, par exemple l’IGC-Santé de test ; NODE_EXTRA_CA_CERTS n’est alors pas lu. Vide : les autorités de Node.',
      ),
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
    timeouts,
    rate,
    concurrency: z
      .int()
      .min(1)
      .max(64)
      .default(4)
      .describe('Requêtes en cours à la fois vers un même serveur, de 1 à 64.'),
    circuit,
    declaredLagMs: z
      .int()
      .min(0)
      .max(86_400_000)
      .default(60_000)
      .describe(
        'Délai, en millisecondes (0 à 24 h), entre une écriture et sa visibilité en recherche, déclaré par le GRADeS.',
      ),
    windows,
    ways: z
      .array(z.enum(WAYS))
      .min(1)
      .default(['sheet', 'task'])
      .refine((ways) => new Set(ways).size === ways.length, { error: 'une voie est citée deux fois' })
      .describe(
        'Voies de publication par ordre de préférence : patch, post, put (écriture), sheet (fiche de saisie), task (signalement).',
      ),
    ifMatch: z
      .boolean()
      .default(false)
      .describe(
        'true : le répertoire honore If-Match (confirmé par l’ANS ou le GRADeS) ; une écriture sur une offre qui a bougé depuis la dernière lecture est alors refusée par lui. false : l’en-tête n’est pas envoyé.',
      ),
    patchDialect: z
      .enum(['fhir', 'ans'])
      .default('fhir')
      .describe(
        'Forme des PATCH : « fhir » (norme) ou « ans » (exemples de l’ANS), selon ce que le répertoire accepte.',
      ),
    identifiers,
    consumers,
  })
  .refine((repository) => !repository.ways.includes('put') || repository.accessProfile === 1, {
    // DESIGN 7: other access profiles see stripped bodies, and a PUT would erase what they do not see.
    error: '« put » efface ce que nous ne voyons pas : il exige accessProfile 1',
    path: ['ways'],
  });
