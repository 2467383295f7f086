import type { Provenance, Reason } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import type { Json } from '../domain/json.js';
import type { Contribution, MissingValue } from '../domain/offer.js';
import { encodeCentre, type EncodedCentre } from '../ror/encode.js';
import type { ChangeAuthor } from '../db/changes.js';
import { completionProvenance } from '../consolidate/centre.js';
import type { ReadyCentre } from './centre-facts.js';
import { comebackReasons, lastDeclared } from './comebacks.js';
import type { LostCentre } from './continuity.js';
import { draftReasons } from './draft.js';
import { retiredReason } from './retired-codes.js';
import { completionsOf, type Material } from './material.js';
import type { Places } from './places.js';
import { targetOf, type Targeted } from './targets.js';

export interface OfferGroup {
  readonly target: string;
  readonly members: { ready: ReadyCentre; targeted: Targeted; encoding: EncodedCentre; reasons: Reason[] }[];
  readonly leaving: Leaving[];
}

export interface Leaving {
  readonly id: CentreId;
  readonly reasons: readonly Reason[];
  readonly provenance: readonly Provenance[];
  readonly authors: readonly ChangeAuthor[];
  /** Day from which people declared the offer closed; null for a withdrawal of label. */
  readonly closedFrom: string | null;
  /** Name of the centre without its label. */
  readonly plainName: string;
}

export function join(
  groups: Map<string, OfferGroup>,
  ready: ReadyCentre,
  material: Material,
  places: Places,
  identity: ReadonlyMap<CentreId, readonly Reason[]>,
): void {
  const declared = declaredDeparture(ready.centre.id, material);
  const targeted = targetOf(ready, material, places);
  const { target } = targeted;
  if (declared !== null) {
    // Still listed though declared gone: nothing is created anew for it, the declaration holds until it is taken back.
    if (target.situation === 'linked' && material.links.some((link) => link.centre === ready.centre.id)) {
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
    ...(identity.get(ready.centre.id) ?? []),
    ...missingReasons(encoding.missing, ready, undecided),
    ...encoding.retired.map(retiredReason),
    ...(target.situation === 'create' ? draftReasons(ready, encoding, material) : []),
    ...comebackReasons(ready, material),
  ];
  group(groups, key).members.push({ ready, targeted, encoding, reasons });
}

/**
 * An offer that we created has one name, one public, one carrier: those of the centre linked to it first. A centre that
 * joined it later adds its own elements only, as on any offer that exists; so does one that comes back while another
 * one stands there.
 */
function speaksFor(centre: CentreId, target: { readonly identifier: string }, material: Material): boolean {
  const links = material.links.filter((link) => link.identifier === target.identifier);
  return links.every((link) => link.centre === centre || link.no > (linkNo(links, centre) ?? Infinity));
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

export function leave(
  groups: Map<string, OfferGroup>,
  gone: LostCentre,
  material: Material,
  identity: ReadonlyMap<CentreId, readonly Reason[]>,
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
    ...(identity.get(gone.id) ?? []),
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

/** A withdrawal or a closure told by a person, and not taken back since. */
function declaredDeparture(centre: CentreId, material: Material): Leaving | null {
  const answer = lastDeclared(centre, material);
  if (answer === undefined || answer.kind === 'reopen') return null;
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
        origin: answer.author,
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

function plainName(centre: { readonly title: string; readonly network: string | null }): string {
  const { title, network } = centre;
  return network === null || title.includes(network) ? title : `${title} (${network})`;
}
