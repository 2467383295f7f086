import { z } from 'zod';
import { journalFrom } from '../../db/journal-search.js';
import { displayNames } from '../../db/people.js';
import { offerOfTarget } from '../../domain/change.js';
import { queueOf, STEP_WORDS, type QueueStep } from '../../followup/queue.js';
import { STAFF } from '../route.js';
import { apiRoute, type ApiRoute } from './route.js';
import { hash, instant, instantOf, kind, limit } from './shapes.js';

const STEPS = Object.keys(STEP_WORDS) as [QueueStep, ...QueueStep[]];

const queue = apiRoute({
  name: 'queue',
  method: 'GET',
  path: '/queue',
  roles: STAFF,
  summary: 'File « À saisir dans le ROR » : ce qui attend un accord, une transmission, ou d’être vu.',
  answer: z.object({
    items: z.array(
      z.object({
        change: z.string(),
        kind,
        hash,
        centres: z.array(z.string()),
        offer: z.string().nullable(),
        step: z.enum(STEPS),
        word: z.string(),
        owner: z.string().nullable(),
        since: instant,
        ageDays: z.number(),
        reminders: z.number().int(),
        remindAt: instant.nullable(),
        reminderDue: z.boolean(),
        expiresAt: instant.nullable(),
        reason: z.string().nullable(),
      }),
    ),
  }),
  handle: async ({ run, region }) => ({
    items: (await queueOf(run.db, region, run.config.followup, run.now())).map((item) => ({
      change: item.change.id,
      kind: item.change.kind,
      hash: item.change.hash,
      centres: [...item.change.centres],
      offer: offerOfTarget(item.change.target),
      step: item.step,
      word: STEP_WORDS[item.step],
      owner: item.owner,
      since: item.since.toISOString(),
      ageDays: item.ageDays,
      reminders: item.reminders,
      remindAt: instantOf(item.remindAt),
      reminderDue: item.reminderDue,
      expiresAt: instantOf(item.expiresAt),
      reason: item.reason,
    })),
  }),
});

const journal = apiRoute({
  name: 'journal',
  method: 'GET',
  path: '/journal',
  roles: STAFF,
  summary: 'Écritures du journal de la région, dans leur ordre, à partir d’un numéro.',
  query: z.strictObject({ from: z.coerce.number().int().min(1).default(1), limit }),
  answer: z.object({
    entries: z.array(
      z.object({
        no: z.number().int(),
        at: z.string(),
        kind: z.string(),
        subject: z.string(),
        /** Key of the person; null when a rule acted. */
        actor: z.string().nullable(),
        by: z.string().nullable(),
        /** The exact text that was hashed. */
        body: z.string(),
        previousHash: z.string(),
        hash: z.string(),
      }),
    ),
    /** Number to ask from next; null when there is nothing more yet. */
    next: z.number().int().nullable(),
  }),
  handle: async ({ run, region, query }) => {
    const found = await journalFrom(run.db, region.code, query.from, query.limit + 1);
    const names = await displayNames(
      run.db,
      found.flatMap(({ actor }) => actor ?? []),
    );
    return {
      entries: found.slice(0, query.limit).map((entry) => ({
        no: Number(entry.no),
        at: entry.at,
        kind: entry.kind,
        subject: entry.subject,
        actor: entry.actor,
        by: entry.actor === null ? null : (names.get(entry.actor) ?? 'personne effacée'),
        body: entry.body,
        previousHash: entry.prev_hash,
        hash: entry.hash,
      })),
      next: found.length > query.limit ? Number(found[query.limit]?.no) : null,
    };
  },
});

export const followedRoutes: readonly ApiRoute[] = [queue, journal];
