import { z } from 'zod';

/** One address, plain ASCII, nothing that a header or an envelope could take for more than one. */
export const mailAddress = z
  .string()
  .max(254)
  .regex(/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/, {
    error: 'adresse attendue, une seule, sans nom ni chevrons : service@exemple.fr',
  });

const server = z.strictObject({
  host: z.string().min(1).describe('Serveur SMTP de l’établissement ou du GRADeS.'),
  port: z.int().min(1).max(65535).default(587).describe('Port, 1 à 65535 ; 587 avec starttls, 465 avec tls.'),
  security: z
    .enum(['starttls', 'tls', 'none'])
    .default('starttls')
    .describe(
      'starttls : chiffrement exigé après la connexion ; tls : dès la connexion ; none : en clair, sur un réseau de confiance seulement.',
    ),
  caFile: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Fichier PEM de l’autorité qui certifie le serveur ; vide : les autorités publiques.'),
  user: z.string().min(1).nullable().default(null).describe('Compte SMTP ; vide : sans authentification.'),
  passwordEnv: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/)
    .default('FILROR_SMTP_PASSWORD')
    .describe('Variable d’environnement qui porte le mot de passe de ce compte.'),
  timeoutSeconds: z
    .int()
    .min(1)
    .max(300)
    .default(20)
    .describe('Secondes, 1 à 300, laissées au serveur pour chaque échange.'),
});

const region = z.strictObject({
  operators: z
    .array(mailAddress)
    .default([])
    .describe('Adresses de l’exploitation : échecs, relecture manquée, conflits, récapitulatif.'),
  reviewers: z
    .array(mailAddress)
    .default([])
    .describe('Adresses de l’équipe PEMR : conflits, retraits, accords, délais dépassés, récapitulatif.'),
  establishments: z
    .record(
      z
        .string()
        .regex(/^[0-9A-Z]{9}$/, 'numéro FINESS d’entité juridique (neuf caractères), entre guillemets'),
      z.array(mailAddress).min(1),
    )
    .default({})
    .describe(
      'Par numéro FINESS d’entité juridique, entre guillemets : adresses du correspondant, qui reçoit les relances.',
    ),
});

/** Mail: off as long as no server is given. Addresses stand here alone: neither in the database nor in a log. */
export const mailConfig = z
  .strictObject({
    server: server
      .nullable()
      .default(null)
      .describe('Serveur SMTP qui reçoit le courrier de filror ; vide : aucun courriel n’est envoyé.'),
    from: mailAddress.nullable().default(null).describe('Adresse de l’expéditeur, admise par ce serveur.'),
    fromName: z
      .string()
      .regex(/^[^\p{Cc}\p{Cf}<>"\\]{1,60}$/u)
      .default('filror')
      .describe('Nom de l’expéditeur, 60 caractères au plus.'),
    digestTime: z
      .string()
      .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'heure attendue, par exemple "07:30"')
      .default('07:30')
      .describe('Heure du récapitulatif et des relances, à Paris, entre guillemets : "07:30".'),
    repeatHours: z
      .int()
      .min(1)
      .max(168)
      .default(20)
      .describe('Heures, 1 à 168, entre deux rappels d’un même échec qui dure, dans le même fil.'),
    fullReadingGraceHours: z
      .int()
      .min(1)
      .max(168)
      .default(12)
      .describe('Heures, 1 à 168, après l’échéance d’une relecture complète, avant de la dire manquée.'),
    giveUpDays: z
      .int()
      .min(1)
      .max(30)
      .default(5)
      .describe('Jours, 1 à 30, pendant lesquels un courriel que le serveur ne prend pas est réessayé.'),
    regions: z
      .record(z.string().regex(/^[0-9]{2}$/, 'code de région entre guillemets, par exemple "28"'), region)
      .default({})
      .describe('Destinataires de chaque région, par son code entre guillemets.'),
  })
  .refine(({ server: given, from }) => given === null || from !== null, {
    error: 'un serveur est donné sans expéditeur',
    path: ['from'],
  })
  .refine(
    ({ server: given }) =>
      given === null || given.user === null || given.security !== 'none' || isHere(given.host),
    {
      error: 'le mot de passe passerait en clair : écrivez starttls ou tls',
      path: ['server', 'security'],
    },
  );

function isHere(host: string): boolean {
  return ['127.0.0.1', '::1', 'localhost'].includes(host);
}

export type MailConfig = z.infer<typeof mailConfig>;
export type MailServer = NonNullable<MailConfig['server']>;
