import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import axios from 'axios';
import { Client } from 'fhir-kit-client';
import { stopCluster } from '../../src/db/embedded/cluster.js';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/sandbox.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import type { LoggedRequest } from '../../src/sandbox/server.js';
import { approvedTemplate, copyOfRegion, type RegionWanted } from '../support/approved-region.js';
import { rawToken, ROR_HEADERS } from '../support/raw-fhir.js';
import { runCluster } from '../support/test-server.js';
import { CAEN } from '../support/trial-region.js';
import { tell, type Figure } from './figures.js';
import type { Order } from './push-server.js';

/**
 * A whole `apply` against a repository in another process: requests and CPU per change, and its pace beside a sequential
 * axios loop and fhir-kit-client that make the same three requests for each offer (look, write, read back) and keep no
 * ledger. Rounds are interleaved. Prints; asserts nothing on time.
 *   node --import tsx test/bench/push.ts [rounds]
 */
const ROUNDS = Number(process.argv[2] ?? 5);
const CREATES = 12;
const ATTACHES = 6;
const OFFERS = CREATES + ATTACHES;
const DELAYS_MS = [0, 50, 200];

const home = mkdtempSync(join(tmpdir(), 'filror-bench-'));
chmodSync(home, 0o755);
process.env['FILROR_BENCH_HOME'] = home;

interface Server {
  readonly sandbox: Sandbox;
  readonly ask: <T>(order: Order) => Promise<T>;
}

let started: Server | null = null;

/** The server of the region that was opened last. */
function server(): Server {
  if (started === null) throw new Error('no server yet');
  return started;
}

async function start(options: SandboxOptions): Promise<Sandbox> {
  const child: ChildProcess = fork(fileURLToPath(new URL('./push-server.ts', import.meta.url)));
  const ask = async <T>(order: Order): Promise<T> => {
    child.send(order);
    return ((await once(child, 'message')) as [T])[0];
  };
  const told = await ask<Pick<Sandbox, 'url' | 'fhirBase' | 'tokenUrl' | 'credentials'>>({
    order: 'start',
    options: JSON.parse(JSON.stringify(options)) as SandboxOptions,
  });
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill();
    await once(child, 'exit');
  };
  // What applying needs of a sandbox; the rest of it is in the other process.
  const sandbox = { ...told, close } as Sandbox;
  started = { sandbox, ask };
  return sandbox;
}

const COMMON: RegionWanted = { creates: CREATES, attaches: ATTACHES, timeoutMs: 30_000, start };

interface Measured {
  readonly seconds: number;
  readonly cpuMs: number;
}

async function measured(work: () => Promise<unknown>): Promise<Measured> {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await work();
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuMs: (user + system) / 1000 };
}

/** What a caller would write by hand. */
async function axiosLoop({ sandbox }: Server): Promise<void> {
  const headers = { ...ROR_HEADERS, Authorization: `Bearer ${await rawToken(sandbox)}` };
  const httpAgent = new Agent({ keepAlive: true });
  const http = axios.create({ baseURL: sandbox.fhirBase, headers, httpAgent, proxy: false });
  for (const body of bodies()) {
    await http.get('HealthcareService', { params: { 'organization._id': carrierOf(body) } });
    const created = await http.post<{ id: string }>('HealthcareService', body, {
      headers: { 'Content-Type': 'application/fhir+json' },
    });
    await http.get(`HealthcareService/${created.data.id}`);
  }
  httpAgent.destroy();
}

/** Id of the establishment, which the chain asks for. */
function carrierOf(body: { readonly providedBy: { readonly reference: string } }): string {
  return body.providedBy.reference.slice('Organization/'.length);
}

async function fhirKit({ sandbox }: Server): Promise<void> {
  const bearerToken = await rawToken(sandbox);
  const client = new Client({ baseUrl: sandbox.fhirBase, bearerToken, customHeaders: ROR_HEADERS });
  const resourceType = 'HealthcareService';
  for (const body of bodies()) {
    await client.search({ resourceType, searchParams: { 'organization._id': carrierOf(body) } });
    const created = await client.create({ resourceType, body: { ...body, resourceType } });
    await client.read({ resourceType, id: String(created['id']) });
  }
}

