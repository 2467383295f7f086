import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { parseBody, bodyText } from './body.js';
import { eyesOf, type AccessProfile, type Eyes } from './access.js';
import { nextPage, searchPage, type Searched } from './bundle.js';
import { capabilityStatement } from './capability.js';
import { Fault, fault, operationOutcome } from './outcome.js';
import { isTypeName, type TypeName } from './model.js';
import type { ExportJobs } from './export.js';
import { checkRorHeaders, type Tokens } from './tokens.js';
import type { Action, FaultScript, ScriptedFault } from './faults.js';
import { cut, sendBody, strike } from './play.js';
import type { Keeping, Repository } from './repository.js';
import { rewriting, rewritten } from './rewrite.js';
import type { Stored } from './store.js';

export const TOKEN_PATH = '/auth/realms/ror/protocol/openid-connect/token';
const FHIR_JSON = 'application/fhir+json; charset=utf-8';

/** One request that reached the sandbox; `status` stays 0 when no answer was given. */
export interface LoggedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  status: number;
  /** ISO instant. */
  readonly at: string;
}

export interface ServerParts {
  readonly repository: Repository;
  readonly tokens: Tokens;
  readonly faults: FaultScript;
  readonly requests: LoggedRequest[];
  readonly exports: ExportJobs;
  readonly searchLimit: number;
  readonly accessProfile: AccessProfile;
  readonly now: () => Date;
  /** Moves the clock that `now` reads. */
  readonly elapse: (ms: number) => void;
  /** Puts a write off until then, by the sandbox's clock. */
  readonly later: (at: Date, commit: () => Stored) => void;
}

type TypeRequest = FastifyRequest<{ Params: { type: string; id: string; '*': string } }>;

/** The HTTP face: routes, access rules, scripted faults, and every failure as an OperationOutcome. */
export function buildServer(parts: ServerParts): FastifyInstance {
  const app = fastify({ forceCloseConnections: true, bodyLimit: 4 * 1024 * 1024 });
  readBodies(app);
  logRequests(app, parts);
  app.setErrorHandler((error, _request, reply) => sendFault(reply, asFault(error)));
  app.setNotFoundHandler((request, reply) => sendFault(reply, notSupported(request)));

  app.post(TOKEN_PATH, async (request, reply) => {
    const scripted = parts.faults.take('token');
    if (await strike(scripted, 'before', reply, parts.elapse)) return reply;
    const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
    const { status, body } = parts.tokens.grant(form);
    return reply.code(status).header('Cache-Control', 'no-store').send(body);
  });
  app.get('/fhir/metadata', (_request, reply) =>
    reply.type(FHIR_JSON).send(JSON.stringify(capabilityStatement(parts.now().toISOString()))),
  );
  app.get('/fhir/_page/*', (request: TypeRequest, reply) =>
    reading(parts, 'search', request, reply, (faults) =>
      nextPage(searched(parts, request, faults), request.params['*']),
    ),
  );
  app.get('/fhir/$export', (request: TypeRequest, reply) =>
    reading(parts, 'export', request, reply, (_faults, eyes) => {
      const id = parts.exports.start(request.url, new URLSearchParams(queryOf(request)), eyes);
      reply.code(202).header('Content-Location', `${base(request)}/$export-poll-status?_jobId=${id}`);
      return '';
    }),
  );
  app.get('/fhir/$export-poll-status', (request: TypeRequest, reply) =>
    reading(parts, 'poll', request, reply, () => {
      const id = new URLSearchParams(queryOf(request)).get('_jobId') ?? '';
      const manifest = parts.exports.manifest(id, base(request));
      if (manifest === null) reply.code(202).header('Retry-After', '1');
      return manifest === null ? '' : JSON.stringify(manifest);
    }),
  );
  app.get('/fhir/_export/:type/:id', (request: TypeRequest, reply) =>
    reading(parts, 'file', request, reply, (_faults, eyes) =>
      parts.exports.file(request.params.type, Number(request.params.id), eyes),
    ),
  );
  app.get('/fhir/:type', (request: TypeRequest, reply) =>
    reading(parts, 'search', request, reply, (faults) =>
      searchPage(searched(parts, request, faults), typeOf(request), queryOf(request)),
    ),
  );
  app.get('/fhir/:type/:id', (request: TypeRequest, reply) =>
    reading(parts, 'read', request, reply, (_faults, eyes) => {
      const stored = parts.repository.read(typeOf(request), request.params.id, eyes);
      versionHeaders(reply, stored);
      return eyes.text(stored);
    }),
  );
  app.post('/fhir/:type', (request: TypeRequest, reply) =>
    writing(parts, 'create', request, reply, (kept) =>
      parts.repository.create(typeOf(request), request.body, kept),
    ),
  );
  app.put('/fhir/:type/:id', (request: TypeRequest, reply) =>
    writing(parts, 'update', request, reply, (kept) =>
      parts.repository.update(
        typeOf(request),
        request.params.id,
        request.body,
        request.headers['if-match'],
        kept,
      ),
    ),
  );
  app.patch('/fhir/:type/:id', (request: TypeRequest, reply) =>
    writing(parts, 'patch', request, reply, (kept) =>
      parts.repository.patch(
        typeOf(request),
        request.params.id,
        request.body,
        request.headers['if-match'],
        kept,
      ),
    ),
  );
  return app;
}

