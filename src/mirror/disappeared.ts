import { remoteHashes, unseenResources } from '../db/mirror.js';
import type { MirroredType } from '../db/remote.js';
import { RefusalError } from '../domain/errors.js';
import type { MirrorContext, StagedReading } from './reading.js';
import { isOfRegion } from './resources.js';
import { Stager } from './stager.js';

/** Whether a whole reading that lost much of the mirror is refused, or a person said that it is right. */
export type Shrink = 'refuse' | 'accept';

/** As for the lists (gate X15): under 90 % of what was there, the reading is doubted, not the world. */
const MAX_LOST_SHARE = 0.1;
/** Below, a share means nothing. */
const MIN_LOST = 20;
/** As many are read one by one before they are called gone; beyond, only what was seen just now. */
const MAX_CONFIRMED = 50;

const WORDS: Readonly<Record<MirroredType, string>> = {
  HealthcareService: 'offres',
  Organization: 'structures',
  Location: 'lieux',
};

/**
 * Looks twice at what a whole reading did not see: a page may skip one, and a search may be blind to what was written a
 * moment ago. What a read still finds is staged as seen.
 * @returns how many were found again. @throws RefusalError `MIRROR_SHRUNK`
 */
export async function confirmUnseen(
  context: MirrorContext,
  staged: StagedReading,
  shrink: Shrink,
): Promise<number> {
  const { db, region, now } = context;
  const { reading, fromNo, complete } = staged;
  const unseen = await unseenResources(db, { region, reading, fromNo, types: complete });
  if (unseen.length === 0) return 0;
  const known = await remoteHashes(db, region);
  if (shrink === 'refuse') {
    for (const type of complete)
      refuseShrunk(type, known, unseen.filter((each) => each.type === type).length);
  }
  const recent = staged.startedAt.getTime() - context.lagMs;
  const doubtful =
    unseen.length <= MAX_CONFIRMED ? unseen : unseen.filter((each) => each.seenAt.getTime() >= recent);
  const stager = new Stager(db, region, reading, 'all', known, now);
  for (const { type, remoteId } of doubtful) {
    const found = await context.client.read(type, remoteId);
    if (found.kind === 'found' && isOfRegion(found.resource, region))
      await stager.add(type, found.resource, found.text);
  }
  await stager.flush();
  return stager.seen;
}

function refuseShrunk(type: MirroredType, known: ReadonlyMap<string, string>, lost: number): void {
  const before = [...known.keys()].filter((name) => name.startsWith(`${type}/`)).length;
  if (lost <= Math.max(MIN_LOST, before * MAX_LOST_SHARE)) return;
  throw new RefusalError({
    code: 'MIRROR_SHRUNK',
    message: `La lecture complète ne retrouve pas ${lost} ${WORDS[type]} sur ${before} : rien n’est marqué disparu, le miroir reste tel qu’il était.`,
    remedy:
      'vérifiez les droits et le profil d’accès de la région ; si ces disparitions sont réelles, l’exploitant lance « filror mirror refresh --full --accept-shrink ».',
  });
}
