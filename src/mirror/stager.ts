import { stageResources, type StagedResource } from '../db/mirror.js';
import type { MirroredType } from '../db/remote.js';
import type { Db } from '../db/types.js';
import { sha256, type JsonObject } from '../domain/json.js';
import { lastUpdatedOf, toVersion } from './resources.js';

/** Rows of one insert: at a few kilobytes a body, about a megabyte. */
const BATCH = 200;

/**
 * Puts what a reading sees aside, in the database, without holding more than a batch. A delta keeps what differs only;
 * a whole reading keeps the name of everything it saw.
 */
export class Stager {
  readonly #batch: StagedResource[] = [];
  readonly #seen = new Set<string>();

  constructor(
    readonly db: Db,
    readonly region: string,
    readonly reading: string,
    readonly keep: 'all' | 'moved',
    /** `Type/id` → hash of the body that the mirror has. */
    readonly known: ReadonlyMap<string, string>,
    readonly now: () => Date,
  ) {}

  /** Resources seen, each counted once however often it came. */
  get seen(): number {
    return this.#seen.size;
  }

  async add(type: MirroredType, resource: JsonObject, text: string): Promise<void> {
    const { body, ...version } = toVersion(type, resource, text);
    const bodyHash = sha256(body);
    const name = `${type}/${version.remoteId}`;
    this.#seen.add(name);
    const same = this.known.get(name) === bodyHash;
    if (same && this.keep === 'moved') return;
    const lastUpdated = lastUpdatedOf(resource);
    this.#batch.push({ ...version, lastUpdated, bodyHash, body: same ? null : body });
    if (this.#batch.length >= BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    await stageResources(this.db, this.region, this.reading, this.now(), this.#batch.splice(0));
  }
}
