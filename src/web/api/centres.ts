import { z } from 'zod';
import type { SeenDelivery } from '../../db/centre-history.js';
import { displayNames } from '../../db/people.js';
import type { CentreObservation } from '../../domain/centre.js';
import { offerOfTarget } from '../../domain/change.js';
import type { PersonId } from '../../domain/ids.js';
import { centreCard, type CentreCard } from '../../runs/centre-card.js';
import { dayOf } from '../../runs/merged-centre.js';
import { explanationsOf } from '../../runs/explained-centre.js';
import { listCentres } from '../../runs/centre-list.js';
import { STAFF } from '../route.js';
import { apiRoute, type ApiRoute } from './route.js';
import {
  anyJson,
  explained,
  explainedOf,
  hash,
  identity,
  identityOf,
  instant,
  instantOf,
  kind,
  limit,
  locator,
  provenance,
  provenanceOf,
  state,
} from './shapes.js';

const list = apiRoute({
  name: 'centres',
  method: 'GET',
  path: '/centres',
  roles: STAFF,
  summary: 'Centres du dernier plan, par identifiant, page par page.',
  query: z.strictObject({
    search: z.string().max(200).default(''),
    filiere: z.string().max(40).default(''),
    label: z.string().max(40).default(''),
    open: z.enum(['any', 'some']).default('any').describe('some : avec un changement en cours.'),
    cursor: z.string().max(100).optional(),
    limit,
  }),
  answer: z.object({
    centres: z.array(identity.extend({ openChanges: z.number().int() })),
    next: z.string().nullable(),
  }),
  handle: async ({ run, query }) => {
    const { search: words, filiere, label, open, cursor = '' } = query;
    const { found } = await listCentres(run, { words, filiere, label, open });
    const after = found.filter(({ id }) => id > cursor).sort((a, b) => (a.id < b.id ? -1 : 1));
    const shown = after.slice(0, query.limit);
    return {
      centres: shown.map((centre) => ({ ...identityOf(centre), openChanges: centre.open })),
      next: after.length > query.limit ? (shown.at(-1)?.id ?? null) : null,
    };
  },
});

const label = z.object({ level: z.string(), campaign: z.number().nullable(), campaignText: z.string() });
/** What one row of a list says of the centre; the head's name is left out. */
const said = z.object({
  title: z.string(),
  network: z.string().nullable(),
  filiere: z.string(),
  label,
  hospital: z.string(),
  town: z.string().nullable(),
  public: z.string().nullable(),
  finessEj: z.string().nullable(),
  finessEg: z.string().nullable(),
  evidence: z.string().nullable(),
});
const delivery = z.object({ file: z.string(), snapshot: z.string(), date: z.string(), receivedAt: instant });

