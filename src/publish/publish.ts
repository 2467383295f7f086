import {
  addMovedPlaces,
  addVersions,
  findMovedSources,
  heldBy,
  journalNo,
  lockServedHead,
  moveServedHead,
  movedSources,
  publicationInstant,
  putSources,
  renewEntries,
  servedHead,
  servedNow,
  servedViews,
  type MovedSource,
  type NewVersion,
  type RenewedEntries,
} from '../db/served.js';
import { inTransaction, type Db, type Trx } from '../db/types.js';
import { sha256 } from '../domain/json.js';
import { append } from '../journal/append.js';
import { rulesOf } from './rules.js';
import { referencesOf, sourceOf, type Source } from './source.js';
import { SERVED_TYPES, viewOf, type Audience, type View } from './views.js';
import { BASES } from './views.js';
import { entriesOf } from './entries.js';
import { baseOf } from './views.js';

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
  const writer = new Writer(trx, region, at, head.no, head.rules === rules ? 'keep' : 'renew');
  await dropOtherViews(writer, views);
  await findMovedSources(trx, region, rules);
  for (const type of SERVED_TYPES) {
    // Offers come first: whether a place is one of sensitive offers alone is known after them.
    if (type === 'Location') await addMovedPlaces(trx, region);
    for (let after = ''; ;) {
      const moved = await movedSources(trx, region, type, after, BATCH);
      if (moved.length === 0) break;
      await writer.write(moved, views, context);
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
  await moveServedHead(trx, region, { no, at: no > head.no ? at : head.at, journalNo: journal, rules });
  return { moved, gone };
}

/** @returns the number up to which the journal needs not be looked at again */
async function told(trx: Trx, region: string, body: object, seen: number): Promise<number> {
  const entry = await append(trx, { region, kind: 'served', subject: `region:${region}`, actor: null, body });
  // Somebody else's entry may stand between: then the next publication looks again.
  return Number(entry.no) === seen + 1 ? Number(entry.no) : seen;
}

/** Numbers and writes the versions of one publication, a batch at a time. */
class Writer {
  moved = 0;
  gone = 0;

  constructor(
    readonly trx: Trx,
    readonly region: string,
    readonly at: Date,
    public no: number,
    /** Under other rules, what says the same may be found otherwise: its entries are made anew. */
    readonly entries: 'keep' | 'renew',
  ) {}

  async write(
    sources: readonly MovedSource[],
    views: readonly View[],
    context: PublishContext,
  ): Promise<void> {
    const { trx, region, at } = this;
    const [first] = sources;
    if (first === undefined) return;
    const known = await servedNow(
      trx,
      region,
      first.type,
      sources.map((source) => source.id),
    );
    const read = sources.map((source) => sourceOf(source, context.canonical));
    await putSources(
      trx,
      region,
      read.map((source) => ({ ...source, hash: source.hash, places: referencesOf(source) })),
    );
    const versions: NewVersion[] = [];
    if (this.entries === 'renew')
      await renewEntries(
        trx,
        region,
        read.flatMap((source) => standing(source, views, known)),
      );
    for (const source of read) for (const view of views) versions.push(...this.#version(source, view, known));
    await addVersions(trx, region, at, versions);
  }

  /** A resource of a view as its next version; none when it says the same, or stays absent. */
  #version(
    source: Source,
    view: View,
    known: ReadonlyMap<string, { readonly version: number; readonly contentHash: string | null }>,
  ): readonly NewVersion[] {
    const { type, id } = source;
    const resource = source.seenBy(view);
    const last = known.get(`${view} ${id}`);
    const contentHash = resource === null ? null : sha256(resource.text);
    if (contentHash === (last?.contentHash ?? null)) return [];
    const version = (last?.version ?? 0) + 1;
    const no = ++this.no;
    if (resource === null) return [this.#left(no, view, type, id, version)];
    this.moved += 1;
    return [
      {
        ...{ no, view, type, id, version, contentHash },
        body: resource.stamped(version, this.at),
        ...entriesOf(baseOf(view), type, resource.tree),
      },
    ];
  }

  #left(no: number, view: string, type: NewVersion['type'], id: string, version: number): NewVersion {
    this.gone += 1;
    const nothing = {
      body: null,
      contentHash: null,
      tokens: [],
      values: [],
      links: [],
      name: null,
      position: null,
    };
    return { no, view, type, id, version, ...nothing };
  }

  async leave(view: string, held: Awaited<ReturnType<typeof heldBy>>): Promise<void> {
    const versions = held.map(({ type, id, version }) => this.#left(++this.no, view, type, id, version + 1));
    await addVersions(this.trx, this.region, this.at, versions);
  }
}

/** Resources that a view goes on saying as they were said, with their entries as they are read now. */
function standing(
  source: Source,
  views: readonly View[],
  known: ReadonlyMap<string, { readonly contentHash: string | null }>,
): readonly RenewedEntries[] {
  return views.flatMap((view) => {
    const resource = source.seenBy(view);
    if (resource === null || known.get(`${view} ${source.id}`)?.contentHash !== sha256(resource.text))
      return [];
    return [
      { view, type: source.type, id: source.id, ...entriesOf(baseOf(view), source.type, resource.tree) },
    ];
  });
}

async function dropOtherViews(writer: Writer, views: readonly string[]): Promise<void> {
  for (const view of await servedViews(writer.trx, writer.region)) {
    if (views.includes(view)) continue;
    for (;;) {
      const held = await heldBy(writer.trx, writer.region, view, { type: '', id: '' }, BATCH);
      if (held.length === 0) break;
      await writer.leave(view, held);
    }
  }
}
