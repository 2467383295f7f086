import rateLimit from '@fastify/rate-limit';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { hasTimedOut } from '../db/connection-errors.js';
import { BASES, viewOf, type Base } from '../publish/views.js';
import { Gate } from './access.js';
import type { Asked, FhirContext, Reader } from './context.js';
import { Fault, outcomeOf, type IssueCode } from './outcome.js';
import { fhirRoutes, type Answer, type FhirRoute } from './routes.js';

declare module 'fastify' {
  interface FastifyRequest {
    reader: Reader | null;
    /** Resources in the answer, for the access log. */
    count: number;
  }
}

/** Bytes of a search by POST or of a report: a search of 60 parameters, a Task. */
const BODY_LIMIT = 64 * 1024;
const JSON_TYPE = 'application/fhir+json; charset=utf-8';

/**
 * The read API, ready to listen: one base per region, `/fhir/<region>` (enriched) and `/ror/<region>` (plain). Every
 * fault is an OperationOutcome (R4). What a reader may see is decided by the view alone.
 */
export async function buildFhirServer(context: FhirContext): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    trustProxy: context.config.trustProxy,
    routerOptions: { maxParamLength: 100, ignoreTrailingSlash: true },
    // The product's own logger tells what matters; addresses may hold what people searched for.
    logger: false,
    forceCloseConnections: 'idle',
    // An address that cannot even be decoded reaches no route.
    frameworkErrors: (error, request, reply) => void refused(context, request, reply, error),
  });
  const gate = new Gate(context.config, context.now);
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
    request.reader = await gate.readerOf(request.headers);
  });
  await app.register(rateLimit, {
    global: true,
    hook: 'preParsing',
    timeWindow: '1 minute',
    max: (request: FastifyRequest) => request.reader?.perMinute ?? context.config.publicPerMinute,
    keyGenerator: (request: FastifyRequest) => request.reader?.client ?? request.ip,
    allowList: (request: FastifyRequest) => request.url === '/health',
    errorResponseBuilder: (_request, { after }) =>
      new Fault(429, 'throttled', `Trop de requêtes en une minute : réessayez dans ${after}.`),
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
    async (request, reply) =>
      await refused(context, request, reply, new Fault(404, 'not-found', nowhere(context))),
  );
  app.get('/health', async (_request, reply) => await reply.send('ok'));
  for (const route of fhirRoutes) register(app, context, route);
  return app;
}

function register(app: FastifyInstance, context: FhirContext, route: FhirRoute): void {
  for (const base of BASES) {
    app.route({
      method: route.method,
      url: `/${base}/:region(^[0-9]{2}$)${route.path}`,
      ...(route.method === 'GET' ? { exposeHeadRoute: true } : {}),
      handler: async (request, reply) => {
        const asked = askedOf(context, base, request);
        acceptable(request, route);
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

function askedOf(context: FhirContext, base: Base, request: FastifyRequest): Asked {
  const code = (request.params as Record<string, string>)['region'];
  const region = context.regions.find((each) => each.code === code);
  const { reader } = request;
  if (reader === null) throw new Error('a reader was expected');
  if (region === undefined) throw new Fault(404, 'not-found', nowhere(context));
  return {
    base,
    region,
    reader,
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

async function refused(
  context: FhirContext,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): Promise<FastifyReply> {
  const fault = faultOf(context, error);
  if (fault.status >= 500 && fault.code === 'exception')
    context.log.error('fhir request failed', { route: request.routeOptions.url ?? 'inconnue', error });
  const { code, message, expression } = fault;
  return await reply
    .status(fault.status)
    .headers({ 'cache-control': 'no-store', ...fault.headers })
    .type(JSON_TYPE)
    .send(JSON.stringify(outcomeOf([{ severity: 'error', code, message, expression }])));
}

/** Codes of fastify for what was sent, in our words. */
const SENT: Readonly<Record<string, readonly [number, IssueCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'too-long', 'Corps de requête trop grand.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'invalid', 'Longueur du corps différente de celle annoncée.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'not-supported', 'Type de contenu non pris en charge.'],
  FST_ERR_BAD_URL: [400, 'invalid', 'Adresse mal écrite.'],
};

function faultOf(context: FhirContext, error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (hasTimedOut(error))
    return new Fault(
      503,
      'timeout',
      `Cette recherche dure plus de ${context.config.queryMs} ms : précisez-la, ou demandez un export.`,
      null,
      { 'retry-after': '30' },
    );
  const sent = SENT[String((error as { code?: unknown }).code)];
  if (sent !== undefined) return new Fault(...sent);
  return new Fault(
    500,
    'exception',
    'Cette demande n’a pas pu être traitée : réessayez, puis prévenez l’exploitant.',
  );
}

function nowhere(context: FhirContext): string {
  const bases = context.regions.flatMap((region) =>
    BASES.map((base) => `${context.publicUrl}/${base}/${region.code}`),
  );
  return `Rien à cette adresse. Bases servies : ${bases.join(', ')}.`;
}
