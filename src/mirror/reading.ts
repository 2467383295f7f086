import type { ReadingMode, RecordedReading } from '../db/mirror.js';
import type { MirroredType } from '../db/remote.js';
import type { Db } from '../db/types.js';
import { RemoteError } from '../domain/errors.js';
import type { RorClient, SearchParams } from '../ror/client.js';
import { REGION_SYSTEM } from './resources.js';
import type { Stager } from './stager.js';

export const TYPES: readonly MirroredType[] = ['Organization', 'Location', 'HealthcareService'];

export interface MirrorContext {
  readonly db: Db;
  readonly region: string;
  /** What is read, and with which rights: base URL and access profile. */
  readonly repository: string;
  readonly client: RorClient;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Milliseconds between a write and its being found by searches, as the region declares. */
  readonly lagMs: number;
  readonly newReading: () => string;
  readonly progress: (done: number) => void;
}

/** A reading that came to its end and waits to be recorded. Until then the mirror is what it was. */
export interface StagedReading {
  readonly mode: ReadingMode;
  readonly reading: string;
  readonly repository: string;
  readonly startedAt: Date;
  readonly fromNo: number;
  /** Types of which everything was seen: of these alone something may have disappeared. */
  readonly complete: readonly MirroredType[];
  readonly seen: number;
  /** When the export was begun that a person's `--full` let go; null when there was none. */
  readonly letGo: Date | null;
  /** Where the delta began from. */
  readonly last: RecordedReading | null;
}

/** The search reached the most that a server gives: only an export has the rest. */
export function isCut(error: unknown): boolean {
  return error instanceof RemoteError && error.code === 'ROR_SEARCH_CUT' && !error.transient;
}

/** Every resource of a type in the region, by paged search. */
export async function stageType(
  context: Pick<MirrorContext, 'client' | 'region' | 'progress'>,
  stager: Stager,
  type: MirroredType,
  since: SearchParams = [],
): Promise<void> {
  const params: SearchParams = [['_tag', `${REGION_SYSTEM}|${context.region}`], ['_sort', '_id'], ...since];
  for await (const found of context.client.search(type, params)) {
    if (found.mode !== 'match') continue;
    await stager.add(type, found.resource, found.text);
    if (stager.seen % 200 === 0) context.progress(stager.seen);
  }
  await stager.flush();
}