async function reading(
  parts: ServerParts,
  action: Action,
  request: TypeRequest,
  reply: FastifyReply,
  answer: (faults: readonly ScriptedFault[], eyes: Eyes) => string,
): Promise<FastifyReply> {
  admit(parts, request);
  const faults = parts.faults.take(action, request.url);
  if (await strike(faults, 'before', reply, parts.elapse)) return reply;
  const text = answer(faults, eyesFor(parts, faults));
  if (await strike(faults, 'after', reply, parts.elapse)) return reply;
  return sendBody(reply.type(FHIR_JSON), text, faults);
}

async function writing(
  parts: ServerParts,
  action: Action,
  request: TypeRequest,
  reply: FastifyReply,
  write: (kept: Keeping) => Stored,
): Promise<FastifyReply> {
  admit(parts, request);
  const faults = parts.faults.take(action, request.url);
  if (await strike(faults, 'before', reply, parts.elapse)) return reply;
  const kept: Keeping = (body) =>
    rewritten(
      body,
      faults.flatMap((each) => (each.kind === 'storedAs' ? [each.how] : [])),
    );
  const commit = () => write(kept);
  const late = faults.find((each) => each.kind === 'lateCommit');
  if (late !== undefined) {
    parts.later(new Date(parts.now().getTime() + late.ms), commit);
    cut(reply);
    return reply;
  }
  const ignored = action === 'patch' && faults.some((each) => each.kind === 'ignorePatch');
  const stored = ignored ? parts.repository.read(typeOf(request), request.params.id) : commit();
  const hidden = faults.find((each) => each.kind === 'unindexed');
  if (hidden !== undefined && action === 'create')
    parts.repository.store.hideFromSearch(
      stored.type,
      stored.id,
      new Date(parts.now().getTime() + hidden.ms),
    );
  if (await strike(faults, 'after', reply, parts.elapse)) return reply;
  versionHeaders(reply, stored);
  if (action === 'create')
    reply
      .code(201)
      .header('Location', `${base(request)}/${stored.type}/${stored.id}/_history/${stored.versionId}`);
  return sendBody(reply.type(FHIR_JSON), eyesFor(parts, faults).text(stored), faults);
}

function eyesFor(parts: ServerParts, faults: readonly ScriptedFault[]): Eyes {
  const ways = faults.flatMap((each) => (each.kind === 'rewrite' ? [each.how] : []));
  return rewriting(eyesOf(parts.accessProfile), ways);
}

function searched(parts: ServerParts, request: FastifyRequest, faults: readonly ScriptedFault[]): Searched {
  return {
    store: parts.repository.store,
    base: base(request),
    eyes: eyesFor(parts, faults),
    limit: parts.searchLimit,
    faults,
  };
}

function admit(parts: ServerParts, request: FastifyRequest): void {
  parts.tokens.check(request.headers.authorization);
  checkRorHeaders(request.headers);
}

function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/fhir+json', 'application/json'],
    { parseAs: 'string' },
    (_request, text, done) => {
      try {
        done(null, parseBody(String(text)));
      } catch (error) {
        done(fault(400, 'structure', `Le corps n’est pas du JSON : ${(error as Error).message}`));
      }
    },
  );
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, text, done) => done(null, text),
  );
}

function logRequests(app: FastifyInstance, { requests, now }: ServerParts): void {
  const entries = new WeakMap<FastifyRequest, LoggedRequest>();
  app.addHook('onRequest', (request, _reply, done) => {
    const entry = { method: request.method, path: request.url, status: 0, at: now().toISOString() };
    requests.push(entry);
    entries.set(request, entry);
    done();
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    const entry = entries.get(request);
    if (entry !== undefined) entry.status = reply.statusCode;
    done();
  });
}

/** Fastify's own refusals (415, 413…) become OperationOutcomes; anything else is our defect: 500. */
function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  return fault(statusCode, statusCode < 500 ? 'not-supported' : 'exception', message);
}

function notSupported(request: FastifyRequest): Fault {
  const path = request.url.split('?')[0] ?? '';
  if (!path.startsWith('/fhir')) return fault(404, 'not-found', `Adresse inconnue : ${path}`);
  const status = /^\/fhir\/?$/.test(path) || path.includes('$') ? 501 : 405;
  return fault(
    status,
    'not-supported',
    `Interaction non prise en charge par le ROR : ${request.method} ${path}`,
  );
}

function sendFault(reply: FastifyReply, refused: Fault): FastifyReply {
  return reply
    .code(refused.status)
    .headers(refused.headers)
    .type(FHIR_JSON)
    .send(bodyText(operationOutcome(refused.issues)));
}

function versionHeaders(reply: FastifyReply, stored: Stored): void {
  reply.header('ETag', `W/"${stored.versionId}"`);
  reply.header('Last-Modified', new Date(stored.lastUpdated).toUTCString());
}

function typeOf(request: TypeRequest): TypeName {
  const { type } = request.params;
  if (isTypeName(type)) return type;
  if (type === '' || type.startsWith('$')) throw notSupported(request);
  throw fault(404, 'not-supported', `Type de ressource inconnu du bac à sable : ${type}.`);
}

function queryOf(request: FastifyRequest): string {
  const at = request.url.indexOf('?');
  return at < 0 ? '' : request.url.slice(at + 1);
}

function base(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}/fhir`;
}
