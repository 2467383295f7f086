import type { ChangeKind, ElementChange, PlannedChange, Provenance, Reason } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import { canonicalHash, canonicalText, type Json } from '../domain/json.js';
import type { Contribution, ElementKey, OfferElement } from '../domain/offer.js';
import { columnsOf, OWN_LABELS } from '../ror/columns.js';
import { saysTheSame } from '../ror/equality.js';
import { renamedLabels } from '../ror/renamed-labels.js';
import { termOf } from '../ror/terms.js';
import { compareThree, type ComparedElement } from './three-way.js';
import { stateOf } from './state.js';
import { substituted } from './substituted.js';
import { undoneNow, type UndoneElement } from './undone.js';

/** What we last wrote and read back of one element, and what stood there before us. */
export interface BaseElement {
  readonly readBack: Json | null;
  readonly beforeUs: Json | null;
  readonly channel: 'ror' | 'served';
  /** What we sent then; a repository may keep another label of the same code. */
  readonly sent?: Json | null;
}

export interface OfferPlanInput {
  /** `offer:<identifier>`, or `centre:<id>` for an offer that does not exist yet. */
  readonly target: string;
  /** `create` and `attach` as long as the link is not applied; `linked` afterwards. */
  readonly situation: 'create' | 'attach' | 'linked';
  readonly centres: readonly CentreId[];
  /** Centres that leave the offer with this change. */
  readonly leaving: readonly CentreId[];
  /**
   * Centres that stand on the offer and of which this plan says nothing: their row cannot be used, or is another
   * region's. Nobody knows which elements are theirs too, so that only what names a leaving centre is taken back.
   */
  readonly silent: readonly CentreId[];
  /** Set when people declared the offer's closure. */
  readonly closing: boolean;
  /** Union of what the offer's centres want. */
  readonly contributions: readonly Contribution[];
  /** What the ROR cannot say: approved and journalled, never sent. */
  readonly served: readonly Contribution[];
  readonly base: ReadonlyMap<ElementKey, BaseElement>;
  /** The offer as the mirror has it; null for a creation. */
  readonly remote: ReadonlyMap<ElementKey, OfferElement> | null;
  readonly reasons: readonly Reason[];
  readonly provenanceOf: (contribution: Contribution) => readonly Provenance[];
  /** Provenance of a deletion: why the element leaves. */
  readonly departure: readonly Provenance[];
  /** What people took back of earlier changes of this offer. */
  readonly undone: ReadonlyMap<ElementKey, UndoneElement>;
  readonly isRejected: (key: ElementKey, after: Json | undefined) => boolean;
  /**
   * `written`: a code that its nomenclature renamed since is written again with its new label, where the repository still
   * shows the one we sent. `typed`: the region has what is approved typed by people, who type codes and no labels.
   */
  readonly labels?: 'written' | 'typed';
}

/**
 * The proposal for one offer: desired against base and remote, element by element (DESIGN 3 (8), 5).
 * Changed only by us: proposed. Changed only by others: kept and told. By both: conflict, three columns.
 * An element leaves with its last contributor, and what stood there before us comes back only where the
 * repository still says what we wrote.
 * @returns null when there is nothing to propose.
 */
