import type { LabelLevel } from './centre.js';

/** Rules that judge a whole delivery: their level is the installation's to choose, within what makes sense. */
export const BATCH_GATES = [
  ...(['N1', 'N2', 'N3', 'N4', 'N5', 'N6', 'N7', 'N10', 'R7', 'L1'] as const),
  ...(['X4', 'X5', 'X8', 'X9', 'X10', 'X13', 'X14', 'X15', 'SRC_HALF_SIZE'] as const),
] as const;
/** Rules of one row, one centre or one hospital: their level is what the code does with it, and is only written down. */
export const FIXED_GATES = [
  ...(['N8', 'N9', 'R4', 'R5', 'R6', 'R8', 'L2', 'L5'] as const),
  ...(['X1', 'X2', 'X3', 'X11', 'X12'] as const),
] as const;
export type BatchGate = (typeof BATCH_GATES)[number];
export type GateCode = BatchGate | (typeof FIXED_GATES)[number];

/** B blocks (the delivery is refused), A alerts (the run goes on, exit code unchanged), I informs. */
export type GateLevel = 'B' | 'A' | 'I';

/**
 * How serious each rule is. B refuses a delivery (gates of a batch) or sets a row aside (rules of a row), A alerts, I
 * informs. A rule that knows a stricter case (a list that says it is complete, a content that filror fetches) has a level
 * of its own for it.
 */
export interface GateRule {
  readonly level: GateLevel;
  /** Level in the stricter case; absent: there is none. */
  readonly strict?: GateLevel | undefined;
  /** French: what is judged, and where its figures stand. */
  readonly scope: string;
  readonly value: string;
  /** French: why the rule exists. */
  readonly reason: string;
}

/** What a gate found, before the configuration says how serious that is. */
export interface GateFinding extends Omit<GateResult, 'level'> {
  readonly code: GateCode;
  /** True in the stricter case of the rule. */
  readonly strict?: boolean;
}

export interface GateResult {
  /** Number of the rule (`N1`, `X15`…), or `SRC_HALF_SIZE` for a file fault. */
  readonly code: string;
  readonly level: GateLevel;
  readonly ok: boolean;
  readonly expected: number | string;
  readonly found: number | string;
  /** French, shown as it is whether the gate holds or not. */
  readonly message: string;
  /** Whose delivery was judged; absent for what judges the day or the whole. */
  readonly source?: string;
  /** Source, file or option concerned, when one is to be looked at. */
  readonly place?: string;
  /** French: what to do when the gate does not hold. Absent: nothing but to compare. */
  readonly remedy?: string;
}

/** How often an owner renews a list; `manual`: no rhythm is known, people bring the file when there is one. */
export const CADENCES = ['daily', 'weekly', 'monthly', 'yearly', 'manual'] as const;
export type Cadence = (typeof CADENCES)[number];

/** Totals announced for a region; comparable only to their campaign and perimeter. */
export interface AnnouncedCentres {
  /** INSEE code of the region. */
  readonly region: string;
  readonly campaign: number;
  /** As shown: "12/2023". */
  readonly date: string;
  readonly centres: number;
  readonly reference: number;
  readonly competence: number;
  readonly crc: number;
  readonly filieres: number;
  /** N10: networks whose coordonnateur is attested in the region; the announced total does not say how many there are. */
  readonly coordinators: readonly string[];
}

/** F7 to F11, L1: the sites of a network or of a whole filière as announced for the country. */
export interface AnnouncedNetwork {
  readonly filiere: string;
  /** Acronym, or null for the filière as a whole. */
  readonly network: string | null;
  readonly campaign: number;
  /** Where the figures were read, as shown. */
  readonly source: string;
  readonly coordinators: number;
  readonly constitutive: number;
  readonly competence: number;
}

export interface AnnouncedDeployment {
  readonly region: string;
  readonly date: string;
  readonly hospitals: number;
  readonly delabelled: number;
  readonly signed: number;
  readonly deployed: number;
  readonly unstated: number;
}

export interface FinessRules {
  /** Accepted difference, as a share of the expected count. */
  readonly tolerance: number;
  /** From this number of départements on, a file is taken for the national one. */
  readonly nationalFrom: number;
  readonly national: readonly { readonly date: string; readonly establishments: number }[];
  readonly regions: readonly {
    readonly region: string;
    readonly date: string;
    readonly departements: Readonly<Record<string, number>>;
    readonly hospitals: number;
    readonly hospitalEntities: number;
    /** X10: hospital sites without SIRET; null when it was not counted. */
    readonly withoutSiret: number | null;
  }[];
}

