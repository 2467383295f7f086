import type { MatchCandidate, MatchResult } from '../domain/matching.js';
import type { MatchingOptions } from '../domain/matching-options.js';
import { candidatesOf } from './blocking.js';
import { doubtOf } from './doubts.js';
import type { Entity, Site } from './entities.js';
import type { Question } from './question.js';
import type { Register } from './register.js';
import { scoreEntity, type Scored } from './score.js';
import { chooseSite } from './site.js';
import { siteToShow } from './titles.js';
import { lineOfCutName, type CutName } from './written.js';

/** Links by name, town and département alone; numbers are another matter (number.ts). */
export function decideByName(question: Question, register: Register, options: MatchingOptions): MatchResult {
  const entities = candidatesOf(question, register);
  const scored = [...entities].map((entity) => scoreEntity(entity, question, register));
  const kept = scored
    .filter(({ score }) => score >= options.reviewScore)
    .sort(question.townAlone ? (question.city === null ? byTier : byImportance) : byScore);
  const candidates = kept.slice(0, options.maxCandidates).map((one) => candidateOf(one, question));
  const cut = lineOfCutName(entities, question);
  if (cut !== null) return begun(cut, candidates, question, register, options);
  const first = kept[0];
  const doubt = doubtOf(kept, question, register, options);
  const best = candidates[0] ?? null;
  const sites = first === undefined || best === null || best.eg !== null ? [] : sitesOf(first.entity);
  if (doubt === null && best !== null) {
    return { outcome: 'auto', best, candidates, reason: certainty(best), sites, refusal: null };
  }
  const outcome = best === null && !question.typeAlone ? 'none' : 'review';
  return { outcome, best, candidates, reason: doubt ?? '', sites, refusal: null };
}

/** The mention is the beginning of one line of the place, and of no other. */
function begun(
  { entity, site }: CutName,
  candidates: readonly MatchCandidate[],
  question: Question,
  register: Register,
  options: MatchingOptions,
): MatchResult {
  const best = candidateOf({ ...scoreEntity(entity, question, register), score: 1 }, question, site);
  return {
    outcome: 'auto',
    best,
    candidates: [best, ...candidates.filter(({ ej }) => ej !== best.ej)].slice(0, options.maxCandidates),
    reason: `La mention est le début d’un nom qu’un seul établissement de ce lieu porte : ${best.name}, ${best.town} (${best.eg ?? best.ej}).`,
    sites: best.eg === null ? sitesOf(entity) : [],
    refusal: null,
  };
}

export function candidateOf(
  { entity, score, features }: Scored,
  question: Question,
  site: Site | null = chooseSite(entity, question),
): MatchCandidate {
  const shown = site ?? siteToShow(entity, question);
  return {
    ej: entity.ej,
    eg: site?.establishment.eg ?? null,
    name: shown?.establishment.name ?? '',
    town: shown?.establishment.town ?? '',
    score: round(score),
    features: Object.fromEntries(Object.entries(features).map(([key, value]) => [key, round(value)])),
  };
}

export function sitesOf(entity: Entity): MatchResult['sites'] {
  return entity.sites.map(({ establishment: { eg, name, town } }) => ({ eg, name, town }));
}

function certainty(best: MatchCandidate): string {
  const site =
    best.eg === null
      ? 'le site n’est ni nommé ni unique : une personne le choisit'
      : `site ${best.name}, ${best.town} (${best.eg})`;
  return `Nom et lieu concordent avec l’entité juridique ${best.ej} et nul autre établissement n’en approche ; ${site}.`;
}

function byScore(a: Scored, b: Scored): number {
  return b.score - a.score || byImportance(a, b);
}

/** A word that is a town and perhaps also a name ("Saint-Joseph"): near scores are equal, the larger hospital first. */
function byTier(a: Scored, b: Scored): number {
  return Math.round(b.score * 20) - Math.round(a.score * 20) || byImportance(a, b);
}

/** University hospitals, hospitals, cancer centres, then the rest; the number settles what is equal. */
function byImportance(a: Scored, b: Scored): number {
  return (
    importance(a.entity) - importance(b.entity) || b.score - a.score || (a.entity.ej < b.entity.ej ? -1 : 1)
  );
}

function importance(entity: Entity): number {
  const order = (['chu', 'ch', 'clcc', 'psy', 'clinic'] as const).findIndex((kind) => entity.kinds.has(kind));
  return entity.sector * 10 + (order === -1 ? 9 : order) + (entity.onlyUnits ? 5 : 0);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
