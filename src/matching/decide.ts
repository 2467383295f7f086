import type { MatchCandidate, MatchResult } from '../domain/matching.js';
import type { MatchingOptions } from '../domain/matching-options.js';
import { candidatesOf } from './blocking.js';
import type { Entity, Site } from './entities.js';
import { rivalsOfGeneric } from './generic.js';
import { sameTown, type Question } from './question.js';
import type { Register } from './register.js';
import { scoreEntity, type Scored } from './score.js';
import { chooseSite } from './site.js';
import { saidTogether } from './together.js';

/** Links by name, town and département alone; numbers are another matter (number.ts). */
export function decideByName(question: Question, register: Register, options: MatchingOptions): MatchResult {
  const scored = [...candidatesOf(question, register)].map((entity) =>
    scoreEntity(entity, question, register),
  );
  const kept = scored
    .filter(({ score }) => score >= options.reviewScore)
    .sort(question.townAlone ? (question.city === null ? byTier : byImportance) : byScore);
  const candidates = kept.slice(0, options.maxCandidates).map((one) => candidateOf(one, question));
  const first = kept[0];
  const doubt =
    first === undefined ? absence(question) : doubtOf(first, kept[1], question, register, options);
  const best = candidates[0] ?? null;
  const sites = first === undefined || best === null || best.eg !== null ? [] : sitesOf(first.entity);
  if (doubt === null && best !== null) {
    return { outcome: 'auto', best, candidates, reason: certainty(best), sites, refusal: null };
  }
  const outcome = best === null && !question.typeAlone ? 'none' : 'review';
  return { outcome, best, candidates, reason: doubt ?? '', sites, refusal: null };
}

export function candidateOf({ entity, score, features }: Scored, question: Question): MatchCandidate {
  const site = chooseSite(entity, question);
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

/** Null when nothing forbids an automatic link, else the French sentence that says what is missing. */
function doubtOf(
  first: Scored,
  second: Scored | undefined,
  question: Question,
  register: Register,
  options: MatchingOptions,
): string | null {
  if (question.townAlone) {
    return 'Une ville n’est pas un établissement (contrôle L5) : choisissez l’hôpital parmi ceux de cette ville.';
  }
  if (question.typeAlone && question.city === null) {
    return 'La mention ne porte ni nom propre ni ville : choisissez l’hôpital.';
  }
  if (isCutShort(question)) {
    return `La mention s’arrête au milieu d’un nom : le plus proche est ${titleOf(first, question)}.`;
  }
  if (namesAnotherUnit(first, question)) {
    return `La mention nomme une unité que le registre ne montre pas sous ce nom : le plus proche est ${titleOf(first, question)}.`;
  }
  if (first.features.name < options.autoName) {
    return `Le nom ne ressemble qu’en partie au plus proche, ${titleOf(first, question)}.`;
  }
  if (first.score < options.autoScore) {
    return `Le nom désigne ${titleOf(first, question)}, mais le lieu ou le type d’établissement ne concorde pas.`;
  }
  if (second !== undefined && first.score - second.score < options.autoMargin) {
    return `Plusieurs établissements répondent à ce nom : ${titleOf(first, question)} et ${titleOf(second, question)}.`;
  }
  if (!saidTogether(first.entity, question)) {
    return `Les mots de ce nom se trouvent dans plusieurs sites d’une même entité, dont ${titleOf(first, question)}, et dans aucun ensemble.`;
  }
  const rivals = rivalsOfGeneric(first.entity, question, register);
  return rivals === null ? null : genericDoubt(first, rivals.length, question);
}

/** A kind and a town that say no hospital in particular. */
function genericDoubt(first: Scored, rivals: number, question: Question): string {
  if (rivals === 0) {
    return `La mention ne dit qu’un type et une ville, et ${titleOf(first, question)} n’est pas l’hôpital de cette ville.`;
  }
  const others = rivals === 1 ? 'un autre établissement peut' : `${rivals} autres établissements peuvent`;
  return `La mention ne dit qu’un type et une ville : outre ${titleOf(first, question)}, ${others} y être désigné${rivals === 1 ? '' : 's'} ainsi.`;
}

/** Words that are never a whole name: "CLINIQUE SAINT", cut by a column, begins a hundred names. */
const OPENINGS = new Set(['saint', 'sainte', 'docteur', 'professeur', 'dr', 'pr', 'notre']);

function isCutShort({ last, name }: Question): boolean {
  return last !== null && OPENINGS.has(last) && name.units.length === 0;
}

/** A mention of an outpost ("CMP", "antenne") is certain only when that outpost itself is found. */
function namesAnotherUnit({ entity }: Scored, question: Question): boolean {
  const { units } = question.name;
  if (units.length === 0) return false;
  if (question.city === null && question.departement === null) return true;
  const site = chooseSite(entity, question);
  return site === null || !site.name.units.some((unit) => units.includes(unit));
}

function absence(question: Question): string {
  if (question.typeAlone) return 'La mention ne porte ni nom propre ni ville : choisissez l’hôpital.';
  return 'Aucun établissement de santé du registre ne porte ce nom : vérifiez l’orthographe, ou l’hôpital n’est pas dans FINESS.';
}

function certainty(best: MatchCandidate): string {
  const site =
    best.eg === null
      ? 'le site n’est ni nommé ni unique : une personne le choisit'
      : `site ${best.name}, ${best.town} (${best.eg})`;
  return `Nom et lieu concordent avec l’entité juridique ${best.ej} et nul autre établissement n’en approche ; ${site}.`;
}

function titleOf({ entity }: Scored, question: Question): string {
  const site = (chooseSite(entity, question) ?? siteToShow(entity, question))?.establishment;
  return site === undefined ? `l’entité ${entity.ej}` : `${site.name} (${site.town})`;
}

/** A name to show for a legal entity that has none: the main site nearest to what is written, then to the town. */
function siteToShow(entity: Entity, question: Question): Site | undefined {
  const nearness = (site: Site): number =>
    question.words.filter((word) => site.words.has(word)).length * 2 +
    (question.city === null ? 0 : sameTown(question.city, site.town));
  return [...entity.mains].sort((a, b) => nearness(b) - nearness(a))[0];
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
