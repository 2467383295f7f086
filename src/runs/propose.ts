import { fold } from '../normalise/text.js';
import { buildIndex } from '../matching/index.js';
import { driftOf, planOffer, type BaseElement, type OfferPlanInput } from '../plan/offer-change.js';
import type { PlannedChange, Provenance, Reason } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import type { Json } from '../domain/json.js';
import type { Contribution, MissingValue } from '../domain/offer.js';
import { closureContributions } from '../ror/closure.js';
import { isFrameElement } from '../ror/frame.js';
import { encodeCentre, type EncodedCentre } from '../ror/encode.js';
import { rejectionKey } from '../db/decisions.js';
import type { ChangeAuthor } from '../db/changes.js';
import { completionProvenance } from '../consolidate/centre.js';
import { deploymentAlerts, driftAlert, goneAlert, movedAlerts, type Alert } from './alerts.js';
import { readyCentre, type ReadyCentre } from './centre-facts.js';
import { continuityReasons, lostCentres, type LostCentre } from './continuity.js';
import { draftReasons } from './draft.js';
import { completionsOf, type Material } from './material.js';
import { Places, mentionId } from './places.js';
import { sightRegion, type RegionSightings } from './sightings.js';
import { targetOf, type Targeted } from './targets.js';

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
}

interface OfferGroup {
  readonly target: string;
  readonly members: { ready: ReadyCentre; targeted: Targeted; encoding: EncodedCentre; reasons: Reason[] }[];
  readonly leaving: Leaving[];
}

interface Leaving {
  readonly id: CentreId;
  readonly reasons: readonly Reason[];
  readonly provenance: readonly Provenance[];
  readonly authors: readonly ChangeAuthor[];
  /** Day from which people declared the offer closed; null for a withdrawal of label. */
  readonly closedFrom: string | null;
  /** Name of the centre without its label. */
  readonly plainName: string;
}

/** Design steps 5 to 8, without any I/O: the same material always gives the same proposal, new ids aside. */
export function propose(given: Material, newId: () => CentreId): Proposal {
  const material = inOrder(given);
  const index = buildIndex(material.establishments, material.config.matching);
  const places = new Places(index, material.establishments, material.answers);
  const seen = sightRegion(material, places, newId);
  const centres = new Map<CentreId, ReadyCentre>();
  for (const [id, sightings] of seen.centres) {
    centres.set(id, readyCentre(id, sightings, material, places));
  }
  const lost = lostCentres(material, seen);
  const continuity = continuityReasons([...centres.values()], lost, material);
  const groups = new Map<string, OfferGroup>();
  for (const ready of centres.values()) join(groups, ready, material, places, continuity);
  for (const gone of lost) leave(groups, gone, material, continuity);
  const changes: ProposedChange[] = [];
  const drifts: Alert[] = [];
  for (const group of [...groups.values()].sort((a, b) => compare(a.target, b.target))) {
    const input = offerInput(group, material);
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
    alerts: [...drifts, ...movedAlerts(material, centres), ...deploymentAlerts(material, index, centres)],
    centres,
    lost,
    withdrawals: changes.filter(
      (change) =>
        change.kind === 'withdraw' && !change.reasons.some((reason) => reason.code === 'continuity'),
    ).length,
  };
}

function join(
  groups: Map<string, OfferGroup>,
  ready: ReadyCentre,
  material: Material,
  places: Places,
  continuity: ReadonlyMap<CentreId, readonly Reason[]>,
): void {
  const declared = declaredDeparture(ready.centre.id, material);
  const targeted = targetOf(ready, material, places);
  const { target } = targeted;
  if (declared !== null) {
    // Still listed though declared gone: nothing is created anew for it, the declaration holds until it is undone.
    if (target.situation === 'linked') {
      const leaves = { ...declared, plainName: plainName(ready.centre) };
      group(groups, `offer:${target.identifier}`).leaving.push(leaves);
    }
    return;
  }
  const created =
    target.situation === 'create' ||
    (target.situation === 'linked' && target.createdByUs && speaksFor(ready.centre.id, target, material));
  const { codes, defaults, crosswalk } = material.rules;
  const encoding = withFrame(
    encodeCentre(ready.facts, { kind: created ? 'create' : 'attach' }, codes, defaults, crosswalk),
    ready,
    created,
    material,
  );
  const key = target.situation === 'create' ? `centre:${ready.centre.id}` : `offer:${target.identifier}`;
  const undecided = targeted.reasons.some((reason) => reason.code === 'attachOrCreate');
  const reasons: Reason[] = [
    ...ready.reasons,
    ...targeted.reasons,
    ...(continuity.get(ready.centre.id) ?? []),
    ...missingReasons(encoding.missing, ready, undecided),
    ...(target.situation === 'create' ? draftReasons(ready, encoding, material) : []),
  ];
  group(groups, key).members.push({ ready, targeted, encoding, reasons });
}

