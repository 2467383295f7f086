import type { MatchingOptions } from '../domain/matching-options.js';
import { OPENINGS } from '../normalise/names.js';
import type { Entity } from './entities.js';
import { rivalsOfGeneric } from './generic.js';
import { claimedType } from './kinds.js';
import { sameTown, type Question } from './question.js';
import type { Register } from './register.js';
import {
  bearerElsewhere,
  bearerInPlace,
  firstRival,
  groupOfThatName,
  isOnlyGuest,
  namesakeElsewhere,
} from './rivals.js';
import type { Scored } from './score.js';
import { chooseSite } from './site.js';
import { titleOf } from './titles.js';
import { saidTogether } from './together.js';
import { typeOf } from './type.js';
import { isEquipment, isUnitNamed } from './units.js';
import { isWrittenIn } from './written.js';

/** Null when nothing forbids an automatic link, else the French sentence that says what is missing. */
export function doubtOf(
  kept: readonly Scored[],
  question: Question,
  register: Register,
  options: MatchingOptions,
): string | null {
  const first = kept[0];
  if (first === undefined) return absence(question);
  return (
    saysTooLittle(first, question) ??
    resemblesTooLittle(first, question, options) ??
    severalAnswer(first, kept, question, register, options)
  );
}

function saysTooLittle(first: Scored, question: Question): string | null {
  if (question.townAlone) {
    return 'Une ville n’est pas un établissement (contrôle L5) : choisissez l’hôpital parmi ceux de cette ville.';
  }
  if (question.typeAlone && question.city === null) {
    return 'La mention ne porte ni nom propre ni ville : choisissez l’hôpital.';
  }
  if (claimedType(question.name.types) === 'ght') {
    return 'Un groupement hospitalier de territoire (GHT) réunit plusieurs établissements : choisissez l’hôpital.';
  }
  if (isCutShort(question) || stopsShort(first, question)) {
    return `La mention s’arrête au milieu d’un nom : le plus proche est ${titleOf(first, question)}.`;
  }
  return null;
}

function resemblesTooLittle(first: Scored, question: Question, options: MatchingOptions): string | null {
  if (namesAnotherUnit(first, question)) {
    return `La mention nomme une unité que le registre ne montre pas sous ce nom : le plus proche est ${titleOf(first, question)}.`;
  }
  if (first.features.name < options.autoName) {
    return `Le nom ne ressemble qu’en partie au plus proche, ${titleOf(first, question)}.`;
  }
  if (first.score < options.autoScore) {
    return `Le nom désigne ${titleOf(first, question)}, mais le lieu ou le type d’établissement ne concorde pas.`;
  }
  if (standsElsewhere(first, question)) {
    return `Le site de ce nom n’est pas dans cette ville, où la même entité juridique a autre chose : ${titleOf(first, question)}.`;
  }
  if (isOnlyGuest(first.entity, question)) {
    return `Le registre ne porte ce nom que pour dire où travaille ${titleOf(first, question)} : l’établissement lui-même n’y est pas.`;
  }
  if (isOnlyEquipment(first, question)) {
    return `Seul un équipement porte ce nom : ${titleOf(first, question)}.`;
  }
  if (isMisspeltNowhere(first, question)) {
    return `Aucune ville n’est dite, et ce nom n’est qu’approché de celui de ${titleOf(first, question)}.`;
  }
  if (!saidTogether(first.entity, question)) {
    return `Les mots de ce nom se trouvent dans plusieurs sites d’une même entité, dont ${titleOf(first, question)}, et dans aucun ensemble.`;
  }
  return null;
}

function severalAnswer(
  first: Scored,
  kept: readonly Scored[],
  question: Question,
  register: Register,
  options: MatchingOptions,
): string | null {
  const rivals = rivalsOfGeneric(first.entity, question, register);
  if (rivals !== null && rivals !== 'only') return genericDoubt(first, rivals.length, question);
  if (rivals === 'only' && namesakeElsewhere(first, kept, question) === null) return null;
  const rival = firstRival(first, kept, question, options);
  if (rival !== null) {
    return `Plusieurs établissements répondent à ce nom : ${titleOf(first, question)} et ${titleOf(rival, question)}.`;
  }
  const namesake = namesakeElsewhere(first, kept, question);
  if (namesake !== null) {
    return `Aucun lieu n’est dit, et ce nom est aussi celui d’un autre établissement : ${titleOf(first, question)} et ${titleOf(namesake, question)}.`;
  }
  const other = bearerInPlace(first, kept, question);
  if (other !== null) {
    return `Un autre établissement porte ce nom : ${titleOf(first, question)} et ${titleOf(other, question)}.`;
  }
  const elsewhere = bearerElsewhere(first, kept, question);
  if (elsewhere !== null) {
    return `Le nom et le type dits sont ceux de ${titleOf(elsewhere, question)} ; en ce lieu, ${titleOf(first, question)} porte ce nom sous un autre type.`;
  }
  const group = groupOfThatName(first, kept, question);
  if (group !== null) {
    return `Un autre établissement de ce lieu, d’une autre entité juridique, porte ce nom : ${titleOf(first, question)} et ${titleOf(group, question)}.`;
  }
  const alike = bearerWithoutTown(first.entity, question, register);
  if (alike !== null) {
    return `Aucune ville n’est dite, et ce nom est aussi sur une ligne d’une autre entité juridique que ${titleOf(first, question)} : ${alike}.`;
  }
  const bearers = bearersOfAcronym(first.entity, question, register);
  if (bearers > 0) {
    return `Aucun lieu n’est dit, et ce sigle peut être celui d’autres établissements que ${titleOf(first, question)}.`;
  }
  return null;
}

