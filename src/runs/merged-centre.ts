import { consolidate, type ConsolidatedCentre, type ObservationRef } from '../consolidate/centre.js';
import { listsCentres } from '../domain/source-ids.js';
import { keyOf, samePlaceBy } from '../consolidate/identity.js';
import { intervalsOf, type SaidInterval } from '../db/centre-history.js';
import { centreLinks } from '../db/centres.js';
import { currentDeliveries } from '../db/deliveries.js';
import type { CentreObservation } from '../domain/centre.js';
import type { RunContext } from './context.js';
import { damp } from './damping.js';
import { ranksOf } from './gather.js';
import { historyOf } from './histories.js';
import { completionsOf, type LostRow } from './material.js';
import { plannedCentres } from './planned-centres.js';
import type { Flap } from './swings-of.js';
import { whoIs, type KnownAs } from './who-is.js';

/** What sources and people say of one centre now, and what they said. */
export interface MergedCentre extends KnownAs {
  /** Null when no source says this centre any more. */
  readonly centre: ConsolidatedCentre | null;
  /** What comes and goes in its lists. */
  readonly flaps: readonly Flap[];
  readonly history: readonly SaidInterval[];
}

/**
 * Merges the rows of one centre as the next plan would, from what is stored, by its keys: nothing is planned again. Whether
 * two hospitals are one is the last plan's finding.
 * @throws DataError `CENTRE_UNKNOWN`
 */
export async function mergedCentre(
  run: Pick<RunContext, 'db' | 'config' | 'region' | 'now'>,
  wanted: string,
): Promise<MergedCentre> {
  const { db, config, region } = run;
  const known = await whoIs(run, wanted);
  const history = await intervalsOf(db, region.code, known.keys);
  const lists = [...(await currentDeliveries(db, region.code)).values()].filter(
    ({ source }) =>
      listsCentres(config.sources[source]?.reader) && known.keys.some((each) => each.source === source),
  );
  const observations: ObservationRef[] = [];
  const lost: LostRow[] = [];
  const firstSeen = new Map<string, number>();
  for (const said of history) {
    const list = lists.find(({ source }) => source === said.source);
    if (list === undefined) continue;
    const name = keyOf(said);
    firstSeen.set(name, Math.min(said.from.no, firstSeen.get(name) ?? Infinity));
    const ref: ObservationRef = {
      source: said.source,
      ...ranksOf(config, said.source),
      key: said.key,
      observation: JSON.parse(said.content) as CentreObservation,
      locator: said.locator,
      snapshot: said.from.sha256,
      date: dayOf(said.from),
      importedBy: list.imported_by,
    };
    if (said.until === null) observations.push(ref);
    else if (!history.some((each) => keyOf(each) === name && each.from.no > said.from.no))
      lost.push({
        ref,
        droppedAt: said.until.no,
        list: { snapshot: list.sha256, date: dayOf(said.until) },
      });
  }
  const histories = await Promise.all(
    lists.map((list) =>
      historyOf(
        db,
        region.code,
        list,
        known.keys.filter(({ source }) => source === list.source).map(({ key }) => key),
      ),
    ),
  );
  const links = await centreLinks(db, region.code);
  const damped = damp({
    ...{ observations, lost, histories, firstSeen, answers: known.answers },
    keys: new Map(known.keys.map((each) => [keyOf(each), known.id])),
    linked: new Set(links.map(({ centre }) => centre)),
    rules: config.gates.flapping,
    now: run.now(),
  });
  const places = (await plannedCentres(run))[known.id]?.places ?? {};
  const centre =
    damped.observations.length === 0
      ? null
      : consolidate(
          known.id,
          damped.observations,
          completionsOf(known, known.id),
          samePlaceBy((ref) => places[keyOf(ref)]),
        );
  return { ...known, centre, flaps: damped.flaps, history };
}

/** Date of a delivery: its content's, else that of its arrival. */
export function dayOf({ contentDate, fetchedAt }: SaidInterval['from']): string {
  return contentDate ?? fetchedAt.toISOString().slice(0, 10);
}
