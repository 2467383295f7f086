import type { Reason } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import { attachCandidates, type AttachCandidate, type MirroredOffer } from '../plan/attach-candidates.js';
import type { Answer } from '../db/answers.js';
import type { ChangeAuthor } from '../db/changes.js';
import type { ReadyCentre } from './centre-facts.js';
import { formerLinkOf, lastDeclared } from './comebacks.js';
import type { Material } from './material.js';
import type { Places } from './places.js';

/** Where a centre's description goes. */
export type Target =
  | { readonly situation: 'linked'; readonly identifier: string; readonly createdByUs: boolean }
  | { readonly situation: 'attach'; readonly identifier: string }
  | { readonly situation: 'create'; readonly asked: boolean };

export interface Targeted {
  readonly target: Target;
  readonly reasons: readonly Reason[];
  readonly authors: readonly ChangeAuthor[];
}

/**
 * First question for every centre: attach or create? (DESIGN 7). The link already applied holds; then the person's
 * answer; then an offer that carries our own block for this centre (typed by hand from a sheet, or a crash); else the
 * offers of its sites that may already describe it are candidates, and a person decides. Without candidate: create.
 */
export function targetOf(ready: ReadyCentre, material: Material, places: Places): Targeted {
  const link = material.links.find((candidate) => candidate.centre === ready.centre.id);
  if (link !== undefined) {
    return {
      target: { situation: 'linked', identifier: link.identifier, createdByUs: link.createdByUs },
      reasons: [],
      authors: [],
    };
  }
  const back = formerTarget(ready, material);
  if (back !== null) return back;
  const answer = standingAnswer(ready.centre.id, material);
  const authors: ChangeAuthor[] =
    answer === undefined ? [] : [{ person: answer.author, why: 'attachOrCreate' }];
  if (answer?.kind === 'attach') {
    const identifier = String(answer.body['offer']);
    if (material.offers.some((offer) => offer.identifier === identifier)) {
      return { target: { situation: 'attach', identifier }, reasons: [], authors };
    }
    // The answer is worth nothing any more: the same question again, with what may describe the centre now.
    const left = candidatesFor(ready, material, places);
    return asked(
      `L’offre ${identifier} choisie n’est plus dans le ROR : rattachez à une autre, ou créez.`,
      left,
    );
  }
  if (answer?.kind === 'create')
    return { target: { situation: 'create', asked: true }, reasons: [], authors };
  const ours = material.offers.filter((offer) => offer.elements.has(`comment[${ready.centre.id}]`));
  const [one] = ours;
  if (one !== undefined && ours.every((offer) => offer.identifier === one.identifier)) {
    return { target: { situation: 'attach', identifier: one.identifier }, reasons: [], authors: [] };
  }
  if (ours.length > 1) return severalOurs(ours);
  const candidates = candidatesFor(ready, material, places);
  if (candidates.length === 0)
    return { target: { situation: 'create', asked: false }, reasons: [], authors: [] };
  return asked('Rattacher ou créer ? Le ROR décrit peut-être déjà ce centre.', candidates);
}

/** A sheet typed twice, or a creation that landed twice: which one is the offer is a person's answer. */
function severalOurs(ours: readonly MirroredOffer[]): Targeted {
  return asked(
    `${ours.length} offres du ROR portent le bloc de ce centre : à laquelle le rattacher ?`,
    ours.map((offer) => ({ offer, why: 'porte notre bloc' })),
  );
}

/** The question "rattacher ou créer ?" with the offers it is about; nothing is decided as long as it is open. */
function asked(message: string, candidates: readonly AttachCandidate[]): Targeted {
  return {
    target: { situation: 'create', asked: false },
    reasons: [
      {
        code: 'attachOrCreate',
        blocking: true,
        field: 'offer',
        message,
        candidates: candidates.map(({ offer, why }) => ({
          value: offer.identifier,
          label: `${offer.name || 'offre sans nom'} (${why})`,
        })),
      },
    ],
    authors: [],
  };
}

/**
 * A centre that comes back comes back to the offer that it left, never to a second one: on an offer of ours by itself,
 * on another's as a person attached it. Only a person who attaches it elsewhere since then decides otherwise, and a
 * centre that is now at another site does not go back to the former site's offer.
 */
function formerTarget({ centre: { id: centre }, facts }: ReadyCentre, material: Material): Targeted | null {
  const left = formerLinkOf(centre, material);
  const offer = material.offers.find((each) => each.identifier === left?.identifier);
  if (left === null || offer === undefined) return null;
  const { identifier, createdByUs } = left;
  const moved = facts.eg !== null && offer.eg !== null && facts.eg !== offer.eg;
  if ((moved && !createdByUs) || standingAnswer(centre, material)?.kind === 'attach') return null;
  const answer = lastTargetAnswer(material.answers, centre);
  const declared = lastDeclared(centre, material);
  return {
    target: createdByUs
      ? { situation: 'linked', identifier, createdByUs }
      : { situation: 'attach', identifier },
    reasons: [],
    authors: [
      ...(answer === undefined ? [] : [{ person: answer.author, why: 'attachOrCreate' as const }]),
      ...(declared?.kind === 'reopen' ? [{ person: declared.author, why: 'declaration' as const }] : []),
    ],
  };
}

/** "Rattacher ou créer ?" as answered, unless the centre has left since then: that answer was of its former offer. */
function standingAnswer(centre: CentreId, material: Material): Answer | undefined {
  const answer = lastTargetAnswer(material.answers, centre);
  const left = formerLinkOf(centre, material);
  return answer !== undefined && left !== null && answer.at <= left.leftAt ? undefined : answer;
}

function lastTargetAnswer(answers: readonly Answer[], centre: CentreId): Answer | undefined {
  return answers.findLast(
    (answer) => (answer.kind === 'attach' || answer.kind === 'create') && answer.subject === centre,
  );
}

/** Offers of the chosen site, or of every site of the hospital as long as none is chosen. */
function candidatesFor(ready: ReadyCentre, material: Material, places: Places): AttachCandidate[] {
  const sites = new Set<string>(
    ready.facts.eg !== null
      ? [ready.facts.eg]
      : ready.ej === null
        ? []
        : places.sitesOf(ready.ej).map((site) => site.eg),
  );
  const createdByUs = new Set(
    material.links.filter((link) => link.createdByUs).map((link) => link.identifier),
  );
  const offers: MirroredOffer[] = material.offers.filter(
    (offer) => offer.eg !== null && sites.has(offer.eg) && !createdByUs.has(offer.identifier),
  );
  return attachCandidates(offers, {
    title: ready.centre.title,
    network: ready.centre.network,
    activities: material.config.crosswalk.filieres[ready.centre.filiere]?.activities ?? [],
  });
}