function bodies() {
  return Array.from({ length: OFFERS }, (_, at) => {
    const offer = trialOffer({
      id: 'x',
      identifier: 'x',
      label: `n° ${at}`,
      site: { ...CAEN, eg: '760000018' },
    });
    return { ...offer, providedBy: { reference: 'Organization/eg-760000018' } };
  });
}

/** FHIR requests of the changes of one kind; tokens are told apart. */
function count(requests: readonly LoggedRequest[], pattern: RegExp): number {
  return requests.filter(({ method, path }) => pattern.test(`${method} ${path}`)).length;
}
const UPDATE = /identifier=|\/essai-\d/;
const CREATE = /organization\._id=|POST \/fhir|\/HealthcareService\/\d+$/;

const perUpdate: number[] = [];
const perCreate: number[] = [];
const cpu: number[] = [];
const pace = new Map(
  DELAYS_MS.map((ms) => [ms, { ours: [] as number[], axios: [] as number[], kit: [] as number[] }]),
);
let tokens = 0;
try {
  const template = await approvedTemplate(COMMON);
  for (let round = -1; round < ROUNDS; round++) {
    for (const ms of DELAYS_MS) {
      // The first round warms up, without waiting.
      if (round < 0 && ms > 0) continue;
      const region = await copyOfRegion(template.name, COMMON);
      await server().ask({ order: 'delay', ms });
      const ours = await measured(() => region.apply());
      const requests = await server().ask<LoggedRequest[]>({ order: 'requests' });
      const applied = (await region.changes()).filter(({ state }) => state === 'applied').length;
      if (applied !== OFFERS) throw new Error(`${applied} of ${OFFERS} applied`);
      const byAxios = await measured(() => axiosLoop(server()));
      const byKit = await measured(() => fhirKit(server()));
      await region.close();
      const line = [ours, byAxios, byKit].map(({ seconds }) => (OFFERS / seconds).toFixed(1)).join(', ');
      console.log(`round ${round}, delay ${ms} ms: ${line} offers/s (filror, axios, fhir-kit-client)`);
      if (round < 0) continue;
      if (ms === 0) {
        perUpdate.push(count(requests, UPDATE) / ATTACHES);
        perCreate.push(count(requests, CREATE) / CREATES);
        cpu.push(ours.cpuMs / OFFERS);
        tokens = Math.max(tokens, count(requests, /token$/));
      }
      const figures = pace.get(ms);
      figures?.ours.push(OFFERS / ours.seconds);
      figures?.axios.push(byAxios.seconds / ours.seconds);
      figures?.kit.push(byKit.seconds / ours.seconds);
    }
  }
  await template.drop();
} finally {
  await stopCluster(runCluster(home));
  rmSync(home, { recursive: true, force: true });
}

const work = 'Push';
tell([
  {
    work,
    what: 'requests per update',
    unit: '',
    values: perUpdate,
    target: { is: '≤', value: 3 },
    note: `last look, write, read-back, counted by the repository over a whole apply; besides, at most ${tokens} token request(s) for its ${OFFERS} changes.`,
  },
  { work, what: 'requests per create', unit: '', values: perCreate, target: { is: '≤', value: 4 } },
  {
    work,
    what: 'CPU of the client per offer',
    unit: 'ms',
    values: cpu,
    target: { is: '≤', value: 2 },
    note: 'the whole apply without server delay: approvals looked at twice, intent, three requests, comparison, record and journal; PostgreSQL and the repository are other processes. The target is for the push of a resource (2 ms); no peer keeps a ledger.',
  },
  ...[...pace].flatMap(([ms, { ours, axios: byAxios, kit }]): Figure[] => [
    { work, what: `pace, server delay ${ms} ms, offers per second`, unit: '', values: ours },
    { work, what: `pace, server delay ${ms} ms, times a sequential axios loop`, unit: '×', values: byAxios },
    { work, what: `pace, server delay ${ms} ms, times fhir-kit-client`, unit: '×', values: kit },
  ]),
]);
