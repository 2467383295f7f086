import { placeOf } from '../config/load.js';
import { keptOf } from '../db/deliveries.js';
import { lastCollected, lastFailures, type SourceFailure } from '../db/runs.js';
import type { Cadence } from '../domain/gates.js';
import { originOf } from '../snapshots/open-place.js';
import { isSourceId, sourceRegistry } from '../sources/registry.js';
import type { RunContext } from './context.js';
import { sourceAges, type Freshness } from './freshness.js';
import { flapsOf } from './flap-alerts.js';
import type { Flap } from './swings-of.js';

/** One source of a region as its operator asks for it. */
export interface SourceState {
  readonly source: string;
  /** French; what the reader says of the list. */
  readonly title: string;
  readonly owner: string;
  readonly cadence: Cadence;
  /** `trial`: no real delivery was at hand when its reader was made; it was tried on synthetic ones. */
  readonly reader: 'trial' | 'proved';
  /** Null: no place, no delivery; otherwise without anything secret. */
  readonly place: string | null;
  /** `unplaced`: the region has neither a place nor a delivery for it. */
  readonly state: Freshness | 'unplaced';
  readonly days: { readonly age: number; readonly limit: number } | null;
  readonly contentDate: string | null;
  /** Values and rows that come and go, as the last plan saw them. */
  readonly flapping: readonly Flap[];
  /** When a run that ended well last visited it, whether it brought something or not. */
  readonly lastSuccess: string | null;
  /** What stopped the last run because of it, when none succeeded since. */
  readonly failure: { readonly at: string; readonly code: string; readonly message: string } | null;
  /** Of the delivery that holds. */
  readonly delivery: {
    readonly file: string;
    readonly at: string;
    readonly rows: number;
    readonly kept: number;
    readonly setAside: number;
  } | null;
}

/** Sources whose reader was tried on synthetic deliveries only: no real one was at hand. */
export function trialSources({ sources }: Pick<RunContext['config'], 'sources'>): ReadonlySet<string> {
  const readers = sourceRegistry([]);
  const isTrial = (reader: string): boolean => isSourceId(reader) && readers[reader].trial === true;
  return new Set(Object.keys(sources).filter((source) => isTrial(sources[source]?.reader ?? '')));
}

/** Every configured source, in the order of the configuration. Reads only. */
export async function sourceStates(
  context: Pick<RunContext, 'db' | 'region' | 'config'>,
  now: Date,
): Promise<readonly SourceState[]> {
  const { db, region, config } = context;
  const ages = new Map((await sourceAges(context, now)).map((age) => [age.source, age]));
  const visits = await lastCollected(db, region.code);
  const failures = await lastFailures(db, region.code);
  const flaps = await flapsOf(context);
  const readers = sourceRegistry([]);
  const trials = trialSources(config);
  return Object.entries(config.sources).map(([source, options]) => {
    const age = ages.get(source);
    const delivery = age?.delivery ?? null;
    const place = placeOf(config, options, region.code);
    const known = isSourceId(options.reader) ? readers[options.reader] : null;
    return {
      source,
      title: known?.title ?? source,
      owner: known?.owner ?? 'inconnu',
      cadence: options.cadence,
      reader: trials.has(source) ? 'trial' : 'proved',
      place: place === null ? (delivery?.origin ?? null) : originOf(place),
      state: age?.freshness ?? 'unplaced',
      days: age?.days ?? null,
      contentDate: delivery?.content_date ?? null,
      flapping: flaps.get(source) ?? [],
      lastSuccess: visits.get(source)?.toISOString() ?? null,
      failure: failureOf(failures.get(source)),
      delivery:
        delivery === null
          ? null
          : {
              file: delivery.file_name,
              at: delivery.fetched_at.toISOString(),
              rows: delivery.rows_read,
              kept: keptOf(delivery),
              setAside: delivery.rows_aside,
            },
    };
  });
}

function failureOf(failure: SourceFailure | undefined): SourceState['failure'] {
  if (failure === undefined) return null;
  const { at, code, message } = failure;
  return { at: at.toISOString(), code, message };
}
