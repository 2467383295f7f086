import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { extensionsOf, SINGLE_LISTS, valueOf } from './keys.js';
import type { Sight } from './patch.js';
import { EXTENSION_URLS, extensionName } from './urls.js';

/** FHIRPath string literal. */
export function literal(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n')}'`;
}

/** One equality of a `where`: its text, and the same test on an item, to know how many it names. */
interface Condition {
  readonly text: string;
  readonly holds: (item: JsonObject) => boolean;
}

/**
 * Path that names one item of a first-level list by what it says: simple equalities joined by `and`, which any FHIRPath
 * engine reads. When items may be hidden from us, by everything that tells it apart, and never as "the list".
 * @returns null when no such path names exactly one item of `list`
 */
export function itemPath(
  root: string,
  name: string,
  item: Json,
  list: Json | undefined,
  sight: Sight,
): string | null {
  if (!isJsonObject(item) || !Array.isArray(list)) return null;
  const items = (list as Json[]).filter(isJsonObject);
  if (sight === 'whole' && items.length === 1 && SINGLE_LISTS.has(name)) return `${root}.${name}`;
  const all = conditions(name, item);
  // The fewest conditions that name one item; the act type, say, only when two acts share a code.
  for (let n = sight === 'whole' ? 1 : Math.max(1, all.length); n <= all.length; n++) {
    const some = all.slice(0, n);
    if (items.filter((each) => some.every((condition) => condition.holds(each))).length === 1) {
      return `${root}.${name}.where(${some.map((condition) => condition.text).join(' and ')})`;
    }
  }
  return null;
}

function conditions(name: string, item: JsonObject): Condition[] {
  switch (name) {
    case 'specialty':
    case 'characteristic':
    case 'category':
    case 'type':
      return [...oneCoding(item), ...actType(item)];
    case 'identifier':
    case 'telecom':
      return property(item, 'value');
    case 'location':
    case 'coverageArea':
      return property(item, 'reference');
    case 'extension':
      return extension(item);
    case 'notAvailable':
      return property(item, 'id');
    default:
      return [];
  }
}

function oneCoding(item: JsonObject): Condition[] {
  const coding = codingOf(item);
  if (coding === null) return [];
  return [
    {
      text: `coding.system=${literal(coding.system)} and coding.code=${literal(coding.code)}`,
      holds: (other) => {
        const theirs = codingOf(other);
        return theirs !== null && theirs.system === coding.system && theirs.code === coding.code;
      },
    },
  ];
}

/** System and code of a concept with exactly one coding: equality with a single string is false for two. */
function codingOf(item: JsonObject): { readonly system: string; readonly code: string } | null {
  const list = item['coding'];
  const coding = Array.isArray(list) && list.length === 1 ? (list[0] as Json) : null;
  if (!isJsonObject(coding ?? undefined)) return null;
  const { system, code } = coding as JsonObject;
  return typeof system === 'string' && typeof code === 'string' ? { system, code } : null;
}

function actType(item: JsonObject): Condition[] {
  return extensionValue(item, EXTENSION_URLS['act-type']);
}

function extensionValue(item: JsonObject, url: string): Condition[] {
  const value = valueOf(item, url);
  if (typeof value !== 'string' || extensionsOf(item, url).length !== 1) return [];
  return [
    {
      text: `extension.where(url=${literal(url)}).value=${literal(value)}`,
      holds: (other) => extensionsOf(other, url).length === 1 && valueOf(other, url) === value,
    },
  ];
}

function property(item: JsonObject, name: string): Condition[] {
  const value = item[name];
  if (typeof value !== 'string') return [];
  return [{ text: `${name}=${literal(value)}`, holds: (other) => other[name] === value }];
}

function extension(item: JsonObject): Condition[] {
  const url = property(item, 'url');
  const name = typeof item['url'] === 'string' ? extensionName(item['url']) : null;
  const valueString = item['valueString'];
  if (name === 'psychiatric-sector' && typeof valueString === 'string') {
    return [
      {
        text: `${url.map((each) => each.text).join()} and value=${literal(valueString)}`,
        holds: (other) => other['url'] === item['url'] && other['valueString'] === valueString,
      },
    ];
  }
  if (name !== 'contact') return url;
  const address = addressOf(item);
  if (address === null) return [];
  // Url and address in one condition: other contacts may be hidden from our access profile.
  return [
    {
      text: `${url.map((each) => each.text).join()} and extension.extension.where(url='telecomAddress').value=${literal(address)}`,
      holds: (other) => other['url'] === item['url'] && addressOf(other) === address,
    },
  ];
}

/** Address of a contact with exactly one. */
function addressOf(contact: JsonObject): string | null {
  const addresses = extensionsOf(contact, EXTENSION_URLS['contact-telecom']).flatMap((telecom) =>
    extensionsOf(telecom, 'telecomAddress').map((each) => each['valueString']),
  );
  return addresses.length === 1 && typeof addresses[0] === 'string' ? addresses[0] : null;
}
