import type { BaseElement, OfferPlanInput } from '../plan/offer-change.js';
import { type PlannedChange, type Provenance, type Reason, offerOfTarget } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import type { Contribution } from '../domain/offer.js';
import { closureContributions } from '../ror/closure.js';
import { isFrameElement } from '../ror/frame.js';
import { isShown } from '../ror/visibility.js';
import { rejectionKey } from '../db/decisions.js';
import type { ChangeAuthor } from '../db/changes.js';
import type { ReadyCentre } from './centre-facts.js';
import { comebackProvenance } from './comebacks.js';
import { duplicateReason } from './duplicates.js';
import type { Material } from './material.js';
import type { OfferGroup } from './offer-groups.js';
import type { RegionSightings } from './sightings.js';
import { retiredClosure } from './retired-codes.js';
import { undoAuthors, undoneOn } from './undo.js';
import { writesItself } from '../config/schema/region.js';

export function dedupe<T>(values: readonly T[]): T[] {
  const seen = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...seen.values()];
}

/** Null when the repository no longer has an offer that we wrote on. */
export function offerInput(
  group: OfferGroup,
  material: Material,
  seen: Pick<RegionSightings, 'keys'>,
): OfferPlanInput | null {
  const identifier = offerOfTarget(group.target);
  const remote = material.offers.find((offer) => offer.identifier === identifier) ?? null;
  const base = new Map<string, BaseElement>(
    identifier === null ? [] : (material.applied.get(identifier) ?? []),
  );
  const leaving = group.leaving.map((member) => member.id);
  const centres = [...group.members.map((member) => member.ready.centre.id), ...leaving];
  const links = material.links.filter((link) => link.identifier === identifier);
  // A centre that leaves makes a withdrawal of it, with its two approvals, even when another one joins with it.
  // A centre that comes back to an offer of ours makes no new link to somebody's: the offer is modified.
  const comesBack = group.members.some(({ targeted }) => targeted.target.situation === 'linked');
  const linked = leaving.length > 0 || comesBack || links.some((link) => centres.includes(link.centre));
  if (linked && remote === null) return null;
  const silent = links
    .map((link) => link.centre)
    .filter((centre) => !centres.includes(centre) && !isMerged(centre, material, seen));
  const wanted = group.members.flatMap((member) => member.encoding.contributions);
  const contributions = wanted.filter((each) => !isBlind(each, base, material));
  const closedFrom = closedFromOf(group, silent);
  const byCentre = new Map(group.members.map((member) => [member.ready.centre.id, member.ready]));
  return {
    target: group.target,
    // A second centre that joins an offer already ours: a new link, but the offer is modified.
    situation: identifier === null ? 'create' : linked ? 'linked' : 'attach',
    centres,
    leaving,
    silent,
    closing: closedFrom !== null,
    contributions: [
      ...contributions,
      ...(isOurs(group, links) ? keptOnCreated(group, base, silent, material) : []),
    ],
    served: group.members.flatMap((member) => member.encoding.served),
    base,
    remote: remote?.elements ?? null,
    reasons: dedupe([
      ...group.members.flatMap((member) => member.reasons),
      ...group.leaving.flatMap((member) => member.reasons),
      ...duplicateReason(identifier, material),
      ...wanted.filter((each) => isBlind(each, base, material)).map((each) => blindReason(each, material)),
      ...levelClash(contributions, remote, silent.length > 0 ? new Map() : base, material.rules),
      ...(closedFrom === null ? [] : retiredClosure(material.rules.codes)),
    ]),
    provenanceOf: (contribution) => provenanceOf(contribution, byCentre.get(contribution.centre)),
    departure: [
      ...group.leaving.flatMap((member) => member.provenance),
      ...group.members.flatMap(({ ready }) => comebackProvenance(ready.centre.id, material)),
    ],
    undone: undoneOn(group.target, material),
    isRejected: (key, after) => material.rejected.has(rejectionKey(group.target, key, after)),
    labels: writesItself(material.region) ? 'written' : 'typed',
  };
}

/**
 * What our access profile would not show us again is neither sent nor waited for on a sheet: it could never be seen. The
 * reviewer and the sheet are told to have it typed.
 */
