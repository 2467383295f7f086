import { putSources, type MovedSource } from '../db/served-sources.js';
import {
  addVersions,
  heldBy,
  putFloors,
  renewEntries,
  servedNow,
  type FoundBy,
  type KnownResource,
  type NewFloor,
  type NewVersion,
} from '../db/served-write.js';
import type { Trx } from '../db/types.js';
import { sha256 } from '../domain/json.js';
import { entriesOf } from './entries.js';
import { WITHHELD } from './hidden.js';
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
    const floors: NewFloor[] = [];
    for (const source of sources)
      for (const view of views) {
        const last = known.get(`${view} ${source.id}`);
        const version = this.#version(source, view, last);
        if (version !== null) versions.push(version);
        const floor = floorOf(source, view, last, version?.no ?? last?.no ?? 0);
        if (floor !== null) floors.push(floor);
      }
    await addVersions(trx, region, at, versions);
    await putFloors(trx, region, floors);
  }

  /** A resource of a view as its next version; null when it says the same, or stays absent. */
  #version(source: Source, view: View, last: KnownResource | undefined): NewVersion | null {
    const { type, id } = source;
    const resource = source.seenBy(view);
    const contentHash = resource === null ? null : sha256(resource.text);
    if (contentHash === (last?.contentHash ?? null)) return null;
    const version = (last?.version ?? 0) + 1;
    if (resource === null) return this.#left({ view, type, id, version });
    this.moved += 1;
    return {
      ...{ no: ++this.no, view, type, id, version, contentHash },
      body: resource.stamped(version, this.of.at),
      ...entriesOf(baseOf(view), type, resource.tree),
    };
  }

  #left(key: Pick<NewVersion, 'view' | 'type' | 'id' | 'version'>): NewVersion {
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
      this.#left({ view, type, id, version: version + 1 }),
    );
    await addVersions(this.trx, this.of.region, this.of.at, versions);
  }
}

/**
 * Floor of a resource in a view: raised to its last version once something more is hidden than was, since an earlier
 * version may say it. What is hidden less is remembered too, so that it raises the floor again when it comes back.
 * @param last number of the resource's last version in the view, this publication's included
 * @returns null when nothing of it changed
 */
function floorOf(
  source: Source,
  view: View,
  known: KnownResource | undefined,
  last: number,
): NewFloor | null {
  // Gone from the repository: what was hidden of it is not known any more, and what was shown was shown.
  if (source.resource === null) return null;
  const hidden = source.hiddenFrom(view);
  const before = known?.floor ?? null;
  const same = (before?.hidden ?? []).join() === hidden.join();
  if (same) return null;
  const more = hidden.some((each) => !(before?.hidden.includes(each) ?? false));
  return {
    ...{ view, type: source.type, id: source.id, hidden },
    no: more ? last : (before?.no ?? 0),
    withheld: hidden.includes(WITHHELD),
  };
}

/** Resources that a view goes on saying as they were said, with their entries as they are read now. */
function standing(source: Source, views: readonly View[], known: Known): readonly FoundBy[] {
  return views.flatMap((view) => {
    const resource = source.seenBy(view);
    if (resource === null || known.get(`${view} ${source.id}`)?.contentHash !== sha256(resource.text))
      return [];
    return [
      { view, type: source.type, id: source.id, ...entriesOf(baseOf(view), source.type, resource.tree) },
    ];
  });
}
