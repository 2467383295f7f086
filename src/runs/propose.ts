import { fold } from '../normalise/text.js';
import { buildIndex } from '../matching/index.js';
import { driftOf, planOffer } from '../plan/offer-change.js';
import type { PlannedChange, Reason } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import type { ChangeAuthor } from '../db/changes.js';
import { driftAlert, goneAlert, movedAlerts, type Alert } from './alerts.js';
import { readyCentre, type ReadyCentre } from './centre-facts.js';
import { abroadAlerts } from './abroad.js';
import { relistedAlerts } from './comebacks.js';
import { deploymentAlerts } from './deployment-alerts.js';
import { recognitionAlerts } from './recognition-alerts.js';
import { damp } from './damping.js';
import { flapAlerts } from './flap-alerts.js';
import type { Flap } from './swings-of.js';
import { continuityReasons, lostCentres, type LostCentre } from './continuity.js';
import type { Material } from './material.js';
import { Places, mentionId } from './places.js';
import { regionPlatforms, type RegionPlatform } from './platforms.js';
import { redirected, sightRegion, type RegionSightings } from './sightings.js';
import { twinReasons } from './twins.js';
import { authorsOf, offerInput } from './group-input.js';
import { duplicateAlerts } from './duplicates.js';
import { join, leave, type OfferGroup } from './offer-groups.js';

export interface ProposedChange extends PlannedChange {
  readonly authors: readonly ChangeAuthor[];
}

/** A hospital that a person must find, or confirm. */
export interface OpenMention {
  readonly id: string;
  readonly key: string;
  readonly mention: string;
  readonly town: string | null;
  readonly outcome: 'review' | 'none';
  readonly reason: string;
  readonly candidates: readonly {
    ej: string;
    eg: string | null;
    name: string;
    town: string;
    score: number;
    features: Readonly<Record<string, number>>;
  }[];
}

export interface Proposal {
  readonly seen: RegionSightings;
  readonly changes: readonly ProposedChange[];
  readonly mentions: readonly OpenMention[];
  readonly alerts: readonly Alert[];
  readonly centres: ReadonlyMap<CentreId, ReadyCentre>;
  readonly lost: readonly LostCentre[];
  readonly withdrawals: number;
  /** What comes and goes in the lists, held or not. */
  readonly flaps: readonly Flap[];
  readonly platforms: readonly RegionPlatform[];
}

/** Design steps 5 to 8, without any I/O: the same material always gives the same proposal, new ids aside. */
export function propose(given: Material, newId: () => CentreId): Proposal {
  const ordered = inOrder(given);
  const { flaps, ...rows } = damp({
    ...ordered,
    keys: redirected(ordered),
    linked: new Set(ordered.links.map((link) => link.centre)),
    rules: ordered.config.gates.flapping,
    now: ordered.instant,
  });
  const material = inOrder({ ...ordered, ...rows });
  const index = buildIndex(material.establishments, material.config.matching);
  const places = new Places(index, material.establishments, material.answers);
  const seen = sightRegion(material, places, newId);
  const centres = new Map<CentreId, ReadyCentre>();
  for (const [id, sightings] of seen.centres) {
    centres.set(id, readyCentre(id, sightings, material, places));
  }
  const lost = lostCentres(material, seen);
  const identity = identityReasons([...centres.values()], lost, material);
  const groups = new Map<string, OfferGroup>();
  for (const ready of centres.values()) join(groups, ready, material, places, identity);
  for (const gone of lost) leave(groups, gone, material, identity);
  const changes: ProposedChange[] = [];
  const drifts: Alert[] = [];
  for (const group of [...groups.values()].sort((a, b) => compare(a.target, b.target))) {
    const input = offerInput(group, material, seen);
    if (input === null) {
      drifts.push(goneAlert(group.target));
      continue;
    }
    const change = planOffer(input);
    if (change === null) drifts.push(...driftOf(input).map((drift) => driftAlert(group.target, drift)));
    else changes.push({ ...change, authors: authorsOf(change, group, material) });
  }
  return {
    seen,
    changes,
    mentions: openMentions(seen),
    alerts: [
      ...flapAlerts(flaps),
      ...drifts,
      ...duplicateAlerts(material),
      ...movedAlerts(material, centres),
      ...abroadAlerts(material, seen.abroad),
      ...relistedAlerts(material, centres),
      ...deploymentAlerts(material, places, centres),
      ...recognitionAlerts(material, centres),
    ],
    centres,
    lost,
    flaps,
    platforms: regionPlatforms(material.platforms, material.region.code, places),
    withdrawals: changes.filter(
      (change) =>
        change.kind === 'withdraw' && !change.reasons.some((reason) => reason.code === 'continuity'),
    ).length,
  };
}

/**
 * The order in which lists come from the database or from a test plays no part: everything is put in the order of its
 * own names. Answers keep the order in which they were given.
 */
function inOrder(material: Material): Material {
  const by = <T>(values: readonly T[], name: (value: T) => string): T[] =>
    values
      .map((value) => [name(value), value] as const)
      .sort(([a], [b]) => compare(a, b))
      .map(([, value]) => value);
  const rowName = (ref: Material['observations'][number]): string => `${ref.source}|${ref.key}`;
  return {
    ...material,
    observations: by(material.observations, rowName),
    lost: by(material.lost, (each) => rowName(each.ref)),
    establishments: by(material.establishments, (each) => each.eg),
    offers: by(material.offers, (each) => `${each.identifier}|${each.remoteId}`),
    links: [...material.links].sort((a, b) => a.no - b.no),
    answers: [...material.answers].sort((a, b) => a.no - b.no),
    filieres: by(material.filieres, (each) => each.code),
    deployments: by(material.deployments, (each) => `${fold(each.hospital)}|${fold(each.town ?? '')}`),
    platforms: by(material.platforms, (each) => fold(each.name)),
    recognitions: by(material.recognitions, (each) => `${each.eg}|${each.activity}`),
  };
}

/** Which centre is it? Renamed or moved since, or written twice now. */
function identityReasons(
  centres: readonly ReadyCentre[],
  lost: readonly LostCentre[],
  material: Material,
): ReadonlyMap<CentreId, readonly Reason[]> {
  const reasons = new Map(continuityReasons(centres, lost, material));
  for (const [id, twins] of twinReasons(centres, material)) {
    reasons.set(id, [...(reasons.get(id) ?? []), ...twins]);
  }
  return reasons;
}

function openMentions(seen: RegionSightings): OpenMention[] {
  const mentions = new Map<string, OpenMention>();
  // A row refused for its number is opened again by a person who says which hospital its name means.
  const refused = seen.refused.filter(({ found }) => found.result.candidates.length > 0);
  for (const { ref, found } of [...[...seen.centres.values()].flat(), ...refused]) {
    const { outcome } = found.result;
    if (found.ej !== null || outcome === 'auto') continue;
    mentions.set(found.mentionKey, {
      id: mentionId(found.mentionKey),
      key: found.mentionKey,
      mention: ref.observation.hospital,
      town: ref.observation.town,
      outcome,
      reason: found.result.reason,
      candidates: found.result.candidates.map((candidate) => ({
        ej: candidate.ej,
        eg: candidate.eg,
        name: candidate.name,
        town: candidate.town,
        score: candidate.score,
        features: candidate.features,
      })),
    });
  }
  return [...mentions.values()].sort((a, b) => compare(fold(a.mention), fold(b.mention)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
