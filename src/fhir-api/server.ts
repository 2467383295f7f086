import rateLimit from '@fastify/rate-limit';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { servedHead } from '../db/served.js';
import type { Db } from '../db/types.js';
import { BASES, viewOf, type Base } from '../publish/views.js';
import { Gate } from './access.js';
import { Addresses, ExportTally, Refusals } from './addresses.js';
import type { Asked, FhirContext, Reader } from './context.js';
import { CopiesSent } from './copies.js';
import { JSON_TYPE, refused, refusedConnection } from './faults.js';
import { nowhere } from './nowhere.js';
import { Fault } from './outcome.js';
import { fhirRoutes, type Answer, type FhirRoute } from './routes.js';

declare module 'fastify' {
  interface FastifyRequest {
    reader: Reader | null;
    /** Resources in the answer, for the access log. */
    count: number;
  }
}

/** What the process remembers from one request to the next. */
type Kept = Pick<Asked, 'tally' | 'copies'>;

/** Bytes of a search by POST or of a report: a search of 60 parameters, a Task. */
const BODY_LIMIT = 64 * 1024;

/**
 * The read API, ready to listen: one base per region, `/fhir/<region>` (enriched) and `/ror/<region>` (plain). Every
 * fault is an OperationOutcome (R4). What a reader may see is decided by the view alone.
 */
export async function buildFhirServer(context: FhirContext): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    trustProxy: context.config.trustProxy,
    // A request that cannot even be read: no route, no hook sees it.
    clientErrorHandler: refusedConnection,
    routerOptions: { maxParamLength: 100, ignoreTrailingSlash: true },
    // The product's own logger tells what matters; addresses may hold what people searched for.
    logger: false,
    forceCloseConnections: 'idle',
    // An address that cannot even be decoded reaches no route.
    frameworkErrors: (error, request, reply) => void refused(context, request, reply, error),
  });
  const gate = new Gate(context.config, context.now);
  const addresses = new Addresses();
  const refusals = new Refusals(context.config.publicPerMinute, context.now);
  const kept: Kept = { tally: new ExportTally(), copies: new CopiesSent() };
  app.decorateRequest('reader', null);
  app.decorateRequest('count', 0);
  // Bodies are read as text: what they are is for the route to say.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      vary: 'Authorization, Accept, Prefer',
    });
    if (request.url === '/health') return;
    const address = addresses.nameOf(request.ip);
    // Before the gate, that checks signatures; whoever may read without a token and sends none is not refused anything.
    if (request.headers.authorization !== undefined || !context.config.public) refusals.check(address);
    try {
      request.reader = await gate.readerOf(request.headers, address);
    } catch (error) {
      if (error instanceof Fault && error.status < 500) refusals.add(address);
      throw error;
    }
  });
  await app.register(rateLimit, {
    global: true,
    hook: 'preParsing',
    timeWindow: '1 minute',
    max: (request: FastifyRequest) => request.reader?.perMinute ?? context.config.publicPerMinute,
    keyGenerator: ({ reader, ip }: FastifyRequest) =>
      reader === null || reader.client === null
        ? `adresse ${reader?.address ?? addresses.nameOf(ip)}`
        : `client ${reader.client}`,
    allowList: (request: FastifyRequest) => request.url === '/health',
    errorResponseBuilder: (_request, { ttl }) =>
      new Fault(
        429,
        'throttled',
        `Trop de requêtes en une minute. Que faire : réessayez dans ${String(Math.ceil(ttl / 1000))} s.`,
      ),
  });
  app.addHook('onResponse', async (request, reply) => {
    if (request.url === '/health') return;
    context.log.info('fhir request', {
      client: request.reader?.client ?? (request.reader === null ? 'refusé' : 'anonyme'),
      method: request.method,
      route: request.routeOptions.url ?? 'inconnue',
      // Names only: what is searched for may be about somebody.
      parameters: [...new Set(new URLSearchParams(request.url.split('?')[1] ?? '').keys())]
        .slice(0, 20)
        .join(' '),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      count: request.count,
    });
  });
  app.setErrorHandler(async (error, request, reply) => await refused(context, request, reply, error));
  app.setNotFoundHandler(
    { preHandler: app.rateLimit() },
    async (request, reply) =>
      await refused(context, request, reply, nowhere(context, request.method, request.url)),
  );
  app.get('/health', async (_request, reply) => await reply.send('ok'));
  for (const route of fhirRoutes) register(app, context, route, kept);
  return app;
}

