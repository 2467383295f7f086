import { DataError } from '../domain/errors.js';
import type { CentreContact } from '../domain/offer.js';
import { answersOf } from '../db/answers.js';
import { CodeBook, type CodeEntry } from '../ror/codes.js';
import type { GivenAnswer } from './act.js';
import type { RunContext } from './context.js';
import { requireProvedSince, type Proved } from './declare.js';
import { requirePlanned } from './planned-centres.js';

type Held = Pick<RunContext, 'db' | 'region' | 'config' | 'now'>;

/** Natures (TRE_R287) that orient a patient or a colleague; those of crises and bed management are the hospital's. */
const NATURES = ['07', '02', '04', '01', '06', '09', '15'];
/** TRE_R200 without mobile phones, which are mostly somebody's, alerts and radio; TRE_R256 for MSSanté. */
const CHANNELS: readonly (readonly [system: string, code: string])[] = [
  ['TRE_R200', '2'],
  ['TRE_R256', 'MSSANTE'],
  ['TRE_R200', '3'],
  ['TRE_R200', '4'],
];

/** What a declared contact may be made of, under the words of the code lists, as this region knows them. */
export interface ContactChoices {
  readonly natures: readonly CodeEntry[];
  readonly channels: readonly CodeEntry[];
  readonly confidentialities: readonly CodeEntry[];
}

export function contactChoices(codes: CodeBook): ContactChoices {
  const active = (system: string, code: string): CodeEntry[] => {
    const found = codes.find(system, code);
    return found?.status === 'active' ? [found] : [];
  };
  return {
    natures: NATURES.flatMap((code) => active('TRE_R287', code)),
    channels: CHANNELS.flatMap(([system, code]) => active(system, code)),
    confidentialities: codes.active('TRE_R283'),
  };
}

/** Contacts that people declared for a centre, in the order of their declaration. */
export async function declaredContacts(
  { db, region }: Pick<RunContext, 'db' | 'region'>,
  centre: string,
): Promise<readonly CentreContact[]> {
  const said = (await answersOf(db, region.code)).filter(
    ({ kind, subject, body }) => kind === 'complete' && subject === centre && body['field'] === 'contacts',
  );
  return (said.at(-1)?.body['value'] as readonly CentreContact[] | undefined) ?? [];
}

/**
 * A service's contact added to those declared for the centre; the one of the same nature and channel gives way to it.
 * @param held once the region is held, so that two people who declare at once lose nothing
 * @throws DataError `CONTACT_VALUE`, `CONTACT_KNOWN`, `CENTRE_UNKNOWN`, `PROOF_MISSING`, `DATE_INVALID`, `DATE_FUTURE`
 */
export async function contactAnswer(
  held: Held,
  centre: string,
  given: CentreContact,
  proved: Proved,
): Promise<GivenAnswer> {
  await requirePlanned(held, centre);
  const contact = checkedContact(new CodeBook(held.config.codes), given);
  const known = await declaredContacts(held, centre);
  const same = known.find((each) => alike(each, contact));
  if (same?.value === contact.value && same.confidentiality === contact.confidentiality)
    throw new DataError({
      code: 'CONTACT_KNOWN',
      message: `Ce contact est déjà déclaré pour ce centre : ${contact.value}.`,
      place: centre,
      remedy: 'rien à faire ; pour le remplacer, donnez l’autre numéro ou l’autre adresse.',
    });
  return contactsAnswer(held, centre, withContact(known, contact), proved);
}

/**
 * A declared contact taken away; what filror wrote of it is then proposed for removal.
 * @throws DataError `CONTACT_UNKNOWN` and those of `contactAnswer`
 */
export async function noContactAnswer(
  held: Held,
  centre: string,
  which: Pick<CentreContact, 'nature' | 'channel'>,
  proved: Proved,
): Promise<GivenAnswer> {
  await requirePlanned(held, centre);
  const known = await declaredContacts(held, centre);
  const left = known.filter((each) => !alike(each, which));
  if (left.length === known.length)
    throw new DataError({
      code: 'CONTACT_UNKNOWN',
      message: 'Ce contact n’est pas, ou n’est plus, déclaré pour ce centre.',
      place: centre,
      remedy: 'rouvrez la page « Déclarer » pour ce centre, puis choisissez parmi ses contacts.',
    });
  return contactsAnswer(held, centre, left, proved);
}