/**
 * An offer that we created has one name, one public, one carrier: those of the centre linked to it first. A centre that
 * joined it later adds its own elements only, as on any offer that exists.
 */
function speaksFor(centre: CentreId, target: { readonly identifier: string }, material: Material): boolean {
  const links = material.links.filter((link) => link.identifier === target.identifier);
  return links.every((link) => link.centre === centre || link.no > (linkNo(links, centre) ?? 0));
}

function linkNo(links: Material['links'], centre: CentreId): number | undefined {
  return links.find((link) => link.centre === centre)?.no;
}

/** On an offer of ours the carrier and the place are part of what is approved. */
function withFrame(
  encoding: EncodedCentre,
  ready: ReadyCentre,
  created: boolean,
  material: Material,
): EncodedCentre {
  const provider = ready.facts.eg === null ? undefined : material.providers.get(ready.facts.eg);
  if (!created || provider === undefined) return encoding;
  const site = material.establishments.find((each) => each.eg === ready.facts.eg);
  const frame = (key: string, value: Json, text: string): Contribution => ({
    key,
    path: `HealthcareService.${key.split('#')[0] ?? key}`,
    value,
    centre: ready.centre.id,
    mode: 'own',
    assumed: false,
    rule: 'ror.providedBy',
    fields: ['establishment', 'site'],
    text,
  });
  const name = `${site?.name ?? 'site'} (FINESS ${ready.facts.eg ?? ''})`;
  return {
    ...encoding,
    contributions: [
      ...encoding.contributions,
      frame('providedBy', { reference: provider.reference }, name),
      ...(provider.location === null
        ? []
        : [frame(`location#${provider.location}`, { reference: provider.location }, `lieu de ${name}`)]),
    ],
  };
}

/** What is missing blocks, except what only a creation would need while "rattacher ou créer ?" is still open. */
function missingReasons(missing: readonly MissingValue[], ready: ReadyCentre, undecided: boolean): Reason[] {
  const already = new Set(ready.reasons.map((reason) => reason.field));
  return missing
    .filter((value) => !already.has(value.field) && !(value.field === 'site' && already.has('establishment')))
    .map((value) => ({
      code: 'missing',
      blocking: !undecided || value.field === 'site',
      field: value.field,
      message:
        undecided && value.field !== 'site' ? `Si l’offre est créée : ${value.question}` : value.question,
      ...(value.candidates.length === 0 ? {} : { candidates: value.candidates }),
    }));
}

function leave(
  groups: Map<string, OfferGroup>,
  gone: LostCentre,
  material: Material,
  continuity: ReadonlyMap<CentreId, readonly Reason[]>,
): void {
  const link = material.links.find((candidate) => candidate.centre === gone.id);
  if (link === undefined) return;
  const declared = declaredDeparture(gone.id, material);
  const complete = material.config.sources[gone.ref.source]?.complete ?? false;
  const proof = completionsOf(material, gone.id).find((completion) => String(completion.field) === 'proof');
  const reasons: Reason[] = [
    {
      code: 'note',
      blocking: false,
      message: `N’est plus dans la liste « ${gone.ref.source} » du ${gone.list.date}.`,
    },
    ...(continuity.get(gone.id) ?? []),
  ];
  if (declared === null && !complete && proof === undefined) {
    reasons.push({
      code: 'proof',
      blocking: true,
      field: 'proof',
      message: 'Preuve du retrait demandée : une absence dans une liste non exhaustive ne suffit pas.',
    });
  }
  group(groups, `offer:${link.identifier}`).leaving.push(
    (declared === null ? null : { ...declared, plainName: plainName(gone.ref.observation) }) ?? {
      id: gone.id,
      reasons,
      // The row is no longer there: what is cited is the list that lacks it.
      provenance:
        proof === undefined
          ? [{ kind: 'source', origin: gone.ref.source, ...gone.list }]
          : [completionProvenance(proof)],
      authors: proof === undefined ? [] : [{ person: proof.author, why: 'completion' }],
      closedFrom: null,
      plainName: plainName(gone.ref.observation),
    },
  );
}

