import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, get, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopCluster } from '../../src/db/embedded/cluster.js';
import type { Db } from '../../src/db/types.js';
import { tokenKey } from '../../src/publish/entries.js';
import { establishments, trialOffer } from '../../src/sandbox/seed.js';
import { openFhirWorld, type FhirWorld } from '../support/fhir-world.js';
import { runCluster } from '../support/test-server.js';
import { CAEN, SYSTEM } from '../support/trial-region.js';
import { median, tell, type Figure } from './figures.js';

/**
 * The read API at 2,400 and 100,000 offers (1,000,000 with more than nine rounds), each request beside a bare handler of
 * the same process that fetches the same rows by the same index and joins their texts. Both sides are asked in turn, in
 * the same rounds. Prints; asserts nothing on time.
 *   node --import tsx --import ./test/bench/built.mjs test/bench/fhir.ts [rounds]
 */
const ROUNDS = Number(process.argv[2] ?? 7);
const SIZES = ROUNDS > 9 ? [2_400, 100_000, 1_000_000] : [2_400, 100_000];
/** Requests of each side in a round; the round counts their median. */
const REQUESTS = 40;
const SPECIALTIES = 97;
const PAGE = 20;

const home = mkdtempSync(join(tmpdir(), 'filror-bench-'));
chmodSync(home, 0o755);
process.env['FILROR_BENCH_HOME'] = home;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

function fetched(url: string): Promise<{ readonly ms: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    get(url, { agent }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const ms = performance.now() - begun;
        const text = Buffer.concat(parts).toString();
        if (response.statusCode !== 200) reject(new Error(`${url}: ${String(response.statusCode)} ${text}`));
        else resolve({ ms, text });
      });
    }).on('error', reject);
  });
}

const specialty = (n: number): string => String(100 + (n % SPECIALTIES));

async function filled(size: number): Promise<{ world: FhirWorld; seconds: number }> {
  const world = await openFhirWorld({
    config: { publicPerMinute: 100_000, queryMs: 60_000 },
    answers: 'unwatched',
  });
  await world.mirror(...establishments([CAEN]));
  for (let from = 0; from < size; from += 2_000) {
    await world.mirror(
      ...Array.from({ length: Math.min(2_000, size - from) }, (_, at) => {
        const n = from + at;
        return trialOffer({
          id: `offre-${n}`,
          identifier: `28/ESSAI-${n}`,
          label: String(n),
          site: CAEN,
          activity: { code: specialty(n), display: 'Activité d’essai' },
        });
      }),
    );
  }
  const begun = performance.now();
  await world.publish();
  const seconds = (performance.now() - begun) / 1000;
  await world.database.owner.raw('analyze');
  return { world, seconds };
}

