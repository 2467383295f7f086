import { contentChangedAt, currentDeliveries } from '../db/deliveries.js';
import { SourceError } from '../domain/errors.js';
import type { GateResult } from '../domain/gates.js';
import { blockingGates } from '../sources/gates.js';
import { freshnessGate } from '../sources/gates-freshness.js';
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
  for (const { source, reader, origin, imported } of collected) {
    const options = config.sources[source];
    const delivery = present.get(source);
    if (options === undefined || delivery === undefined) continue;
    // Nothing to compare with: the question to the database is spared.
    if (options.cadence === 'manual' && options.maxAgeDays === null) continue;
    const changedAt =
      delivery.content_date === null
        ? await contentChangedAt(
            db,
            region.code,
            source,
            reader === 'finess-etalab' ? 'establishment' : 'observation',
          )
        : null;
    results.push(
      ...freshnessGate(config.gates, {
        source,
        cadence: options.cadence,
        maxAgeDays: options.maxAgeDays,
        origin,
        imported,
        contentDate: delivery.content_date,
        changedAt: changedAt ?? delivery.fetched_at,
        now,
      }),
    );
  }
  const [first, ...others] = blockingGates(results);
  if (first === undefined) return results;
  throw new SourceError({
    code: 'GATE_X14',
    message: `Le contenu ne bouge plus : ${[first, ...others].map((each) => each.message).join(' ; ')}. Rien n’est changé.`,
    place: first.place ?? '',
    remedy: first.remedy ?? '',
  });
}
