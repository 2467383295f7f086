import type { Json } from '../domain/json.js';
import type { CentreId } from '../domain/ids.js';
import type { Db } from './types.js';

export interface AppliedElement {
  readonly key: string;
  /** What the offer said before us; null when nothing. */
  readonly beforeUs: Json | null;
  /** What was read back after we wrote: the base. Null once taken back. */
  readonly readBack: Json | null;
  /** What we sent: the repository may keep another label of the same code. */
  readonly sent: Json | null;
  readonly channel: 'ror' | 'served';
  readonly centres: readonly CentreId[];
}

/**
 * The base of every offer of a region, or of the one named: identifier -> element key -> what was last read back.
 */
export async function appliedElements(
  db: Db,
  region: string,
  asOf?: number,
  identifier?: string,
): Promise<Map<string, Map<string, AppliedElement>>> {
  const query = db('applied_element')
    .where({ region })
    .distinctOn('identifier', 'key')
    .orderBy([{ column: 'identifier' }, { column: 'key' }, { column: 'no', order: 'desc' }]);
  if (asOf !== undefined) void query.where('no', '<=', asOf);
  if (identifier !== undefined) void query.where({ identifier });
  const rows = (await query) as {
    identifier: string;
    key: string;
    before_us: string | null;
    read_back: string | null;
    sent: string | null;
    channel: 'ror' | 'served';
    centres: CentreId[];
  }[];
  const offers = new Map<string, Map<string, AppliedElement>>();
  for (const row of rows) {
    const elements = offers.get(row.identifier) ?? new Map<string, AppliedElement>();
    elements.set(row.key, {
      key: row.key,
      beforeUs: row.before_us === null ? null : (JSON.parse(row.before_us) as Json),
      readBack: row.read_back === null ? null : (JSON.parse(row.read_back) as Json),
      sent: row.sent === null ? null : (JSON.parse(row.sent) as Json),
      channel: row.channel,
      centres: row.centres,
    });
    offers.set(row.identifier, elements);
  }
  return offers;
}

export async function recordApplied(
  db: Db,
  to: { region: string; identifier: string; attempt: number; at: Date; centres: readonly CentreId[] },
  elements: readonly {
    key: string;
    beforeUs: Json | undefined;
    sent: Json | undefined;
    readBack: Json | undefined;
    channel: 'ror' | 'served';
  }[],
): Promise<void> {
  const text = (value: Json | undefined): string | null =>
    value === undefined ? null : JSON.stringify(value);
  await db.batchInsert(
    'applied_element',
    elements.map((element) => ({
      region: to.region,
      identifier: to.identifier,
      key: element.key,
      before_us: text(element.beforeUs),
      sent: text(element.sent),
      read_back: text(element.readBack),
      centres: [...to.centres],
      channel: element.channel,
      attempt: to.attempt,
      at: to.at,
    })),
    200,
  );
}
