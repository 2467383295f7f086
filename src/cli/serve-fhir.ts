import { randomUUID } from 'node:crypto';
import { setTimeout as systemSleep } from 'node:timers/promises';
import { regionOf, type FilrorConfig } from '../config/load.js';
import { audiencesOf } from '../config/schema/fhir.js';
import type { RegionProfile } from '../config/schema/region.js';
import type { Database } from '../db/handle.js';
import { ensureRegion } from '../db/runs.js';
import type { Filiere } from '../domain/filiere.js';
import type { Logger } from '../observe/logger.js';
import { follow } from '../publish/follow.js';
import { publish } from '../publish/publish.js';
import { codeVersion } from '../runs/code-version.js';
import { knownFilieres, knownNetworks } from '../runs/gather.js';
import { freePort, listening } from './port.js';
import { nobodyReads } from './publish.js';

/**
 * The read API, listening, and the publication that follows the journal.
 * @throws RefusalError `NOBODY_READS`, `PORT_TAKEN`
 */
export async function openFhir(given: {
  readonly config: FilrorConfig;
  readonly regions: readonly RegionProfile[];
  readonly port: number;
  readonly database: Pick<Database, 'app' | 'reader'>;
  readonly log: Logger;
  /** Filières whose codes are told, in place of those that each region read. */
  readonly filieres?: (region: string) => Promise<readonly Filiere[]>;
}): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { config, regions, database, log } = given;
  const { fhir } = config;
  const audiences = audiencesOf(fhir);
  if (audiences.length === 0) throw nobodyReads();
  const contexts = regions.map(({ code }) => ({
    ...{ db: database.app, region: code, audiences, canonical: fhir.canonical },
  }));
  // The first answers are those of now, not those of the last time that somebody served.
  for (const context of contexts) {
    await ensureRegion(database.app, context.region);
    await publish(context);
  }
  const port = await freePort(fhir.host, given.port);
  const publicUrl = fhir.publicUrl ?? `http://${fhir.host}:${String(port)}`;
  const db = database.reader(fhir.queryMs);
  const { buildFhirServer } = await import('../fhir-api/server.js');
  const app = await buildFhirServer({
    ...{
      db,
      config: fhir,
      regions,
      publicUrl,
      log,
      now: () => new Date(),
      newId: randomUUID,
      software: codeVersion,
      filieres:
        given.filieres ??
        (async (code: string) => await knownFilieres({ db, config, region: regionOf(config, code) })),
      networks: async (code: string) => await knownNetworks({ db, config, region: regionOf(config, code) }),
    },
  });
  const follower = follow(contexts, {
    everyMs: fhir.publishSeconds * 1000,
    sleep: async (ms, signal) => {
      await systemSleep(ms, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
    published: (region, { moved, gone }) => log.info('served offer moved', { region, moved, gone }),
    failed: (region, error) =>
      log.error('publication failed', { region, code: error.code, error: error.message }),
  });
  try {
    await listening(fhir.host, port, () => app.listen({ host: fhir.host, port }));
  } catch (error) {
    await follower.stop();
    await db.destroy();
    throw error;
  }
  log.info('fhir served', { url: publicUrl, regions: regions.map((region) => region.code), audiences });
  return {
    url: publicUrl,
    close: async () => {
      await app.close();
      await follower.stop();
      await db.destroy();
    },
  };
}
