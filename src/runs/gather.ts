import type { FilrorConfig } from '../config/load.js';
import type { RegionProfile } from '../config/schema/region.js';
import { keyOf } from '../consolidate/identity.js';
import type { ObservationRef } from '../consolidate/centre.js';
import { answersAndUndoings } from '../db/answers.js';
import { appliedElements } from '../db/applied.js';
import { centreAges, centreKeys, centreLinks, formerLinks } from '../db/centres.js';
import { rejectedElements } from '../db/decisions.js';
import {
  currentDeliveries,
  deliveryOrigins,
  type DeliveryOrigin,
  type DeliveryRow,
} from '../db/deliveries.js';
import { establishmentsFor } from '../db/establishments.js';
import { lastReading } from '../db/mirror.js';
import { lostObservations, observationsOf, type ObservationRow } from '../db/observations.js';
import type { PlanInputRow } from '../db/runs.js';
import type { Db } from '../db/types.js';
import type { CentreObservation } from '../domain/centre.js';
import type { Deployment } from '../domain/deployment.js';
import type { Recognition } from '../domain/recognition.js';
import type { PersonId } from '../domain/ids.js';
import type { RowFault } from '../domain/rows.js';
import { listsCentres } from '../domain/source-ids.js';
import type { EuropeanNetwork } from '../domain/ern.js';
import type { ExpertisePlatform } from '../domain/expertise-platform.js';
import type { Filiere } from '../domain/filiere.js';
import { presentState } from '../mirror/present.js';
import { CodeBook } from '../ror/codes.js';
import { carriersOf } from '../sources/pemr/carriers.js';
import type { RunContext } from './context.js';
import { dateOf, historyOf, type SourceHistory } from './histories.js';
import type { LostRow, Material } from './material.js';
import { registerOf } from './register.js';

/** FINESS aggregates of the hospital sector: where rare-disease centres are. */
export const HOSPITAL_SECTOR = ['11', '12'] as const;

/**
 * Reads everything a plan depends on, as it is now or as it was for a past plan (`asOf`): lists are append-only, so a
 * number per list is enough to go back.
 */
export async function gather(
  db: Db,
  config: FilrorConfig,
  region: RegionProfile,
  instant: Date,
  asOf?: Omit<PlanInputRow, 'resources_hash'>,
): Promise<Material> {
  const code = region.code;
  const deliveries = await currentDeliveries(db, code, asOf?.deliveries);
  const lists = [...deliveries.values()].filter((delivery) =>
    listsCentres(config.sources[delivery.source]?.reader),
  );
  const observations: ObservationRef[] = [];
  const firstSeen = new Map<string, number>();
  const lost: LostRow[] = [];
  const histories: SourceHistory[] = [];
  const flags: RowFault[] = [];
  for (const list of lists) {
    const origins = await deliveryOrigins(db, code, list.source);
    const ranks = ranksOf(config, list.source);
    for (const row of await observationsOf(db, code, list.source, list.no)) {
      const ref = toRef(row, list, origins, ranks);
      observations.push(ref);
      firstSeen.set(keyOf(ref), row.key_since);
    }
    histories.push(await historyOf(db, code, list));
    for (const row of await lostObservations(db, code, list.source, list.no)) {
      firstSeen.set(keyOf(row), row.key_since);
      lost.push({
        ref: toRef(row, list, origins, ranks),
        droppedAt: row.closed_delivery ?? list.no,
        list: { snapshot: list.sha256, date: dateOf(list) },
      });
    }
    flags.push(...flagsOf(list));
  }
  const register = registerOf(config, deliveries);
  const { answers, undoings } = await answersAndUndoings(db, code, asOf?.answer_no);
  const numbers = new Set<string>();
  for (const { observation } of observations) {
    for (const number of [observation.finessEj, observation.finessEg])
      if (number !== null) numbers.add(number);
  }
  for (const answer of answers) {
    for (const value of [answer.body['value'], answer.body['ej'], answer.body['eg']]) {
      if (typeof value === 'string' && /^[0-9][0-9A-Z][0-9]{7}$/.test(value)) numbers.add(value);
    }
  }
  const platforms = await contents<ExpertisePlatform>(db, config, code, deliveries, 'pemr');
  for (const { carriers } of platforms)
    for (const { finess } of carriersOf(carriers)) if (finess !== null) numbers.add(finess);
  const establishments =
    register === undefined
      ? []
      : await establishmentsFor(db, code, register.no, {
          aggregatePrefixes: HOSPITAL_SECTOR,
          numbers: [...numbers],
        });
  const present = await presentState(db, code, asOf?.mirror_no);
  const keys = await centreKeys(db, code, asOf?.centre_key_no);
  return {
    config,
    rules: { codes: new CodeBook(config.codes), defaults: config.defaults, crosswalk: config.crosswalk },
    region,
    instant,
    observations,
    lost,
    histories,
    firstSeen,
    flags,
    filieres: await contents<Filiere>(db, config, code, deliveries, 'filieres'),
    deployments: await contents<Deployment>(db, config, code, deliveries, 'bamara-deployment'),
    recognitions: await contents<Recognition>(db, config, code, deliveries, 'finess-activites'),
    platforms,
    establishments,
    keys: new Map(keys.map((row) => [keyOf(row), row.centre])),
    ages: await centreAges(db, code),
    answers,
    undoings,
    links: await centreLinks(db, code, asOf?.link_no),
    former: await formerLinks(db, code, asOf?.link_no),
    applied: await appliedElements(db, code, asOf?.applied_no),
    offers: present.offers,
    providers: present.providers,
    ambiguousProviders: present.ambiguousProviders,
    mirrored: (await lastReading(db, code, 'any')) !== null,
    rejected: await rejectedElements(
      db,
      code,
      answers.flatMap(({ kind, body }) => (kind === 'unreject' ? [String(body['change'])] : [])),
      asOf?.decision_no,
    ),
  };
}

