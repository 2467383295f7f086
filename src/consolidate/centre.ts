import type { CentreObservation, Label, Public } from '../domain/centre.js';
import type { Provenance } from '../domain/change.js';
import type { CentreId, PersonId } from '../domain/ids.js';
import { canonicalText } from '../domain/json.js';
import type { Locator } from '../domain/locator.js';
import type { CentreField } from '../domain/offer.js';
import { RANKED_FIELDS, type FieldRank, type RankedField } from '../domain/ranked-fields.js';
import { sayTheSame, says, valueOf } from './said.js';

/** What is known of one field of a row besides its value. */
export interface SaidField {
  /** Day since which the source says this, as its deliveries tell it. */
  readonly since: string;
  /** True when its present delivery is the first to say so. */
  readonly isNew: boolean;
  /** The source swings: the value stands in place of what it says now. */
  readonly held: HeldValue | null;
}

/** A value kept from an earlier delivery while its source swings. */
export interface HeldValue {
  /** What the source says now instead; null: the row is not there. */
  readonly now: unknown;
  readonly from: Pick<Provenance, 'snapshot' | 'locator' | 'date'>;
  /** Whoever handed over the delivery that said it. */
  readonly importedBy: PersonId | null;
}

/** One open observation with what is needed to say where it comes from. */
export interface ObservationRef {
  readonly source: string;
  /** Rank of trust of the source (configuration); the highest gives the value kept. */
  readonly precedence: number;
  /** Ranks of single fields, where the configuration gives another. */
  readonly ranks?: { readonly [Field in RankedField]?: FieldRank | undefined };
  readonly key: string;
  readonly observation: CentreObservation;
  readonly locator: Locator;
  readonly snapshot: string;
  /** Date of the content, or of its collection. */
  readonly date: string;
  readonly importedBy: PersonId | null;
  /** Absent for a field that the row said from its first delivery on. */
  readonly said?: ReadonlyMap<RankedField, SaidField>;
}

/** A value given by a person for one field of one centre. It wins over every source. */
export interface Completion {
  readonly field: CentreField;
  readonly value: unknown;
  readonly author: PersonId;
  readonly date: string;
  /** What proves it, free text: required to reconfirm a label or to withdraw one. */
  readonly proof: string | null;
}

/** What one source says of one field, with the rank that it has for it. */
export interface SourceSays {
  readonly source: string;
  readonly rank: FieldRank;
  readonly value: unknown;
  readonly provenance: Provenance;
  readonly said: SaidField;
}

/**
 * Why a field has its value. `only`: no other source says it. `rank`: the highest rank. `tie`: an equal rank, and the
 * name of the source that comes first. `barred`: every source that says it is configured never to give it; a field
 * that no centre goes without is then shown and held back, any other stays empty.
 */
export interface FieldExplanation {
  readonly field: RankedField;
  readonly because: 'only' | 'rank' | 'tie' | 'barred';
  /** Null when no source says it. */
  readonly kept: SourceSays | null;
  readonly others: readonly (SourceSays & { readonly agrees: boolean })[];
  /** A person's value that stands before all of them. */
  readonly completion: Completion | null;
}

/** Two sources that say different things of one field (rows of one source are its own history): shown, never averaged. */
export interface Disagreement {
  readonly field: RankedField;
  readonly kept: string;
  readonly others: readonly { readonly value: string; readonly provenance: Provenance }[];
}

export interface ConsolidatedCentre {
  readonly id: CentreId;
  /** Key of the best source: how the same centre is named in two databases. */
  readonly key: string;
  readonly title: string;
  readonly network: string | null;
  readonly filiere: string;
  readonly label: Label;
  readonly hospital: string;
  readonly town: string | null;
  readonly departement: string | null;
  readonly public: Public | null;
  readonly specificActs: readonly string[];
  /** Row that names the establishment: its hospital is the one to find. */
  readonly placed: ObservationRef;
  /** Completions by field; fields that no list can give (site, activity field, families) come only from here. */
  readonly completions: ReadonlyMap<CentreField, Completion>;
  readonly provenance: ReadonlyMap<CentreField, readonly Provenance[]>;
  readonly explanations: readonly FieldExplanation[];
  readonly disagreements: readonly Disagreement[];
  readonly observations: readonly ObservationRef[];
}

