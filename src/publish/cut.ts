import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { EXTENSION_URLS, ROR_EXTENSION, shortSystem } from '../ror/urls.js';
import type { Audience, ServedType } from './views.js';

/**
 * What an audience may see of what the repository showed us: the rules of the ROR's access profiles 0 (public),
 * 2 (professional) and 1 (regulation), element by element (api.md section 3, mappings of the profiles). The one place
 * where they are enforced: what is cut here stands in no row of the audience's view.
 */
interface Rights {
  /** Highest confidentiality (TRE_R283) of a contact or a number. */
  readonly level: 1 | 2 | 3;
  /** A contact or number that says no level: shown only where everything is. */
  readonly unlevelled: boolean;
  readonly sensitive: boolean;
  readonly acts: boolean;
  readonly equipment: boolean;
  readonly capacity: 'none' | 'withoutAdditional' | 'all';
  /** ORSAN level and helicopter zone. */
  readonly crisis: boolean;
  /** Name of a contact of an establishment: a person's, or a desk's, and nothing tells them apart. */
  readonly contactNames: boolean;
}

const RIGHTS: Readonly<Record<Audience, Rights>> = {
  public: {
    level: 1,
    unlevelled: false,
    sensitive: false,
    acts: false,
    equipment: false,
    capacity: 'none',
    crisis: false,
    contactNames: false,
  },
  professional: {
    level: 2,
    unlevelled: false,
    sensitive: false,
    acts: true,
    equipment: true,
    capacity: 'withoutAdditional',
    crisis: false,
    contactNames: true,
  },
  regulation: {
    level: 3,
    unlevelled: true,
    sensitive: true,
    acts: true,
    equipment: true,
    capacity: 'all',
    crisis: true,
    contactNames: true,
  },
};

const EQUIPMENT = `${ROR_EXTENSION}ror-location-equipment`;
const CAPACITY = `${ROR_EXTENSION}ror-location-supported-capacity`;
/** The profile's own file name and its element differ by one letter: both are taken. */
const CRISIS: ReadonlySet<unknown> = new Set([
  `${ROR_EXTENSION}ror-organization-drop-zone`,
  `${ROR_EXTENSION}ror-organization-level-recours-orsan`,
  `${ROR_EXTENSION}ror-organization-level-recourse-orsan`,
]);

/** True for an offer of a sensitive unit. Anything else than a clear `false` counts as sensitive when it is there. */
export function isSensitive(resource: JsonObject): boolean {
  return items(resource['extension']).some(
    (extension) =>
      isJsonObject(extension) &&
      extension['url'] === EXTENSION_URLS['sensitive-unit'] &&
      extension['valueBoolean'] !== false,
  );
}

/** Whether an audience may know of offers of sensitive units. */
export function seesSensitive(audience: Audience): boolean {
  return RIGHTS[audience].sensitive;
}

/**
 * The resource as an audience may see it; null when it may not see it at all. The tree given is left as it is.
 * @param sensitive whether the offer is of a sensitive unit, or the place is of sensitive units alone
 */
export function cutFor(
  audience: Audience,
  type: ServedType,
  resource: JsonObject,
  sensitive: boolean,
): JsonObject | null {
  const rights = RIGHTS[audience];
  if (sensitive && !rights.sensitive) return null;
  const seen: Record<string, Json> = { ...resource };
  // A contained resource or a narrative may say anything again: no rule reaches into them.
  delete seen['contained'];
  delete seen['text'];
  keep(seen, 'extension', (extension) => seesExtension(rights, type, extension));
  keep(seen, 'telecom', (telecom) => seesLevels(rights, telecom));
  if (type === 'HealthcareService') {
    keep(seen, 'characteristic', (concept) => rights.acts || !isAct(concept));
    keep(seen, 'extension', (extension) => (isContact(extension) ? contactFor(rights, extension) : true));
  }
  if (type === 'Organization') keep(seen, 'contact', (contact) => organizationContact(rights, contact));
  // The name of a place above may be that of one that is withheld; its reference leads to it where it may be seen.
  if (type === 'Location' && !rights.sensitive && isJsonObject(seen['partOf'])) {
    const partOf: Record<string, Json> = { ...seen['partOf'] };
    delete partOf['display'];
    seen['partOf'] = partOf;
  }
  const within = withoutLevelsAbove(rights.level, seen, true);
  return isJsonObject(within) ? within : null;
}

/**
 * Whatever the rules above do not know: an extension that says a level above that of the audience anywhere in it, and any
 * element whose own extensions say one, are left out, wherever they stand. What is untouched stays the same object.
 * @returns undefined for what is left out whole
 */
