import { z } from 'zod';
import { DataError } from '../../domain/errors.js';
import { checkedBy } from '../../domain/schema-faults.js';
import { finessFault } from '../../domain/finess.js';
import type { RegionCode } from '../../domain/ids.js';
import { ROLES } from '../../domain/roles.js';
import { repository } from './repository.js';

const persona = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,39}$/)
      .describe('Nom de connexion du personnage de démonstration : minuscules, chiffres, tirets.'),
    displayName: z.string().min(1).max(80).describe('Nom affiché, 80 caractères au plus.'),
    roles: z
      .array(z.enum(ROLES))
      .min(1)
      .describe(
        'Droits : reader (lecture), operator (exploitation), reviewer (équipe PEMR), establishment (établissement), administrator (droits).',
      ),
    ej: z
      .string()
      .refine((number) => finessFault(number) === null, 'numéro FINESS d’entité juridique, neuf caractères')
      .optional()
      .describe('Entité juridique (FINESS) du droit establishment ; sans objet pour les autres.'),
  })
  .refine(({ roles, ej }) => roles.includes('establishment') === (ej !== undefined), {
    message: 'le droit establishment vaut pour une entité juridique : donnez ej, et pour lui seul',
    path: ['ej'],
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
    agreement: z
      .enum(['asked', 'none'])
      .nullable()
      .default(null)
      .describe(
        'Accord de l’établissement avant tout envoi : asked (demandé) ou none ; vide : demandé, sauf dans une région d’essai.',
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
  })
  .refine(
    ({ sandbox, repository }) => sandbox || repository.accessProfile === 0 || repository.certificate !== null,
    {
      // api.md 1: above access profile 0 the token is only given over mutual TLS.
      error: 'le profil d’accès 1 à 5 exige un certificat client (repository.certificate)',
      path: ['repository', 'certificate'],
    },
  )
  .refine(
    ({ sandbox, repository }) =>
      sandbox || repository.consumers.every((each) => each.accessProfile === 0 || each.certificate !== null),
    {
      error: 'un lecteur de profil d’accès 1 à 5 exige un certificat client',
      path: ['repository', 'consumers'],
    },
  )
  .refine(
    ({ sandbox, repository }) =>
      sandbox || [repository.baseUrl, repository.tokenUrl].every((url) => isSecret(url)),
    {
      error: 'https exigé : en http, le jeton et le secret passeraient en clair (http : essai ou 127.0.0.1)',
      path: ['repository'],
    },
  );

/** What travels to it stays between it and us: TLS, or it never leaves this machine. */
function isSecret(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}

/** What one regional repository accepts (DESIGN 2, "region profile"), every default filled in. */
export type RegionProfile = z.infer<typeof regionSchema>;

/** Whether the establishment must agree before anything leaves (DESIGN 10: not in a sandbox, elsewhere by default). */
export function asksAgreement(region: Pick<RegionProfile, 'sandbox' | 'agreement'>): boolean {
  return region.agreement === null ? !region.sandbox : region.agreement === 'asked';
}

/** Whether a region writes by itself at all: one that only hands over needs no repository to be reached for it. */
export function writesItself(region: Pick<RegionProfile, 'repository'>): boolean {
  return region.repository.ways.some((way) => way !== 'sheet' && way !== 'task');
}

/** @throws DataError `CFG_INVALID` naming every faulty option in French. */
export function parseRegionProfile(value: unknown, place: string): RegionProfile {
  const checked = checkedBy(regionSchema, value);
  if (checked.ok) return checked.data;
  throw new DataError({
    code: 'CFG_INVALID',
    message: `Le profil de région ${place} est refusé :\n${checked.faults}`,
    place,
    remedy: 'corrigez les options citées (le nom de chacune est indiqué), puis relancez la commande.',
  });
}
