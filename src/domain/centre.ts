/** The four label levels, with the spelling of the labelling orders. */
export const LABEL_LEVELS = ['CRMR coordonnateur', 'CRMR constitutif', 'CRC', 'CCMR'] as const;
export type LabelLevel = (typeof LABEL_LEVELS)[number];

export const PUBLICS = ['adulte', 'pédiatrique', 'mixte'] as const;
/** Whom a centre takes. Unknown is `null`: there is no default. */
export type Public = (typeof PUBLICS)[number];

/** A dated attribute of a centre. Time alone never withdraws it. */
export interface Label {
  readonly level: LabelLevel;
  /** Year of the campaign (2017, 2023), or null when the source does not give an exact one ("avant 2017"). */
  readonly campaign: number | null;
  /** The campaign as the source writes it. */
  readonly campaignText: string;
}

/** "CCMR, campagne 2023" */
export function labelText({ level, campaign, campaignText }: Label): string {
  return `${level}, ${campaign === null ? `campagne « ${campaignText || 'non dite'} »` : `campagne ${String(campaign)}`}`;
}

/** What one row of a list of labelled centres says, normalised; every text keeps the source's spelling. */
export interface CentreObservation {
  /** Title of the centre or of its network: "Dermatoses bulleuses toxiques et toxidermies graves". */
  readonly title: string;
  /** Acronym of the network, e.g. TOXIBUL; null when the row gives none. */
  readonly network: string | null;
  /** Canonical acronym of the filière (config/filieres). */
  readonly filiere: string;
  readonly label: Label;
  /** Hospital as written; empty when the source gives only the town (gate L5: a town is not an establishment). */
  readonly hospital: string;
  readonly town: string | null;
  /** INSEE code (`14`, `2A`, `974`), or null. */
  readonly departement: string | null;
  /** Name of the region as written, or null. */
  readonly region: string | null;
  readonly public: Public | null;
  /** Public professional name of the head: internal, never exported. */
  readonly head: string | null;
  /** FINESS numbers given by the row: shape and key are right; whose they are is not known yet. */
  readonly finessEj: string | null;
  readonly finessEg: string | null;
  /** TRE_R210 codes of acts that the source states (e.g. 1635, labelled patient education). */
  readonly specificActs: readonly string[];
  /** Where the source says it has it from, free text. */
  readonly evidence: string | null;
}