/** The floor: the same rows by the same index, and nothing of FHIR. */
async function bare(db: Db): Promise<{ url: string; server: Server }> {
  const where = `region = '28' and view = 'fhir.public' and type = 'HealthcareService'`;
  const server = createServer((request, response) => {
    const [path = '', key = ''] = (request.url ?? '').slice(1).split('?');
    const asked =
      path === 'read'
        ? db.raw(`select body from served_resource where ${where} and id = ?`, [key])
        : path === 'token'
          ? db.raw(
              `select body from served_resource where ${where} and tokens @> ?::text[] order by id limit ${PAGE}`,
              [
                [
                  tokenKey(
                    'HealthcareService',
                    'specialty',
                    `${SYSTEM('TRE_R211-ActiviteOperationnelle')}|${key}`,
                  ),
                ],
              ],
            )
          : db.raw(`select body from served_resource where ${where} order by id limit ${PAGE}`);
    asked.then(
      (result: { rows: { body: string }[] }) => {
        response.setHeader('content-type', 'application/fhir+json');
        response.end(`[${result.rows.map(({ body }) => body).join(',')}]`);
      },
      (error: unknown) => response.destroy(error as Error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, server };
}

interface Case {
  readonly what: string;
  readonly ours: (n: number) => string;
  readonly bare: (n: number) => string;
  readonly target?: { readonly is: '≥'; readonly value: number };
}

function cases(size: number): readonly Case[] {
  const code = (n: number): string =>
    `${encodeURIComponent(SYSTEM('TRE_R211-ActiviteOperationnelle'))}%7C${specialty(n)}`;
  const target = { is: '≥', value: 60 } as const;
  return [
    {
      what: 'read',
      ours: (n) => `/HealthcareService/offre-${(n * 7919) % size}`,
      bare: (n) => `/read?offre-${(n * 7919) % size}`,
      target,
    },
    {
      what: `search by one code, page of ${PAGE}, no total`,
      ours: (n) => `/HealthcareService?specialty=${code(n)}&_count=${PAGE}&_total=none`,
      bare: (n) => `/token?${specialty(n)}`,
      target,
    },
    {
      what: `search by one code, page of ${PAGE}, total counted`,
      ours: (n) => `/HealthcareService?specialty=${code(n)}&_count=${PAGE}`,
      bare: (n) => `/token?${specialty(n)}`,
    },
    {
      what: `search without a condition, page of ${PAGE}, no total`,
      ours: () => `/HealthcareService?_count=${PAGE}&_total=none`,
      bare: () => '/all',
      target,
    },
  ];
}

async function measured(world: FhirWorld, size: number): Promise<Figure[]> {
  const peer = await bare(world.database.app);
  try {
    const figures: Figure[] = [];
    for (const { what, ours, bare: floor, target } of cases(size)) {
      const shares: number[] = [];
      const times: number[] = [];
      for (let round = -1; round < ROUNDS; round++) {
        const [mine, theirs]: [number[], number[]] = [[], []];
        for (let at = 0; at < REQUESTS; at++) {
          mine.push((await fetched(world.fhir + ours(at))).ms);
          theirs.push((await fetched(peer.url + floor(at))).ms);
        }
        if (round < 0) continue;
        shares.push((median(theirs) / median(mine)) * 100);
        times.push(median(mine));
      }
      const work = `Read API, ${size.toLocaleString('en')} offers`;
      figures.push(
        {
          work,
          what: `${what}: share of a bare handler’s speed`,
          unit: '%',
          values: shares,
          ...(target ? { target } : {}),
        },
        { work, what, unit: 'ms', values: times },
      );
    }
    return figures;
  } finally {
    peer.server.close();
    peer.server.closeAllConnections();
  }
}

/** Ten requests a second, whether or not the former are answered: what a reader waits for. */
async function openLoop(world: FhirWorld, size: number): Promise<Figure> {
  const wanted = cases(size)[2];
  if (wanted === undefined) throw new Error('no case');
  const times: Promise<number>[] = [];
  for (let n = 0; n < 200; n++) {
    times.push(fetched(world.fhir + wanted.ours(n)).then(({ ms }) => ms));
    await sleep(100);
  }
  const all = (await Promise.all(times)).sort((a, b) => a - b);
  return {
    work: `Read API, ${size.toLocaleString('en')} offers`,
    what: `95th percentile of a search at 10 requests a second, open loop, pages of ${PAGE}`,
    unit: 'ms',
    values: [all[Math.floor(all.length * 0.95)] ?? Number.NaN],
    target: { is: '≤', value: 100 },
  };
}

async function exported(world: FhirWorld, size: number): Promise<Figure[]> {
  const rates: number[] = [];
  let rss = 0;
  for (let round = 0; round < Math.min(ROUNDS, 5); round++) {
    const start = await fetch(`${world.fhir}/$export?_type=HealthcareService`);
    const manifest = (await (await fetch(start.headers.get('content-location') ?? '')).json()) as {
      output: { url: string; count: number }[];
    };
    const begun = performance.now();
    let lines = 0;
    for (const { url } of manifest.output) {
      const answer = await fetch(url);
      if (answer.body === null) throw new Error('no body');
      for await (const chunk of answer.body) {
        for (const byte of chunk as Uint8Array) if (byte === 10) lines++;
        rss = Math.max(rss, process.memoryUsage.rss());
      }
    }
    if (lines !== size) throw new Error(`${lines} lines for ${size} offers`);
    rates.push(size / ((performance.now() - begun) / 1000));
  }
  const work = `Export, ${size.toLocaleString('en')} offers`;
  return [
    {
      work,
      what: 'resources a second, streamed',
      unit: '',
      values: rates,
      target: { is: '≥', value: 10_000 },
    },
    {
      work,
      what: 'resident memory at most, of the process that serves and reads it',
      unit: 'MB',
      values: [rss / 1_000_000],
      note: 'the process also filled the database, and is the reader.',
    },
  ];
}

const figures: Figure[] = [];
try {
  for (const size of SIZES) {
    const { world, seconds } = await filled(size);
    try {
      figures.push({
        work: 'Publication',
        what: `${size.toLocaleString('en')} offers for the first time, both bases, one audience`,
        unit: 's',
        values: [seconds],
      });
      console.log(`${size} offers published in ${seconds.toFixed(1)} s`);
      const begun = performance.now();
      await world.mirror(
        ...Array.from({ length: 10 }, (_, n) => ({
          ...trialOffer({ id: `offre-${n}`, identifier: `28/ESSAI-${n}`, label: 'autre', site: CAEN }),
        })),
      );
      const { moved } = await world.publish();
      if (moved !== 20) throw new Error(`${moved} versions moved`);
      figures.push({
        work: 'Publication',
        what: `ten offers that changed among ${size.toLocaleString('en')}`,
        unit: 's',
        values: [(performance.now() - begun) / 1000],
      });
      figures.push(
        ...(await measured(world, size)),
        await openLoop(world, size),
        ...(await exported(world, size)),
      );
    } finally {
      await world.close();
    }
  }
} finally {
  agent.destroy();
  await stopCluster(runCluster(home));
  rmSync(home, { recursive: true, force: true });
}
tell(figures);
