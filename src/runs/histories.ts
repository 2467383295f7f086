import { deliveryOrigins, type DeliveryOrigin } from '../db/deliveries.js';
import { movedIntervals } from '../db/observations.js';
import type { Db } from '../db/types.js';
import type { CentreObservation } from '../domain/centre.js';
import type { PersonId } from '../domain/ids.js';
import type { Locator } from '../domain/locator.js';

/** One file that a source gave, whether it was read once or several times. */
export interface PastDelivery {
  /** Number of its last reading: what it says is what was read last. */
  readonly no: number;
  readonly at: Date;
}

/** What a source said under one key for some deliveries. */
export interface PastRow {
  readonly observation: CentreObservation;
  readonly first: number;
  /** Number of the delivery that no longer said it; null while it is said. */
  readonly closed: number | null;
  readonly from: {
    readonly snapshot: string;
    readonly locator: Locator;
    readonly date: string;
    readonly importedBy: PersonId | null;
  };
}

/** The deliveries of a list, and what it said under the keys that did not stay the same; oldest first. */
export interface SourceHistory {
  readonly source: string;
  readonly deliveries: readonly PastDelivery[];
  readonly keys: ReadonlyMap<string, readonly PastRow[]>;
}

/** @param keys only these; absent: every key of the list */
export async function historyOf(
  db: Db,
  region: string,
  list: { readonly source: string; readonly no: number },
  keys?: readonly string[],
): Promise<SourceHistory> {
  const origins = await deliveryOrigins(db, region, list.source);
  const found = new Map<string, PastRow[]>();
  for (const row of await movedIntervals(db, region, list.source, list.no, keys)) {
    const origin = origins.get(row.first_delivery);
    if (origin === undefined) throw new Error(`no delivery ${String(row.first_delivery)}`);
    const rows = found.get(row.key) ?? [];
    found.set(row.key, rows);
    rows.push({
      observation: JSON.parse(row.content) as CentreObservation,
      first: row.first_delivery,
      closed: row.closed_delivery,
      from: {
        snapshot: origin.sha256,
        locator: row.locator,
        date: dateOf(origin),
        importedBy: origin.imported_by,
      },
    });
  }
  return { source: list.source, deliveries: pastDeliveries(origins, list.no), keys: found };
}

/** The same bytes read again (another version of our code, a file handed over twice) are one delivery. */
function pastDeliveries(origins: ReadonlyMap<number, DeliveryOrigin>, asOf: number): PastDelivery[] {
  const found: (PastDelivery & { readonly sha256: string })[] = [];
  for (const [no, { sha256, fetched_at: at }] of origins) {
    if (no > asOf) continue;
    const last = found.at(-1);
    if (last?.sha256 === sha256) found.splice(-1, 1, { ...last, no });
    else found.push({ no, at, sha256 });
  }
  return found.map(({ no, at }) => ({ no, at }));
}

/** Date of a delivery: its content's, else that of its arrival. */
export function dateOf({ content_date, fetched_at }: DeliveryOrigin): string {
  return content_date ?? fetched_at.toISOString().slice(0, 10);
}
