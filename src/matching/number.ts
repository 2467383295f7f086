import { finessFault } from '../domain/finess.js';
import type { FinessEg } from '../domain/ids.js';
import type { MatchResult, Mention } from '../domain/matching.js';
import type { MatchingOptions } from '../domain/matching-options.js';
import { candidateOf, decideByName, sitesOf } from './decide.js';
import type { Entity } from './entities.js';
import { sameTown, type Question } from './question.js';
import type { Holder, Register } from './register.js';
import { scoreEntity, type Scored } from './score.js';
import { chooseSite } from './site.js';
import { isUnitNamed } from './units.js';
import { isWrittenIn } from './written.js';

/** Links by the FINESS numbers of the mention: shape (X1), key (X2), then whose numbers they are (X12), and where they are. */
export function decideByNumber(
  mention: Mention,
  question: Question,
  register: Register,
  options: MatchingOptions,
): MatchResult {
  const ej = withoutSpaces(mention.finessEj);
  const eg = withoutSpaces(mention.finessEg);
  for (const number of [ej, eg]) {
    const refused = number === null ? null : malformed(number);
    if (refused !== null) return refused;
  }
  const byName = decideByName(question, register, options);
  const number = eg ?? ej ?? '';
  const holder = eg === null ? register.holdersByEj.get(number) : register.holdersByEg.get(number);
  if (holder === undefined) return unknown(number, byName);
  if (eg !== null && ej !== null && ej !== holder.ej) {
    return refuse(ej, register.holdersByEj.get(ej) ?? holder, byName);
  }
  const entity = register.entities.get(holder.ej);
  const scored = entity === undefined ? null : scoreEntity(entity, question, register);
  const resembles = mention.mention.trim() === '' ? 1 : (scored?.features.name ?? 0);
  const rival = byName.outcome === 'auto' && byName.best !== null && byName.best.ej !== holder.ej;
  if (resembles < options.holderName || rival) return refuse(number, holder, byName);
  if (entity === undefined || scored === null) return unknown(number, byName);
  const candidate = {
    ...candidateOf({ ...scored, score: 1 }, question),
    ...(eg === null ? {} : { eg: eg as FinessEg, name: holder.name, town: holder.town }),
  };
  const best = { ...candidate, features: { ...candidate.features, number: 1 } };
  const doubt =
    resembles < options.autoName
      ? 'dont le nom ne concorde qu’en partie'
      : (placeDoubt(eg, scored, entity, question) ?? siteDoubt(eg, entity, question));
  return {
    outcome: doubt === null ? 'auto' : 'review',
    best,
    candidates: [best, ...byName.candidates.filter(({ ej }) => ej !== best.ej)].slice(
      0,
      options.maxCandidates,
    ),
    reason: `Le numéro FINESS ${number} est celui de ${holder.name} (${holder.town}), ${doubt ?? 'qui porte ce nom'}.`,
    sites: best.eg === null ? sitesOf(entity) : [],
    refusal: null,
  };
}

/** The town of the entity, from this score on: a site stands there, or the name of the town is that of the hospital. */
const IN_TOWN = 0.8;

/**
 * A number proves its site only where it stands: the number of Paris with the town of a sister site is somebody's
 * mistake. A town that no site of the entity has ("CHU de Grenoble" at La Tronche) is judged for the entity.
 */
function standsThere(eg: string | null, scored: Scored, entity: Entity, { city }: Question): boolean {
  if (city === null) return scored.features.departement > 0;
  // A département that contradicts the town it stands beside is told to the reviewer, and proves nothing against a number.
  if (scored.features.town < IN_TOWN && !entity.sites.some(({ town }) => sameTown(city, town) > 0))
    return false;
  const site = entity.sites.find(({ establishment }) => establishment.eg === eg);
  if (site === undefined || sameTown(city, site.town) > 0) return true;
  return (
    city.every((word) => site.words.has(word)) ||
    entity.sites.every((other) => sameTown(city, other.town) === 0)
  );
}

function placeDoubt(eg: string | null, scored: Scored, entity: Entity, question: Question): string | null {
  return standsThere(eg, scored, entity, question) ? null : 'et la mention dit une autre ville';
}

/** The number of a unit for the hospital ("CH Gisors" with that of its USLD), or of another site than the one named. */
function siteDoubt(eg: string | null, entity: Entity, question: Question): string | null {
  const site = entity.sites.find(({ establishment }) => establishment.eg === eg);
  if (site === undefined) return null;
  if (!site.main && !isUnitNamed(site, question) && !isWrittenIn(site, question)) {
    return 'une unité que la mention ne nomme pas';
  }
  const named = chooseSite(entity, question)?.establishment;
  return named === undefined || named.eg === eg ? null : `et la mention nomme ${named.name} (${named.town})`;
}

/** Spaces between the digits do not make a number false; an empty cell is no number. */
function withoutSpaces(number: string | null | undefined): string | null {
  return number == null || number === '' ? null : number.replace(/\s/g, '');
}

function malformed(number: string): MatchResult | null {
  const fault = finessFault(number);
  if (fault === null) return null;
  const message =
    fault === 'shape'
      ? `« ${number} » n’est pas un numéro FINESS : il faut neuf caractères, dont aucun ne se devine.`
      : `« ${number} » n’est pas un numéro FINESS : sa clé est fausse.`;
  const code = fault === 'shape' ? 'X1' : 'X2';
  const remedy = 'recopiez le numéro depuis finess.esante.gouv.fr, ou laissez la cellule vide.';
  return refused({ code, message, remedy }, null);
}

function unknown(number: string, byName: MatchResult): MatchResult {
  const reason = `Le numéro FINESS ${number} n’est pas celui d’un établissement de santé du registre. ${byName.reason}`;
  return { ...byName, outcome: 'review', reason };
}

function refuse(number: string, holder: Holder, byName: MatchResult): MatchResult {
  const { best } = byName;
  const named = byName.outcome === 'auto' ? best : null;
  const proposal =
    named === null
      ? ''
      : ` Le nom désigne ${named.name} (${named.town}) : EJ ${named.ej}${named.eg === null ? '' : `, EG ${named.eg}`}.`;
  const message = `Le numéro FINESS ${number} est celui de ${holder.name} (${holder.town}), et non de l’hôpital nommé.${proposal}`;
  const remedy =
    named === null
      ? 'corrigez le numéro ou le nom à la source, puis relancez.'
      : 'corrigez le numéro à la source, ou validez l’établissement proposé.';
  return refused({ code: 'X12', message, remedy }, byName);
}

/** A refused row links to nothing by itself; what the name points to is only a proposal. */
function refused(refusal: NonNullable<MatchResult['refusal']>, byName: MatchResult | null): MatchResult {
  return {
    outcome: byName?.best == null ? 'none' : 'review',
    best: byName?.best ?? null,
    candidates: byName?.candidates ?? [],
    reason: refusal.message,
    sites: byName?.sites ?? [],
    refusal,
  };
}