function withoutLevelsAbove(level: number, value: Json, root = false): Json | undefined {
  if (levelsIn(value).every((each) => each <= level)) return value;
  if (Array.isArray(value)) {
    const left = (value as Json[]).flatMap((item) => withoutLevelsAbove(level, item) ?? []);
    return left.length === 0 ? undefined : left;
  }
  if (!isJsonObject(value)) return undefined;
  const isAbove = (item: Json): boolean => levelsIn(item).some((each) => each > level);
  const own = [...items(value['extension']), ...items(value['modifierExtension'])];
  if (!root && (typeof value['system'] === 'string' || typeof value['url'] === 'string' || own.some(isAbove)))
    return undefined;
  const seen: Record<string, Json> = {};
  for (const [name, item] of Object.entries(value)) {
    const left =
      name === 'extension' || name === 'modifierExtension'
        ? items(item).filter((each) => !isAbove(each))
        : withoutLevelsAbove(level, item);
    if (left !== undefined && !(Array.isArray(left) && left.length === 0)) seen[name] = left;
  }
  return Object.keys(seen).length === 0 ? undefined : seen;
}

function seesExtension(rights: Rights, type: ServedType, extension: Json): boolean {
  if (!isJsonObject(extension)) return false;
  const url = extension['url'];
  if (CRISIS.has(url)) return rights.crisis;
  if (type !== 'Location') return true;
  if (url === EQUIPMENT) return rights.equipment;
  if (url !== CAPACITY) return true;
  if (rights.capacity !== 'withoutAdditional') return rights.capacity === 'all';
  return !items(extension['extension']).some(
    (part) => isJsonObject(part) && part['url'] === 'additionalBedType',
  );
}

/** Acts, and what the profile shows to the same readers: skills and professions. R245 is left to all (decision 0006). */
const ACT_LIKE: ReadonlySet<string> = new Set([
  ...['TRE_R210', 'TRE_R243', 'TRE_R85', 'TRE_R94', 'TRE_R95', 'TRE_R96', 'TRE_R356', 'TRE_G15'],
]);

function isAct(concept: Json): boolean {
  return items(isJsonObject(concept) ? concept['coding'] : undefined).some(
    (coding) =>
      isJsonObject(coding) &&
      typeof coding['system'] === 'string' &&
      ACT_LIKE.has(shortSystem(coding['system']) ?? ''),
  );
}

function isContact(extension: Json): extension is JsonObject {
  return isJsonObject(extension) && extension['url'] === EXTENSION_URLS.contact;
}

/** A contact whose own level is seen, with those of its numbers that are; null when none is left. */
function contactFor(rights: Rights, contact: JsonObject): JsonObject | boolean {
  // A contact of an offer may name a person too.
  const parts = items(contact['extension']).filter(
    (part) => rights.contactNames || !isJsonObject(part) || part['url'] !== 'name',
  );
  const isNumber = (part: Json): boolean =>
    isJsonObject(part) && part['url'] === EXTENSION_URLS['contact-telecom'];
  const own = parts.filter((part) => !isNumber(part));
  const numbers = parts.filter(isNumber);
  if (!seesLevels(rights, own)) return false;
  const seen = numbers.filter((number) => seesLevels(rights, number));
  if (numbers.length > 0 && seen.length === 0) return false;
  return { ...contact, extension: parts.filter((part) => !isNumber(part) || seen.includes(part)) };
}

function organizationContact(rights: Rights, contact: Json): JsonObject | boolean {
  if (!isJsonObject(contact) || !seesLevels(rights, contact['extension'] ?? null)) return false;
  const seen: Record<string, Json> = { ...contact };
  keep(seen, 'telecom', (telecom) => seesLevels(rights, telecom));
  if (contact['telecom'] !== undefined && seen['telecom'] === undefined) return false;
  if (!rights.contactNames) {
    delete seen['name'];
    delete seen['_name'];
  }
  return seen;
}

function seesLevels(rights: Rights, value: Json): boolean {
  const levels = levelsIn(value);
  if (levels.length === 0) return rights.unlevelled;
  return levels.every((level) => level <= rights.level);
}

/** Every level of confidentiality named below; a code that is no known level counts as the strictest and more. */
function levelsIn(value: Json): number[] {
  if (Array.isArray(value)) return (value as Json[]).flatMap(levelsIn);
  if (!isJsonObject(value)) return [];
  const { system, code } = value;
  const own =
    typeof system === 'string' && shortSystem(system) === 'TRE_R283'
      ? [/^[123]$/.test(String(code)) ? Number(code) : 9]
      : [];
  return [...own, ...Object.values(value).flatMap(levelsIn)];
}

/** Keeps, changes (an object) or leaves out the items of a list; an empty list is no list in FHIR. */
function keep(owner: Record<string, Json>, name: string, wanted: (item: Json) => boolean | JsonObject): void {
  const list = owner[name];
  if (list === undefined) return;
  const left = items(list).flatMap((item): Json[] => {
    const verdict = wanted(item);
    if (verdict === true) return [item];
    return verdict === false ? [] : [verdict];
  });
  const before = items(list);
  if (left.length === 0) delete owner[name];
  // Untouched, it stays the same object: what is written or compared of it needs it once.
  else if (left.length !== before.length || left.some((item, at) => item !== before[at])) owner[name] = left;
}

/** A server may write one item where FHIR wants a list of one. */
function items(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as Json[]) : [value];
}