function isBlind(
  contribution: Contribution,
  base: ReadonlyMap<string, BaseElement>,
  material: Material,
): boolean {
  if (base.get(contribution.key)?.readBack != null) return false;
  return !isShown(contribution, material.region.repository.accessProfile);
}

function blindReason({ key, text }: Contribution, { region }: Material): Reason {
  return {
    code: 'note',
    blocking: false,
    field: key,
    message: `« ${text} » n’est pas envoyé : le profil d’accès ${region.repository.accessProfile} ne le montre pas, la relecture ne pourrait pas le confirmer. Saisissez-le dans le ROR.`,
  };
}

/** People said that it is the same as another centre, which now has all its rows. */
function isMerged(centre: CentreId, material: Material, seen: Pick<RegionSightings, 'keys'>): boolean {
  const keys = [...material.keys].filter(([, each]) => each === centre).map(([key]) => key);
  return keys.length > 0 && keys.every((key) => seen.keys.get(key) !== centre);
}

export function authorsOf(change: PlannedChange, group: OfferGroup, material: Material): ChangeAuthor[] {
  return dedupe([
    ...group.members.flatMap((member) => [...member.ready.authors, ...member.targeted.authors]),
    ...continuityAuthors(change.centres, material),
    ...group.leaving.flatMap((member) => member.authors),
    ...undoAuthors(change, material),
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
  silent: readonly CentreId[],
  material: Material,
): Contribution[] {
  const [leaving] = group.leaving;
  const alone = group.members.length + silent.length === 0;
  const centre = group.members[0]?.ready.centre.id ?? leaving?.id;
  if (centre === undefined) return [];
  const closedFrom = closedFromOf(group, silent);
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

/** An offer is closed with the last of its centres; as long as another one stands on it, the one that closes leaves. */
function closedFromOf({ members, leaving }: OfferGroup, silent: readonly CentreId[]): string | null {
  if (members.length + silent.length > 0) return null;
  return leaving.find((each) => each.closedFrom !== null)?.closedFrom ?? null;
}

function isOurs(group: OfferGroup, links: Material['links']): boolean {
  return (
    links.some((link) => link.createdByUs) ||
    group.members.some(({ targeted: { target } }) => target.situation === 'linked' && target.createdByUs)
  );
}

function speaksOfLabel(key: string): boolean {
  return (
    key.startsWith('characteristic[expertiseLevel]') ||
    key.startsWith('category') ||
    key.startsWith('comment[')
  );
}

const LEVEL = /^characteristic\[expertiseLevel\]#([^~]+)$/;

/** What the level of a label is written with, and what it was before its nomenclature retired it: one level. */
function levelsOf({ codes, defaults }: Material['rules']): ReadonlyMap<string, string> {
  return new Map(
    Object.values(defaults.expertiseLevels).flatMap(({ code }) => {
      const now = codes.inForce('TRE_R344', code)?.code ?? code;
      return [[code, now] as const, [now, now] as const];
    }),
  );
}

/**
 * One offer cannot say both levels: 10 and 11 together is a question, never a write.
 * @param base what may be taken back, which does not count
 */
function levelClash(
  contributions: readonly Contribution[],
  remote: Material['offers'][number] | null,
  base: ReadonlyMap<string, BaseElement>,
  rules: Material['rules'],
): Reason[] {
  const known = levelsOf(rules);
  const levelOf = (key: string): string | [] => known.get(LEVEL.exec(key)?.[1] ?? '') ?? [];
  const wanted = new Set(contributions.flatMap(({ key }) => levelOf(key)));
  if (wanted.size === 0) return [];
  const said = [...(remote?.elements.keys() ?? [])].filter((key) => base.get(key)?.readBack == null);
  const levels = new Set([...wanted, ...said.flatMap(levelOf)]);
  if (levels.size < 2) return [];
  return [
    {
      code: 'levelClash',
      blocking: true,
      field: 'label',
      message: `Deux niveaux (${[...levels].sort().join(' et ')}) sur une même offre : décrivez les centres par deux offres, ou faites corriger le niveau par l’établissement.`,
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
