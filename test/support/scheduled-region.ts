import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { approvedTemplate, copyOfRegion, type ApprovedRegion } from './approved-region.js';
import { startLocalServer, type Handler, type LocalServer } from './local-server.js';
import { builtProgram } from './built.js';
import type { Running } from './node-process.js';

const WANTED = { creates: 1, attaches: 0, until: 'proposed' } as const;

export interface RunRow {
  readonly id: string;
  readonly state: string;
  readonly error: { readonly code: string } | null;
}

/** A region whose list of centres comes by HTTP, so that every collection is seen. */
export interface ScheduledRegion extends ApprovedRegion {
  readonly list: LocalServer;
  /** A `filror serve --scheduler` of its own process, its clock ahead by so many minutes. */
  serve(minutesAhead?: number): Running;
  /** Rows of the ledger, oldest first. */
  slots(): Promise<Record<string, unknown>[]>;
  /** Runs since the region was made, oldest first. */
  runs(): Promise<RunRow[]>;
  /** Searches that the repository received. */
  searches(): number;
}

export interface ScheduledTemplate {
  copy(options?: { readonly schedule?: object; readonly serveList?: Handler }): Promise<ScheduledRegion>;
  drop(): Promise<void>;
}

export async function scheduledTemplate(): Promise<ScheduledTemplate> {
  const template = await approvedTemplate(WANTED);
  return {
    drop: template.drop,
    copy: async ({ schedule = {}, serveList } = {}) => {
      const region = await copyOfRegion(template.name, WANTED);
      const before = new Set(await region.database.app('run').pluck('id'));
      const centres = readFileSync(join(region.folder, 'centres.csv'));
      const list = await startLocalServer(serveList ?? ((_request, response) => response.end(centres)));
      const file = join(region.folder, 'sources.yaml');
      const sources = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { place: string }>;
      (sources['labelled-centres'] as { place: string }).place = `${list.url}/centres.csv`;
      writeFileSync(file, JSON.stringify(sources));
      const fast = { wakeSeconds: 1, leaseSeconds: 3, ...schedule };
      writeFileSync(join(region.folder, 'schedule.yaml'), JSON.stringify(fast));
      const { database, sandbox } = region;
      return {
        ...region,
        list,
        serve: (minutesAhead = 0) =>
          builtProgram().start(['serve', '--scheduler'], {
            ...region.env,
            FILROR_TEST_SKEW_MS: String(minutesAhead * 60_000),
          }),
        slots: () => database.app('slot').orderBy('due_at'),
        runs: async () => {
          const rows = (await database.app('run').orderBy('no')) as RunRow[];
          return rows.filter((run) => !before.has(run.id));
        },
        searches: () => sandbox.requests.filter((request) => isSearch(request)).length,
        close: async () => {
          await list.close();
          await region.close();
        },
      };
    },
  };
}

function isSearch(request: { readonly method: string; readonly path: string }): boolean {
  return request.method === 'GET' && /\/(Organization|Location|HealthcareService)(\?|$)/.test(request.path);
}

/** Looks again and again until it is so. @throws after `seconds`, with what it last saw */
export async function until<T>(
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
  seconds = 200,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > end) throw new Error(`still not so after ${seconds} s: ${JSON.stringify(seen)}`);
    await sleep(50);
  }
}
