import { z } from 'zod';
import { CADENCES } from '../../domain/gates.js';
import type { RankedField } from '../../domain/ranked-fields.js';
import { SOURCE_IDS } from '../../domain/source-ids.js';

const RANKS = 'écrivez un rang de 1 à 100, ou never (la source ne donne jamais cette donnée)';

const rankOf = (field: string): z.ZodOptional<z.ZodUnion<readonly [z.ZodInt, z.ZodLiteral<'never'>]>> =>
  z
    .union([z.int(RANKS).min(1, RANKS).max(100, RANKS), z.literal('never')], RANKS)
    .optional()
    .describe(`Rang pour cette donnée (1 à 100), ou never : ${field}.`);

/** A rank for one field: what a source knows well it may give before a better one, or never. */
const fieldRanks = z
  .strictObject({
    title: rankOf('titre du centre'),
    network: rankOf('réseau'),
    filiere: rankOf('filière'),
    label: rankOf('label et campagne'),
    establishment: rankOf('établissement (hôpital, ville, département et numéros FINESS d’une même ligne)'),
    public: rankOf('public'),
    specificActs: rankOf('actes spécifiques'),
  } satisfies Record<RankedField, z.ZodType>)
  .prefault({})
  .describe(
    'Rang de la source pour certaines données d’un centre, à la place de « precedence » ; never : elle ne la donne jamais, et ce qu’elle en dit reste montré.',
  );

const pageConfig = z
  .strictObject({
    table: z
      .string()
      .min(1)
      .max(500)
      .default('table')
      .describe(
        'Sélecteur CSS du tableau dans la page ; parmi ceux qu’il choisit, un seul doit avoir les colonnes attendues.',
      ),
    columns: z
      .record(z.string(), z.string())
      .default({})
      .describe('En-têtes tels que la page les écrit, chacun avec le nom de la colonne que filror connaît.'),
    date: z
      .strictObject({
        selector: z
          .string()
          .min(1)
          .max(500)
          .describe('Sélecteur CSS de l’élément qui dit la date du contenu de la page.'),
        pattern: z
          .string()
          .max(500)
          .nullable()
          .default(null)
          .describe(
            'Expression régulière dont la première parenthèse est la date (« mis à jour le (.+) ») ; vide : le texte est une date.',
          ),
      })
      .nullable()
      .default(null)
      .describe(
        'Où la page dit la date de son contenu ; vide : son âge est compté depuis son dernier changement.',
      ),
  })
  .describe('Comment lire le tableau d’une page web.');

const HOST = 'écrivez un nom d’hôte seul, sans https:// ni chemin (static.data.gouv.fr)';

/** As `URL.hostname` writes it: an address of the new kind stands in brackets. */
const hostNames = z
  .array(
    z
      .string()
      .max(253, HOST)
      .toLowerCase()
      .regex(/^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])$/, HOST),
  )
  .max(50)
  .default([]);

const datasetConfig = z.strictObject({
  api: z
    .url({ protocol: /^https?$/, error: 'écrivez une adresse http(s)' })
    .describe(
      'Adresse de la description du jeu de données (https://www.data.gouv.fr/api/1/datasets/NOM/) : du JSON dont « resources » dit les fichiers.',
    ),
  title: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .describe(
      'Début du titre des fichiers voulus ; le plus récent par sa date de publication est lu, sa taille et son empreinte vérifiées quand le jeu de données les dit.',
    ),
});

/** How one public list is obtained and what may be concluded from it. */
export const sourceConfig = z
  .strictObject({
    reader: z.enum(SOURCE_IDS).describe('Lecteur à employer (dossier de src/sources).'),
    place: z
      .string()
      .nullable()
      .default(null)
      .describe('Fichier, dossier ou adresse http(s) ; vide : la source n’est pas configurée.'),
    places: z
      .record(z.string(), z.string())
      .default({})
      .describe('Même chose pour une région donnée ; l’emporte sur « place » et « dataset ».'),
    dataset: datasetConfig
      .nullable()
      .default(null)
      .describe(
        'Jeu de données dont le fichier change d’adresse à chaque livraison (data.gouv.fr), à la place de « place » ; vide : aucun. L’hôte des fichiers se nomme dans « allowedHosts ».',
      ),
    allowedHosts: hostNames.describe(
      'Hôtes où l’adresse, ou le jeu de données, peut renvoyer, outre le sien ; tout autre est refusé.',
    ),
    privateHosts: hostNames.describe(
      'Hôtes à nom public qui peuvent se trouver à une adresse privée (serveur interne) ; sinon refusé. Une adresse écrite en chiffres, ou un nom sans point, dans « place » n’a pas à y être.',
    ),
    cadence: z
      .enum(CADENCES)
      .default('weekly')
      .describe(
        'Rythme auquel la source paraît ; il dit l’âge admis de son contenu (X14, gates.yaml). « manual » : sans limite.',
      ),
    maxAgeDays: z
      .int()
      .min(1)
      .max(3660)
      .nullable()
      .default(null)
      .describe(
        'Âge admis du contenu, en jours (1 à 3660), à la place de celui du rythme ; il bloque alors aussi un fichier remis à la main.',
      ),
    complete: z
      .boolean()
      .default(false)
      .describe(
        'Vrai quand la liste est déclarée exhaustive : ses totaux deviennent bloquants et une absence y vaut preuve.',
      ),
    precedence: z
      .number()
      .int()
      .min(0)
      .max(100)
      .default(50)
      .describe(
        'Rang de confiance (0 à 100) ; donnée par donnée, la source de plus haut rang qui la dit donne la valeur retenue. À rang égal, celle dont le nom vient en premier dans l’ordre alphabétique.',
      ),
    fields: fieldRanks,
    encoding: z
      .enum(['utf-8', 'utf-16le', 'windows-1252', 'iso-8859-15'])
      .nullable()
      .default(null)
      .describe(
        'Encodage déclaré du fichier ; vide : détecté. À déclarer pour iso-8859-15, que rien ne distingue de windows-1252 ; les octets qui le démentent sont refusés.',
      ),
    html: pageConfig
      .nullable()
      .default(null)
      .describe(
        'Pour une source publiée en page web (lecteur bamara-deployment) : où est le tableau ; vide : une page est refusée comme page d’erreur.',
      ),
    required: z.boolean().default(false).describe('Vrai quand un passage n’a pas de sens sans cette source.'),
  })
  .describe('Une source publique.');

export const sourcesConfig = z.record(z.string(), sourceConfig);
export type SourceConfig = z.infer<typeof sourceConfig>;
