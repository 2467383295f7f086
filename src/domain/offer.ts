import type { CentreId, FinessEg, RegionCode } from './ids.js';
import type { Filiere } from './filiere.js';
import type { Json } from './json.js';
import type { Label, Public } from './centre.js';

/**
 * Key of one element of an offer, stable whatever its place in an array:
 * `name`, `category`, `specialty[operationalActivity]`, `characteristic[expertiseLevel]#11`,
 * `extension[patient-type].ageRange`, `comment[cmr_…]`.
 */
export type ElementKey = string;

/** One element of a FHIR resource, cut out and keyed (src/ror/elements). */
export interface OfferElement {
  readonly key: ElementKey;
  /** FHIR path for people and for patches: `HealthcareService.characteristic`. */
  readonly path: string;
  readonly value: Json;
}

/** Facts of a centre that a contribution may rest on; provenance is looked up by these names. */
export type CentreField =
  | 'title'
  | 'network'
  | 'filiere'
  | 'label'
  | 'establishment'
  | 'site'
  | 'public'
  | 'activityField'
  | 'families'
  | 'careMode'
  | 'specificActs'
  | 'contacts'
  | 'sensitiveUnit'
  | 'category'
  | 'activity'
  | 'ern';

/** A service's contact, never a person's: nature TRE_R287, channel TRE_R200, confidentiality TRE_R283. */
export interface CentreContact {
  readonly nature: string;
  readonly channel: string;
  readonly confidentiality: string;
  readonly value: string;
  readonly description?: string;
}

/** A centre after consolidation, as the encoder sees it. Null is unknown: nothing is guessed here. */
export interface CentreFacts {
  readonly id: CentreId;
  readonly region: RegionCode;
  readonly title: string;
  readonly network: string | null;
  readonly filiere: Filiere;
  readonly label: Label;
  /** Site of the hospital; null as long as a person has not chosen. */
  readonly eg: FinessEg | null;
  /** FINESS category (TRE_R66) of that site. */
  readonly egCategory: string | null;
  readonly public: Public | null;
  /** TRE_R227 code chosen by a reviewer, or null: then the rule of DESIGN 10 decides or asks. */
  readonly activityField: string | null;
  /** TRE_R245 codes ticked by a reviewer, or null: then the crosswalk decides when it is single. */
  readonly families: readonly string[] | null;
  readonly specificActs: readonly string[];
  readonly contacts: readonly CentreContact[];
}

/** What we want of one element of an offer, on behalf of one centre. */
export interface Contribution extends OfferElement {
  readonly centre: CentreId;
  /** `own`: the value is ours. `ifEmpty`: proposed only where the offer says nothing at that place. */
  readonly mode: 'own' | 'ifEmpty';
  /** True when the value is a written default, not stated by a source: the reviewer sees the mark. */
  readonly assumed: boolean;
  /** Stable name of the rule that produced it, e.g. `ror.expertiseLevel`. */
  readonly rule: string;
  readonly fields: readonly CentreField[];
  /** French, value with its label: "11 Centre de compétences labellisé". */
  readonly text: string;
}

/** A code that a rule, a person or a source gives and that its nomenclature has retired since. */
export interface RetiredCode {
  /** Short name and version of the nomenclature. */
  readonly system: string;
  readonly version: string;
  /** "11 Centre de compétences labellisé". */
  readonly text: string;
  /** What is written in its place; null when nobody can say: a question. */
  readonly successor: { readonly text: string; readonly stated: boolean } | null;
  readonly field: CentreField;
  /** Codes in force with a near name, when there is no successor. */
  readonly candidates: MissingValue['candidates'];
}

/** A mandatory value that nobody gave yet: the change is "à compléter". */
export interface MissingValue {
  readonly field: CentreField;
  /** French question for the reviewer. */
  readonly question: string;
  /** Acceptable answers when they are few: code and French label. */
  readonly candidates: readonly { readonly value: string; readonly label: string }[];
}
