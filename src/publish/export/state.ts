import {
  decidedDepartures,
  sensitiveNumbers,
  holdServedHead,
  servedBodies,
  servedOffersWith,
  versionsOfOffersWith,
  type ServedBody,
} from '../../db/served-export.js';
import { servedViews } from '../../db/served-write.js';
import { servedHead } from '../../db/served.js';
import { inTransaction, type Db, type Trx } from '../../db/types.js';
import { RefusalError } from '../../domain/errors.js';
import { isJsonObject, type JsonObject } from '../../domain/json.js';
import { seesSensitive } from '../cut.js';
import { viewOf, type Audience } from '../views.js';
import type { ExportedOffer, Labels } from './columns.js';
import { announcedDepartures, type AnnouncedDeparture } from './departures.js';
import { formerNumbers, type FormerNumber } from './former.js';
import { CENTRE_MARK, centresOf, levelOf, objects, offerNumber, text, treeOf } from './read.js';

/** What one view says of the rare-disease centres of a region, all of one publication. */
export interface ExportState {
  readonly region: string;
  readonly audience: Audience;
  /** Number of the last version, and its instant; null as long as nothing was ever served. */
  readonly no: number;
  readonly at: Date | null;
  readonly offers: readonly ExportedOffer[];
  /** Bodies as they are served: offers, their structures up to the legal entity, their places. */
  readonly bodies: readonly string[];
  readonly former: readonly FormerNumber[];
  readonly departures: readonly AnnouncedDeparture[];
}

/** An organisation chart deeper than this is a loop. */
const MOST_LEVELS = 8;

/**
 * Reads what an export says, from the view of its audience alone. The numbers of former offers come from what that
 * view served; only what will leave is read elsewhere, and told as far as the view shows it.
 * @throws RefusalError `EXPORT_NOT_PUBLISHED`
 */
export async function exportState(
  db: Db,
  region: string,
  audience: Audience,
  labels: Labels,
): Promise<ExportState> {
  return await inTransaction(db, async (trx) => {
    await holdServedHead(trx, region);
    const head = await servedHead(trx, region);
    const view = viewOf('fhir', audience);
    const held = await servedViews(trx, region);
    if (head === null || (held.length > 0 && !held.includes(view))) throw notPublished(region, audience);
    const offers = await servedOffersWith(trx, region, view, CENTRE_MARK);
    const around = await neighbours(trx, region, view, offers);
    const exported = offers
      .map((row) => exportedOffer(row, around, labels))
      .filter(({ centres }) => centres.length > 0);
    const present = new Map(exported.map(({ offer, centres }) => [offerNumber(offer), centres]));
    const versions = await versionsOfOffersWith(trx, region, view, CENTRE_MARK);
    const untold = seesSensitive(audience) ? new Set<string>() : await sensitiveNumbers(trx, region);
    const still = await servedBodies(trx, region, view, 'HealthcareService', [
      ...new Set(versions.map(({ id }) => id)),
    ]);
    return {
      region,
      audience,
      no: head.no,
      at: head.at,
      offers: exported.sort((a, b) => (offerNumber(a.offer) < offerNumber(b.offer) ? -1 : 1)),
      bodies: [...offers, ...around.structures.rows, ...around.places.rows].map(({ body }) => body),
      former: formerNumbers(
        versions,
        new Map([...present].map(([number, centres]) => [number, centres.map(({ centre }) => centre)])),
        new Set(still.map(({ id, body }) => offerNumber(treeOf(body, `HealthcareService/${id}`)))),
      ).filter(({ former }) => !untold.has(former)),
      departures: announcedDepartures(await decidedDepartures(trx, region), present),
    };
  });
}

/** Resources by their id, and their rows in one order. */
interface Gathered {
  readonly trees: ReadonlyMap<string, JsonObject>;
  readonly rows: readonly ServedBody[];
}

