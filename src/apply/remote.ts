import type { RorClient, SearchParams } from '../ror/client.js';
import { elementsOf } from '../ror/elements.js';
import { withLists } from '../ror/arrays.js';
import { parseBody } from '../ror/body.js';
import { findCentreIds } from '../ror/comment.js';
import { RefusalError } from '../domain/errors.js';
import type { CentreId } from '../domain/ids.js';
import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';
import type { ReadBack } from './settle.js';

/** An offer read now from the repository. */
export interface PresentOffer extends ReadBack {
  readonly elements: ReadonlyMap<ElementKey, OfferElement>;
}

/** Offers that carry this identifier: one, or something is wrong. */
export async function offersByIdentifier(client: RorClient, identifier: string): Promise<PresentOffer[]> {
  return await offers(client, [['identifier', identifier]]);
}

/** Offers carried by an organization whose comment names one of the centres: how a creation is recognised. */
export async function offersOfCentres(
  client: RorClient,
  organization: string,
  centres: readonly CentreId[],
): Promise<PresentOffer[]> {
  // Looked at before anything is cut into elements: a hospital may carry hundreds of offers, and each creation asks.
  return await offers(client, [carriedBy(organization)], ({ comment }) => {
    return typeof comment === 'string' && findCentreIds(comment).some((id) => centres.includes(id));
  });
}

/**
 * Offers carried by an organization, by their technical id: whole when the comment names a centre of ours, else null.
 * @param since only what was changed from then on; null: all of them
 */
export async function markedOffers(
  client: RorClient,
  organization: string,
  since: Date | null,
): Promise<ReadonlyMap<string, PresentOffer | null>> {
  const changed = since === null ? [] : [['_lastUpdated', `ge${since.toISOString()}`] as const];
  const found = new Map<string, PresentOffer | null>();
  for await (const entry of client.search('HealthcareService', [carriedBy(organization), ...changed])) {
    if (entry.mode !== 'match') continue;
    const { comment, id } = entry.resource;
    const marked = typeof comment === 'string' && findCentreIds(comment).length > 0;
    if (typeof id === 'string') found.set(id, marked ? present(entry.text) : null);
  }
  return found;
}

/** Whether an offer's comment names one of the centres. */
export function namesOne(offer: PresentOffer, centres: readonly CentreId[]): boolean {
  const comment = parseBody(offer.body)['comment'];
  return typeof comment === 'string' && findCentreIds(comment).some((id) => centres.includes(id));
}

/**
 * `organization` is declared as the head of a chain only (api.md, section 7): a server that keeps to its declaration
 * refuses it alone, or ignores it.
 * @param organization a literal reference, relative or absolute. @throws RefusalError `APPLY_CARRIER_UNREADABLE`
 */
export function carriedBy(organization: string): readonly [name: string, value: string] {
  const id = /(?:^|\/)Organization\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?$/.exec(organization)?.[1];
  if (id !== undefined) return ['organization._id', id];
  throw new RefusalError({
    code: 'APPLY_CARRIER_UNREADABLE',
    message: `La référence « ${organization} » ne nomme aucun établissement du répertoire : rien n’est créé.`,
    remedy:
      'l’exploitant fait relire tout le répertoire (« filror mirror refresh --full »), puis lancez un passage (page « Passages », ou « filror sync » au terminal) : le site sera cherché à nouveau.',
  });
}

export async function readOffer(client: RorClient, remoteId: string): Promise<PresentOffer | null> {
  const found = await client.read('HealthcareService', remoteId);
  return found.kind === 'absent' ? null : present(found.text);
}

async function offers(
  client: RorClient,
  params: SearchParams,
  wanted: (offer: JsonObject) => boolean = () => true,
): Promise<PresentOffer[]> {
  const found = new Map<string, PresentOffer>();
  for await (const entry of client.search('HealthcareService', params)) {
    if (entry.mode !== 'match' || !wanted(entry.resource)) continue;
    const offer = present(entry.text);
    found.set(offer.remoteId, offer);
  }
  return [...found.values()];
}

function present(body: string): PresentOffer {
  const resource: JsonObject = withLists(parseBody(body));
  const meta = resource['meta'];
  return {
    remoteId: text(resource['id']) ?? '',
    identifier: firstIdentifier(resource['identifier']) ?? '',
    version: isJsonObject(meta) ? text(meta['versionId']) : null,
    body,
    elements: elementsOf(resource),
  };
}

function firstIdentifier(value: Json | undefined): string | null {
  const first = Array.isArray(value) ? (value[0] as Json | undefined) : undefined;
  return isJsonObject(first) ? text(first['value']) : null;
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** What to do about an identifier that no offer bears, or several. */
export function notOne(found: number): string {
  return found === 0
    ? 'Que faire : lancez un passage (page « Passages », ou « filror sync » au terminal) ; si l’offre a disparu, demandez au GRADeS ce qu’elle est devenue.'
    : 'Que faire : demandez au GRADeS de corriger le doublon, puis lancez un passage (page « Passages », ou « filror sync » au terminal).';
}
