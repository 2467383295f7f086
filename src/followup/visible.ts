import type { CentreId } from '../domain/ids.js';
import type { JsonObject } from '../domain/json.js';
import type { ElementKey } from '../domain/offer.js';
import type { RorClient, SearchParams } from '../ror/client.js';
import type { CodeBook } from '../ror/codes.js';
import { findCentreIds } from '../ror/comment.js';
import { elementsOf } from '../ror/elements.js';
import { withLists } from '../ror/arrays.js';

/** What should be found of one centre. */
export interface SoughtCentre {
  readonly centre: CentreId;
  readonly labelled: boolean;
  readonly approved: boolean;
  readonly transmitted: boolean;
  readonly offer: string | null;
  /** TRE_R344. */
  readonly level: string;
  /** TRE_R245. */
  readonly families: readonly string[];
  readonly createdByUs: boolean;
}

/** Somebody who reads the directory under an access profile. */
export interface Consumer {
  readonly name: string;
  readonly accessProfile: number;
  readonly client: Pick<RorClient, 'search'>;
}

export interface Finding {
  readonly consumer: string;
  readonly accessProfile: number;
  readonly found: boolean;
  /** French, why it is not found; null when it is. */
  readonly why: string | null;
}

/** Activity of the offers that we create (DESIGN 7); an attached offer keeps its own. */
const RARE_DISEASE_ACTIVITY = '593';

interface Seen {
  readonly identifier: string | null;
  readonly centres: readonly CentreId[];
  readonly elements: ReadonlySet<ElementKey>;
}

/**
 * "Visible dans le ROR ?": the consumer's own query (api.md, section 8: `characteristic` of TRE_R344 and of TRE_R245,
 * and `specialty` where the offer is ours) replayed for each centre under each access profile. A centre is found when
 * the query for each of its families gives its offer, known by its number, else by the block that names the centre.
 */
export async function findVisible(
  sought: readonly SoughtCentre[],
  consumers: readonly Consumer[],
  codes: CodeBook,
): Promise<ReadonlyMap<CentreId, readonly Finding[]>> {
  const looks = await Promise.all(consumers.map((consumer) => lookOf(consumer, sought, codes)));
  return new Map(
    sought.map((each) => {
      const shownTo = looks.filter((look) => look.offerOf(each) !== null).map((look) => look.consumer.name);
      return [each.centre, looks.map((look) => findingOf(each, look, shownTo))];
    }),
  );
}

interface Look {
  readonly consumer: Consumer;
  /** Whether the query for that family gives the centre's offer. */
  finds(centre: SoughtCentre, family: string): boolean;
  /** The offer as this consumer reads it, when it can be read at all. */
  offerOf(centre: SoughtCentre): Seen | null;
}

/** Every distinct query once, and every offer that it did not give read by its number. */
async function lookOf(consumer: Consumer, sought: readonly SoughtCentre[], codes: CodeBook): Promise<Look> {
  const results = new Map<string, readonly Seen[]>();
  const ask = async (params: SearchParams): Promise<readonly Seen[]> => {
    const name = JSON.stringify(params);
    const known = results.get(name) ?? (await search(consumer, params));
    results.set(name, known);
    return known;
  };
  const found = new Map<CentreId, ReadonlyMap<string, Seen | null>>();
  const read = new Map<CentreId, Seen | null>();
  for (const each of sought.filter(({ transmitted }) => transmitted)) {
    const byFamily = new Map<string, Seen | null>();
    for (const family of each.families) {
      const given = await ask(queryOf(each, family, codes));
      byFamily.set(family, given.find((offer) => isOf(offer, each)) ?? null);
    }
    found.set(each.centre, byFamily);
    const given = [...byFamily.values()].find((offer) => offer !== null) ?? null;
    const byNumber = given === null && each.offer !== null ? await ask([['identifier', each.offer]]) : [];
    read.set(each.centre, given ?? byNumber[0] ?? null);
  }
  return {
    consumer,
    finds: ({ centre }, family) => (found.get(centre)?.get(family) ?? null) !== null,
    offerOf: ({ centre }) => read.get(centre) ?? null,
  };
}

function queryOf({ level, createdByUs }: SoughtCentre, family: string, codes: CodeBook): SearchParams {
  const token = (system: string, code: string): string => `${codes.url(system)}|${code}`;
  return [
    ['characteristic', token('TRE_R344', level)],
    ['characteristic', token('TRE_R245', family)],
    ...(createdByUs ? [['specialty', token('TRE_R211', RARE_DISEASE_ACTIVITY)] as const] : []),
  ];
}

async function search({ client }: Consumer, params: SearchParams): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const { mode, resource } of client.search('HealthcareService', params)) {
    if (mode === 'match') seen.push(seenOf(withLists(resource)));
  }
  return seen;
}

function seenOf(resource: JsonObject): Seen {
  const { identifier, comment } = resource;
  const [first] = Array.isArray(identifier) ? (identifier as readonly JsonObject[]) : [];
  const value = first?.['value'];
  return {
    identifier: typeof value === 'string' ? value : null,
    centres: typeof comment === 'string' ? findCentreIds(comment) : [],
    elements: new Set(elementsOf(resource).keys()),
  };
}

const isOf = (offer: Seen, { offer: number, centre }: SoughtCentre): boolean =>
  number === null ? offer.centres.includes(centre) : offer.identifier === number;

function findingOf(centre: SoughtCentre, look: Look, shownTo: readonly string[]): Finding {
  const { name, accessProfile } = look.consumer;
  const missed = centre.families.filter((family) => !look.finds(centre, family));
  const found = centre.families.length > 0 && missed.length === 0 && centre.transmitted;
  return {
    consumer: name,
    accessProfile,
    found,
    why: found ? null : whyNot(centre, look, missed, shownTo),
  };
}

/** The first step of the way that is missing; then what the offer lacks, then who else is shown it. */
function whyNot(
  centre: SoughtCentre,
  look: Look,
  missed: readonly string[],
  shownTo: readonly string[],
): string {
  if (!centre.labelled) return 'label à reconfirmer, retiré ou fermé : il n’a pas à être trouvé';
  if (!centre.approved)
    return 'aucun changement approuvé : voyez la page « Changements » (au terminal : « filror changes »)';
  if (!centre.transmitted)
    return 'approuvé, pas encore transmis : il part au prochain envoi, ou par la fiche à saisir (page « À saisir » ; au terminal : « filror apply »)';
  if (centre.families.length === 0) return 'aucune famille TRE_R245 : complétez « familles »';
  const offer = look.offerOf(centre);
  const number = centre.offer === null ? 'une offre qui porte son bloc' : `l’offre ${centre.offer}`;
  if (offer === null) {
    return shownTo.length === 0
      ? `${number} n’est montrée à aucun profil : pas encore saisie, ou retirée du ROR`
      : `${number} est masquée à ce profil d’accès (${shownTo.join(', ')} la voit) : unité sensible ?`;
  }
  const lacking = [
    ...(offer.elements.has(`characteristic[expertiseLevel]#${centre.level}`)
      ? []
      : [`le niveau ${centre.level}`]),
    ...missed
      .filter((family) => !offer.elements.has(`characteristic[takingCareSpeciality]#${family}`))
      .map((family) => `la famille ${family}`),
  ];
  return lacking.length === 0
    ? `${number} se lit mais la recherche ne la rend pas : index en retard, ou activité ${RARE_DISEASE_ACTIVITY} absente`
    : `${number} ne porte pas ${lacking.join(', ni ')}`;
}
