import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { plain } from './body.js';
import type { CodeBook } from './codes.js';
import { extensionName, shortSystem } from './urls.js';

/** A code as a person chooses it in a list. */
export interface DescribedCode {
  readonly code: string;
  readonly label: string;
  /** `TRE_R344`, or the whole address of a system that is not of the NOS. */
  readonly system: string;
}

/** A value as a person types it: lines of text, and the codes to choose. */
export interface Described {
  readonly lines: readonly string[];
  readonly codes: readonly DescribedCode[];
}

const PARTS: Readonly<Record<string, string>> = {
  purposeContact: 'Nature',
  description: 'Description',
  'confidentiality-level': 'Confidentialité',
  'telecom-channel': 'Canal',
  'telecom-confidentiality': 'Confidentialité du canal',
  'telecom-usage': 'Utilisation',
  telecomAddress: 'Adresse ou numéro',
  'function-contact': 'Fonction',
};
/** What makes the slice of an act is set by the software that types it. */
const UNTYPED: ReadonlySet<string> = new Set(['act-type']);

/** Official labels of codes. */
export type Labels = Pick<CodeBook, 'find'>;

/** What a value says, for somebody who types it on a screen; the official label of each code that we know. */
export function describe(value: Json, codes: Labels): Described {
  const found: DescribedCode[] = [];
  const lines = linesOf(plain(value), codes, found);
  return { lines, codes: found };
}

function linesOf(value: Json, codes: Labels, found: DescribedCode[]): string[] {
  if (typeof value === 'boolean') return [value ? 'oui' : 'non'];
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return (value as Json[]).flatMap((item) => linesOf(item, codes, found));
  if (!isJsonObject(value)) return [];
  if (typeof value['code'] === 'string' && typeof value['title'] === 'string') {
    return [`${value['code']} – ${value['title']}`];
  }
  if (Array.isArray(value['coding'])) {
    const own = codingLines(value['coding'] as Json[], codes, found);
    const said = typeof value['text'] === 'string' ? [`« ${value['text']} »`] : [];
    return [...own, ...said, ...extensionLines(value, codes, found)];
  }
  // A code that stands alone, as a tag does.
  if (typeof value['code'] === 'string' && typeof value['system'] === 'string')
    return codingLines([value], codes, found);
  if (typeof value['url'] === 'string') return extension(value, value['url'], codes, found);
  if (isJsonObject(value['low']) || isJsonObject(value['high'])) return [range(value)];
  if (typeof value['reference'] === 'string') return [value['reference']];
  // A fact that is served and not sent: a filière.
  if (typeof value['code'] === 'string' && typeof value['title'] === 'string')
    return [`${value['code']} – ${value['title']}`];
  const address = typeof value['value'] === 'string' ? [value['value']] : [];
  const period = isJsonObject(value['during']) ? [during(value['during'])] : [];
  const known = [...address, ...period, ...extensionLines(value, codes, found)];
  return known.length > 0 ? known : [JSON.stringify(value)];
}

function codingLines(codings: readonly Json[], codes: Labels, found: DescribedCode[]): string[] {
  return codings.filter(isJsonObject).map((coding) => {
    const [system, code] = [String(coding['system'] ?? ''), String(coding['code'] ?? '')];
    const display = typeof coding['display'] === 'string' ? coding['display'] : '';
    const label = codes.find(system, code)?.display ?? display;
    found.push({ code, label, system: shortSystem(system) ?? system });
    return `${code} ${label}`.trim();
  });
}

function extensionLines(owner: JsonObject, codes: Labels, found: DescribedCode[]): string[] {
  const list = owner['extension'];
  return Array.isArray(list) ? (list as Json[]).flatMap((item) => linesOf(item, codes, found)) : [];
}

function extension(item: JsonObject, url: string, codes: Labels, found: DescribedCode[]): string[] {
  const name = extensionName(url) ?? url;
  if (UNTYPED.has(name)) return [];
  const nested = extensionLines(item, codes, found);
  const key = Object.keys(item).find((each) => /^value[A-Z]/.test(each));
  const own = key === undefined ? [] : linesOf(item[key] as Json, codes, found);
  const label = PARTS[name];
  return [...own.map((line) => (label === undefined ? line : `${label} : ${line}`)), ...nested];
}

/** "de 0 à 17 ans": bounds in years, as filror writes them; another unit is shown with its code. */
function range(value: JsonObject): string {
  const [low, high] = [bound(value['low']), bound(value['high'])];
  if (low === null || high === null) {
    const [word, only] = low === null ? ['jusqu’à', high] : ['à partir de', low];
    return `${word} ${only?.number ?? ''} ${only?.unit ?? ''}`.trim();
  }
  const first = low.unit === high.unit ? low.number : `${low.number} ${low.unit}`;
  return `de ${first} à ${high.number} ${high.unit}`.trim();
}

function bound(quantity: Json | undefined): { readonly number: string; readonly unit: string } | null {
  if (!isJsonObject(quantity)) return null;
  const { code, unit } = quantity;
  return { number: String(quantity['value']), unit: code === 'a' ? 'ans' : String(code ?? unit ?? '') };
}

function during(period: JsonObject): string {
  const end = typeof period['end'] === 'string' ? ` au ${period['end']}` : '';
  return `du ${String(period['start'] ?? '')}${end}`;
}