/** No centre goes without: the word of a source that may not give them is shown, and holds the change back. */
const MANDATORY: readonly RankedField[] = ['title', 'filiere', 'label', 'establishment'];
/** Completions that say the same thing as a ranked field. */
const COMPLETED_BY: Readonly<Partial<Record<RankedField, readonly CentreField[]>>> = {
  public: ['public'],
  label: ['label'],
  establishment: ['site', 'establishment'],
};

/**
 * Merges what several sources say of one centre, field by field: the source of highest rank for the field that says
 * something gives the value; the others are kept as disagreements; a person's completion wins over all.
 * Order of the observations does not matter: ranks, then the name of the source, then its latest campaign and its key
 * decide.
 * @param samePlace whether two rows name one establishment; by what they write, where their place is not known
 */
export function consolidate(
  id: CentreId,
  observations: readonly ObservationRef[],
  completions: readonly Completion[],
  samePlace?: (one: ObservationRef, other: ObservationRef) => boolean,
): ConsolidatedCentre {
  const ranked = [...observations].sort((a, b) => b.precedence - a.precedence || bySource(a, b));
  const best = ranked[0];
  if (best === undefined) throw new Error(`centre ${id} without observation`);
  const byField = new Map(completions.map((completion) => [completion.field, completion]));
  const givers = new Map<RankedField, ObservationRef | null>();
  const provenance = new Map<CentreField, readonly Provenance[]>();
  const explanations: FieldExplanation[] = [];
  const several = new Set(ranked.map(({ source }) => source)).size > 1;
  for (const field of RANKED_FIELDS) {
    const order = inRank(ranked, field);
    const speakers = order.filter((ref) => says(ref.observation, field));
    const allowed = speakers.filter((ref) => rankOf(ref, field) !== 'never');
    const fallback = MANDATORY.includes(field) ? (speakers[0] ?? order[0] ?? best) : null;
    const giver = allowed[0] ?? fallback;
    givers.set(field, giver);
    provenance.set(field, [
      sourceProvenance(giver ?? best, field, giver !== null && several ? 'ranked' : 'alone'),
    ]);
    const same = (other: ObservationRef): boolean =>
      giver !== null &&
      (field === 'establishment' && samePlace !== undefined
        ? samePlace(giver, other)
        : sayTheSame(giver.observation, other.observation, field));
    explanations.push(explained(field, { giver, speakers, allowed, byField, same }));
  }
  for (const completion of byField.values()) {
    const before = completion.field === 'label' ? (provenance.get('label') ?? []) : [];
    provenance.set(completion.field, [...before, completionProvenance(completion)]);
  }
  const value = <K extends Exclude<RankedField, 'establishment'>>(field: K): CentreObservation[K] | null =>
    givers.get(field)?.observation[field] ?? null;
  const placed = givers.get('establishment') ?? best;
  return {
    id,
    key: best.key,
    title: value('title') ?? best.observation.title,
    network: value('network'),
    filiere: value('filiere') ?? best.observation.filiere,
    label: reconfirmed(value('label') ?? best.observation.label, byField.get('label')),
    hospital: placed.observation.hospital,
    town: placed.observation.town,
    departement: placed.observation.departement,
    public: (byField.get('public')?.value as Public | undefined) ?? value('public'),
    specificActs: value('specificActs') ?? [],
    placed,
    completions: byField,
    provenance,
    explanations,
    disagreements: explanations.flatMap(disagreementOf),
    observations: ranked,
  };
}

interface Spoken {
  readonly giver: ObservationRef | null;
  readonly speakers: readonly ObservationRef[];
  readonly allowed: readonly ObservationRef[];
  readonly byField: ReadonlyMap<CentreField, Completion>;
  readonly same: (other: ObservationRef) => boolean;
}