/** A name without a town, which a line of another entity that may be of that kind bears too, whatever its unit: that line. */
function bearerWithoutTown(first: Entity, question: Question, { byAnyWord }: Register): string | null {
  const { words, name, city, departement, acronym, aliasEj } = question;
  if (city !== null) return null;
  if (acronym !== null || aliasEj !== null) return null;
  for (const entity of byAnyWord.get(words[0] ?? '') ?? []) {
    if (entity === first || (name.types.length > 0 && typeOf(entity, question) < 0.8)) continue;
    const line = entity.sites.find(
      (site) =>
        !isEquipment(site) &&
        (departement === null || site.departement === departement) &&
        words.every((word) => site.words.has(word)),
    );
    if (line !== undefined) return `${line.establishment.name} (${line.establishment.town})`;
  }
  return null;
}

/** Other entities that an acronym without a place may name: by their initials, or by the same letters in FINESS. */
function bearersOfAcronym(
  first: Entity,
  { acronym, city, departement }: Question,
  { byInitials, byWord }: Register,
): number {
  if (acronym === null || city !== null) return 0;
  const bearers = new Set([...(byInitials.get(acronym) ?? []), ...(byWord.get(acronym) ?? [])]);
  return [...bearers].filter(
    (entity) =>
      entity !== first && !entity.onlyUnits && (departement === null || entity.departements.has(departement)),
  ).length;
}

/** A kind and a town that say no hospital in particular. */
function genericDoubt(first: Scored, rivals: number, question: Question): string {
  if (rivals === 0) {
    return `La mention ne dit qu’un type et une ville, et ${titleOf(first, question)} n’est pas l’hôpital de cette ville.`;
  }
  const others = rivals === 1 ? 'un autre établissement peut' : `${rivals} autres établissements peuvent`;
  return `La mention ne dit qu’un type et une ville : outre ${titleOf(first, question)}, ${others} y être désigné${rivals === 1 ? '' : 's'} ainsi.`;
}

function isCutShort({ last, name }: Question): boolean {
  return last !== null && OPENINGS.has(last) && name.units.length === 0;
}

/**
 * "CENTRE HOSPITALIER SAINT J", "CENTRE DE SOINS DE SUITE L": a last letter, or an article, is the beginning of a word, which no
 * line of the entity goes on with.
 */
function stopsShort({ entity }: Scored, { name, last, city }: Question): boolean {
  const isInitial = last?.length === 1 && !/[0-9]/.test(last);
  if (!isInitial && !(name.isOpen && city === null)) return false;
  return !entity.sites.some((site) => site.name.text.startsWith(name.text));
}

/** A mention of an outpost ("CMP", "antenne") is certain only when that outpost itself is found. */
function namesAnotherUnit({ entity }: Scored, question: Question): boolean {
  const { units } = question.name;
  if (units.length === 0 || entity.mains.some((site) => isWrittenIn(site, question))) return false;
  if (question.city === null && question.departement === null) return true;
  const site = chooseSite(entity, question);
  return site === null || !isUnitNamed(site, question);
}

/** The site of that name stands in another town than the one said, where the entity has something else. */
function standsElsewhere({ entity }: Scored, question: Question): boolean {
  const { city, words, aliasEj, name, typeAlone } = question;
  if (city === null || aliasEj !== null || typeAlone || name.units.length > 0) return false;
  const proper = words.filter(
    (word) => !entity.brandWords.has(word) && !entity.mainTownWords.has(word) && !city.includes(word),
  );
  const named = entity.mains.filter((site) => proper.every((word) => site.words.has(word)));
  const there = entity.sites.filter((site) => sameTown(city, site.town) > 0);
  return (
    proper.length > 0 &&
    named.length > 0 &&
    there.length > 0 &&
    named.every((site) => !there.includes(site) && !city.every((word) => site.words.has(word))) &&
    there.every((site) => proper.every((word) => !site.words.has(word)))
  );
}

/** A "CENTRE DE RADIOTHERAPIE DE LA BAIE" is no answer for the clinic of that name. */
function isOnlyEquipment({ entity }: Scored, question: Question): boolean {
  if (question.name.units.length > 0) return false;
  return entity.sites.every(isEquipment) && !entity.mains.some((site) => isWrittenIn(site, question));
}

/** Without a town a word is found as it is written, or cut: "Hôpital local Chagny" is not Chauny. */
function isMisspeltNowhere({ entity }: Scored, { words, city, aliasEj, last, similar }: Question): boolean {
  if (city !== null || aliasEj === entity.ej) return false;
  return words.some(
    (word) =>
      !entity.strongWords.has(word) &&
      !entity.mainTownWords.has(word) &&
      (similar.get(word) ?? []).some(
        ([known]) => entity.strongWords.has(known) && !(word === last && known.startsWith(word)),
      ),
  );
}

function absence(question: Question): string {
  if (question.typeAlone) return 'La mention ne porte ni nom propre ni ville : choisissez l’hôpital.';
  return 'Aucun établissement de santé du registre ne porte ce nom : vérifiez l’orthographe, ou l’hôpital n’est pas dans FINESS.';
}
