import type { AddressInfo } from 'node:net';
import { DataError } from '../domain/errors.js';
import type { JsonObject } from '../domain/json.js';
import type { AccessProfile } from './access.js';
import { bodyText, cloneBody, parseBody, type Body, type Value } from './body.js';
import { ExportJobs, type ExportOptions } from './export.js';
import { FaultScript } from './faults.js';
import { LateWrites } from './late-writes.js';
import type { TypeName } from './model.js';
import { Repository, seedStore, type IdentifierPolicy } from './repository.js';
import { buildServer, TOKEN_PATH, type LoggedRequest } from './server.js';
import { Store } from './store.js';
import { Tokens, type Credentials } from './tokens.js';

export interface SandboxOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly host?: string;
  readonly identifiers?: IdentifierPolicy;
  /** TRE_R30 code in front of the offers' numbers. */
  readonly region?: string;
  /** Resources of the types it knows; used only when the state is empty. */
  readonly seed?: Iterable<JsonObject | Body>;
  /** Absent: memory only. */
  readonly stateFile?: string;
  readonly tokenTtlSeconds?: number;
  readonly credentials?: Credentials;
  /** Matches after which a search is cut; 10,000 in the ROR. */
  readonly searchLimit?: number;
  /** What the client sees; 1, everything, by default. */
  readonly accessProfile?: AccessProfile;
  readonly export?: Partial<ExportOptions>;
  readonly now?: () => Date;
  /** Moves the clock that `now` reads; the fault `elapse` needs it. */
  readonly elapse?: (ms: number) => void;
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly tokenUrl: string;
  readonly fhirBase: string;
  readonly credentials: Credentials;
  /** Who gives the tokens that this repository takes: a token endpoint over mutual TLS shares it. */
  readonly tokens: Tokens;
  /** Every request received, oldest first. */
  readonly requests: readonly LoggedRequest[];
  readonly faults: FaultScript;
  /** FHIR requests that could write (POST, PUT, PATCH). */
  writes(): readonly LoggedRequest[];
  /** Body as answered, or null. */
  text(type: TypeName, id: string): string | null;
  list(type: TypeName): readonly Body[];
  /** Changes a resource behind the client's back: a new version, no check. `fn` edits in place or returns another body. */
  edit(type: TypeName, id: string, fn: (body: Body) => Body | void): void;
  /** Takes a resource away behind the client's back. */
  remove(type: TypeName, id: string): void;
  /** Keeps a resource out of searches, not out of reads, until then. */
  hideFromSearch(type: TypeName, id: string, until: Date): void;
  close(): Promise<void>;
}

const EXPORT_DEFAULTS: ExportOptions = {
  readyMs: 500,
  keptMs: 3_600_000,
  recordsPerFile: 1_000,
  shape: 'bundle',
};

export const DEFAULT_CREDENTIALS: Credentials = { clientId: 'filror', clientSecret: 'bac-a-sable' };

/**
 * Starts a small FHIR R4 repository with the ROR's manners: token, four headers, searches, writes, patches. It shares no
 * code with the encoder, the planner or the executor that it is there to contradict.
 * @throws DataError `SANDBOX_STATE` on an unreadable state file, `SANDBOX_PORT` on a port that cannot be had.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const now = options.now ?? (() => new Date());
  const store = new Store(options.stateFile ?? null, now);
  if (store.size === 0 && options.seed !== undefined) seedStore(store, lossless(options.seed));
  const requests: LoggedRequest[] = [];
  const faults = new FaultScript();
  const credentials = options.credentials ?? DEFAULT_CREDENTIALS;
  const tokens = new Tokens(credentials, options.tokenTtlSeconds ?? 300, now);
  const late = new LateWrites(now);
  const server = buildServer({
    exports: new ExportJobs(store, { ...EXPORT_DEFAULTS, ...options.export }, now),
    accessProfile: options.accessProfile ?? 1,
    elapse: options.elapse ?? noClock,
    later: (at, commit) => late.add(at, commit),
    repository: new Repository(store, options.identifiers ?? 'server', options.region ?? '28'),
    tokens,
    faults,
    requests,
    searchLimit: options.searchLimit ?? 10_000,
    now,
  });
  server.addHook('onRequest', (_request, _reply, done) => {
    late.settle();
    done();
  });
  const host = options.host ?? '127.0.0.1';
  await server.listen({ port: options.port ?? 0, host }).catch((cause: Error) => {
    throw new DataError({
      code: 'SANDBOX_PORT',
      message: `Le bac à sable ne peut pas écouter sur ${host}:${options.port ?? 0} : ${cause.message}`,
      remedy: 'arrêtez ce qui occupe ce port, ou choisissez-en un autre par --port.',
      cause,
    });
  });
  const { port } = server.server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url,
    tokenUrl: `${url}${TOKEN_PATH}`,
    fhirBase: `${url}/fhir`,
    credentials,
    tokens,
    requests,
    faults,
    writes: () => requests.filter(({ method, path }) => method !== 'GET' && path.startsWith('/fhir/')),
    text(type, id) {
      late.settle();
      return store.get(type, id)?.text ?? null;
    },
    list(type) {
      late.settle();
      return Array.from(store.all(type), (stored) => cloneBody(stored.body));
    },
    edit(type, id, fn) {
      const stored = store.get(type, id);
      if (stored === undefined) throw new TypeError(`no ${type}/${id} in the sandbox`);
      const body = cloneBody(stored.body);
      store.put(type, id, fn(body) ?? body);
    },
    remove: (type, id) => store.remove(type, id),
    hideFromSearch: (type, id, until) => store.hideFromSearch(type, id, until),
    close: () => server.close(),
  };
}

function noClock(): never {
  throw new TypeError('the fault "elapse" needs the option "elapse": a clock that can be moved');
}

function* lossless(resources: Iterable<JsonObject | Body>): Iterable<Value> {
  for (const resource of resources) yield parseBody(bodyText(resource as Body));
}
