import { z } from 'zod';
import { CHANGE_STATES } from '../../domain/change.js';
import { countBy } from '../../runs/report.js';
import { REGION_STATE_WORDS, REGION_STATES, regionStanding } from '../../runs/region-state.js';
import { STAFF } from '../route.js';
import { apiRoute, type ApiRoute } from './route.js';
import { instant, instantOf } from './shapes.js';

const region = apiRoute({
  name: 'region',
  method: 'GET',
  path: '',
  roles: STAFF,
  summary: 'État de la région : ce qui y est ouvert, et quand listes et répertoire ont été comparés.',
  answer: z.object({
    code: z.string(),
    name: z.string(),
    sandbox: z.boolean(),
    state: z.enum(REGION_STATES),
    word: z.string(),
    summary: z.string(),
    checkedAt: instant.nullable(),
    open: z.partialRecord(z.enum(CHANGE_STATES), z.number().int()),
    hospitalsToRecognise: z.number().int(),
    alerts: z.array(z.object({ code: z.string(), message: z.string(), remedy: z.string() })),
  }),
  handle: async ({ run, region: { code, name, sandbox } }) => {
    const { state, sentence, checkedAt, open, report } = await regionStanding(run);
    return {
      code,
      name,
      sandbox,
      state,
      word: REGION_STATE_WORDS[state],
      summary: sentence,
      checkedAt: instantOf(checkedAt),
      open: countBy(open.map((head) => head.state)),
      hospitalsToRecognise: report?.mentions.length ?? 0,
      alerts: (report?.alerts ?? []).map(({ code: what, message, remedy }) => ({
        code: what,
        message,
        remedy,
      })),
    };
  },
});

const me = apiRoute({
  name: 'me',
  method: 'GET',
  path: '/me',
  roles: STAFF,
  summary: 'Qui appelle, avec quels droits ; le jeton à renvoyer avec une écriture par le cookie de session.',
  answer: z.object({
    name: z.string(),
    roles: z.array(z.enum(['reader', 'operator', 'reviewer', 'establishment', 'administrator'])),
    /** Null with an access token, which needs none. */
    token: z.string().nullable(),
  }),
  handle: async ({ person, roles, csrf }) =>
    await Promise.resolve({ name: person.displayName, roles: [...roles].sort(), token: csrf }),
});

export const regionRoutes: readonly ApiRoute[] = [region, me];
