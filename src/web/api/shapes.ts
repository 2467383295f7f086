import { z } from 'zod';
import { CHANGE_KINDS, CHANGE_STATES, type Provenance, type Reason } from '../../domain/change.js';
import type { ChangeHead } from '../../db/change-heads.js';
import { offerOfTarget } from '../../domain/change.js';
import type { ExplainedField } from '../../runs/explain.js';
import type { CentreIdentity } from '../../runs/report.js';

/** Shapes that several addresses of the API share. Names are English, texts for people French. */

export const instant = z.iso.datetime();
export const hash = z.string().regex(/^[0-9a-f]{64}$/);
export const kind = z.enum(CHANGE_KINDS);
export const state = z.enum(CHANGE_STATES);
/** A value of the ROR or of an answer: any JSON. */
export const anyJson = z.unknown();

/** Entries of one page. */
export const limit = z.coerce.number().int().min(1).max(200).default(50);
/** Where the page before ended, as its `next` said; an order that never moves, whatever is added meanwhile. */
export const cursor = z.coerce.number().int().min(1).optional();

export const locator = z.object({
  file: z.string(),
  sheet: z.string().optional(),
  line: z.number().optional(),
  page: z.number().optional(),
  path: z.string().optional(),
});

/** Where a value comes from: a source, a decision (with the person's name), or a written rule. */
export const provenance = z.object({
  kind: z.enum(['source', 'decision', 'rule']),
  origin: z.string(),
  snapshot: z.string().optional(),
  locator: locator.optional(),
  date: z.string().optional(),
  /** Rank of the source for this value, where several sources say it. */
  rank: z.union([z.number(), z.literal('never')]).optional(),
});

/** Why a field has its value, in French lines: never part of what an approval is bound to. */
export const explained = z.object({
  field: z.string(),
  word: z.string(),
  value: z.string(),
  state: z.enum(['agreed', 'disagreement', 'newDisagreement']),
  lines: z.array(z.string()),
});

export function explainedOf({
  field,
  word,
  value,
  state: how,
  lines,
}: ExplainedField): z.infer<typeof explained> {
  return { field, word, value, state: how, lines: [...lines] };
}

/** A centre as the last plan names it: never the name of its head. */
export const identity = z.object({
  id: z.string(),
  title: z.string(),
  network: z.string().nullable(),
  filiere: z.string(),
  label: z.string(),
  campaign: z.number().nullable(),
  hospital: z.string(),
  town: z.string().nullable(),
  ej: z.string().nullable(),
  eg: z.string().nullable(),
  public: z.string().nullable(),
});

export function identityOf(centre: CentreIdentity): z.infer<typeof identity> {
  const { id, title, network, filiere, label, campaign, hospital, town, ej, eg, public: whom } = centre;
  return { id, title, network, filiere, label, campaign, hospital, town, ej, eg, public: whom };
}

export const reason = z.object({
  code: z.string(),
  blocking: z.boolean(),
  field: z.string().nullable(),
  message: z.string(),
  candidates: z.array(z.object({ value: z.string(), label: z.string() })),
});

export function reasonOf({ code, blocking, field, message, candidates }: Reason): z.infer<typeof reason> {
  return { code, blocking, field: field ?? null, message, candidates: [...(candidates ?? [])] };
}

export function provenanceOf(
  { kind: how, origin, snapshot, locator: place, date, rank }: Provenance,
  names: ReadonlyMap<string, string>,
): z.infer<typeof provenance> {
  return {
    kind: how,
    origin: how === 'decision' ? (names.get(origin) ?? 'personne effacée') : origin,
    ...(snapshot === undefined ? {} : { snapshot }),
    ...(place === undefined ? {} : { locator: place }),
    ...(date === undefined ? {} : { date }),
    ...(rank === undefined ? {} : { rank }),
  };
}

/** A change without its elements. */
export const head = z.object({
  id: z.string(),
  no: z.number().int(),
  kind,
  state,
  /** Number of the offer; null when the change creates it. */
  offer: z.string().nullable(),
  centres: z.array(z.object({ id: z.string(), identity: identity.nullable() })),
  hash,
  quorum: z.number().int(),
  openedAt: instant,
  reasons: z.array(reason),
});

export function headOf(
  change: ChangeHead,
  centres: Readonly<Record<string, CentreIdentity>>,
): z.infer<typeof head> {
  return {
    id: change.id,
    no: change.no,
    kind: change.kind,
    state: change.state,
    offer: offerOfTarget(change.target),
    centres: change.centres.map((id) => {
      const known = centres[id];
      return { id, identity: known === undefined ? null : identityOf(known) };
    }),
    hash: change.hash,
    quorum: change.quorum,
    openedAt: change.openedAt.toISOString(),
    reasons: change.reasons.map(reasonOf),
  };
}

/** The instant as JSON writes it; null for none. */
export function instantOf(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}
