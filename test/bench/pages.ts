import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { stopCluster } from '../../src/db/embedded/cluster.js';
import { centresList } from '../scenarios/world.js';
import { runCluster } from '../support/test-server.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';
import { median, tell, type Figure } from './figures.js';
import { openPeer, type Peer, type PeerView } from './pages-peer.js';

/**
 * The pages of a region whose plan holds 5,000 open changes, over HTTP with a session, each beside a bare handler of the
 * same process that writes the same rows. Both sides of a figure are asked in turn, in the same rounds. Prints; asserts
 * nothing on time.
 *   node --import tsx --import ./test/bench/built.mjs test/bench/pages.ts [rounds]
 */
const ROUNDS = Number(process.argv[2] ?? 9);
/** Requests of each side in a round; the round counts their median. With all pages, below the limit per minute. */
const REQUESTS = 5;
const CHANGES = 5_000;
const LIST = '/28/changements';
const RULE = `${LIST}/approuver-en-nombre`;

const PAGES: readonly { readonly what: string; readonly path: string; readonly view: PeerView }[] = [
  { what: 'first page of the list', path: LIST, view: 'rows' },
  { what: 'page 50', path: `${LIST}?page=50`, view: 'rows' },
  { what: 'filter by filière', path: `${LIST}?filiere=FILNEMUS`, view: 'rows' },
  { what: 'text search', path: `${LIST}?cherche=essai+4321`, view: 'rows' },
  { what: 'first page with its elements', path: `${LIST}?vue=complet`, view: 'elements' },
  { what: 'home', path: '/28', view: 'rows' },
  { what: 'preview of bulk approval', path: RULE, view: 'forms' },
];

/** What issue 4 names: at most three times the bare handler. */
const AIMED: readonly string[] = ['first page of the list', 'page 50', 'filter by filière'];

const home = mkdtempSync(join(tmpdir(), 'filror-bench-'));
chmodSync(home, 0o755);
process.env['FILROR_BENCH_HOME'] = home;

const HOSPITALS = [
  ['CENTRE HOSPITALIER DE LISIEUX', 'LISIEUX', '140000027'],
  ['CENTRE HOSPITALIER DE FALAISE', 'FALAISE', '140000233'],
  ['CENTRE HOSPITALIER D’ARGENTAN', 'ARGENTAN', '610000069'],
  ['CENTRE HOSPITALIER DE COUTANCES', 'COUTANCES', '500000591'],
  ['CH DIEPPE', 'DIEPPE', '760000018'],
] as const;
const FILIERES = ['FIMARAD', 'FILNEMUS', 'FILFOIE'] as const;

function rows(): string {
  return centresList(
    Array.from({ length: CHANGES }, (_, at) => {
      const [hospital, town, eg] = HOSPITALS[at % HOSPITALS.length] ?? HOSPITALS[0];
      const filiere = FILIERES[at % FILIERES.length] ?? FILIERES[0];
      return { title: `Centre d’essai ${String(at + 1)}`, hospital, town, eg, filiere, public: 'mixte' };
    }),
  );
}

interface Fetched {
  readonly ms: number;
  readonly status: number;
  readonly text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** One request, until the last byte of its answer. */
function fetched(url: string, cookie: string): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    get(url, { agent, headers: { cookie } }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const ms = performance.now() - begun;
        resolve({ ms, status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() });
      });
    }).on('error', reject);
  });
}

