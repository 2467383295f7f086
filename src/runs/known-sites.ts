import { currentDeliveries } from '../db/deliveries.js';
import { establishmentsFor } from '../db/establishments.js';
import type { Establishment } from '../domain/establishment.js';
import type { RunContext } from './context.js';
import { registerOf } from './register.js';

/** Establishments of the region's present register that bear one of these FINESS numbers, EG or EJ. */
export async function knownSites(
  run: Pick<RunContext, 'db' | 'config' | 'region'>,
  numbers: readonly string[],
): Promise<readonly Establishment[]> {
  const deliveries = await currentDeliveries(run.db, run.region.code);
  const register = registerOf(run.config, deliveries);
  if (register === undefined || numbers.length === 0) return [];
  return await establishmentsFor(run.db, run.region.code, register.no, { aggregatePrefixes: [], numbers });
}
