import type { RegionProfile } from '../config/schema/region.js';
import type { ReviewConfig } from '../config/schema/review.js';
import {
  endGrant,
  findGrant,
  findPerson,
  grantsOf,
  insertGrant,
  touchGrant,
  type GrantRow,
  type KnownPerson,
} from '../db/grants.js';
import type { Actor, Role } from '../db/people.js';
import { ensureRegion, lockRegion } from '../db/runs.js';
import { inTransaction, type Db, type Trx } from '../db/types.js';
import { DataError, RefusalError } from '../domain/errors.js';
import { finessFault } from '../domain/finess.js';
import { DAY_MS, dayAfter, parisDay, parisMidnight } from '../domain/time.js';
import { oldestGrant } from './decide.js';

/** Who gives, confirms or takes back a right, where and when (DESIGN 5). */
export interface GrantContext {
  readonly db: Db;
  readonly region: Pick<RegionProfile, 'code' | 'name' | 'sandbox'>;
  readonly review: ReviewConfig;
  readonly person: Actor;
  readonly now: Date;
}

/** Roles that somebody else may exercise for a time: reading needs no deputy, an establishment names its own people. */
export const DEPUTISED: readonly Role[] = ['operator', 'reviewer', 'administrator'];
/** A replacement that lasts longer than a year is no replacement. */
const LONGEST_DEPUTY_DAYS = 366;

/** What a right is worth at an instant; exclusive. */
export type GrantState = 'active' | 'unconfirmed' | 'notYet' | 'over' | 'orphaned' | 'persona' | 'revoked';

export function grantState(
  grant: GrantRow,
  { region, review, now }: Pick<GrantContext, 'region' | 'review' | 'now'>,
): GrantState {
  if (grant.revokedAt !== null) return 'revoked';
  if (!region.sandbox && grant.issuer.startsWith('persona:')) return 'persona';
  if (grant.validUntil !== null && now >= grant.validUntil) return 'over';
  if (!grant.represented) return 'orphaned';
  if (grant.confirmedAt < oldestGrant(now, review)) return 'unconfirmed';
  return grant.validFrom !== null && now < grant.validFrom ? 'notYet' : 'active';
}

/** ", au nom de … du … au …" of a deputy's right; nothing for a right of one's own. */
export function deputyText({ onBehalfOf, onBehalfOfName, validFrom, validUntil }: GrantRow): string {
  if (onBehalfOf === null || validFrom === null || validUntil === null) return '';
  // The end is the midnight that closes the last day.
  const last = new Date(validUntil.getTime() - 1);
  return `, au nom de ${onBehalfOfName ?? 'personne effacée'} du ${parisDay(validFrom)} au ${parisDay(last)}`;
}

/**
 * Gives a role to a person.
 * @throws DataError `PERSON_UNKNOWN`, `GRANT_EJ`; RefusalError `GRANT_TO_ONESELF`, `GRANT_PERSONA`, `GRANT_HELD`
 */
export async function giveGrant(
  context: GrantContext,
  wanted: { readonly person: string; readonly role: Role; readonly ej: string | null },
): Promise<GrantRow> {
  const { role, ej } = wanted;
  if ((role === 'establishment') !== (ej !== null) || (ej !== null && finessFault(ej) !== null))
    throw badEj();
  return await held(context, async (trx) => {
    const person = await receiver(context, trx, wanted.person);
    const grant = { person: person.id, role, ej, onBehalfOf: null, validFrom: null, validUntil: null };
    return await written(context, trx, grant);
  });
}

/**
 * Names a deputy: between two days (both included, in Paris), what the person decides under this role counts as the
 * voice of whoever holds it (S6).
 * @param wanted.of number of the right that is stood in for
 * @param wanted.from first day, `AAAA-MM-JJ`
 * @param wanted.until last day, `AAAA-MM-JJ`
 * @throws DataError `PERSON_UNKNOWN`, `GRANT_UNKNOWN`, `DEPUTY_DATES`; RefusalError `GRANT_TO_ONESELF`,
 * `GRANT_PERSONA`, `GRANT_HELD`, `DEPUTY_OF_NOBODY`, `DEPUTY_OWN_ROLE`
 */
