import type { ConsolidatedCentre } from '../consolidate/centre.js';
import { appliedElements, type AppliedElement } from '../db/applied.js';
import type { Answer } from '../db/answers.js';
import { answersEver, changesOfCentre, type CentreChange, type SaidInterval } from '../db/centre-history.js';
import { centreLinks, formerLinks, type CentreLink, type FormerLink } from '../db/centres.js';
import { decisionsOn, type Decision } from '../db/decisions.js';
import { currentDeliveries } from '../db/deliveries.js';
import { observationsOf } from '../db/observations.js';
import type { CentreObservation } from '../domain/centre.js';
import type { Provenance } from '../domain/change.js';
import type { EuropeanNetwork } from '../domain/ern.js';
import type { Establishment } from '../domain/establishment.js';
import type { Filiere } from '../domain/filiere.js';
import type { CentreId } from '../domain/ids.js';
import type { RunContext } from './context.js';
import { knownNetworks } from './gather.js';
import { dateOf } from './histories.js';
import { knownSites } from './known-sites.js';
import { mergedCentre } from './merged-centre.js';
import { mentionKey } from './places.js';
import { plannedCentres } from './planned-centres.js';
import type { CentreIdentity } from './report.js';
import type { Flap } from './swings-of.js';

/** All that is known of one centre: what sources say, what people said, what it gives, what became of it. */
export interface CentreCard {
  readonly id: CentreId;
  /** Ids that people said are the same centre, this one first. */
  readonly ids: readonly CentreId[];
  /** The older centre that this one is held for; null when it stands for itself. */
  readonly sameAs: CentreId | null;
  /** What sources and people say now, merged; null when no source says this centre any more. */
  readonly centre: ConsolidatedCentre | null;
  /** What comes and goes in its lists. */
  readonly flaps: readonly Flap[];
  /** As the last plan names it; null when it is in none. */
  readonly identity: CentreIdentity | null;
  /** Its site, or the sites of its hospital while none was chosen. */
  readonly sites: readonly Establishment[];
  /** As the list of filières tells it, and where; null when none holds it. */
  readonly filiere: { readonly said: Filiere; readonly provenance: Provenance } | null;
  /** Of the networks that its filière names, those that the list of networks holds. */
  readonly networks: readonly EuropeanNetwork[];
  readonly history: readonly SaidInterval[];
  readonly answers: readonly (Answer & { readonly undone: boolean })[];
  /** Offers that it contributes to, with what was last read back of its elements. */
  readonly offers: readonly (CentreLink & { readonly elements: readonly AppliedElement[] })[];
  readonly former: readonly FormerLink[];
  readonly changes: readonly CentreChange[];
  readonly decisions: readonly Decision[];
}

type CardContext = Pick<RunContext, 'db' | 'config' | 'region' | 'now'>;

/**
 * Reads the card of a centre from what is stored, by its keys: nothing is planned again. What the merge gives is what
 * the next plan would say of the same rows; hospital and site are the last plan's.
 * @throws DataError `CENTRE_UNKNOWN`
 */
export async function centreCard(run: CardContext, wanted: string): Promise<CentreCard> {
  const { db, region } = run;
  const { id, ids, sameAs, centre, flaps, history } = await mergedCentre(run, wanted);
  const identity = (await plannedCentres(run))[id] ?? null;
  const place = identity?.eg ?? identity?.ej ?? null;
  const changes = await changesOfCentre(db, region.code, ids);
  const code = centre?.filiere ?? identity?.filiere;
  const filiere = code === undefined ? null : await filiereOf(run, code);
  const erns = new Set(filiere?.said.erns);
  const networks = erns.size === 0 ? [] : await knownNetworks(run);
  return {
    id,
    ids,
    sameAs,
    centre,
    flaps,
    identity,
    sites: place === null ? [] : await knownSites(run, [place]),
    filiere,
    networks: networks.filter((each) => erns.has(each.code)),
    history,
    answers: await answersEver(db, region.code, [
      ...ids,
      ...mentionsIn(history),
      ...new Set(changes.map(({ target }) => target)),
    ]),
    offers: await offersOf(run, ids),
    former: (await formerLinks(db, region.code)).filter((link) => ids.includes(link.centre)),
    changes,
    decisions: await decisionsOn(
      db,
      region.code,
      changes.map((change) => change.id),
    ),
  };
}

/** A filière with its reference networks, as the list of filières gives it. */
async function filiereOf(run: CardContext, code: string): Promise<CentreCard['filiere']> {
  const deliveries = await currentDeliveries(run.db, run.region.code);
  for (const delivery of deliveries.values()) {
    const { source, no, sha256: snapshot } = delivery;
    if (run.config.sources[source]?.reader !== 'filieres') continue;
    for (const { content, locator } of await observationsOf(run.db, run.region.code, source, no)) {
      const said = JSON.parse(content) as Filiere;
      if (said.code !== code) continue;
      return {
        said,
        provenance: { kind: 'source', origin: source, snapshot, locator, date: dateOf(delivery) },
      };
    }
  }
  return null;
}

async function offersOf(run: CardContext, ids: readonly CentreId[]): Promise<CentreCard['offers']> {
  const links = (await centreLinks(run.db, run.region.code)).filter((link) => ids.includes(link.centre));
  const offers: CentreCard['offers'][number][] = [];
  for (const link of links) {
    const { identifier } = link;
    const applied = (await appliedElements(run.db, run.region.code, undefined, identifier)).get(identifier);
    const own = [...(applied?.values() ?? [])].filter(
      ({ readBack, centres }) => readBack !== null && centres.some((each) => ids.includes(each)),
    );
    offers.push({ ...link, elements: own });
  }
  return offers;
}

/** How its hospital was ever written: a person's recognition is about that, and holds for the centre. */
export function mentionsIn(history: readonly SaidInterval[]): string[] {
  return [...new Set(history.map((said) => mentionKey(JSON.parse(said.content) as CentreObservation)))];
}
