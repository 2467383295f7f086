import { Transform } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Audience } from '../../src/publish/views.js';

/**
 * What no anonymous caller may ever receive, written in the synthetic resources of these tests and nowhere else: a
 * person's name, a contact of confidentiality 2 or 3, a sensitive unit, a level that access profile 0 does not see.
 */
export const FORBIDDEN = {
  headName: 'Professeure Essai-Confidentielle',
  professionalNumber: '0200000002',
  regulationNumber: '0200000003',
  sensitiveName: 'Offre d’essai d’une unité sensible',
  act: 'acte-d-essai-0626',
  crisis: 'NIVEAU-ORSAN-ESSAI',
} as const;

/** Audiences that may see each of them (access profiles 2 and 1). */
const ENTITLED: Readonly<Record<keyof typeof FORBIDDEN, readonly Audience[]>> = {
  headName: ['professional', 'regulation'],
  professionalNumber: ['professional', 'regulation'],
  regulationNumber: ['regulation'],
  sensitiveName: ['regulation'],
  act: ['professional', 'regulation'],
  crisis: ['regulation'],
};

/** Looks at every answer as it leaves: what a reader received and may not is kept, for `close` to fail on. */
export function watchAnswers(app: FastifyInstance): {
  readonly leaks: readonly string[];
  readonly count: () => number;
} {
  const leaks: string[] = [];
  let count = 0;
  const look = (audience: Audience, url: string, text: string): void => {
    count++;
    for (const [what, words] of Object.entries(FORBIDDEN) as [keyof typeof FORBIDDEN, string][])
      if (!ENTITLED[what].includes(audience) && text.includes(words))
        leaks.push(`${what} in the answer to ${url} for ${audience}`);
  };
  app.addHook('onSend', async (request, _reply, payload) => {
    // Refused before anybody was recognised: as for everybody.
    const audience = request.reader?.audience ?? 'public';
    if (typeof payload === 'string') look(audience, request.url, payload);
    if (payload === null || typeof payload !== 'object' || !('pipe' in payload)) return payload;
    // Whole at the end: a word may lie across two chunks.
    let text = '';
    return (payload as NodeJS.ReadableStream).pipe(
      new Transform({
        transform: (chunk: Buffer, _encoding, done) => {
          text += chunk.toString('utf8');
          done(null, chunk);
        },
        flush: (done) => {
          look(audience, request.url, text);
          done();
        },
      }),
    );
  });
  return { leaks, count: () => count };
}
