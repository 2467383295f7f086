import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, serializerCompiler } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DataError } from '../../domain/errors.js';
import { checkedBy } from '../../domain/schema-faults.js';
import { codeVersion } from '../../runs/code-version.js';
import type { WebContext } from '../context.js';
import { ROLE_WORDS } from '../../domain/roles.js';
import { cookieName } from '../session.js';
import { callerOf, TOKEN_HEADER } from './caller.js';
import { problem, registerProblems } from './problems.js';
import type { ApiCaller, ApiRoute } from './route.js';
import { apiRoutes } from './routes.js';
import { AccessTokens } from './tokens.js';

declare module 'fastify' {
  interface FastifyRequest {
    caller: ApiCaller | null;
  }
}

const PREFIX = '/api/v1';
/**
 * The JSON API, described in OpenAPI 3.1 out of the schemas that check it. It says nothing that the pages do not say to
 * the same roles, and does nothing that they do not do: both call the same stages.
 */
export async function registerApi(app: FastifyInstance, context: WebContext): Promise<void> {
  const tokens = new AccessTokens(context.issuers, context.now);
  await app.register(
    async (api) => {
      registerProblems(api, context);
      // JSON only: any other type may be sent by a form of another site without asking.
      api.removeAllContentTypeParsers();
      api.addContentTypeParser(
        'application/json',
        { parseAs: 'string' },
        api.getDefaultJsonParser('error', 'error'),
      );
      api.decorateRequest('caller', null);
      api.setSerializerCompiler(serializerCompiler);
      api.setValidatorCompiler(({ schema }) => validator(schema as z.ZodType));
      await api.register(swagger, {
        openapi: {
          openapi: '3.1.0',
          info: {
            title: 'filror',
            version: codeVersion,
            description: DESCRIPTION,
          },
          servers: [{ url: context.publicUrl }],
          components: {
            securitySchemes: {
              session: { type: 'apiKey', in: 'cookie', name: cookieName(context, 'filror') },
              jeton: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
            },
          },
          security: [{ session: [] }, { jeton: [] }],
        },
        transform: jsonSchemaTransform,
      });
      for (const route of apiRoutes) serve(api, context, tokens, route);
      api.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
        return await reply
          .type('application/json; charset=utf-8')
          .serializer((payload) => JSON.stringify(payload))
          .send(api.swagger());
      });
    },
    { prefix: PREFIX },
  );
}

const DESCRIPTION = [
  'API d’administration de filror : ce que montrent et font les pages, en JSON.',
  'Identité : le cookie de session des pages, ou un jeton d’accès JWT d’un émetteur configuré (Authorization: Bearer).',
  `Avec le cookie, une écriture porte le jeton de la session dans l’en-tête ${TOKEN_HEADER} (GET /api/v1/{region}/me le donne).`,
  'Les refus suivent la RFC 9457, avec un code stable et ce qu’il faut faire.',
].join('\n');

function serve(api: FastifyInstance, context: WebContext, tokens: AccessTokens, route: ApiRoute): void {
  const names = ['region', ...[...route.path.matchAll(/:([a-z]+)/g)].map(([, name = '']) => name)];
  api.route({
    method: route.method,
    url: `/:region(^[0-9]{2}$)${route.path}`,
    config: { api: true },
    schema: {
      summary: route.summary,
      description: `Rôles : ${route.roles.map((role) => ROLE_WORDS[role]).join(', ')}.`,
      operationId: route.name,
      params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))),
      ...(route.query === undefined ? {} : { querystring: route.query }),
      ...(route.body === undefined ? {} : { body: route.body }),
      response: {
        200: route.answer,
        default: {
          description: 'Refus (RFC 9457)',
          content: { 'application/problem+json': { schema: problem } },
        },
      },
    },
    // Rights come before anything that is sent is read: a stranger learns nothing of what would be accepted, and has no
    // body read. This hook comes after the limit of requests and before the body.
    preParsing: async (request, _reply, unread) => {
      request.caller = await callerOf(context, tokens, route, request);
      return unread;
    },
    handler: async (request, reply) => {
      const { caller } = request;
      if (caller === null) throw new Error('a caller was expected');
      const { run, close } = context.openRun(caller.region, caller.person);
      try {
        const answer = await route.handle({
          ...caller,
          run,
          log: context.log,
          params: request.params as Record<string, string>,
          query: request.query,
          body: request.body,
        });
        return await reply.header('cache-control', 'no-store').send(answer);
      } finally {
        await close();
      }
    },
  });
}

/** Faults of what was sent, all of them, in French. */
function validator(schema: z.ZodType): (value: unknown) => { value: unknown } | { error: Error } {
  return (value) => {
    const checked = checkedBy(schema, value ?? {});
    if (checked.ok) return { value: checked.data };
    const error = new DataError({
      code: 'FORM_INVALID',
      message: `Cette demande est incomplète ou mal écrite : ${checked.faults.trim()}`,
      remedy: `corrigez ce qui est dit, d’après ${PREFIX}/openapi.json, puis recommencez ; rien n’a été enregistré.`,
      cause: checked.cause,
    });
    return { error };
  };
}