const one = apiRoute({
  name: 'centre',
  method: 'GET',
  path: '/centres/:centre',
  roles: STAFF,
  summary:
    'La fiche d’un centre : valeurs et provenance, sources et désaccords, offres, changements, histoire.',
  answer: z.object({
    id: z.string(),
    sameAs: z.string().nullable(),
    identity: identity.nullable(),
    erns: z.array(z.string()),
    /** Null when no source says the centre any more. */
    values: said.omit({ evidence: true, finessEj: true, finessEg: true }).nullable(),
    provenance: z.record(z.string(), z.array(provenance)),
    sources: z.array(said.extend({ source: z.string(), locator, date: z.string(), snapshot: z.string() })),
    disagreements: z.array(
      z.object({
        field: z.string(),
        kept: anyJson,
        others: z.array(z.object({ value: anyJson, provenance })),
      }),
    ),
    explained: z.array(explained),
    answers: z.array(
      z.object({
        kind: z.string(),
        body: z.record(z.string(), anyJson),
        by: z.string(),
        at: instant,
        undone: z.boolean(),
      }),
    ),
    offers: z.array(
      z.object({
        offer: z.string(),
        createdByUs: z.boolean(),
        elements: z.array(z.object({ key: z.string(), value: anyJson, channel: z.enum(['ror', 'served']) })),
      }),
    ),
    formerOffers: z.array(z.object({ offer: z.string(), leftAt: instant })),
    changes: z.array(
      z.object({
        id: z.string(),
        kind,
        state,
        offer: z.string().nullable(),
        hash,
        openedAt: instant,
        closedAt: instant.nullable(),
      }),
    ),
    decisions: z.array(
      z.object({
        change: z.string(),
        verdict: z.enum(['approve', 'reject']),
        by: z.string(),
        reason: z.string().nullable(),
        at: instant,
      }),
    ),
    history: z.array(
      said.extend({ source: z.string(), locator, from: delivery, until: delivery.nullable() }),
    ),
  }),
  handle: async ({ run, params }) => {
    const card = await centreCard(run, params['centre'] ?? '');
    const { centre, identity: known } = card;
    const names = await displayNames(run.db, peopleOf(card));
    const name = (person: PersonId): string => names.get(person) ?? 'personne effacée';
    return {
      id: card.id,
      sameAs: card.sameAs,
      identity: known === null ? null : identityOf(known),
      erns: [...(card.filiere?.said.erns ?? [])],
      values:
        centre === null
          ? null
          : {
              title: centre.title,
              network: centre.network,
              filiere: centre.filiere,
              label: centre.label,
              hospital: centre.hospital,
              town: centre.town,
              public: centre.public,
            },
      provenance: Object.fromEntries(
        [...(centre?.provenance ?? [])].map(([field, from]) => [
          field,
          from.map((each) => provenanceOf(each, names)),
        ]),
      ),
      sources: (centre?.observations ?? []).map((ref) => ({
        ...saidOf(ref.observation),
        ...{ source: ref.source, locator: ref.locator, date: ref.date, snapshot: ref.snapshot },
      })),
      disagreements: (centre?.disagreements ?? []).map(({ field, kept, others }) => ({
        field,
        kept: JSON.parse(kept) as unknown,
        others: others.map((other) => ({
          value: JSON.parse(other.value) as unknown,
          provenance: provenanceOf(other.provenance, names),
        })),
      })),
      explained: explanationsOf(card, names).map(explainedOf),
      answers: card.answers.map(({ kind: what, body, author, at, undone }) => ({
        ...{ kind: what, body: { ...body }, by: name(author), at: at.toISOString(), undone },
      })),
      offers: card.offers.map(({ identifier, createdByUs, elements }) => ({
        ...{ offer: identifier, createdByUs },
        elements: elements.map(({ key, readBack, channel }) => ({ key, value: readBack, channel })),
      })),
      formerOffers: card.former.map(({ identifier, leftAt }) => ({
        ...{ offer: identifier, leftAt: leftAt.toISOString() },
      })),
      changes: card.changes.map((change) => ({
        ...{ id: change.id, kind: change.kind, state: change.state, hash: change.hash },
        offer: offerOfTarget(change.target),
        openedAt: change.openedAt.toISOString(),
        closedAt: instantOf(change.closedAt),
      })),
      decisions: card.decisions.map(({ changeId, verdict, person, reason, at }) => ({
        ...{ change: changeId, verdict, by: name(person), reason, at: at.toISOString() },
      })),
      history: card.history.map(({ source, locator: place, content, from, until }) => ({
        ...saidOf(JSON.parse(content) as CentreObservation),
        ...{ source, locator: place, from: deliveryOf(from) },
        until: until === null ? null : deliveryOf(until),
      })),
    };
  },
});

function saidOf(observation: CentreObservation): z.infer<typeof said> {
  const { title, network, filiere, label: given, hospital, town } = observation;
  const { public: whom, finessEj, finessEg, evidence } = observation;
  return {
    ...{ title, network, filiere, label: given, hospital, town },
    ...{ public: whom, finessEj, finessEg, evidence },
  };
}

function deliveryOf(from: SeenDelivery): z.infer<typeof delivery> {
  return {
    file: from.fileName,
    snapshot: from.sha256,
    date: dayOf(from),
    receivedAt: from.fetchedAt.toISOString(),
  };
}

function peopleOf({ answers, decisions, centre }: CentreCard): PersonId[] {
  return [
    ...answers.map(({ author }) => author),
    ...decisions.map(({ person }) => person),
    ...(centre === null ? [] : [...centre.completions.values()].map(({ author }) => author)),
  ];
}

export const centreRoutes: readonly ApiRoute[] = [list, one];