export async function nameDeputy(
  context: GrantContext,
  wanted: { readonly person: string; readonly of: number; readonly from: string; readonly until: string },
): Promise<GrantRow> {
  const dates = deputyDates(wanted.from, wanted.until, context.now);
  return await held(context, async (trx) => {
    const person = await receiver(context, trx, wanted.person);
    const represented = await existing(trx, context, wanted.of);
    const own = represented.onBehalfOf === null && grantState(represented, context) === 'active';
    if (!own || !DEPUTISED.includes(represented.role)) throw deputyOfNobody(represented);
    if (represented.person === person.id) throw deputyOfOneself();
    const grants = await grantsOf(trx, context.region.code);
    const holdsIt = grants.some(
      (grant) =>
        grant.person === person.id &&
        grant.role === represented.role &&
        grant.onBehalfOf === null &&
        grant.revokedAt === null,
    );
    if (holdsIt) throw deputyOwnRole(person);
    const former = grants.find(
      (grant) =>
        grant.person === person.id &&
        grant.role === represented.role &&
        grant.onBehalfOf === represented.person &&
        grantState(grant, context) === 'over',
    );
    // A replacement that is over would stand in the way of the next one of the same person.
    if (former !== undefined)
      await endGrant(trx, context.region.code, former, context.now, context.person.id);
    return await written(context, trx, {
      person: person.id,
      role: represented.role,
      ej: null,
      onBehalfOf: represented.person,
      ...dates,
    });
  });
}

/**
 * Confirms a right for as long as the configuration says (`grantMaxAgeDays`).
 * @throws DataError `GRANT_UNKNOWN`; RefusalError `GRANT_REVOKED`, `GRANT_TO_ONESELF`
 */
export async function renewGrant(context: GrantContext, no: number): Promise<GrantRow> {
  return await held(context, async (trx) => {
    const grant = await existing(trx, context, no);
    if (grant.revokedAt !== null) throw alreadyRevoked(grant);
    if (grant.person === context.person.id) throw toOneself();
    await touchGrant(trx, context.region.code, grant, context.now, context.person.id);
    return await existing(trx, context, no);
  });
}

/**
 * Takes a right back: what was approved under it counts no more, from the next request and the next `apply` on.
 * @throws DataError `GRANT_UNKNOWN`; RefusalError `GRANT_REVOKED`, `LAST_ADMINISTRATOR`
 */
export async function withdrawGrant(context: GrantContext, no: number): Promise<GrantRow> {
  return await held(context, async (trx) => {
    const grant = await existing(trx, context, no);
    if (grant.revokedAt !== null) throw alreadyRevoked(grant);
    if (grant.role === 'administrator' && (await noOtherAdministrator(trx, context, grant))) throw last();
    await endGrant(trx, context.region.code, grant, context.now, context.person.id);
    return await existing(trx, context, no);
  });
}

async function noOtherAdministrator(trx: Trx, context: GrantContext, grant: GrantRow): Promise<boolean> {
  if (grant.onBehalfOf !== null) return false;
  const others = (await grantsOf(trx, context.region.code)).filter(
    (each) => each.role === 'administrator' && each.onBehalfOf === null && each.person !== grant.person,
  );
  return !others.some((each) => grantState(each, context) === 'active');
}

/** One change of rights at a time in a region, so that two administrators do not remove each other at once. */
async function held<T>(context: GrantContext, work: (trx: Trx) => Promise<T>): Promise<T> {
  return await inTransaction(context.db, async (trx) => {
    await ensureRegion(trx, context.region.code);
    await lockRegion(trx, context.region.code);
    return await work(trx);
  });
}

async function receiver({ region, person }: GrantContext, trx: Trx, id: string): Promise<KnownPerson> {
  const found = /^[0-9a-f-]{36}$/.test(id) ? await findPerson(trx, id) : null;
  if (found === null) throw personUnknown();
  if (found.id === person.id) throw toOneself();
  if (found.issuer === 'os' || (found.issuer.startsWith('persona:') && !region.sandbox)) throw noPersona();
  return found;
}

async function written(
  context: GrantContext,
  trx: Trx,
  grant: Omit<Parameters<typeof insertGrant>[1], 'region' | 'at'>,
): Promise<GrantRow> {
  const { region, now, person } = context;
  const no = await insertGrant(trx, { ...grant, region: region.code, at: now }, person.id);
  if (no === null) throw alreadyHeld();
  return await existing(trx, context, no);
}

async function existing(db: Db, { region }: GrantContext, no: number): Promise<GrantRow> {
  const found = await findGrant(db, region.code, no);
  if (found !== null) return found;
  throw new DataError({
    code: 'GRANT_UNKNOWN',
    message: `Le droit n° ${String(no)} n’existe pas dans la région ${region.name}.`,
    remedy: 'partez de la liste des droits (page « Droits », ou « filror grant list »).',
  });
}

