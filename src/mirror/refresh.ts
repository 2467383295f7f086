import {
  recordGone,
  recordRemote,
  remoteState,
  type MirroredType,
  type RemoteVersion,
} from '../db/remote.js';
import { inTransaction, type Db } from '../db/types.js';
import { append } from '../journal/append.js';
import type { RorClient } from '../ror/client.js';
import { toVersion } from './resources.js';

const TYPES: readonly MirroredType[] = ['Organization', 'Location', 'HealthcareService'];
const REGION_SYSTEM = 'https://mos.esante.gouv.fr/NOS/TRE_R30-RegionOM/FHIR/TRE-R30-RegionOM';

/** What a full reading of the repository found. */
export interface Reading {
  readonly versions: readonly RemoteVersion[];
  readonly requests: number;
}

/** Reads the region's resources by paged search; every page is followed before anything is recorded. */
export async function readRepository(client: RorClient, region: string): Promise<Reading> {
  const versions: RemoteVersion[] = [];
  for (const type of TYPES) {
    for await (const found of client.search(type, [
      ['_tag', `${REGION_SYSTEM}|${region}`],
      ['_sort', '_id'],
    ])) {
      if (found.mode !== 'match') continue;
      versions.push(toVersion(type, found.resource, found.text));
    }
  }
  return { versions, requests: TYPES.length };
}

/**
 * Records a full reading: what moved is appended, what was not found any more is marked gone. Pages may overlap, so a
 * resource met twice counts once.
 */
export async function recordReading(
  db: Db,
  region: string,
  reading: Reading,
  seenAt: Date,
): Promise<{ moved: number; gone: number }> {
  const unique = new Map(reading.versions.map((version) => [`${version.type}/${version.remoteId}`, version]));
  return await inTransaction(db, async (trx) => {
    const moved = await recordRemote(trx, region, seenAt, [...unique.values()]);
    const gone: RemoteVersion[] = [];
    for (const type of TYPES) {
      for (const known of await remoteState(trx, region, type)) {
        if (!unique.has(`${type}/${known.remoteId}`)) gone.push(known);
      }
    }
    await recordGone(trx, region, seenAt, gone);
    if (moved.length + gone.length > 0) {
      const told = (version: RemoteVersion): object => ({
        type: version.type,
        id: version.remoteId,
        identifier: version.identifier,
        version: version.versionId,
      });
      await append(trx, {
        region,
        kind: 'mirror',
        subject: `region:${region}`,
        actor: null,
        body: { moved: moved.map(told), gone: gone.map(told) },
      });
    }
    return { moved: moved.length, gone: gone.length };
  });
}
