import { z } from 'zod';
import { asksAgreement } from '../../config/schema/region.js';
import { standingAgreement } from '../../db/agreements.js';
import { wantedHeads } from '../../db/change-heads.js';
import { authorsOf, OPEN_STATES } from '../../db/changes.js';
import { countingApprovers, decisionsOf } from '../../db/decisions.js';
import { displayNames } from '../../db/people.js';
import type { PersonId } from '../../domain/ids.js';
import { agreementLine } from '../../followup/agree.js';
import { confirmationOf } from '../../review/confirmation.js';
import { oldestGrant } from '../../review/decide.js';
import { listCentres } from '../../runs/centre-list.js';
import { deciders } from '../../runs/attribution.js';
import { explainedCentre } from '../../runs/explained-centre.js';
import { plannedCentres } from '../../runs/planned-centres.js';
import { oneChange } from '../pages/find.js';
import { STAFF } from '../route.js';
import { apiRoute, type ApiRequest, type ApiRoute } from './route.js';
import {
  anyJson,
  cursor,
  explained,
  explainedOf,
  hash,
  head,
  headOf,
  instant,
  instantOf,
  kind,
  limit,
  provenance,
  provenanceOf,
  state,
} from './shapes.js';

/** One or several values of a query: `?state=proposed&state=approved`. */
const some = <T extends z.ZodType>(value: T) => z.union([value, z.array(value).max(20)]);

const query = z.strictObject({
  state: some(state).optional().describe('Absent : tous les états ouverts.'),
  kind: some(kind).optional(),
  filiere: z.string().max(40).optional(),
  centre: z.string().max(100).optional(),
  search: z.string().max(200).optional().describe('Mots du centre : nom, hôpital, ville, FINESS, label.'),
  cursor,
  limit,
});

const list = apiRoute({
  name: 'changes',
  method: 'GET',
  path: '/changes',
  roles: STAFF,
  summary: 'Changements, dans l’ordre de leur création, page par page.',
  query,
  answer: z.object({ changes: z.array(head), next: z.number().int().nullable() }),
  handle: async (request) => {
    const { run, region, query: asked } = request;
    const heads = await wantedHeads(run.db, region.code, {
      states: several(asked.state) ?? OPEN_STATES,
      kinds: several(asked.kind),
      centres: await centresWanted(request),
      after: asked.cursor ?? 0,
      limit: asked.limit + 1,
    });
    const centres = await plannedCentres(run);
    const shown = heads.slice(0, asked.limit);
    return {
      changes: shown.map((each) => headOf(each, centres)),
      next: heads.length > asked.limit ? (shown.at(-1)?.no ?? null) : null,
    };
  },
});

function several<T>(value: T | readonly T[] | undefined): readonly T[] | null {
  if (value === undefined) return null;
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** Centres that the filters name; null when none does. */
async function centresWanted({
  run,
  query: asked,
}: ApiRequest<z.infer<typeof query>>): Promise<readonly string[] | null> {
  const { filiere = '', search: words = '', centre } = asked;
  if (filiere === '' && words === '') return centre === undefined ? null : [centre];
  const { found } = await listCentres(run, { words, filiere, label: '', open: 'any' });
  return found.map(({ id }) => id).filter((id) => centre === undefined || id === centre);
}

const element = z.object({
  key: z.string(),
  path: z.string(),
  operation: z.enum(['add', 'replace', 'delete']),
  /** What was last read back after we wrote; null: nothing. */
  base: anyJson,
  before: anyJson,
  after: anyJson,
  text: z.string(),
  channel: z.enum(['ror', 'served']),
  conflict: z.boolean(),
  assumed: z.boolean(),
  provenance: z.array(provenance),
});

const one = apiRoute({
  name: 'change',
  method: 'GET',
  path: '/changes/:change',
  roles: STAFF,
  summary:
    'Un changement : éléments avant et après, empreinte, auteurs, décisions et approbations qui manquent.',
  answer: head.extend({
    run: z.string(),
    closedAt: instant.nullable(),
    elements: z.array(element),
    explained: z.array(z.object({ centre: z.string(), fields: z.array(explained) })),
    authors: z.array(z.object({ name: z.string(), why: z.string() })),
    decisions: z.array(
      z.object({
        verdict: z.enum(['approve', 'reject']),
        by: z.string(),
        onBehalfOf: z.string().nullable(),
        reason: z.string().nullable(),
        at: instant,
        hash,
      }),
    ),
    /** Approvals of this very form that count now. */
    approvals: z.number().int(),
    /** Word to send with an approval; null when none is asked. */
    confirmation: z.string().nullable(),
    agreement: z.string().nullable(),
  }),
  handle: async (request) => {
    const { run, region } = request;
    const change = await oneChange(request);
    const authors = await authorsOf(run.db, region.code, change.id);
    const decisions = await decisionsOf(run.db, region.code, change.id);
    const people = await displayNames(run.db, [
      ...authors.map((author) => author.person),
      ...decisions.flatMap(({ person, onBehalfOf }) => [
        person,
        ...(onBehalfOf === null ? [] : [onBehalfOf]),
      ]),
    ]);
    const name = (person: PersonId): string => people.get(person) ?? 'personne effacée';
    const names = await deciders(run.db, [change]);
    const counting = await countingApprovers(run.db, {
      region: region.code,
      changeId: change.id,
      hash: change.hash,
      confirmedAfter: oldestGrant(run.now(), run.config.review),
    });
    return {
      ...headOf(change, await plannedCentres(run)),
      run: change.runId,
      closedAt: instantOf(change.closedAt),
      elements: change.elements.map((each) => ({
        key: each.key,
        path: each.path,
        operation: each.operation,
        base: each.base ?? null,
        before: each.before ?? null,
        after: each.after ?? null,
        text: each.text,
        channel: each.channel,
        conflict: each.conflict,
        assumed: each.assumed,
        provenance: each.provenance.map((from) => provenanceOf(from, names)),
      })),
      explained: await Promise.all(
        change.centres.map(async (centre) => {
          const { fields } = await explainedCentre(run, centre);
          return { centre, fields: fields.map(explainedOf) };
        }),
      ),
      authors: authors.map(({ person, why }) => ({ name: name(person), why })),
      decisions: decisions.map(({ verdict, person, onBehalfOf, reason, at, hash: form }) => ({
        verdict,
        by: name(person),
        onBehalfOf: onBehalfOf === null ? null : name(onBehalfOf),
        reason,
        at: at.toISOString(),
        hash: form,
      })),
      approvals: counting.length,
      confirmation: confirmationOf(change.kind),
      agreement: asksAgreement(region)
        ? agreementLine(await standingAgreement(run.db, region.code, change))
        : null,
    };
  },
});

export const changeRoutes: readonly ApiRoute[] = [list, one];
