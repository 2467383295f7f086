import { lastReading } from '../db/mirror.js';
import { countRemote } from '../db/remote.js';
import { FULL_EVERY_MS } from '../mirror/mode.js';
import { presentState } from '../mirror/present.js';
import { rareDiseaseSigns } from '../plan/rare-disease-signs.js';
import type { RunContext } from './context.js';

/** The region's repository seen as a source of what others already describe: read, never written from here. */
export interface MirrorState {
  readonly place: string;
  /** `late`: the last full reading is older than a week (one a week, as the ANS asks). */
  readonly state: 'never' | 'fresh' | 'late';
  readonly lastFull: string | null;
  readonly lastReading: string | null;
  /** Instant up to which the repository's changes are known. */
  readonly seenUntil: string | null;
  /** Offers held, of which how many say a rare-disease centre, and how many have no identifier and are left aside. */
  readonly offers: { readonly read: number; readonly rareDisease: number; readonly setAside: number };
}

/** Reads only. */
export async function mirrorState(
  { db, region }: Pick<RunContext, 'db' | 'region'>,
  now: Date,
): Promise<MirrorState> {
  const [last, full] = [
    await lastReading(db, region.code, 'any'),
    await lastReading(db, region.code, 'full'),
  ];
  const { offers } = await presentState(db, region.code);
  const read = await countRemote(db, region.code, 'HealthcareService');
  const age = full === null ? null : now.getTime() - full.startedAt.getTime();
  return {
    place: region.repository.baseUrl,
    state: age === null ? 'never' : age > FULL_EVERY_MS ? 'late' : 'fresh',
    lastFull: full?.startedAt.toISOString() ?? null,
    lastReading: last?.startedAt.toISOString() ?? null,
    seenUntil: last?.seenUntil.toISOString() ?? null,
    offers: {
      read,
      rareDisease: offers.filter(({ elements }) => rareDiseaseSigns(elements) !== null).length,
      setAside: read - offers.length,
    },
  };
}
