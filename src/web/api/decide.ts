import { z } from 'zod';
import type { StoredChange } from '../../db/changes.js';
import { requireConfirmation } from '../../review/confirmation.js';
import { approve, reject } from '../../review/decide.js';
import { answer, replanNow, type GivenAnswer } from '../../runs/act.js';
import {
  attachAnswer,
  centreOf,
  completionAnswers,
  createAnswer,
  differentAnswer,
  sameAnswer,
} from '../../runs/reply.js';
import { decider, oneChange } from '../pages/find.js';
import { ANSWERERS } from '../route.js';
import { apiRoute, type ApiRequest, type ApiRoute } from './route.js';
import { hash, state } from './shapes.js';

/** Whatever is decided is bound to the form that was read: its hash (DESIGN 3.9). */

const approveChange = apiRoute({
  name: 'approveChange',
  method: 'POST',
  path: '/changes/:change/approve',
  roles: ['reviewer'],
  summary: 'Approuver un changement, exactement dans la forme lue.',
  body: z.strictObject({
    hash,
    confirmation: z
      .string()
      .max(100)
      .default('')
      .describe('Mot demandé pour un retrait ou une fermeture : « confirmation » du changement.'),
  }),
  answer: z.object({
    approvals: z.number().int(),
    quorum: z.number().int(),
    approved: z.boolean(),
  }),
  handle: async (request) => {
    const { body } = request;
    const change = await oneChange(request);
    requireConfirmation(change, body.confirmation);
    return await approve(decider(request), { ...change, hash: body.hash });
  },
});

/** What a person's act led to. */
const acted = z.object({
  /** French: what the plan comes to now. */
  summary: z.string(),
  /** Open changes of the same centres, as they stand now. */
  changes: z.array(z.object({ id: z.string(), state, hash })),
});

const rejectChange = apiRoute({
  name: 'rejectChange',
  method: 'POST',
  path: '/changes/:change/reject',
  roles: ['reviewer'],
  summary: 'Rejeter un changement avec sa raison ; la même valeur n’est plus proposée pour cette offre.',
  body: z.strictObject({ hash, reason: z.string().max(2000) }),
  answer: acted,
  handle: async (request) => {
    const { run, body } = request;
    const change = await oneChange(request);
    await reject(decider(request), { ...change, hash: body.hash }, body.reason);
    return now(change, await replanNow(run));
  },
});

const about = {
  hash,
  centre: z.string().max(100).optional().describe('Demandé quand plusieurs centres partagent l’offre.'),
};
const given = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('complete'),
    ...about,
    values: z
      .array(z.string().max(2000))
      .min(1)
      .max(20)
      .describe('CHAMP=VALEUR, comme « filror complete » au terminal : public=mixte, site=760000018…'),
    proof: z.string().max(2000).optional(),
  }),
  z.strictObject({ kind: z.literal('attach'), ...about, offer: z.string().max(200) }),
  z.strictObject({ kind: z.literal('create'), ...about }),
  z.strictObject({ kind: z.literal('same'), ...about, other: z.string().max(100) }),
  z.strictObject({ kind: z.literal('different'), ...about }),
]);
type Given = z.infer<typeof given>;

const answerChange = apiRoute({
  name: 'answerChange',
  method: 'POST',
  path: '/changes/:change/answers',
  roles: ANSWERERS,
  summary:
    'Répondre à ce qu’un changement demande : compléter, rattacher ou créer, le même centre ou un autre.',
  body: given,
  answer: acted,
  handle: async (request) => {
    const { run, body } = request;
    const change = await oneChange(request);
    const answers = await answersOf(request, change);
    return now(change, await answer(run, answers, { id: change.id, hash: body.hash }));
  },
});

async function answersOf(
  { run, body }: ApiRequest<unknown, Given>,
  change: StoredChange,
): Promise<GivenAnswer[]> {
  const centre = centreOf(change, body.centre);
  switch (body.kind) {
    case 'complete':
      return await completionAnswers(run, change, centre, { values: body.values, proof: body.proof });
    case 'attach':
      return [attachAnswer(change, centre, body.offer)];
    case 'create':
      return [createAnswer(centre)];
    case 'same':
      return [sameAnswer(change, centre, body.other)];
    case 'different':
      return [differentAnswer(centre)];
  }
}

function now(
  { centres }: StoredChange,
  { report, changes }: Awaited<ReturnType<typeof replanNow>>,
): z.infer<typeof acted> {
  return {
    summary: report.summary,
    changes: changes
      .filter((each) => each.centres.some((id) => centres.includes(id)))
      .map((each) => ({ id: each.id, state: each.state, hash: each.hash })),
  };
}

export const decisionRoutes: readonly ApiRoute[] = [approveChange, rejectChange, answerChange];