/** @throws DataError `DEPUTY_DATES` */
function deputyDates(from: string, until: string, now: Date): { validFrom: Date; validUntil: Date } {
  const [validFrom, validUntil] = [parisMidnight(from), parisMidnight(dayAfter(until) ?? '')];
  if (validFrom === null || validUntil === null) throw badDates('deux dates qui existent sont attendues');
  if (validUntil <= validFrom) throw badDates('la dernière journée vient avant la première');
  if (validUntil <= now) throw badDates('la dernière journée est passée');
  if (validUntil.getTime() - validFrom.getTime() > LONGEST_DEPUTY_DAYS * DAY_MS)
    throw badDates(`une suppléance dure ${String(LONGEST_DEPUTY_DAYS)} jours au plus`);
  return { validFrom, validUntil };
}

function badDates(why: string): DataError {
  return new DataError({
    code: 'DEPUTY_DATES',
    message: `Ces dates ne vont pas : ${why}.`,
    remedy:
      'donnez la première et la dernière journée de la suppléance, par exemple du 01/08/2026 au 31/08/2026.',
  });
}

function badEj(): DataError {
  return new DataError({
    code: 'GRANT_EJ',
    message:
      'Le droit « établissement » vaut pour une entité juridique, dite par son numéro FINESS ; les autres droits n’en ont pas.',
    remedy: 'donnez les neuf caractères du FINESS de l’entité juridique, ou laissez ce champ vide.',
  });
}

function personUnknown(): DataError {
  return new DataError({
    code: 'PERSON_UNKNOWN',
    message: 'Cette personne n’est pas connue ici.',
    remedy:
      'demandez-lui de se connecter une fois, puis cherchez-la ; avant sa première connexion, l’exploitant la nomme par émetteur et identifiant au terminal (« filror grant give »).',
  });
}

function toOneself(): RefusalError {
  return new RefusalError({
    code: 'GRANT_TO_ONESELF',
    message: 'Personne ne se donne ni ne se confirme un droit.',
    remedy: 'demandez-le à un autre administrateur de la région.',
  });
}

function deputyOfOneself(): RefusalError {
  return new RefusalError({
    code: 'DEPUTY_OF_ONESELF',
    message: 'Une personne ne se supplée pas elle-même.',
    remedy: 'choisissez une autre personne.',
  });
}

function noPersona(): RefusalError {
  return new RefusalError({
    code: 'GRANT_PERSONA',
    message: 'Un personnage d’essai ou le compte d’une machine ne reçoit pas de droit ici.',
    remedy: 'donnez le droit à une personne qui se connecte par un émetteur (web.yaml).',
  });
}

function alreadyHeld(): RefusalError {
  return new RefusalError({
    code: 'GRANT_HELD',
    message: 'Cette personne a déjà ce droit.',
    remedy: 'confirmez-le, ou retirez-le d’abord s’il doit changer.',
  });
}

function deputyOfNobody(grant: GrantRow): RefusalError {
  return new RefusalError({
    code: 'DEPUTY_OF_NOBODY',
    message: `Le droit n° ${String(grant.no)} ne peut pas être suppléé : il faut un droit d’opérateur, de valideur ou d’administrateur, détenu en propre et en vigueur.`,
    remedy:
      'choisissez un droit en vigueur de la personne absente ; s’il est à confirmer, confirmez-le d’abord.',
  });
}

function deputyOwnRole(person: KnownPerson): RefusalError {
  return new RefusalError({
    code: 'DEPUTY_OWN_ROLE',
    message: `${person.name ?? 'Cette personne'} a déjà ce droit en propre : sa voix compte pour elle-même, jamais pour une autre.`,
    remedy: 'choisissez comme suppléant une personne qui n’a pas ce droit.',
  });
}

function alreadyRevoked(grant: GrantRow): RefusalError {
  return new RefusalError({
    code: 'GRANT_REVOKED',
    message: `Le droit n° ${String(grant.no)} a déjà été retiré.`,
    remedy: 'donnez-le de nouveau s’il le faut.',
  });
}

function last(): RefusalError {
  return new RefusalError({
    code: 'LAST_ADMINISTRATOR',
    message: 'C’est le dernier administrateur de la région : sans lui, plus personne ne donnerait de droits.',
    remedy: 'donnez d’abord le droit d’administrateur à une autre personne.',
  });
}
