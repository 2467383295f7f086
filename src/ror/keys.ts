import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { valueHash } from './equality.js';
import { EXTENSION_URLS, extensionName, shortSystem, type ExtensionName } from './urls.js';

/** Most codes, numbers and addresses: nothing to escape, no Unicode form to settle. */
const PLAIN = /^[\w .,:;@/+-]*$/;

/**
 * Business keys of the items of an offer's arrays. A key names an item by what it is, never by its place. Text that
 * comes from the resource is escaped, so that no value can imitate the signs that keys are made of.
 */
export function escaped(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .normalize('NFC')
    .replace(/[%~\]#[\u0000-\u001f]/g, (char) => encodeURIComponent(char).replace('~', '%7E'));
}

/** Slices of `specialty` and `characteristic`, told apart by the coding system (data model of ror-healthcareservice). */
const SLICES: Readonly<
  Record<string, { readonly slice: string; readonly single?: true; readonly prefix?: true }>
> = {
  TRE_R211: { slice: 'operationalActivity', single: true },
  TRE_R265: { slice: 'operationalActivityFamily', single: true },
  TRE_R240: { slice: 'receptionType', single: true },
  TRE_R213: { slice: 'careMode', single: true },
  TRE_R338: { slice: 'receptionModality' },
  TRE_R236: { slice: 'managementType' },
  TRE_R245: { slice: 'takingCareSpeciality' },
  TRE_R238: { slice: 'annualOpening', single: true },
  TRE_R243: { slice: 'specificCompetence' },
  TRE_R344: { slice: 'expertiseLevel' },
  TRE_R253: { slice: 'expertiseLevel', prefix: true },
  TRE_R286: { slice: 'temporalityStopService', single: true },
  TRE_G15: { slice: 'ressourceProfession', prefix: true },
  TRE_R94: { slice: 'ressourceProfession', prefix: true },
  TRE_R85: { slice: 'ressourceProfession', prefix: true },
  TRE_R96: { slice: 'ressourceProfession', prefix: true },
  TRE_R95: { slice: 'ressourceProfession', prefix: true },
  TRE_R356: { slice: 'ressourceProfession', prefix: true },
};

/** Lists that the ROR profile limits to one item: their key needs no code, so that another code is a replacement. */
export const SINGLE_LISTS: ReadonlySet<string> = new Set(['category', 'type']);

/** Key of one item of a first-level array (or of `meta`'s, with `meta.` before the name). */
export function itemKey(name: string, item: Json): string {
  const key = isJsonObject(item)
    ? businessKey(name, item)
    : typeof item === 'string'
      ? `#${escaped(item)}`
      : null;
  return `${name}${key ?? `#h:${valueHash(item).slice(0, 16)}`}`;
}

function businessKey(name: string, item: JsonObject): string | null {
  switch (name) {
    case 'category':
    case 'type':
      return codings(item) === null ? null : '';
    case 'specialty':
    case 'characteristic':
      return conceptKey(item);
    case 'extension':
    case 'modifierExtension':
      return extensionKey(item);
    case 'identifier':
      return identifierKey(item);
    case 'telecom':
      return `#${escaped(text(item['system']) || channelOf(item))}|${escaped(compact(text(item['value'])))}`;
    case 'location':
    case 'coverageArea':
    case 'endpoint':
      return typeof item['reference'] === 'string' ? `#${escaped(item['reference'])}` : null;
    case 'availableTime':
      return availableTimeKey(item);
    case 'notAvailable':
      return typeof item['id'] === 'string' ? `[${escaped(item['id'])}]` : null;
    case 'meta.tag':
    case 'meta.security':
      return tagKey(item);
    default:
      return null;
  }
}

function conceptKey(item: JsonObject): string | null {
  const found = codings(item);
  const first = found?.[0];
  if (found === null || first === undefined) return null;
  const codes = found.map(({ system, code }) => ({ short: shortSystem(system) ?? system, code }));
  const short = shortSystem(first.system) ?? first.system;
  const act = short === 'TRE_R210' ? { slice: actSlice(item) } : SLICES[short];
  if (act === undefined || codes.some((each) => each.short !== short)) {
    return `#${codes.map((each) => `${escaped(each.short)}|${escaped(each.code)}`).join('+')}`;
  }
  if ('single' in act) return `[${act.slice}]`;
  const prefix = 'prefix' in act ? `${short}|` : '';
  return `[${act.slice}]#${codes.map((each) => prefix + escaped(each.code)).join('+')}`;
}

/** `specificAct`, `outsideOfficeAct`, or `act` when ror-act-type does not say. */
function actSlice(item: JsonObject): string {
  const kind = text(valueOf(item, EXTENSION_URLS['act-type']));
  return kind === 'specificAct' || kind === 'outsideOfficeAct' ? kind : 'act';
}

/** Codings in a stable order; null when the concept has none that can be named. */
function codings(item: JsonObject): { system: string; code: string }[] | null {
  const list = item['coding'];
  if (!Array.isArray(list) || list.length === 0) return null;
  const found: { system: string; code: string }[] = [];
  for (const coding of list as Json[]) {
    if (!isJsonObject(coding) || typeof coding['code'] !== 'string') return null;
    found.push({ system: text(coding['system']), code: coding['code'] });
  }
  return found.sort((a, b) => (a.system + a.code < b.system + b.code ? -1 : 1));
}

/** `[sensitive-unit]`, `[contact]#07/2/0231000000`, `[https://…]` for an extension that the profile does not use. */
function extensionKey(item: JsonObject): string | null {
  const url = item['url'];
  if (typeof url !== 'string') return null;
  const name = extensionName(url);
  const head = `[${name ?? escaped(url)}]`;
  if (name === 'contact') return `${head}#${contactKey(item)}`;
  if (name === 'psychiatric-sector') return `${head}#${escaped(text(item['valueString']))}`;
  if (name === 'territorial-division') {
    return `${head}#${[codeIn(item, 'typeTerritorialDivision'), codeIn(item, 'codeTerritorialDivision')].join('/')}`;
  }
  return head;
}

/** Nature, then channel and address of each telecom: what makes two contacts two. */
function contactKey(contact: JsonObject): string {
  const telecoms = extensionsOf(contact, EXTENSION_URLS['contact-telecom'])
    .map((telecom) => `${channelOf(telecom)}/${escaped(compact(text(valueOf(telecom, 'telecomAddress'))))}`)
    .sort();
  return [codeIn(contact, 'purposeContact'), ...telecoms].join('+');
}

/** Key of one part of the patient-type extension: `.ageRange`, `.supportedPatientInfo#07`. */
export function patientPartKey(part: JsonObject): string {
  const url = text(part['url']);
  const code = firstCode(part);
  return `.${escaped(url)}${url === 'supportedPatientInfo' && code !== '' ? `#${escaped(code)}` : ''}`;
}

function identifierKey(item: JsonObject): string {
  const type = isJsonObject(item['type']) ? (codings(item['type'])?.[0]?.code ?? '') : '';
  return `#${[type, text(item['system']), text(item['value'])].map(escaped).join('|')}`;
}

function availableTimeKey(item: JsonObject): string {
  const days = Array.isArray(item['daysOfWeek']) ? [...(item['daysOfWeek'] as Json[])].map(text).sort() : [];
  const number = valueOf(item, EXTENSION_URLS['time-day']);
  const day = number === undefined ? days.join('+') : String(number);
  const type = extensionsOf(item, EXTENSION_URLS['time-type'])[0];
  const kind = type === undefined ? '' : firstCode(type);
  return `#${[day, text(item['availableStartTime']), kind].map(escaped).join('/')}`;
}

function tagKey(item: JsonObject): string | null {
  const system = text(item['system']);
  if (shortSystem(system) === 'TRE_R30') return '[codeRegion]';
  return typeof item['code'] === 'string' ? `#${escaped(system)}|${escaped(item['code'])}` : null;
}

function channelOf(item: JsonObject): string {
  return codeIn(item, EXTENSION_URLS['telecom-channel']);
}

/** Code in the first extension of that url; '' when there is none. */
function codeIn(item: JsonObject, url: string): string {
  const found = extensionsOf(item, url)[0];
  return found === undefined ? '' : escaped(firstCode(found));
}

function firstCode(extension: JsonObject): string {
  const concept = extension['valueCodeableConcept'];
  return isJsonObject(concept) ? (codings(concept)?.[0]?.code ?? '') : '';
}

/** Extensions of an element by url. */
export function extensionsOf(
  element: JsonObject,
  url: (typeof EXTENSION_URLS)[ExtensionName] | string,
): JsonObject[] {
  const list = element['extension'];
  return Array.isArray(list)
    ? (list as Json[]).filter((item): item is JsonObject => isJsonObject(item) && item['url'] === url)
    : [];
}

/** Value (`value[x]`) of the first extension of that url. */
export function valueOf(element: JsonObject, url: string): Json | undefined {
  const found = extensionsOf(element, url)[0];
  const name = found === undefined ? undefined : Object.keys(found).find((each) => /^value[A-Z]/.test(each));
  return found === undefined || name === undefined ? undefined : found[name];
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** "02 31 06 31 06" and "02.31.06.31.06" are one number: writing it otherwise is a change of the same contact. */
const compact = (value: string): string =>
  /^[+\d][\d\s.()-]*$/.test(value) ? value.replace(/[\s.()-]/g, '') : value;