/** When a value that comes and goes is held for a swing, and for how long (gates.yaml, `flapping`). */
export interface SwingRules {
  /** Returns to an earlier value from which a source is said to swing; 0: never. */
  readonly returns: number;
  /** Deliveries within which they are counted. */
  readonly deliveries: number;
  /** Deliveries in a row that make a value stable. */
  readonly settle: number;
  /** Days without a swing that do the same, when the source brings nothing new. */
  readonly settleDays: number;
  /** Days after which the source is followed again although it still swings. */
  readonly limitDays: number;
}

export interface GateRules {
  readonly rules: Readonly<Record<GateCode, GateRule>>;
  readonly shrink: {
    /** X15: refused below this share of the rows of the last delivery… */
    readonly rows: number;
    /** …when more rows than this are gone. */
    readonly lost: number;
    /** File fault below this share of its bytes. */
    readonly bytes: number;
  };
  /** X14: days that a content may stand still, by the rhythm of its source. */
  readonly freshness: Readonly<Record<Exclude<Cadence, 'manual'>, number>>;
  readonly flapping: SwingRules;
  readonly crcFilieres: readonly string[];
  readonly centres: readonly AnnouncedCentres[];
  readonly networks: {
    /** R7, L1: from this number of regions on, a list of centres is taken for the national one. */
    readonly nationalFrom: number;
    readonly announced: readonly AnnouncedNetwork[];
  };
  readonly deployment: readonly AnnouncedDeployment[];
  readonly finess: FinessRules;
}

export interface CentreCounts {
  readonly kind: 'centres';
  /** Rows read, those set aside included. */
  readonly rows: number;
  readonly setAside: number;
  readonly filieres: readonly string[];
  readonly byLabel: Readonly<Record<LabelLevel, number>>;
  /** Filières that have a CRC in the list, kept or set aside by R8. */
  readonly crcFilieres: readonly string[];
  /** Regions that the rows name, by themselves or by their département, as INSEE codes. */
  readonly regions: readonly string[];
  readonly networks: readonly NetworkCounts[];
}

/** Sites of one network in one campaign. */
export interface NetworkCounts {
  readonly filiere: string;
  /** Acronym, or the title of the centre when the list gives no acronym. */
  readonly network: string;
  readonly campaign: number | null;
  readonly byLabel: Readonly<Record<LabelLevel, number>>;
}

export interface DeploymentCounts {
  readonly kind: 'deployment';
  readonly rows: number;
  readonly setAside: number;
  readonly delabelled: readonly string[];
  readonly bamaraSigned: number;
  readonly bndmrSigned: number;
  readonly deployed: number;
  readonly unstated: number;
}

export interface EstablishmentCounts {
  readonly kind: 'establishments';
  readonly rows: number;
  readonly setAside: number;
  readonly establishments: number;
  readonly byDepartement: Readonly<Record<string, number>>;
  /** Sites of the hospital sector (aggregates 11xx and 12xx), wherever they are. */
  readonly hospitals: number;
  /** The hospital sector of the region that the count was made for, by département of the site. */
  readonly region: {
    readonly hospitals: number;
    readonly hospitalEntities: number;
    /** X10. A SIRET left out by X3 counts as absent. */
    readonly withoutSiret: number;
    /** X8: sites whose legal entity has a number of another département. */
    readonly entityElsewhere: number;
    /** X9: sites outside the region whose legal entity has a number of the region. */
    readonly sitesElsewhere: number;
  };
}

export type DeliveryCounts = CentreCounts | DeploymentCounts | EstablishmentCounts;

/** One delivery as the gates see it. */
export interface GatedDelivery {
  readonly counts: DeliveryCounts;
  readonly bytes: number;
  /** How the bytes carry the text: sizes are compared between deliveries of one form only. */
  readonly form: string;
  /** Last accepted delivery of the same source; null for the first one. */
  readonly previous: {
    readonly rows: number;
    readonly kept: number;
    /** Absent: none. */
    readonly repeated?: number;
    readonly bytes: number;
    readonly form: string | null;
  } | null;
  /** Rows that can be used: those read less those set aside. */
  readonly kept: number;
  /** Rows set aside because they say again what another one says; absent: none. */
  readonly repeated?: number;
  /** Campaign of which the source is declared to list every centre; null when it is not. */
  readonly completeFor: number | null;
  /** ISO date of the content, when the file states it. */
  readonly contentDate: string | null;
}
