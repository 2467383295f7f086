import { isJsonObject, type Json, type JsonObject } from '../../domain/json.js';
import { parseBody, plain } from '../../ror/body.js';
import { extensionsOf, valueOf } from '../../ror/keys.js';
import { EXTENSION_URLS, ROR_EXTENSION, shortSystem } from '../../ror/urls.js';
import { CENTRE_EXTENSION } from '../extensions.js';

/** A code as it was served. */
export interface ServedCode {
  readonly system: string;
  readonly code: string;
  readonly display: string;
}

/** One centre of an offer, as our extension says it; '' where it says nothing. */
export interface ServedCentre {
  readonly centre: string;
  readonly filiere: ServedCode;
  readonly network: string;
  readonly coordinator: string;
  readonly role: ServedCode;
  readonly campaign: string;
  readonly erns: readonly string[];
  readonly sources: readonly string[];
  readonly sourceDate: string;
  readonly recorded: string;
}

/** What stands in any served offer of a rare-disease centre. */
export const CENTRE_MARK = `/StructureDefinition/${CENTRE_EXTENSION}"`;

/** The tree of a body that was served; numbers as numbers, since it is read here and written nowhere. */
export function treeOf(body: string, place: string): JsonObject {
  const tree = plain(parseBody(body, place));
  return isJsonObject(tree) ? tree : {};
}

export function list(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as Json[]) : [value];
}

export function objects(value: Json | undefined): readonly JsonObject[] {
  return list(value).filter(isJsonObject);
}

export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Codes of concepts whose coding is of one of these lists (`TRE_R245`), in their order. */
export function codesOf(concepts: Json | undefined, ...systems: readonly string[]): readonly ServedCode[] {
  return objects(concepts)
    .flatMap((concept) => objects(concept['coding']))
    .map(codeOf)
    .filter(({ system }) => systems.includes(shortSystem(system) ?? ''));
}

function codeOf(coding: JsonObject): ServedCode {
  return { system: text(coding['system']), code: text(coding['code']), display: text(coding['display']) };
}

/** Functional number of an offer: the one of type TRE_R355#35, else the first. */
export function offerNumber(offer: JsonObject): string {
  const identifiers = objects(offer['identifier']);
  const own = identifiers.find((each) => codesOf(each['type'], 'TRE_R355').some(({ code }) => code === '35'));
  return text((own ?? identifiers[0])?.['value']);
}

/** FINESS number of a structure, by type TRE_G07#1, or behind the `1` of its national id. */
export function finessOf(structure: JsonObject): string {
  const numbers = objects(structure['identifier']);
  const typed = (wanted: string): string =>
    text(
      numbers.find((each) => codesOf(each['type'], 'TRE_G07').some(({ code }) => code === wanted))?.['value'],
    );
  return typed('1') || typed('40').replace(/^1(?=.{9}$)/, '');
}

/** Level of a structure by the lists of its types: R72 and R69 an EJ, R66 and R73 an EG, R207 an internal organisation. */
export function levelOf(structure: JsonObject): 'EJ' | 'EG' | 'OI' | null {
  const has = (...systems: readonly string[]): boolean => codesOf(structure['type'], ...systems).length > 0;
  if (has('TRE_R207')) return 'OI';
  if (has('TRE_R66', 'TRE_R73')) return 'EG';
  return has('TRE_R69', 'TRE_R72') ? 'EJ' : null;
}

/** INSEE code of a place's commune. */
export function communeOf(place: JsonObject): string {
  const [extension] = extensionsOf(place, `${ROR_EXTENSION}ror-commune-cog`);
  return codesOf(extension?.['valueCodeableConcept'], 'TRE_R13')[0]?.code ?? '';
}

/** Ages in years; null where the offer says none, or says it in another unit. */
export function agesOf(offer: JsonObject): { readonly low: number | null; readonly high: number | null } {
  const range = extensionsOf(offer, EXTENSION_URLS['patient-type'])
    .flatMap((patient) => extensionsOf(patient, 'ageRange'))
    .map((part) => part['valueRange'])
    .find(isJsonObject);
  const bound = (name: string): number | null => {
    const quantity = range?.[name];
    if (!isJsonObject(quantity) || (quantity['code'] ?? 'a') !== 'a') return null;
    const value = quantity['value'];
    return typeof value === 'number' ? value : null;
  };
  return { low: bound('low'), high: bound('high') };
}

/** Channels of TRE_R200 that ring: mobile and fixed telephone. */
const TELEPHONES: ReadonlySet<string> = new Set(['1', '2']);

/** Telephone numbers that the view shows, each once. */
export function telephonesOf(offer: JsonObject): readonly string[] {
  const rings = (part: JsonObject): boolean =>
    codesOf(
      extensionsOf(part, EXTENSION_URLS['telecom-channel'])[0]?.['valueCodeableConcept'],
      'TRE_R200',
    ).some(({ code }) => TELEPHONES.has(code));
  const contacts = extensionsOf(offer, EXTENSION_URLS.contact)
    .flatMap((contact) => extensionsOf(contact, EXTENSION_URLS['contact-telecom']))
    .filter(rings)
    .map((number) => text(valueOf(number, 'telecomAddress')));
  const own = objects(offer['telecom'])
    .filter((telecom) => telecom['system'] === 'phone' || rings(telecom))
    .map((telecom) => text(telecom['value']));
  // A number that begins with a plus sign would be taken for a formula: French ones are written as they are dialled.
  const dialled = [...contacts, ...own].map((number) => number.trim().replace(/^\+33\s*(?:\(0\)\s*)?/, '0'));
  return [...new Set(dialled)].filter((number) => number !== '');
}

/** The centres of an offer, in the order of their ids, as they were served. */
export function centresOf(offer: JsonObject): readonly ServedCentre[] {
  return objects(offer['extension'])
    .filter((extension) => text(extension['url']).endsWith(CENTRE_MARK.slice(0, -1)))
    .map((extension) => {
      const parts = (name: string): readonly JsonObject[] => extensionsOf(extension, name);
      const first = (name: string): Json | undefined => valueOf(extension, name);
      const coding = (name: string): ServedCode => {
        const value = first(name);
        return isJsonObject(value) ? codeOf(value) : { system: '', code: '', display: '' };
      };
      const coordinator = first('coordinator');
      return {
        centre: text(first('centre')),
        filiere: coding('filiere'),
        network: text(first('network')),
        coordinator: isJsonObject(coordinator) ? text(coordinator['value']) : '',
        role: coding('label-role'),
        campaign: text(first('label-campaign')),
        erns: parts('ern').map((part) =>
          isJsonObject(part['valueCoding']) ? text(part['valueCoding']['code']) : '',
        ),
        sources: parts('source').map((part) => text(part['valueString'])),
        sourceDate: text(first('source-date')),
        recorded: text(first('recorded')),
      };
    });
}