export function planOffer(input: OfferPlanInput): PlannedChange | null {
  const { wanted, base, remote, desired, undoing, outcomes } = compareOffer(input);
  const found: ElementChange[] = [];
  const reasons: Reason[] = [...input.reasons];
  for (const outcome of outcomes) {
    const said = wanted.get(outcome.key);
    const undone = undoing.get(outcome.key);
    const contribution = undone === undefined ? said?.[0] : undefined;
    const after = desired.get(outcome.key);
    const clash =
      outcome.outcome === 'ours' && outcome.remote === undefined && input.remote !== null
        ? substituted(outcome.key, outcomes, input.remote)
        : null;
    const before = clash?.now ?? remote.get(outcome.key);
    const relabelled = contribution === undefined ? [] : renamedSince(input, outcome);
    reasons.push(...relabelled);
    if (relabelled.length === 0 && (outcome.outcome === 'same' || outcome.outcome === 'both-same')) continue;
    // What nobody wants any more comes back only where the repository still says what we wrote (DESIGN 5).
    if (outcome.outcome === 'theirs' || (outcome.outcome === 'conflict' && contribution === undefined)) {
      reasons.push(driftReason(outcome));
      continue;
    }
    const kept = clash?.was ?? base.get(outcome.key);
    found.push({
      key: outcome.key,
      path: contribution?.path ?? undone?.path ?? input.remote?.get(outcome.key)?.path ?? 'HealthcareService',
      operation: after === undefined ? 'delete' : before === undefined ? 'add' : 'replace',
      ...(kept === undefined ? {} : { base: kept }),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      conflict: clash !== null || outcome.outcome === 'conflict',
      channel: 'ror',
      assumed: undone === undefined && (said?.every((each) => each.assumed) ?? false),
      text:
        contribution?.text ??
        (after === undefined
          ? 'retiré'
          : undone === undefined
            ? 'rétabli comme avant nous'
            : 'rétabli comme avant'),
      provenance:
        undone !== undefined
          ? [undone.provenance]
          : said === undefined
            ? whyGone(input, outcome.key, wanted)
            : provenanceOf(input, said),
    });
    if (undone !== undefined) reasons.push(undone.reason);
  }
  const facts = servedChanges(input);
  found.push(...facts.changes);
  reasons.push(...facts.reasons);
  const elements = withoutRejected(input, found);
  if (elements.length === 0) return null;
  elements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const kind = kindOf(input, elements);
  const centres = [...input.centres].sort();
  const sorted = onceEach(reasons).sort((a, b) =>
    compareText(`${a.code}|${a.field ?? ''}|${a.message}`, `${b.code}|${b.field ?? ''}|${b.message}`),
  );
  return {
    kind,
    state: stateOf(sorted, elements),
    target: input.target,
    centres,
    reasons: sorted,
    elements,
    hash: changeHash({ kind, target: input.target, centres, elements }),
  };
}

/**
 * A rejection is remembered by (offer, element, value). An offer that does not exist yet is whole or is not: without
 * the elements that were rejected it would be torn, so it comes back whole as soon as one of its values is another.
 */
function withoutRejected(input: OfferPlanInput, found: readonly ElementChange[]): ElementChange[] {
  const standing = found.filter((element) => !input.isRejected(element.key, element.after));
  return input.situation === 'create' && standing.length > 0 ? [...found] : standing;
}

/**
 * What other people changed of what we wrote, although we want nothing new: kept, and told (DESIGN 5). A change that is
 * proposed shows the same among its reasons.
 */
export function driftOf(input: OfferPlanInput): Reason[] {
  const { outcomes } = compareOffer(input);
  return outcomes.filter((each) => each.outcome === 'theirs').map((each) => driftReason(each));
}

interface ComparedOffer {
  readonly wanted: ReadonlyMap<ElementKey, readonly [Contribution, ...Contribution[]]>;
  readonly base: ReadonlyMap<ElementKey, Json>;
  readonly remote: ReadonlyMap<ElementKey, Json>;
  readonly desired: ReadonlyMap<ElementKey, Json>;
  /** Where the wanted value is what stood there before a change that was taken back. */
  readonly undoing: ReadonlyMap<ElementKey, UndoneElement>;
  readonly outcomes: readonly ComparedElement[];
}

function compareOffer(input: OfferPlanInput): ComparedOffer {
  const wanted = wantedValues(input);
  const controlled = new Set<ElementKey>([
    ...wanted.keys(),
    ...[...input.base].filter(([, b]) => b.channel === 'ror' && b.readBack !== null).map(([key]) => key),
    ...[...input.undone].filter(([, each]) => each.channel === 'ror').map(([key]) => key),
  ]);
  const base = new Map<ElementKey, Json>();
  const remote = new Map<ElementKey, Json>();
  const desired = new Map<ElementKey, Json>();
  const undoing = new Map<ElementKey, UndoneElement>();
  for (const key of controlled) {
    const last = input.base.get(key);
    if (last !== undefined && last.readBack !== null) base.set(key, last.readBack);
    const present = input.remote?.get(key);
    if (present !== undefined) remote.set(key, present.value);
    const unwanted = staysForSilent(input, key) ? last?.readBack : last?.beforeUs;
    const said = wanted.get(key)?.[0]?.value ?? unwanted ?? undefined;
    const undone = undoneNow(input.undone.get(key), said);
    if (undone !== undefined) undoing.set(key, undone);
    const want = undone === undefined ? said : undone.restore;
    if (want !== undefined) desired.set(key, want);
  }
  return {
    wanted,
    base,
    remote,
    desired,
    undoing,
    outcomes: compareThree({ base, remote, desired }, { equal: saysTheSame }),
  };
}

