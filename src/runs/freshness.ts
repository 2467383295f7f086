import { placeOf } from '../config/load.js';
import type { SourceConfig } from '../config/schema/sources.js';
import { contentChangedAt, contentMarkedAt, currentDeliveries, type DeliveryRow } from '../db/deliveries.js';
import type { Db } from '../db/types.js';
import { SourceError } from '../domain/errors.js';
import type { GateResult } from '../domain/gates.js';
import { isMadeAnew, isRegister } from '../domain/source-ids.js';
import { blockingGates, levelled } from '../sources/gates.js';
import { freshnessGate, isAhead } from '../sources/gates-freshness.js';
import type { Collected } from './collect.js';
import type { RunContext } from './context.js';

/**
 * Gate X14 for every source visited, once its delivery is the present one: a visit that brings the same bytes, or none
 * (304), is exactly what it is there to judge. Inside the run's transaction, so that a refusal leaves nothing changed.
 * @throws SourceError `GATE_X14` when the content of a source that filror fetches stands still for too long
 */
export async function judgeFreshness(
  context: RunContext,
  collected: readonly Collected[],
  now: Date,
): Promise<readonly GateResult[]> {
  const { db, region, config } = context;
  const present = await currentDeliveries(db, region.code);
  const results: GateResult[] = [];
  let stale: string | null = null;
  for (const { source, reader, origin, imported } of collected) {
    const options = config.sources[source];
    const delivery = present.get(source);
    if (options === undefined || delivery === undefined) continue;
    const gates = await gateOf(context, source, { options, delivery, reader, origin, imported }, now);
    if (blockingGates(gates).length > 0) stale ??= source;
    results.push(...gates);
  }
  const [first, ...others] = blockingGates(results);
  if (first === undefined) return results;
  const fault = new SourceError({
    code: 'GATE_X14',
    message: `Le contenu ne bouge plus : ${[first, ...others].map((each) => each.message).join(' ; ')}. Rien n’est changé.`,
    place: first.place ?? '',
    remedy: first.remedy ?? '',
  });
  fault.source = stale;
  throw fault;
}

interface Visited {
  readonly options: SourceConfig;
  readonly delivery: DeliveryRow;
  readonly reader: string;
  readonly origin: string;
  readonly imported: boolean;
}

async function gateOf(
  { db, region, config }: Pick<RunContext, 'db' | 'region' | 'config'>,
  source: string,
  { options, delivery, reader, origin, imported }: Visited,
  now: Date,
): Promise<readonly GateResult[]> {
  // Nothing to compare with: the question to the database is spared.
  if (options.cadence === 'manual' && options.maxAgeDays === null) return [];
  const generated = isMadeAnew(reader);
  const stated = delivery.content_date;
  const changedAt =
    stated === null || generated || isAhead(stated, now)
      ? await changeOf(db, region.code, source, reader)
      : null;
  const findings = freshnessGate(config.gates, {
    source,
    cadence: options.cadence,
    maxAgeDays: options.maxAgeDays,
    origin,
    imported,
    contentDate: stated,
    generated,
    changedAt: changedAt ?? delivery.fetched_at,
    now,
  });
  return levelled(config.gates, findings);
}

/** Of the activities of FINESS+ few records are kept: whether it moves is told by the mark of all. */
async function changeOf(db: Db, region: string, source: string, reader: string): Promise<Date | null> {
  if (isRegister(reader)) return await contentChangedAt(db, region, source, 'establishment');
  return isMadeAnew(reader)
    ? await contentMarkedAt(db, region, source)
    : await contentChangedAt(db, region, source, 'observation');
}

/** How old what a source says is: few words, exclusive. `watched` when more than half of the time allowed is gone. */
export type Freshness = 'never' | 'unlimited' | 'fresh' | 'watched' | 'stale';

/** The same words on the pages and in the terminal. */
export const FRESHNESS_WORDS: Readonly<Record<Freshness, string>> = {
  never: 'jamais reçue',
  unlimited: 'sans limite d’âge',
  fresh: 'à jour',
  watched: 'à surveiller',
  stale: 'périmée',
};

export interface SourceAge {
  readonly source: string;
  readonly freshness: Freshness;
  /** Null before the first delivery. */
  readonly delivery: DeliveryRow | null;
  /** Days since the content is known to have been new, and days allowed; null without a limit. */
  readonly days: { readonly age: number; readonly limit: number } | null;
}

/** The age of every source that the region has a place for, as gate X14 measures it. */
export async function sourceAges(
  context: Pick<RunContext, 'db' | 'region' | 'config'>,
  now: Date,
): Promise<readonly SourceAge[]> {
  const { db, region, config } = context;
  const present = await currentDeliveries(db, region.code);
  const ages: SourceAge[] = [];
  for (const [source, options] of Object.entries(config.sources)) {
    const delivery = present.get(source) ?? null;
    if (delivery === null) {
      if (placeOf(config, options, region.code) !== null)
        ages.push({ source, freshness: 'never', delivery, days: null });
      continue;
    }
    const { reader } = options;
    const visited = { options, delivery, reader, origin: delivery.origin, imported: false };
    const [gate] = await gateOf(context, source, visited, now);
    if (gate === undefined) {
      ages.push({ source, freshness: 'unlimited', delivery, days: null });
      continue;
    }
    const days = { age: Number(gate.found), limit: Number(gate.expected) };
    const freshness = !gate.ok ? 'stale' : days.age * 2 > days.limit ? 'watched' : 'fresh';
    ages.push({ source, freshness, delivery, days });
  }
  return ages;
}
