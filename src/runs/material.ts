import type { Completion, ObservationRef } from '../consolidate/centre.js';
import type { Answer, Undoing } from '../db/answers.js';
import type { AppliedElement } from '../db/applied.js';
import type { CentreAge, CentreLink, FormerLink } from '../db/centres.js';
import type { Establishment } from '../domain/establishment.js';
import type { ExpertisePlatform } from '../domain/expertise-platform.js';
import type { Deployment } from '../domain/deployment.js';
import type { Recognition } from '../domain/recognition.js';
import type { Filiere } from '../domain/filiere.js';
import type { RowFault } from '../domain/rows.js';
import type { CentreId } from '../domain/ids.js';
import type { MirroredOffer } from '../plan/attach-candidates.js';
import type { EncodeRules } from '../ror/encode.js';
import type { FilrorConfig } from '../config/load.js';
import type { SourceHistory } from './histories.js';
import type { RegionProfile } from '../config/schema/region.js';

/** What a source said last under a key that it no longer says. */
export interface LostRow {
  readonly ref: ObservationRef;
  /** Number of the delivery that dropped it. */
  readonly droppedAt: number;
  /** The present list, which lacks the row: where its absence is read. */
  readonly list: { readonly snapshot: string; readonly date: string };
}

/** Everything the plan depends on, read before it starts: planning does no I/O. */
export interface Material {
  readonly config: FilrorConfig;
  /** Codes, defaults and crosswalk that encoding rests on. */
  readonly rules: EncodeRules;
  readonly region: RegionProfile;
  /** Reference instant of the run: bodies that we create take their creation date from it. */
  readonly instant: Date;
  readonly observations: readonly ObservationRef[];
  /** What sources said last under keys that they no longer say, with the delivery that dropped them. */
  readonly lost: readonly LostRow[];
  /** Deliveries of the lists, with what they said of rows that did not stay the same. */
  readonly histories: readonly SourceHistory[];
  /** Delivery in which each key first appeared. */
  readonly firstSeen: ReadonlyMap<string, number>;
  readonly flags: readonly RowFault[];
  readonly filieres: readonly Filiere[];
  readonly deployments: readonly Deployment[];
  /** Rare-disease sites of the whole country, as FINESS+ recognises them. */
  readonly recognitions: readonly Recognition[];
  /** Expertise platforms of the whole country; they change nothing of the plan. */
  readonly platforms: readonly ExpertisePlatform[];
  readonly establishments: readonly Establishment[];
  readonly keys: ReadonlyMap<string, CentreId>;
  /** Centres met before this plan, with when. */
  readonly ages: ReadonlyMap<CentreId, CentreAge>;
  readonly answers: readonly Answer[];
  /** Who brought an earlier answer back by taking a later one away. */
  readonly undoings: readonly Undoing[];
  readonly links: readonly CentreLink[];
  /** Offers that centres left, the last departure of each centre last. */
  readonly former: readonly FormerLink[];
  readonly applied: ReadonlyMap<string, ReadonlyMap<string, AppliedElement>>;
  readonly offers: readonly MirroredOffer[];
  /** FINESS number of a site -> reference of its Organization in the repository, and of its place when there is one. */
  readonly providers: ReadonlyMap<string, { readonly reference: string; readonly location: string | null }>;
  /** FINESS numbers that several structures of the repository bear, with their references. */
  readonly ambiguousProviders: ReadonlyMap<string, readonly string[]>;
  /** False when no repository was ever read, be it empty: then nothing is said of missing providers. */
  readonly mirrored: boolean;
  readonly rejected: ReadonlySet<string>;
}

/** Completions of one centre, the latest wins. */
export function completionsOf({ answers }: Pick<Material, 'answers'>, centre: CentreId): Completion[] {
  const latest = new Map<string, Completion>();
  for (const answer of answers) {
    if (answer.kind !== 'complete' || answer.subject !== centre) continue;
    const field = String(answer.body['field']) as Completion['field'];
    latest.set(field, {
      field,
      value: answer.body['value'],
      author: answer.author,
      // The day that the person declared, when there is one, else that of the answer.
      date:
        typeof answer.body['date'] === 'string' ? answer.body['date'] : answer.at.toISOString().slice(0, 10),
      proof: typeof answer.body['proof'] === 'string' ? answer.body['proof'] : null,
    });
  }
  return [...latest.values()];
}