/** What is answered of a region of which nothing was ever published. */
const WITHOUT_DATA = /^\/(?:metadata|CodeSystem|StructureDefinition|SearchParameter|Task)/;

/** A region that was published once is so for ever. @throws Fault 503: an empty answer would empty a reader's copy */
async function publishedOnce(db: Db, region: string, known: Set<string>): Promise<void> {
  if (known.has(region)) return;
  const head = await servedHead(db, region);
  if (head === null || head.rules === '')
    throw new Fault(
      503,
      'transient',
      'Rien n’est encore publié de cette région. Que faire : réessayez dans quelques minutes ; si cela dure, prévenez l’exploitant (filror publish).',
      null,
      { 'retry-after': '60' },
    );
  known.add(region);
}

function register(app: FastifyInstance, context: FhirContext, route: FhirRoute, kept: Kept): void {
  const published = new Set<string>();
  for (const base of BASES) {
    app.route({
      method: route.method,
      url: `/${base}/:region(^[0-9]{2}$)${route.path}`,
      ...(route.method === 'GET' ? { exposeHeadRoute: true } : {}),
      handler: async (request, reply) => {
        const asked = askedOf(context, base, request, kept);
        acceptable(request, route);
        if (!WITHOUT_DATA.test(route.path)) await publishedOnce(context.db, asked.region.code, published);
        const answer = await route.handle(context, asked, {
          params: request.params as Record<string, string>,
          query: queryOf(request),
          headers: request.headers,
          body: typeof request.body === 'string' ? request.body : '',
        });
        request.count = answer.count ?? 0;
        return await send(reply, answer);
      },
    });
  }
}

function askedOf(context: FhirContext, base: Base, request: FastifyRequest, kept: Kept): Asked {
  const code = (request.params as Record<string, string>)['region'];
  const region = context.regions.find((each) => each.code === code);
  const { reader } = request;
  if (reader === null) throw new Error('a reader was expected');
  if (region === undefined) throw nowhere(context, request.method, request.url);
  return {
    base,
    region,
    reader,
    ...kept,
    view: viewOf(base, reader.audience),
    url: `${context.publicUrl}/${base}/${region.code}`,
  };
}

/** The parameters of the address and, for a search by POST, those of the body (R4, search by POST). */
function queryOf(request: FastifyRequest): URLSearchParams {
  const address = new URLSearchParams(request.url.split('?').slice(1).join('?'));
  const searched = request.method === 'POST' && (request.routeOptions.url ?? '').endsWith('/_search');
  if (!searched || (request.body ?? '') === '') return address;
  // A body that is not read would answer everything.
  if (!(request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded'))
    throw new Fault(
      415,
      'not-supported',
      'Une recherche par POST est un formulaire : Content-Type: application/x-www-form-urlencoded.',
      'Content-Type',
    );
  for (const [name, value] of new URLSearchParams(String(request.body ?? ''))) address.append(name, value);
  return address;
}

const JSON_KINDS = /(?:^|[,\s])(?:application\/(?:fhir\+json|json|json\+fhir|\*)|\*\/\*)/i;

/** @throws Fault 406 when only something else than JSON is accepted */
function acceptable(request: FastifyRequest, route: FhirRoute): void {
  const format = queryOf(request).get('_format');
  const wanted = format ?? request.headers.accept ?? '*/*';
  const json = format === null ? JSON_KINDS.test(wanted) : /json/i.test(wanted);
  if (!json && route.anyType !== true)
    throw new Fault(
      406,
      'not-supported',
      'Cette API ne répond qu’en JSON : Accept: application/fhir+json.',
      '_format',
    );
}

async function send(reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  void reply.status(answer.status).headers({ 'cache-control': 'no-cache', ...answer.headers });
  if (answer.body === undefined) return await reply.send();
  return await reply.type(answer.type ?? JSON_TYPE).send(answer.body);
}
