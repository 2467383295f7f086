import { Readable } from 'node:stream';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { Audience } from '../../src/publish/views.js';
import { FORBIDDEN, watchAnswers } from '../support/seen-answers.js';

/** The scan of all answers finds what is planted: without this, a scan that stopped looking would pass. */
let app: FastifyInstance;
afterEach(() => app.close());

async function seen(audience: Audience | null, payload: () => string | Readable): Promise<readonly string[]> {
  app = fastify();
  app.decorateRequest('reader', null);
  app.addHook('onRequest', async (request) => {
    (request as { reader: unknown }).reader =
      audience === null ? null : { client: null, audience, address: '' };
    await Promise.resolve();
  });
  const watched = watchAnswers(app);
  app.get('/x', async (_request, reply) => await reply.type('application/json').send(payload()));
  expect((await app.inject('/x')).statusCode).toBe(200);
  expect(watched.count()).toBe(1);
  return watched.leaks.map((leak) => leak.split(' ')[0] ?? '');
}

const ALL = JSON.stringify(FORBIDDEN);

describe('the scan of answers', () => {
  it('finds each planted word, for those who may not see it', async () => {
    expect(await seen('public', () => ALL)).toEqual(Object.keys(FORBIDDEN));
    await app.close();
    expect(await seen(null, () => ALL)).toEqual(Object.keys(FORBIDDEN));
    await app.close();
    expect(await seen('professional', () => ALL)).toEqual(['regulationNumber', 'sensitiveName', 'crisis']);
    await app.close();
    expect(await seen('regulation', () => ALL)).toEqual([]);
  });

  it('finds a word that lies across two pieces of a stream', async () => {
    const { crisis } = FORBIDDEN;
    expect(await seen('public', () => Readable.from([crisis.slice(0, 5), crisis.slice(5)]))).toEqual([
      'crisis',
    ]);
  });
});