function explained(
  field: RankedField,
  { giver, speakers, allowed, byField, same }: Spoken,
): FieldExplanation {
  const spoken = giver !== null && says(giver.observation, field) ? giver : null;
  const others = onePerSource(speakers).filter(({ source }) => source !== giver?.source);
  const next = allowed.find(({ source }) => source !== giver?.source);
  const completion = (COMPLETED_BY[field] ?? [])
    .map((name) => byField.get(name))
    .find((each) => each !== undefined);
  const barred = allowed.length === 0 && speakers.length > 0;
  return {
    field,
    because: barred
      ? 'barred'
      : next === undefined
        ? others.length === 0
          ? 'only'
          : 'rank'
        : rankOf(next, field) === (spoken === null ? null : rankOf(spoken, field))
          ? 'tie'
          : 'rank',
    kept: spoken === null ? null : sourceSays(spoken, field),
    others: others.map((ref) => ({ ...sourceSays(ref, field), agrees: same(ref) })),
    completion: completion ?? null,
  };
}

/** Only where something is kept and another source says otherwise. */
function disagreementOf({ field, kept, others }: FieldExplanation): Disagreement[] {
  const against = others.filter(({ agrees }) => !agrees);
  if (against.length === 0) return [];
  return [
    {
      field,
      kept: canonicalText(kept?.value ?? null),
      others: against.map(({ value, provenance }) => ({ value: canonicalText(value), provenance })),
    },
  ];
}

function sourceSays(ref: ObservationRef, field: RankedField): SourceSays {
  return {
    source: ref.source,
    rank: rankOf(ref, field),
    value: valueOf(ref.observation, field),
    provenance: sourceProvenance(ref, field, 'ranked'),
    said: ref.said?.get(field) ?? { since: ref.date, isNew: false, held: null },
  };
}

function rankOf(ref: ObservationRef, field: RankedField): FieldRank {
  return ref.ranks?.[field] ?? ref.precedence;
}

/** A source that may never give the field comes after all the others. */
function inRank(refs: readonly ObservationRef[], field: RankedField): ObservationRef[] {
  const height = (ref: ObservationRef): number => {
    const rank = rankOf(ref, field);
    return rank === 'never' ? -1 : rank;
  };
  return [...refs].sort((a, b) => height(b) - height(a) || bySource(a, b));
}

function bySource(a: ObservationRef, b: ObservationRef): number {
  return (
    compare(a.source, b.source) ||
    // A list that keeps the history of a label: its latest campaign speaks.
    (b.observation.label.campaign ?? 0) - (a.observation.label.campaign ?? 0) ||
    compare(a.key, b.key)
  );
}

function onePerSource(refs: readonly ObservationRef[]): ObservationRef[] {
  const first = new Map<string, ObservationRef>();
  for (const ref of refs) if (!first.has(ref.source)) first.set(ref.source, ref);
  return [...first.values()];
}

/** A label reconfirmed by a person keeps its level and takes the campaign that the proof attests. */
function reconfirmed(label: Label, completion: Completion | undefined): Label {
  if (completion === undefined) return label;
  const campaign = Number(completion.value);
  return { level: label.level, campaign, campaignText: String(campaign) };
}

/** Where a row's word comes from; of a held value, the delivery that said it. The rank stands where one had to decide. */
function sourceProvenance(ref: ObservationRef, field: RankedField, how: 'ranked' | 'alone'): Provenance {
  const { source, snapshot, locator, date } = ref;
  return {
    ...{ kind: 'source', origin: source, snapshot, locator, date },
    ...ref.said?.get(field)?.held?.from,
    ...(how === 'ranked' ? { rank: rankOf(ref, field) } : {}),
  };
}

export function completionProvenance(completion: Completion): Provenance {
  return { kind: 'decision', origin: completion.author, date: completion.date };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
