import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { FilrorError } from '../../domain/errors.js';
import type { WebContext } from '../context.js';
import { ownFault, pageUnknown, statusOf, translated } from '../errors.js';

const TYPE = 'application/problem+json; charset=utf-8';

/** A refusal (RFC 9457): a stable code for programs, French for people, and always what to do (rule 10). */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  remedy: z.string(),
  /** Trying again later may succeed without anybody changing anything. */
  transient: z.boolean(),
});

const TITLES: Readonly<Record<number, string>> = {
  400: 'Demande mal écrite',
  401: 'Connexion demandée',
  403: 'Non permis',
  404: 'Introuvable',
  409: 'Refusé dans l’état présent',
  429: 'Trop de demandes',
  503: 'Indisponible pour l’instant',
};

/** Every fault under the API is a problem; one of ours says nothing of the machine. */
export function registerProblems(api: FastifyInstance, context: WebContext): void {
  api.setNotFoundHandler(async (_request, reply) => await sent(reply, pageUnknown()));
  api.setErrorHandler(async (error, _request, reply) => {
    const told = error instanceof FilrorError ? error : translated(error);
    if (told === null)
      context.log.error('api failed', { error: error instanceof Error ? error.stack : String(error) });
    return await sent(reply, told ?? ownFault());
  });
}

async function sent(reply: FastifyReply, error: FilrorError): Promise<FastifyReply> {
  const status = statusOf(error);
  // RFC 6750 section 3: whoever has no way in is told which there is.
  if (status === 401) void reply.header('www-authenticate', 'Bearer realm="filror"');
  const body: z.infer<typeof problem> = {
    type: `urn:filror:erreur:${error.code}`,
    title: TITLES[status] ?? 'Échec',
    status,
    detail: error.message,
    code: error.code,
    remedy: error.remedy,
    transient: error.transient,
  };
  return await reply
    .status(status)
    .header('cache-control', 'no-store')
    .type(TYPE)
    .serializer((payload) => JSON.stringify(payload))
    .send(body);
}