/**
 * An observation cites the snapshot in which its content was first read: that is where its locator points. Who handed
 * over the present list answers for all its rows.
 */
function toRef(
  row: ObservationRow,
  list: DeliveryRow,
  origins: ReadonlyMap<number, DeliveryOrigin>,
  ranks: Pick<ObservationRef, 'precedence' | 'ranks'>,
): ObservationRef {
  const first = origins.get(row.first_delivery) ?? list;
  return {
    source: row.source,
    ...ranks,
    key: row.key,
    observation: JSON.parse(row.content) as CentreObservation,
    locator: row.locator,
    snapshot: first.sha256,
    date: dateOf(first),
    importedBy: validatorOf(list, row.key) ?? list.imported_by,
  };
}

/** What the configuration says of the trust in a list, whole and field by field. */
export function ranksOf(
  { sources }: Pick<FilrorConfig, 'sources'>,
  source: string,
): Pick<ObservationRef, 'precedence' | 'ranks'> {
  const { precedence = 0, fields: ranks = {} } = sources[source] ?? {};
  return { precedence, ranks };
}

/** Of a list whose lines were validated by people, each its own. */
function validatorOf({ counts }: DeliveryRow, key: string): PersonId | null {
  const { authors } = counts as { readonly authors?: Readonly<Record<string, PersonId>> };
  return authors?.[key] ?? null;
}

type Listed = Pick<RunContext, 'db' | 'config' | 'region'>;

/** The filières of the present list, whatever centres there are. */
export async function knownFilieres(run: Listed): Promise<Filiere[]> {
  return await present<Filiere>(run, 'filieres');
}

/** The European reference networks of the present list. */
export async function knownNetworks(run: Listed): Promise<EuropeanNetwork[]> {
  return await present<EuropeanNetwork>(run, 'ern');
}

async function present<T>({ db, config, region }: Listed, reader: string): Promise<T[]> {
  return await contents<T>(db, config, region.code, await currentDeliveries(db, region.code), reader);
}

async function contents<T>(
  db: Db,
  config: FilrorConfig,
  region: string,
  deliveries: ReadonlyMap<string, DeliveryRow>,
  reader: string,
): Promise<T[]> {
  const values: T[] = [];
  for (const delivery of deliveries.values()) {
    if (config.sources[delivery.source]?.reader !== reader) continue;
    const rows = await observationsOf(db, region, delivery.source, delivery.no);
    values.push(...rows.map((row) => JSON.parse(row.content) as T));
  }
  return values;
}

/** Flags of the cross-row checks are kept with the delivery: rows that stay in the plan but are shown with a warning. */
function flagsOf(delivery: DeliveryRow): RowFault[] {
  const flags = delivery.counts['flags'];
  return Array.isArray(flags) ? (flags as RowFault[]) : [];
}
