import type { CentreObservation, Label, Public } from '../domain/centre.js';

import type { Provenance } from '../domain/change.js';
import type { CentreId, PersonId } from '../domain/ids.js';
import { canonicalText } from '../domain/json.js';
import type { Locator } from '../domain/locator.js';
import type { CentreField } from '../domain/offer.js';

/** One open observation with what is needed to say where it comes from. */
export interface ObservationRef {
  readonly source: string;
  /** Rank of trust of the source (configuration); the highest gives the value kept. */
  readonly precedence: number;
  readonly key: string;
  readonly observation: CentreObservation;
  readonly locator: Locator;
  readonly snapshot: string;
  /** Date of the content, or of its collection. */
  readonly date: string;
  readonly importedBy: PersonId | null;
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

/** Two sources that say different things of one field (rows of one source are its own history): shown, never averaged. */
export interface Disagreement {
  readonly field: CentreField;
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
  readonly head: string | null;
  readonly specificActs: readonly string[];
  /** Completions by field; fields that no list can give (site, activity field, families) come only from here. */
  readonly completions: ReadonlyMap<CentreField, Completion>;
  readonly provenance: ReadonlyMap<CentreField, readonly Provenance[]>;
  readonly disagreements: readonly Disagreement[];
  readonly observations: readonly ObservationRef[];
}

const MERGED = ['title', 'network', 'filiere', 'label', 'public', 'specificActs'] as const;

/**
 * Merges what several sources say of one centre, field by field: the source of highest rank that says something
 * gives the value; the others are kept as disagreements; a person's completion wins over all.
 * Order of the observations does not matter: ranks, then source and key, decide.
 */
export function consolidate(
  id: CentreId,
  observations: readonly ObservationRef[],
  completions: readonly Completion[],
): ConsolidatedCentre {
  const ranked = [...observations].sort(
    (a, b) =>
      b.precedence - a.precedence ||
      compare(a.source, b.source) ||
      // A list that keeps the history of a label: its latest campaign speaks.
      (b.observation.label.campaign ?? 0) - (a.observation.label.campaign ?? 0) ||
      compare(a.key, b.key),
  );
  const best = ranked[0];
  if (best === undefined) throw new Error(`centre ${id} without observation`);
  const byField = new Map(completions.map((completion) => [completion.field, completion]));
  const provenance = new Map<CentreField, readonly Provenance[]>();
  const disagreements: Disagreement[] = [];
  for (const field of MERGED) {
    const kept = ranked.find((ref) => says(ref.observation, field)) ?? best;
    provenance.set(field, [sourceProvenance(kept)]);
    const keptText = canonicalText(kept.observation[field]);
    const others = ranked.filter(
      (ref) =>
        ref.source !== kept.source &&
        says(ref.observation, field) &&
        canonicalText(ref.observation[field]) !== keptText,
    );
    if (others.length > 0) {
      disagreements.push({
        field,
        kept: keptText,
        others: others.map((ref) => ({
          value: canonicalText(ref.observation[field]),
          provenance: sourceProvenance(ref),
        })),
      });
    }
  }
  provenance.set('establishment', [sourceProvenance(best)]);
  for (const completion of byField.values()) {
    const before = completion.field === 'label' ? (provenance.get('label') ?? []) : [];
    provenance.set(completion.field, [...before, completionProvenance(completion)]);
  }
  const value = <K extends (typeof MERGED)[number]>(field: K): CentreObservation[K] =>
    (ranked.find((ref) => says(ref.observation, field)) ?? best).observation[field];
  return {
    id,
    key: best.key,
    title: value('title'),
    network: value('network'),
    filiere: value('filiere'),
    label: reconfirmed(value('label'), byField.get('label')),
    hospital: best.observation.hospital,
    town: best.observation.town,
    departement: best.observation.departement,
    public: (byField.get('public')?.value as Public | undefined) ?? value('public'),
    head: best.observation.head,
    specificActs: value('specificActs'),
    completions: byField,
    provenance,
    disagreements,
    observations: ranked,
  };
}

function says(observation: CentreObservation, field: (typeof MERGED)[number]): boolean {
  const value = observation[field];
  return value !== null && !(Array.isArray(value) && value.length === 0);
}

/** A label reconfirmed by a person keeps its level and takes the campaign that the proof attests. */
function reconfirmed(label: Label, completion: Completion | undefined): Label {
  if (completion === undefined) return label;
  const campaign = Number(completion.value);
  return { level: label.level, campaign, campaignText: String(campaign) };
}

export function sourceProvenance(ref: ObservationRef): Provenance {
  return {
    kind: 'source',
    origin: ref.source,
    snapshot: ref.snapshot,
    locator: ref.locator,
    date: ref.date,
  };
}

export function completionProvenance(completion: Completion): Provenance {
  return { kind: 'decision', origin: completion.author, date: completion.date };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
