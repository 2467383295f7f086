import type { FilrorConfig } from '../config/load.js';
import type { DeliveryRow } from '../db/deliveries.js';
import { isRegister } from '../domain/source-ids.js';

/** The delivery that the region's register of establishments comes from: the latest one, whichever flow gave it. */
export function registerOf(
  config: FilrorConfig,
  deliveries: ReadonlyMap<string, DeliveryRow>,
): DeliveryRow | undefined {
  return [...deliveries.values()]
    .filter((delivery) => isRegister(config.sources[delivery.source]?.reader))
    .reduce<DeliveryRow | undefined>(
      (last, each) => (last === undefined || each.no > last.no ? each : last),
      undefined,
    );
}