/** Changes whose rows stand in a page, in its order. */
function idsIn(page: string): string[] {
  return [...new Set([...page.matchAll(/\/changements\/([a-z2-7]{10})[?"]/g)].map(([, id]) => id ?? ''))];
}

interface Measured {
  readonly ours: number[];
  readonly bare: number[];
  readonly bytes: number;
  readonly shown: number;
}

async function measure(web: WebWorld, peer: Peer, cookie: string): Promise<Map<string, Measured>> {
  const found = new Map<string, Measured>();
  // The first round warms up.
  for (let round = -1; round < ROUNDS; round++) {
    for (const { what, path, view } of PAGES) {
      const first = await fetched(web.url + path, cookie);
      if (first.status !== 200) throw new Error(`${path}: ${String(first.status)}`);
      const ids = idsIn(first.text);
      peer.serve(ids, view);
      const [ours, bare]: [number[], number[]] = [[], []];
      for (let at = 0; at < REQUESTS; at++) {
        ours.push((await fetched(web.url + path, cookie)).ms);
        bare.push((await fetched(peer.url, '')).ms);
      }
      const kept = found.get(what) ?? { ours: [], bare: [], bytes: first.text.length, shown: ids.length };
      if (round >= 0) {
        kept.ours.push(median(ours));
        kept.bare.push(median(bare));
      }
      found.set(what, kept);
    }
    console.log(
      `round ${String(round)}: ${[...found].map(([what, { ours, bare }]) => `${what} ${(ours.at(-1) ?? 0).toFixed(1)} / ${(bare.at(-1) ?? 0).toFixed(1)} ms`).join(', ')}`,
    );
  }
  return found;
}

/** Sends the form of the preview as it is shown. @returns seconds */
async function approvedAll(visitor: Visitor): Promise<number> {
  const { text } = await visitor.get(RULE);
  const montres = / name="montres"\s+value="([^"]*)"/.exec(text)?.[1] ?? '';
  const begun = performance.now();
  const { status } = await visitor.post(RULE, { montres });
  const seconds = (performance.now() - begun) / 1000;
  const said = (await visitor.get(LIST)).text;
  if (status !== 303 || !said.includes(`${String(CHANGES)} approuvés`))
    throw new Error(`approval answered ${String(status)}`);
  return seconds;
}

let figures: Figure[] = [];
try {
  const web = await openWebWorld({ list: rows() });
  try {
    const begun = performance.now();
    const { changes } = await web.sync();
    console.log(`${String(changes.length)} changes in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    if (changes.length !== CHANGES) throw new Error('the plan is not the one to be measured');
    const centres = Object.fromEntries(
      changes.flatMap((change) =>
        change.centres.flatMap((centre) => ('title' in centre ? [[centre.id, centre]] : [])),
      ),
    );
    const visitor = await web.visitor(['operator', 'reviewer'], 'Relectrice d’essai');
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const peer = await openPeer(web.database.app, '28', centres);
    try {
      figures = [
        ...figuresOf(await measure(web, peer, cookie)),
        {
          work: 'Pages',
          what: 'resident memory of the process that serves them, after all rounds',
          unit: 'MB',
          values: [process.memoryUsage.rss() / 1_000_000],
          note: 'that process also made the plan, asks the questions and is the peer.',
        },
        {
          work: 'Pages',
          what: `bulk approval of ${CHANGES.toLocaleString('en')} changes, one form`,
          unit: 's',
          values: [await approvedAll(visitor)],
          note: 'each with its decision, its journal entry and the checks of the database.',
        },
      ];
    } finally {
      await peer.close();
    }
  } finally {
    agent.destroy();
    await web.close();
  }
} finally {
  await stopCluster(runCluster(home));
  rmSync(home, { recursive: true, force: true });
}

function figuresOf(found: ReadonlyMap<string, Measured>): Figure[] {
  return [...found].flatMap(([what, { ours, bare, bytes, shown }]): Figure[] => [
    {
      work: 'Pages',
      what: `${what}, times a bare handler of the same rows`,
      unit: '×',
      values: ours.map((value, round) => value / (bare[round] ?? Number.NaN)),
      ...(AIMED.includes(what) ? { target: { is: '≤', value: 3 } as const } : {}),
      note: `${String(shown)} rows, ${(bytes / 1000).toFixed(0)} kB`,
    },
    { work: 'Pages', what, unit: 'ms', values: ours },
  ]);
}
tell(figures);