/** A withdrawal or a closure told by a person, with its proof and its date. */
function declaredDeparture(centre: CentreId, material: Material): Leaving | null {
  const answer = material.answers.findLast(
    (candidate) =>
      (candidate.kind === 'withdraw' || candidate.kind === 'close') && candidate.subject === centre,
  );
  if (answer === undefined) return null;
  const what = answer.kind === 'withdraw' ? 'Retrait du label' : 'Fermeture';
  return {
    id: centre,
    reasons: [
      {
        code: 'note',
        blocking: false,
        message: `${what} déclaré(e) au ${String(answer.body['date'])}, preuve : ${String(answer.body['proof'])}.`,
      },
    ],
    provenance: [
      {
        kind: 'decision',
        origin: material.names.get(answer.author) ?? 'personne',
        date: answer.at.toISOString().slice(0, 10),
      },
    ],
    authors: [{ person: answer.author, why: 'declaration' }],
    closedFrom: answer.kind === 'close' ? String(answer.body['date']) : null,
    plainName: '',
  };
}

function group(groups: Map<string, OfferGroup>, target: string): OfferGroup {
  const known = groups.get(target);
  if (known !== undefined) return known;
  const made: OfferGroup = { target, members: [], leaving: [] };
  groups.set(target, made);
  return made;
}

/** Null when the repository no longer has an offer that we wrote on. */
function offerInput(group: OfferGroup, material: Material): OfferPlanInput | null {
  const identifier = group.target.startsWith('offer:') ? group.target.slice('offer:'.length) : null;
  const remote = material.offers.find((offer) => offer.identifier === identifier) ?? null;
  const base = new Map<string, BaseElement>(
    identifier === null ? [] : (material.applied.get(identifier) ?? []),
  );
  const leaving = group.leaving.map((member) => member.id);
  const centres = [...group.members.map((member) => member.ready.centre.id), ...leaving];
  const links = material.links.filter((link) => link.identifier === identifier);
  // A centre that leaves makes a withdrawal of it, with its two approvals, even when another one joins with it.
  const linked = leaving.length > 0 || links.some((link) => centres.includes(link.centre));
  if (linked && remote === null) return null;
  const contributions = group.members.flatMap((member) => member.encoding.contributions);
  const byCentre = new Map(group.members.map((member) => [member.ready.centre.id, member.ready]));
  return {
    target: group.target,
    // A second centre that joins an offer already ours: a new link, but the offer is modified.
    situation: identifier === null ? 'create' : linked ? 'linked' : 'attach',
    centres,
    leaving,
    closing: group.leaving.some((member) => member.closedFrom !== null),
    contributions: [
      ...contributions,
      ...(links.some((link) => link.createdByUs) ? keptOnCreated(group, base, material) : []),
    ],
    served: group.members.flatMap((member) => member.encoding.served),
    base,
    remote: remote?.elements ?? null,
    reasons: dedupe([
      ...group.members.flatMap((member) => member.reasons),
      ...group.leaving.flatMap((member) => member.reasons),
      ...levelClash(contributions, remote, base),
    ]),
    provenanceOf: (contribution) => provenanceOf(contribution, byCentre.get(contribution.centre)),
    departure: group.leaving.flatMap((member) => member.provenance),
    isRejected: (key, after) => material.rejected.has(rejectionKey(group.target, key, after)),
  };
}

function authorsOf(change: PlannedChange, group: OfferGroup, material: Material): ChangeAuthor[] {
  return dedupe([
    ...group.members.flatMap((member) => [...member.ready.authors, ...member.targeted.authors]),
    ...continuityAuthors(change.centres, material),
    ...group.leaving.flatMap((member) => member.authors),
  ]);
}

/**
 * Losing a label is not closing a consultation (rule 3): on an offer that we created, a withdrawal takes back what
 * speaks of the label (category 245, level, our block) and leaves the rest of the offer as it is. The carrier and the
 * place stay as long as no centre names another: a site that is asked for again, or that the repository hides, is no
 * reason to leave an offer without carrier.
 */