interface Neighbours {
  readonly structures: Gathered;
  readonly places: Gathered;
}

async function neighbours(
  trx: Trx,
  region: string,
  view: string,
  offers: readonly ServedBody[],
): Promise<Neighbours> {
  const trees = offers.map(({ id, body }) => treeOf(body, `HealthcareService/${id}`));
  const structures = new Map<string, JsonObject>();
  const rows: ServedBody[] = [];
  let wanted = new Set(trees.flatMap((offer) => targets(offer['providedBy'], 'Organization')));
  for (let level = 0; wanted.size > 0 && level < MOST_LEVELS; level += 1) {
    const found = await servedBodies(trx, region, view, 'Organization', [...wanted]);
    rows.push(...found);
    for (const { id, body } of found) structures.set(id, treeOf(body, `Organization/${id}`));
    const above = found.flatMap(({ id }) => targets(structures.get(id)?.['partOf'], 'Organization'));
    wanted = new Set(above.filter((id) => !structures.has(id)));
  }
  const ids = new Set(trees.flatMap((offer) => targets(offer['location'], 'Location')));
  const places = await servedBodies(trx, region, view, 'Location', [...ids]);
  return {
    structures: { trees: structures, rows: rows.sort((a, b) => (a.id < b.id ? -1 : 1)) },
    places: {
      trees: new Map(places.map(({ id, body }) => [id, treeOf(body, `Location/${id}`)])),
      rows: places,
    },
  };
}

function exportedOffer(row: ServedBody, { structures, places }: Neighbours, labels: Labels): ExportedOffer {
  const offer = treeOf(row.body, `HealthcareService/${row.id}`);
  const chain = chainOf(offer, structures.trees);
  const ids = targets(offer['location'], 'Location').filter((id) => places.trees.has(id));
  // Of several places, the first that has a position; the address goes with it.
  const positioned = ids.find((id) => positionOf(id, places) !== null);
  const place = positioned ?? ids[0];
  return {
    offer,
    labels,
    centres: centresOf(offer),
    site: chain.find((each) => levelOf(each) === 'EG') ?? null,
    entity: chain.find((each) => levelOf(each) === 'EJ') ?? null,
    place: place === undefined ? null : (places.trees.get(place) ?? null),
    position: place === undefined ? null : positionOf(place, places),
  };
}

/** What carries the offer, then what is above it. */
function chainOf(offer: JsonObject, structures: ReadonlyMap<string, JsonObject>): readonly JsonObject[] {
  const chain: JsonObject[] = [];
  let [id] = targets(offer['providedBy'], 'Organization');
  while (id !== undefined && chain.length < MOST_LEVELS) {
    const structure = structures.get(id);
    if (structure === undefined) break;
    chain.push(structure);
    [id] = targets(structure['partOf'], 'Organization');
  }
  return chain;
}

function positionOf(id: string, places: Gathered): ExportedOffer['position'] {
  const row = places.rows.find((each) => each.id === id);
  if (row === undefined || row.latitude === null || row.longitude === null) return null;
  return { latitude: row.latitude, longitude: row.longitude };
}

function targets(references: JsonObject[string] | undefined, type: string): readonly string[] {
  return objects(references)
    .filter(isJsonObject)
    .flatMap((each) => {
      const [, id] = new RegExp(`(?:^|/)${type}/([A-Za-z0-9.-]{1,64})$`).exec(text(each['reference'])) ?? [];
      return id === undefined ? [] : [id];
    });
}

function notPublished(region: string, audience: Audience): RefusalError {
  return new RefusalError({
    code: 'EXPORT_NOT_PUBLISHED',
    message: `Rien n’est publié pour le public « ${audience} » de la région ${region} : il n’y a rien à exporter.`,
    place: '--audience',
    remedy:
      'ouvrez ce public dans fhir.yaml (public: true, ou un client de ce public), lancez « filror publish », puis recommencez.',
  });
}
