import type { CentreId } from '../domain/ids.js';
import type { ApplyContext } from './context.js';
import { markedOffers, namesOne, type PresentOffer } from './remote.js';

/** A listing older than this is read again. */
const LISTING_MS = 5 * 60_000;
/** Clocks of ours and of the repository may be minutes apart, and a listing lasts. */
const OVERLAP_MS = 15 * 60_000;

/** What an establishment's offers said of our centres at one instant. */
interface Listing {
  /** Before its first page was asked for. */
  readonly since: Date;
  readonly marked: Promise<ReadonlyMap<string, PresentOffer | null>>;
}

/**
 * The look before each create of one run of `apply`: an establishment's offers are read whole once, afterwards only what
 * was changed there since, so that a hospital with a thousand offers is not read again for each of its centres. It sees
 * as much as a whole look: what is written after the listing began comes with the second search. A recovery never uses
 * it (rule 6: two whole looks that agree).
 */
export class FirstLooks {
  readonly #listings = new Map<string, Listing>();

  constructor(private readonly context: Pick<ApplyContext, 'client' | 'region' | 'now'>) {}

  /** Offers of the establishment whose comment names one of the centres. */
  async offersOf(organization: string, centres: readonly CentreId[]): Promise<PresentOffer[]> {
    const { client } = this.context;
    const now = this.context.now();
    const known = this.#listings.get(organization);
    const age = known === undefined ? Infinity : now.getTime() - known.since.getTime();
    let marked: ReadonlyMap<string, PresentOffer | null>;
    if (known !== undefined && age >= 0 && age < LISTING_MS) {
      const before = await known.marked;
      const from = known.since.getTime() - OVERLAP_MS - this.context.region.repository.declaredLagMs;
      marked = new Map([...before, ...(await markedOffers(client, organization, new Date(from)))]);
    } else {
      const listing = { since: now, marked: markedOffers(client, organization, null) };
      this.#listings.set(organization, listing);
      try {
        marked = await listing.marked;
      } catch (error) {
        // Not read: the next create begins it anew.
        if (this.#listings.get(organization) === listing) this.#listings.delete(organization);
        throw error;
      }
    }
    return [...marked.values()].filter(
      (offer) => offer !== null && namesOne(offer, centres),
    ) as PresentOffer[];
  }
}
