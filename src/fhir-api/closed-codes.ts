import type { Condition, Place } from '../db/served-condition.js';
import { servedCodes, servedTokens } from '../db/served-search.js';
import { LABEL_LEVELS } from '../domain/centre.js';
import type { Filiere } from '../domain/filiere.js';
import { didYouMean } from '../domain/nearest.js';
import { fold } from '../normalise/text.js';
import { LABEL_ROLES } from '../publish/extensions.js';
import type { Unplaced } from './conditions.js';
import type { Asked, FhirContext } from './context.js';
import { Fault, type Issue } from './outcome.js';
import { shown, splitOn, unescaped } from './values.js';

/** A code of ours that was searched for: a wrong one is a slip of the hand, and an empty answer would hide it. */
interface Searched {
  readonly param: string;
  /** As tokens are kept. */
  readonly key: string;
  readonly code: string;
}

/** Codes looked up in one search; further ones are searched for as they are. */
const MAX_CODES = 200;
const OURS = /^HealthcareService\/(filiere|ern|label-role|label-campaign)=(.*)$/s;

/**
 * Codes of filière, network, label or campaign that nothing served here bears and no list holds, each with the nearest
 * one and where the list is. Without a list of filières, none of theirs can be called wrong.
 */
export async function strayCodes(
  context: FhirContext,
  asked: Asked,
  conditions: readonly (Condition | Unplaced)[],
): Promise<readonly Omit<Issue, 'severity'>[]> {
  const searched = conditions.flatMap(codesIn).slice(0, MAX_CODES);
  if (searched.length === 0) return [];
  const place = { region: asked.region.code, view: asked.view };
  const served = await servedTokens(
    context.db,
    place,
    'HealthcareService',
    searched.map(({ key }) => key),
  );
  const strays: Omit<Issue, 'severity'>[] = [];
  for (const each of searched) {
    if (served.has(each.key)) continue;
    const known = await knownCodes(context, place, each);
    if (known === null || known.includes(each.code)) continue;
    strays.push({ code: 'code-invalid', message: message(asked, each, known), expression: each.param });
  }
  return strays;
}

/** @throws Fault 400 on the first of them */
export async function refuseStrays(
  context: FhirContext,
  asked: Asked,
  conditions: readonly (Condition | Unplaced)[],
): Promise<void> {
  const [first] = await strayCodes(context, asked, conditions);
  if (first !== undefined) throw new Fault(400, first.code, first.message, first.expression);
}

function codesIn(condition: Condition | Unplaced): readonly Searched[] {
  if (condition.kind === 'names' || condition.kind === 'namedBy')
    return condition.conditions.flatMap(codesIn);
  if (condition.kind !== 'tokens') return [];
  return condition.any.flatMap((key) => {
    const [, param, value] = OURS.exec(key) ?? [];
    const code = unescaped(splitOn(value ?? '', '|').at(-1) ?? '');
    // `system|`: any code of a list.
    return param === undefined || code === '' ? [] : [{ param, key, code }];
  });
}

/** @returns null: whatever is written may be right */
async function knownCodes(
  context: FhirContext,
  place: Place,
  { param, code }: Searched,
): Promise<readonly string[] | null> {
  if (param === 'label-role') return LABEL_LEVELS.map((level) => LABEL_ROLES[level]);
  if (param === 'label-campaign')
    // A year that is not to come may be a campaign; otherwise only what a source wrote, and is served, is one.
    return isPastYear(code, context.now())
      ? null
      : await servedCodes(context.db, place, 'HealthcareService', param);
  const filieres = await context.filieres(place.region);
  if (filieres.length === 0) return null;
  return param === 'ern' ? ernsOf(filieres) : filieres.map((each) => each.code);
}

export function ernsOf(filieres: readonly Filiere[]): readonly string[] {
  return [...new Set(filieres.flatMap(({ erns }) => erns))].sort();
}

function isPastYear(text: string, now: Date): boolean {
  return /^(?:19|20)\d\d$/.test(text) && Number(text) <= now.getUTCFullYear();
}

function message(asked: Asked, { param, code }: Searched, known: readonly string[]): string {
  // `CRMR` is the beginning of two roles, though another one differs from it by one letter.
  const begun = code.length < 3 ? [] : known.filter((each) => fold(each).startsWith(fold(code))).slice(0, 5);
  const near =
    begun.length > 0
      ? ` : vouliez-vous dire ${begun.map((each) => `« ${each} »`).join(' ou ')} ?`
      : didYouMean(code, known) || '.';
  const list =
    param === 'label-campaign'
      ? `écrivez l’année de la campagne (2023), ou le texte servi tel quel${known.length === 0 ? '' : ` (${known.slice(0, 10).join(', ')})`}`
      : `prenez un code de la liste : GET ${asked.url}/CodeSystem/${param}`;
  return `« ${shown(code)} » n’est pas un code connu de ${param}${near} Que faire : ${list}.`;
}
