import { putSources, type MovedSource } from '../db/served-sources.js';
import {
  addVersions,
  heldBy,
  markWithheld,
  renewEntries,
  servedNow,
  type FoundBy,
  type KnownResource,
  type NewVersion,
} from '../db/served-write.js';
import type { Trx } from '../db/types.js';
import { entriesOf } from './entries.js';
import { referencesOf, sourceOf, type Source } from './source.js';
import { baseOf, type ServedType, type View } from './views.js';

/** One publication of a region. */
export interface Publication {
  readonly region: string;
  /** Instant of everything that it writes. */
  readonly at: Date;
  readonly views: readonly View[];
  readonly canonical: string;
  /** Under other rules, what says the same may be found otherwise: its entries are made anew. */
  readonly entries: 'keep' | 'renew';
  /** Last number of the publications before. */
  readonly after: number;
}

type Known = ReadonlyMap<string, KnownResource>;

/** Numbers and writes the versions of one publication, a batch at a time. */
export class Writer {
  moved = 0;
  gone = 0;
  no: number;

  constructor(
    readonly trx: Trx,
    readonly of: Publication,
  ) {
    this.no = of.after;
  }

  async write(type: ServedType, moved: readonly MovedSource[]): Promise<void> {
    const { trx } = this;
    const { region, at, views, canonical } = this.of;
    const known = await servedNow(
      trx,
      region,
      type,
      moved.map(({ id }) => id),
    );
    const sources = moved.map((source) => sourceOf(source, canonical));
    await putSources(
      trx,
      region,
      sources.map((source) => ({ ...source, places: referencesOf(source) })),
    );
    if (this.of.entries === 'renew')
      await renewEntries(
        trx,
        region,
        sources.flatMap((source) => standing(source, views, known)),
      );
    const versions: NewVersion[] = [];
    const withheld: { view: View; type: ServedType; id: string }[] = [];
    for (const source of sources)
      for (const view of views) {
        const last = known.get(`${view} ${source.id}`);
        const version = this.#version(source, view, last);
        if (version !== null) versions.push(version);
        else if (last?.contentHash === null && source.withheldFrom(view))
          withheld.push({ view, type, id: source.id });
      }
    await addVersions(trx, region, at, versions);
    await markWithheld(trx, region, withheld);
  }

  /** A resource of a view as its next version; null when it says the same, or stays absent. */
  #version(source: Source, view: View, last: KnownResource | undefined): NewVersion | null {
    const { type, id } = source;
    const resource = source.seenBy(view);
    const contentHash = resource?.hash ?? null;
    if (contentHash === (last?.contentHash ?? null)) return null;
    const version = (last?.version ?? 0) + 1;
    if (resource === null)
      return this.#left({ view, type, id, version, withheld: source.withheldFrom(view) });
    this.moved += 1;
    return {
      ...{ no: ++this.no, view, type, id, version, contentHash, withheld: false },
      body: resource.stamped(version, this.of.at),
      ...entriesOf(baseOf(view), type, resource.tree),
    };
  }

  #left(key: Pick<NewVersion, 'view' | 'type' | 'id' | 'version' | 'withheld'>): NewVersion {
    this.gone += 1;
    return {
      ...{ ...key, no: ++this.no, body: null, contentHash: null },
      ...{ tokens: [], values: [], links: [], name: null, position: null },
    };
  }

  /** First resources that a view holds, in the order of their ids. */
  async held(view: string, limit: number): ReturnType<typeof heldBy> {
    return await heldBy(this.trx, this.of.region, view, { type: '', id: '' }, limit);
  }

  async leave(view: string, held: Awaited<ReturnType<typeof heldBy>>): Promise<void> {
    const versions = held.map(({ type, id, version }) =>
      // A view that is closed: what it held may have become anything by the time it opens again.
      this.#left({ view, type, id, version: version + 1, withheld: true }),
    );
    await addVersions(this.trx, this.of.region, this.of.at, versions);
  }
}

/** Resources that a view goes on saying as they were said, with their entries as they are read now. */
function standing(source: Source, views: readonly View[], known: Known): readonly FoundBy[] {
  return views.flatMap((view) => {
    const resource = source.seenBy(view);
    if (resource === null || known.get(`${view} ${source.id}`)?.contentHash !== resource.hash) return [];
    return [
      { view, type: source.type, id: source.id, ...entriesOf(baseOf(view), source.type, resource.tree) },
    ];
  });
}