/** A list of contacts in which one takes the place of its like. */
export function withContact(known: readonly CentreContact[], contact: CentreContact): CentreContact[] {
  return [...known.filter((each) => !alike(each, contact)), contact];
}

/** ROR shows one contact per nature and channel: a second secretariat by phone would be a riddle for who calls. */
const alike = (a: Pick<CentreContact, 'nature' | 'channel'>, b: Pick<CentreContact, 'nature' | 'channel'>) =>
  a.nature === b.nature && a.channel === b.channel;

function contactsAnswer(
  held: Held,
  centre: string,
  value: readonly CentreContact[],
  proved: Proved,
): GivenAnswer {
  const { proof, date } = requireProvedSince(proved, 'déclarer un contact', held.now());
  return { kind: 'complete', subject: centre, body: { field: 'contacts', value, proof, date } };
}

/** Number or address as it is written everywhere; null when it cannot be one of this channel. */
const WRITTEN: Readonly<
  Record<string, { readonly read: (text: string) => string | null; readonly expects: string }>
> = {
  '2': {
    read: landline,
    expects:
      'le numéro fixe du service, à dix chiffres (02 35 00 00 00 ou +33 2 35 00 00 00) ; jamais un mobile, qui est celui d’une personne',
  },
  '3': {
    read: (text) => (EMAIL.test(text) && !MSSANTE_BOX.test(text) ? text.toLowerCase() : null),
    expects: 'l’adresse électronique du service (une boîte MSSanté se déclare comme telle)',
  },
  '4': { read: site, expects: 'l’adresse du site, qui commence par https://' },
  MSSANTE: {
    read: (text) => (MSSANTE_BOX.test(text) ? text.toLowerCase() : null),
    expects: 'la boîte MSSanté du service, dont le domaine finit par .mssante.fr',
  },
};

const EMAIL = /^[^\s@<>"(),;:\\]{1,64}@(?:[a-z\d-]+\.)+[a-z]{2,}$/i;
const MSSANTE_BOX = /^[^\s@<>"(),;:\\]{1,64}@(?:[a-z\d-]+\.)+mssante\.fr$/i;

/** A contact as it is written everywhere. @throws DataError `CONTACT_VALUE` */
export function checkedContact(codes: CodeBook, given: CentreContact): CentreContact {
  const { natures, channels, confidentialities } = contactChoices(codes);
  const refuse = (message: string, remedy: string): DataError =>
    new DataError({ code: 'CONTACT_VALUE', message, place: 'contact', remedy });
  for (const [list, code, what] of [
    [natures, given.nature, 'La nature'],
    [channels, given.channel, 'Le canal'],
    [confidentialities, given.confidentiality, 'La visibilité'],
  ] as const)
    if (!list.some((each) => each.code === code))
      throw refuse(
        `${what} du contact n’est pas l’un des choix possibles.`,
        `choisissez parmi : ${list.map(({ display }) => display).join(', ')}.`,
      );
  const { nature, channel, confidentiality } = given;
  const rule = WRITTEN[channel];
  const value = rule?.read(given.value.trim()) ?? null;
  if (value === null)
    throw refuse(
      `« ${given.value.trim().slice(0, 100)} » ne convient pas à ce canal.`,
      `donnez ${rule?.expects ?? 'une autre valeur'}.`,
    );
  return { nature, channel, confidentiality, value };
}

/** French numbering plan (ARCEP): 01 to 05 and 09 are fixed, 08 is of services, 06 and 07 are mobiles. */
function landline(text: string): string | null {
  const digits = text.replace(/^(?:\+|00)33[\s.]*(?:\(0\))?/, '0').replaceAll(/[\s.-]/g, '');
  return /^0[1-589]\d{8}$/.test(digits) ? digits : null;
}

function site(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain =
    url !== null && url.protocol === 'https:' && url.username === '' && url.hostname.includes('.');
  return plain && text.length <= 300 ? url.href : null;
}
