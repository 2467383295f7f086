import { journalNo, lockServedHead, moveServedHead, publicationInstant, servedHead } from '../db/served.js';
import {
  addMovedPlaces,
  findMovedSources,
  gatherFacts,
  markSensitive,
  movedSources,
} from '../db/served-sources.js';
import { servedViews } from '../db/served-write.js';
import { inTransaction, type Db, type Trx } from '../db/types.js';
import { append } from '../journal/append.js';
import { withLists } from '../ror/arrays.js';
import { parseBody } from '../ror/body.js';
import { isSensitive } from './cut.js';
import { rulesOf } from './rules.js';
import { BASES, SERVED_TYPES, viewOf, type Audience } from './views.js';
import { Writer } from './writer.js';

/** What is published of a region, and under which rules. */
export interface PublishContext {
  readonly db: Db;
  readonly region: string;
  readonly audiences: readonly Audience[];
  /** Base of the addresses of our own definitions. */
  readonly canonical: string;
}

export interface Published {
  /** Versions that came, over all views: resources new or said otherwise, and those that left. */
  readonly moved: number;
  readonly gone: number;
}

const BATCH = 500;

/**
 * Brings what is served up to the mirror and the approved facts, in one transaction: readers see all of it or nothing.
 * Nothing is done when the journal has not moved since; a resource that says the same makes no version.
 */
export async function publish(context: PublishContext): Promise<Published> {
  const { db, region } = context;
  const rules = rulesOf(context);
  const before = await servedHead(db, region);
  if (before !== null && before.rules === rules && before.journalNo === (await journalNo(db)))
    return { moved: 0, gone: 0 };
  return await inTransaction(db, async (trx) => await publishLocked(trx, context, rules));
}

async function publishLocked(trx: Trx, context: PublishContext, rules: string): Promise<Published> {
  const { region } = context;
  const head = await lockServedHead(trx, region);
  const seen = await journalNo(trx);
  const at = await publicationInstant(trx, head.at);
  const views = BASES.flatMap((base) => context.audiences.map((audience) => viewOf(base, audience)));
  const writer = new Writer(trx, {
    ...{ region, at, views, canonical: context.canonical },
    entries: head.rules === rules ? 'keep' : 'renew',
    after: head.no,
  });
  await dropOtherViews(writer, views);
  const coordinators = await gatherFacts(trx, region);
  await markSensitive(
    trx,
    coordinators
      .filter(({ identifier, body }) => isSensitive(withLists(parseBody(body, identifier))))
      .map(({ identifier }) => identifier),
  );
  await findMovedSources(trx, region, rules);
  for (const type of SERVED_TYPES) {
    // Offers come first: whether a place is one of sensitive offers alone is known after them.
    if (type === 'Location') await addMovedPlaces(trx, region);
    for (let after = ''; ;) {
      const moved = await movedSources(trx, region, type, after, BATCH);
      if (moved.length === 0) break;
      await writer.write(type, moved);
      after = moved.at(-1)?.id ?? after;
    }
  }
  const { no, moved, gone } = writer;
  let journal = seen;
  if (moved + gone > 0)
    journal = Math.max(
      seen,
      await told(trx, region, { from: head.no + 1, to: no, at: at.toISOString(), moved, gone }, seen),
    );
  await moveServedHead(trx, region, {
    ...{ no, rules, journalNo: journal },
    at: no > head.no ? at : head.at,
  });
  return { moved, gone };
}

/** @returns the number up to which the journal needs not be looked at again */
async function told(trx: Trx, region: string, body: object, seen: number): Promise<number> {
  const entry = await append(trx, { region, kind: 'served', subject: `region:${region}`, actor: null, body });
  // Somebody else's entry may stand between: then the next publication looks again.
  return Number(entry.no) === seen + 1 ? Number(entry.no) : seen;
}

async function dropOtherViews(writer: Writer, views: readonly string[]): Promise<void> {
  for (const view of await servedViews(writer.trx, writer.of.region)) {
    if (views.includes(view)) continue;
    for (;;) {
      const held = await writer.held(view, BATCH);
      if (held.length === 0) break;
      await writer.leave(view, held);
    }
  }
}
