import { z } from 'zod';
import { displayNames } from '../../db/people.js';
import { schedulesOf } from '../../db/schedules.js';
import { JOB_KINDS } from '../../domain/schedule.js';
import { sourceAges } from '../../runs/freshness.js';
import { pause, pausesOf, resume } from '../../schedule/manage.js';
import { STAFF } from '../route.js';
import { schedulingOf } from '../scheduling.js';
import { apiRoute, type ApiRoute } from './route.js';
import { instant, instantOf } from './shapes.js';

const sources = apiRoute({
  name: 'sources',
  method: 'GET',
  path: '/sources',
  roles: STAFF,
  summary: 'Fraîcheur de chaque source, et sa dernière livraison.',
  answer: z.object({
    sources: z.array(
      z.object({
        source: z.string(),
        freshness: z.enum(['never', 'unlimited', 'fresh', 'watched', 'stale']),
        ageDays: z.number().nullable(),
        limitDays: z.number().nullable(),
        file: z.string().nullable(),
        contentDate: z.string().nullable(),
        receivedAt: instant.nullable(),
      }),
    ),
  }),
  handle: async ({ run }) => ({
    sources: (await sourceAges(run, run.now())).map(({ source, freshness, days, delivery }) => ({
      source,
      freshness,
      ageDays: days?.age ?? null,
      limitDays: days?.limit ?? null,
      file: delivery?.file_name ?? null,
      contentDate: delivery?.content_date ?? null,
      receivedAt: instantOf(delivery?.fetched_at ?? null),
    })),
  }),
});

const schedules = apiRoute({
  name: 'schedules',
  method: 'GET',
  path: '/schedules',
  roles: STAFF,
  summary: 'Ce qui est planifié, avec la prochaine échéance.',
  answer: z.object({
    schedules: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(JOB_KINDS),
        source: z.string().nullable(),
        cron: z.string(),
        timeZone: z.string(),
        builtIn: z.boolean(),
        nextAt: instant,
      }),
    ),
  }),
  handle: async ({ run, region }) => ({
    schedules: (await schedulesOf(run.db, region.code)).map(
      ({ name, kind, source, cron, timeZone, builtIn, nextAt }) => ({
        ...{ name, kind, source, cron, timeZone, builtIn },
        nextAt: nextAt.toISOString(),
      }),
    ),
  }),
});

const paused = z.object({
  /** Null: everywhere. */
  region: z.string().nullable(),
  /** Null: all of the region. */
  source: z.string().nullable(),
  reason: z.string(),
  by: z.string(),
  beginsAt: instant,
  expiresAt: instant,
});

const pauses = apiRoute({
  name: 'pauses',
  method: 'GET',
  path: '/pauses',
  roles: STAFF,
  summary: 'Pauses en cours.',
  answer: z.object({ pauses: z.array(paused) }),
  handle: async (request) => {
    const standing = await pausesOf(schedulingOf(request), request.region.code);
    const names = await displayNames(
      request.run.db,
      standing.map(({ author }) => author),
    );
    return {
      pauses: standing.map(({ region, source, reason, author, beginsAt, expiresAt }) => ({
        ...{ region, source, reason },
        by: names.get(author) ?? 'personne effacée',
        beginsAt: beginsAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      })),
    };
  },
});

const scope = z.string().max(80).nullable().default(null).describe('Null : toute la région.');

const begin = apiRoute({
  name: 'pause',
  method: 'POST',
  path: '/pauses',
  roles: ['operator'],
  summary: 'Mettre la région, ou une source, en pause jusqu’à un instant ; ce qui est en cours continue.',
  body: z.strictObject({
    source: scope,
    reason: z.string().max(500),
    until: z.string().max(20).describe('AAAA-MM-JJTHH:MM, heure du fuseau configuré (Paris).'),
  }),
  answer: paused,
  handle: async (request) => {
    const { region, person, body } = request;
    const { source, reason, until } = body;
    const wanted = { region: region.code, source, reason, until, hours: null };
    const made = await pause(schedulingOf(request), wanted, person);
    return {
      ...{ region: made.region, source: made.source, reason: made.reason },
      by: person.displayName,
      beginsAt: made.beginsAt.toISOString(),
      expiresAt: made.expiresAt.toISOString(),
    };
  },
});

const lift = apiRoute({
  name: 'resume',
  method: 'POST',
  path: '/pauses/lift',
  roles: ['operator'],
  summary: 'Lever les pauses en cours d’exactement cette portée.',
  body: z.strictObject({ source: scope, reason: z.string().max(500).nullable().default(null) }),
  answer: z.object({ lifted: z.number().int() }),
  handle: async (request) => {
    const { region, person, body } = request;
    const { source, reason } = body;
    const lifted = await resume(schedulingOf(request), { region: region.code, source, reason }, person);
    return { lifted };
  },
});

export const scheduleRoutes: readonly ApiRoute[] = [sources, schedules, pauses, begin, lift];
