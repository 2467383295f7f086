import type { ResolvedPlace } from '../consolidate/identity.js';
import type { StoredChange } from '../db/changes.js';
import {
  CHANGE_KINDS,
  type ElementChange,
  type Provenance,
  type Reason,
  offerOfTarget,
} from '../domain/change.js';
import type { RowFault } from '../domain/rows.js';
import type { GateResult } from '../domain/gates.js';
import type { Followed } from '../followup/follow.js';
import type { Alert } from './alerts.js';
import type { RegionPlatform } from './platforms.js';
import type { OpenMention } from './propose.js';
import type { Flap } from './swings-of.js';

/** Counts of one source in one run: `read` is `kept`, set aside and `outOfRegion` together. */
export interface SourceReport {
  readonly source: string;
  readonly status: 'new' | 'unchanged' | 'notModified';
  readonly file: string;
  readonly origin: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly contentDate: string | null;
  readonly read: number;
  readonly kept: number;
  readonly setAside: readonly RowFault[];
  /** Faults that do not refuse the row: shown, counted, kept with it. */
  readonly flags: readonly RowFault[];
  readonly outOfRegion: number;
  /** Columns of the list that mean nothing to its reader; absent when the list was not read anew. */
  readonly unread?: readonly string[];
  /** Intervals opened and closed: what really changed since the last delivery. */
  readonly changed: { readonly opened: number; readonly closed: number };
}

export interface MirrorReport {
  /** `fresh`: read now. `last`: the repository could not be reached. `none`: never read. */
  readonly state: 'fresh' | 'last' | 'none';
  readonly at: string | null;
  readonly message: string;
  readonly offers: number;
}

/** What a run found, besides the changes themselves; kept on the run row. */
export interface RunReport {
  readonly sources: readonly SourceReport[];
  readonly gates: readonly GateResult[];
  readonly matches: { readonly auto: number; readonly review: number; readonly none: number };
  readonly mentions: readonly OpenMention[];
  readonly alerts: readonly Alert[];
  /** What comes and goes in the lists; absent in the report of an older version. */
  readonly flapping?: readonly Flap[];
  /** Platforms that cover the region; absent in the report of an older version. */
  readonly platforms?: readonly RegionPlatform[];
  readonly mirror: MirrorReport;
  readonly summary: string;
  /** Names of the centres in the plan, for people: id -> identity. */
  readonly centres: Readonly<Record<string, CentreIdentity>>;
}

export interface CentreIdentity {
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly network: string | null;
  readonly filiere: string;
  readonly label: string;
  readonly campaign: number | null;
  readonly hospital: string;
  readonly town: string | null;
  readonly ej: string | null;
  readonly eg: string | null;
  readonly public: string | null;
  /** Where several sources say it: the hospital found for each `source|key`. */
  readonly places?: Readonly<Record<string, ResolvedPlace>>;
}

/** `filror sync --output json`, version 1 of the format. Keys are stable; new ones may be added. */
export interface SyncOutput {
  readonly format: 'filror.sync/1';
  readonly run: string;
  readonly region: string;
  readonly dryRun: boolean;
  readonly unchanged: boolean;
  readonly sources: readonly SourceReport[];
  readonly gates: readonly GateResult[];
  readonly matches: RunReport['matches'] & { readonly open: readonly OpenMention[] };
  readonly alerts: readonly Alert[];
  readonly flapping: readonly Flap[];
  readonly mirror: MirrorReport;
  /** Changes handed over whose wait ended with this reading: seen, different, expired. */
  readonly followed: readonly Followed[];
  readonly plan: {
    readonly summary: string;
    readonly kinds: Readonly<Record<string, number>>;
    readonly states: Readonly<Record<string, number>>;
  };
  readonly changes: readonly ChangeOutput[];
  readonly exitCode: 0 | 2;
}

export interface ChangeOutput {
  readonly id: string;
  readonly kind: StoredChange['kind'];
  readonly state: StoredChange['state'];
  /** First centre of the change; `centres` holds all of them. */
  readonly centre: CentreIdentity | { readonly id: string } | null;
  readonly centres: readonly (CentreIdentity | { readonly id: string })[];
  readonly offer: string | null;
  readonly quorum: number;
  readonly reasons: readonly Reason[];
  readonly elements: readonly ElementOutput[];
  readonly hash: string;
}

export interface ElementOutput {
  readonly key: string;
  readonly path: string;
  readonly operation: ElementChange['operation'];
  readonly base: ElementChange['base'] | null;
  readonly before: ElementChange['before'] | null;
  readonly after: ElementChange['after'] | null;
  readonly text: string;
  readonly channel: ElementChange['channel'];
  readonly conflict: boolean;
  readonly assumed: boolean;
  readonly source: string | null;
  readonly locator: Provenance['locator'] | null;
  readonly provenance: readonly Provenance[];
}

export function changeOutput(
  change: StoredChange,
  centres: Readonly<Record<string, CentreIdentity>>,
): ChangeOutput {
  const identities = change.centres.map((id) => centres[id] ?? { id });
  return {
    id: change.id,
    kind: change.kind,
    state: change.state,
    centre: identities[0] ?? null,
    centres: identities,
    offer: offerOfTarget(change.target),
    quorum: change.quorum,
    reasons: change.reasons,
    elements: change.elements.map((element) => {
      const first = element.provenance.find((each) => each.kind === 'source') ?? element.provenance[0];
      return {
        key: element.key,
        path: element.path,
        operation: element.operation,
        base: element.base ?? null,
        before: element.before ?? null,
        after: element.after ?? null,
        text: element.text,
        channel: element.channel,
        conflict: element.conflict,
        assumed: element.assumed,
        source: first?.origin ?? null,
        locator: first?.locator ?? null,
        provenance: element.provenance,
      };
    }),
    hash: change.hash,
  };
}

/** Same plan, same order: by kind, then by the centre's key, whatever the ids drawn. */
export function inPlanOrder<C extends Pick<StoredChange, 'kind' | 'centres'>>(
  changes: readonly C[],
  centres: Readonly<Record<string, CentreIdentity>>,
): C[] {
  const key = (change: C): string =>
    `${KINDS.indexOf(change.kind)}|${change.centres
      .map((id) => centres[id]?.key ?? id)
      .sort()
      .join('+')}`;
  return changes
    .map((change) => ({ change, key: key(change) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ change }) => change);
}

const KINDS: readonly StoredChange['kind'][] = CHANGE_KINDS;

export function countBy<T extends string>(values: readonly T[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

export function syncOutput(
  run: { id: string; region: string; dryRun: boolean; unchanged: boolean },
  report: RunReport,
  changes: readonly StoredChange[],
  followed: readonly Followed[] = [],
): SyncOutput {
  return {
    format: 'filror.sync/1',
    run: run.id,
    region: run.region,
    dryRun: run.dryRun,
    unchanged: run.unchanged,
    sources: report.sources,
    gates: report.gates,
    matches: { ...report.matches, open: report.mentions },
    alerts: report.alerts,
    flapping: report.flapping ?? [],
    mirror: report.mirror,
    followed,
    plan: {
      summary: report.summary,
      kinds: countBy(changes.map((change) => change.kind)),
      states: countBy(changes.map((change) => change.state)),
    },
    changes: inPlanOrder(changes, report.centres).map((change) => changeOutput(change, report.centres)),
    exitCode: changes.length > 0 || report.mentions.length > 0 ? 2 : 0,
  };
}
