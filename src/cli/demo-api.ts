import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, regionOf, shippedFolder, type FilrorConfig } from '../config/load.js';
import type { Filiere } from '../domain/filiere.js';
import { readAll } from '../sources/contract.js';
import { filieresSource } from '../sources/filieres/index.js';
import type { RegionProfile } from '../config/schema/region.js';
import type { Database } from '../db/handle.js';
import { recreateDatabase } from '../db/open.js';
import { demoFolder } from '../demo/run.js';
import { loadTrialSet } from '../demo/trial-set.js';
import type { Logger } from '../observe/logger.js';
import { refuseBesideReal } from '../web/issuers.js';
import { withDatabase, type CommandContext } from './context.js';
import { databaseLeft, DEMO_DATABASE } from './demo-alone.js';
import { loggerFrom } from './log.js';
import { actorOf } from './region.js';
import { openFhir } from './serve-fhir.js';
import { nextSignal } from './serve.js';

/** The read API of a demonstration, and what to type in another terminal to read it as one of its clients. */
export interface DemoApi {
  readonly url: string;
  /** Lines of a shell: the variables that every page of ops/consumers goes on from. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

/**
 * Opens the read API to all on this machine, and to one client whose tokens a local issuer gives.
 * @throws RefusalError `LOCAL_ISSUER_REFUSED` beside a real region
 */
export async function openDemoApi(given: {
  readonly config: FilrorConfig;
  readonly region: RegionProfile;
  readonly port: number;
  readonly database: Pick<Database, 'app' | 'reader'>;
  readonly log: Logger;
  /** In place of those that the region read: the frozen set was read from no list. */
  readonly filieres?: (region: string) => Promise<readonly Filiere[]>;
}): Promise<DemoApi> {
  const { config, region, port, database, log, filieres } = given;
  await refuseBesideReal(database.app, [region]);
  const { startReaderIssuer } = await import('../issuer/readers.js');
  const issuer = await startReaderIssuer();
  const { url: name, jwksUrl, audience, clientId, clientSecret, tokenUrl } = issuer;
  const client = { id: clientId, name: 'Démonstration', audience: 'public' as const, perMinute: 6_000 };
  const fhir = { ...config.fhir, tokens: { issuer: name, jwksUrl, audience }, clients: [client] };
  try {
    const served = await openFhir({
      ...{ config: { ...config, fhir }, regions: [region], port, database, log },
      ...(filieres === undefined ? {} : { filieres }),
    });
    const asked = `curl -sS --fail-with-body -d grant_type=client_credentials -d client_id=${clientId} -d client_secret=${clientSecret} ${tokenUrl}`;
    return {
      url: served.url,
      lines: [
        `export FHIR=${served.url}/fhir/${region.code}`,
        `export ROR=${served.url}/ror/${region.code}`,
        `JETON=$(${asked} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
        'export AUTORISATION="Authorization: Bearer $JETON"',
      ],
      close: async () => {
        await served.close();
        await issuer.close();
      },
    };
  } catch (error) {
    await issuer.close();
    throw error;
  }
}

/** The filières of config/filieres.csv. */
async function shippedFilieres(): Promise<readonly Filiere[]> {
  const file = join(shippedFolder, 'filieres.csv');
  const outcomes = await readAll(filieresSource(), {
    fileName: 'filieres.csv',
    bytes: () => createReadStream(file),
  });
  return outcomes.flatMap((outcome) => (outcome.kind === 'row' ? [outcome.value] : []));
}

/** The frozen set of ops/consumers, published and served until somebody stops it. */
export async function serveTrialSet(context: CommandContext, port: number): Promise<void> {
  const config = loadConfig(demoFolder);
  const region = regionOf(config, '28');
  await recreateDatabase(DEMO_DATABASE, { env: context.env });
  await withDatabase(
    context,
    async (database) => {
      const now = new Date();
      const approver = await actorOf(database.app, region, 'dominique', now);
      await loadTrialSet(database.app, region.code, approver.id, now);
      const log = loggerFrom({ ...context.env, FILROR_LOG: context.env['FILROR_LOG'] ?? 'warn' });
      const filieres = await shippedFilieres();
      const api = await openDemoApi({
        ...{ config, region, port, database, log },
        filieres: () => Promise.resolve(filieres),
      });
      try {
        await context.out(
          [
            `Le jeu d’essai de ops/consumers est servi à ${api.url}, sur cette machine seulement. Ctrl+C arrête.`,
            'Dans un autre terminal, ces lignes (le jeton dure une heure), puis celles des pages de ops/consumers :',
            '',
            ...api.lines,
            '',
            ...databaseLeft(context),
            '',
          ].join('\n'),
        );
        await nextSignal();
      } finally {
        await api.close();
      }
    },
    { databaseName: DEMO_DATABASE },
  );
}