/**
 * What the offer's centres want of each element, together: an element that several of them want rests on all of them,
 * and is assumed only when no source states it for any. Where they differ the first in a fixed order gives the value,
 * so that the order of the centres plays no part.
 */
function wantedValues(input: OfferPlanInput): Map<ElementKey, readonly [Contribution, ...Contribution[]]> {
  const wanted = new Map<ElementKey, [Contribution, ...Contribution[]]>();
  for (const contribution of input.contributions) {
    if (contribution.mode === 'ifEmpty' && occupied(input, contribution.key)) continue;
    const others = wanted.get(contribution.key);
    if (others === undefined) wanted.set(contribution.key, [contribution]);
    else others.push(contribution);
  }
  for (const contributions of wanted.values()) {
    if (contributions.length > 1) contributions.sort((a, b) => compareText(rank(a), rank(b)));
  }
  return wanted;
}

/** What is ours to say before what only fills a gap, what is stated before what is assumed. */
function rank({ mode, assumed, value, centre }: Contribution): string {
  return `${mode === 'own' ? 0 : 1}${assumed ? 1 : 0}|${canonicalText(value)}|${centre}`;
}

function provenanceOf(input: OfferPlanInput, said: readonly Contribution[]): Provenance[] {
  return distinct(said.flatMap(input.provenanceOf));
}

/** Why an element leaves: its centre does, or what now stands in its place (level 11 for level 10). */
function whyGone(
  input: OfferPlanInput,
  key: ElementKey,
  wanted: ReadonlyMap<ElementKey, readonly Contribution[]>,
): readonly Provenance[] {
  if (input.departure.length > 0) return input.departure;
  const inPlace = [...wanted].filter(([other]) => slotOf(other) === slotOf(key));
  const why = provenanceOf(
    input,
    inPlace.flatMap(([, said]) => said),
  );
  const retired = why.length === 0 && input.reasons.some(({ code }) => code === 'codeRetired');
  return retired ? [{ kind: 'rule', origin: 'ror.code.retired' }] : why;
}

/** Why an element of ours that says the same code is written again: the code has another name since. */
function renamedSince(input: OfferPlanInput, { key, outcome, remote, desired }: ComparedElement): Reason[] {
  const sent = input.base.get(key)?.sent ?? null;
  if (input.labels === 'typed' || outcome !== 'same') return [];
  if (sent === null || remote === undefined || desired === undefined) return [];
  return renamedLabels({ sent, remote, desired }).map(({ code, was, now }) => ({
    code: 'note',
    blocking: false,
    field: key,
    message: `La nomenclature a renommé le code ${code} (« ${termOf(key)} ») : « ${was} » devient « ${now} ».`,
  }));
}

/** Place of an element whatever its code: `characteristic[expertiseLevel]` of `characteristic[expertiseLevel]#11`. */
const slotOf = (key: ElementKey): string => key.split('#', 1)[0] ?? key;

function onceEach(reasons: readonly Reason[]): Reason[] {
  return [...new Map(reasons.map((reason) => [canonicalText({ ...reason }), reason])).values()];
}

function distinct(values: readonly Provenance[]): Provenance[] {
  const seen = new Map(values.map((value) => [canonicalText(value), value]));
  return [...seen].sort(([a], [b]) => compareText(a, b)).map(([, value]) => value);
}

/**
 * What an approval is bound to: kind, target, centres, and base, remote, desired and assumed of each element.
 * No run number, instant, locator nor order: a weekly file with the same content cancels nothing.
 */
