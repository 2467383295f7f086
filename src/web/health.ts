import type { FastifyInstance } from 'fastify';
import type { WebContext } from './context.js';

/** `/health`: this process answers. `/ready`: it can work, the database answers too. For machines, without sign-in. */
export function registerHealth(app: FastifyInstance, context: WebContext): void {
  app.get('/health', async (_request, reply) => await reply.send({ status: 'alive' }));
  app.get('/ready', async (_request, reply) => {
    try {
      await context.db.raw('select 1 from journal limit 1');
      return await reply.send({ status: 'ready' });
    } catch (error) {
      context.log.error('not ready', { error: error instanceof Error ? error.message : String(error) });
      return await reply.status(503).send({ status: 'notReady', waitsFor: 'database' });
    }
  });
}