function keptOnCreated(
  group: OfferGroup,
  base: ReadonlyMap<string, BaseElement>,
  material: Material,
): Contribution[] {
  const [leaving] = group.leaving;
  const alone = group.members.length === 0;
  const centre = group.members[0]?.ready.centre.id ?? leaving?.id;
  if (centre === undefined) return [];
  const closedFrom = alone ? (leaving?.closedFrom ?? null) : null;
  const wanted = group.members.flatMap((member) => member.encoding.contributions);
  const carried = wanted.some(({ key }) => isFrameElement(key));
  const stays = (key: string): boolean =>
    alone ? closedFrom !== null || !speaksOfLabel(key) : isFrameElement(key) && !carried;
  const kept: Contribution[] = [];
  for (const [key, element] of base) {
    if (element.channel !== 'ror' || element.readBack === null || !stays(key)) continue;
    const renamed = alone && key === 'name' && closedFrom === null ? leaving?.plainName : undefined;
    kept.push({
      key,
      path: key === 'name' ? 'HealthcareService.name' : 'HealthcareService',
      value: renamed ?? element.readBack,
      centre,
      mode: 'own',
      assumed: false,
      rule: 'withdraw.keep',
      fields: [],
      text: renamed ?? 'inchangé',
    });
  }
  return closedFrom === null
    ? kept
    : [...kept, ...closureContributions(centre, closedFrom, material.rules.codes)];
}

function plainName(centre: { readonly title: string; readonly network: string | null }): string {
  const { title, network } = centre;
  return network === null || title.includes(network) ? title : `${title} (${network})`;
}

function speaksOfLabel(key: string): boolean {
  return (
    key.startsWith('characteristic[expertiseLevel]') ||
    key.startsWith('category') ||
    key.startsWith('comment[')
  );
}

const LEVEL = /^characteristic\[expertiseLevel\]#(1[01])$/;

/** One offer cannot say both levels: 10 and 11 together is a question, never a write. Ours to take back do not count. */
function levelClash(
  contributions: readonly Contribution[],
  remote: Material['offers'][number] | null,
  base: ReadonlyMap<string, BaseElement>,
): Reason[] {
  const wanted = new Set(contributions.flatMap((c) => LEVEL.exec(c.key)?.[1] ?? []));
  if (wanted.size === 0) return [];
  const said = [...(remote?.elements.keys() ?? [])].filter((key) => base.get(key)?.readBack == null);
  const levels = new Set([...wanted, ...said.flatMap((key) => LEVEL.exec(key)?.[1] ?? [])]);
  if (levels.size < 2) return [];
  return [
    {
      code: 'levelClash',
      blocking: true,
      field: 'label',
      message:
        'Deux niveaux (10 et 11) sur une même offre : décrivez les centres par deux offres, ou faites corriger le niveau par l’établissement.',
    },
  ];
}

function continuityAuthors(centres: readonly CentreId[], material: Material): ChangeAuthor[] {
  return material.answers
    .filter(
      (answer) =>
        answer.kind === 'continuity' &&
        (centres.includes(answer.subject as CentreId) ||
          centres.includes(String(answer.body['same']) as CentreId)),
    )
    .map((answer) => ({ person: answer.author, why: 'continuity' }));
}

function provenanceOf(contribution: Contribution, ready: ReadyCentre | undefined): Provenance[] {
  const found = contribution.fields.flatMap((field) => ready?.centre.provenance.get(field) ?? []);
  if (found.length > 0 && !contribution.assumed) return dedupe(found);
  // A value that a rule gives rests on the row that says the centre is labelled at all.
  const because = found.length > 0 ? found : (ready?.centre.provenance.get('label') ?? []);
  return dedupe([...because, { kind: 'rule', origin: contribution.rule }]);
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
  };
}

function openMentions(seen: RegionSightings): OpenMention[] {
  const mentions = new Map<string, OpenMention>();
  for (const sightings of seen.centres.values()) {
    for (const { ref, found } of sightings) {
      if (found.ej !== null || found.result.outcome === 'auto') continue;
      mentions.set(found.mentionKey, {
        id: mentionId(found.mentionKey),
        key: found.mentionKey,
        mention: ref.observation.hospital,
        town: ref.observation.town,
        outcome: found.result.outcome,
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
  }
  return [...mentions.values()].sort((a, b) => compare(fold(a.mention), fold(b.mention)));
}

function dedupe<T>(values: readonly T[]): T[] {
  const seen = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...seen.values()];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