export function changeHash(change: {
  readonly kind: ChangeKind;
  readonly target: string;
  readonly centres: readonly string[];
  readonly elements: readonly ElementChange[];
}): string {
  return canonicalHash({
    kind: change.kind,
    target: change.target,
    centres: [...change.centres].sort(),
    elements: [...change.elements]
      .sort((a, b) => compareText(a.key, b.key))
      .map((element) => ({
        key: element.key,
        operation: element.operation,
        channel: element.channel,
        base: element.base ?? null,
        remote: element.before ?? null,
        desired: element.after ?? null,
        assumed: element.assumed,
      })),
  });
}

/** A place is occupied when the offer says something there that is not ours: `category#72` stands where 245 would. */
function occupied(input: OfferPlanInput, key: ElementKey): boolean {
  if (input.remote === null || input.base.get(key)?.readBack != null) return false;
  const slot = slotOf(key);
  const ours = (other: ElementKey): boolean => input.base.get(other)?.readBack != null;
  return [...input.remote.keys()].some((other) => slotOf(other) === slot && !ours(other));
}

/** What nobody wants now stays as long as a centre that cannot speak may want it. */
function staysForSilent({ silent, leaving }: OfferPlanInput, key: ElementKey): boolean {
  return silent.length > 0 && !leaving.some((id) => key.includes(`[${id}]`));
}

/** Facts that the ROR cannot say, approved and journalled, never sent: what changes of them, and why what is undone is. */
function servedChanges(input: OfferPlanInput): { changes: ElementChange[]; reasons: Reason[] } {
  const changes: ElementChange[] = [];
  const reasons: Reason[] = [];
  const wanted = new Map(input.served.map((fact) => [`${fact.key}[${fact.centre}]`, fact]));
  const known = [...input.base].filter(([, last]) => last.channel === 'served' && last.readBack !== null);
  const undone = [...input.undone].filter(([, each]) => each.channel === 'served');
  for (const key of new Set([...wanted.keys(), ...[...known, ...undone].map(([each]) => each)])) {
    const fact = wanted.get(key);
    const before = input.base.get(key)?.readBack ?? undefined;
    const back = undoneNow(input.undone.get(key), fact?.value);
    const after = back === undefined ? fact?.value : back.restore;
    if (before === undefined ? after === undefined : after !== undefined && sameText(before, after)) continue;
    if (after === undefined && back === undefined && staysForSilent(input, key)) continue;
    changes.push({
      key,
      path: fact?.path ?? 'served',
      operation: after === undefined ? 'delete' : before === undefined ? 'add' : 'replace',
      ...(before === undefined ? {} : { base: before, before }),
      ...(after === undefined ? {} : { after }),
      conflict: false,
      channel: 'served',
      assumed: back === undefined && (fact?.assumed ?? false),
      text: after === undefined ? 'retiré' : back === undefined ? (fact?.text ?? '') : 'rétabli comme avant',
      provenance:
        back !== undefined
          ? [back.provenance]
          : fact === undefined
            ? input.departure
            : input.provenanceOf(fact),
    });
    if (back !== undefined) reasons.push(back.reason);
  }
  return { changes, reasons };
}

const sameText = (a: Json, b: Json): boolean => canonicalText(a) === canonicalText(b);

function kindOf(input: OfferPlanInput, elements: readonly ElementChange[]): ChangeKind {
  if (input.closing) return 'close';
  if (input.situation !== 'linked') return input.situation;
  if (input.leaving.length > 0) return 'withdraw';
  return elements.every((element) => element.channel === 'served') ? 'enrich' : 'modify';
}

function driftReason({ key, base, remote, desired }: ComparedElement): Reason {
  const [theirs] = columnsOf([remote, base ?? desired], OWN_LABELS);
  return {
    code: 'drift',
    blocking: false,
    field: key,
    message:
      remote === undefined
        ? `Modifié dans le ROR par d’autres : « ${termOf(key)} » n’y est plus. Leur choix est gardé.`
        : `Modifié dans le ROR par d’autres : « ${termOf(key)} » y vaut ${theirs ?? ''}. Leur valeur est gardée.`,
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
