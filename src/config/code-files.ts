import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseDocument, type Document, YAMLMap } from 'yaml';
import { DataError } from '../domain/errors.js';
import { canonicalText } from '../domain/json.js';
import { codeFileNames, shippedFolder, type FilrorConfig } from './load.js';
import { readYaml } from './files.js';
import { codeSystemSchema, type CodeSystemConfig } from './schema/codes.js';

/** The file that says what a nomenclature holds, in the folder that overlays or in the shipped one. */
export interface CodeFile {
  /** `tre-r344.yaml` */
  readonly file: string;
  readonly text: string;
}

/**
 * The file of each nomenclature by its short name.
 * @throws DataError `CFG_INVALID` when two files describe one: which of them holds would be chance
 */
export function codeFiles({ folder }: Pick<FilrorConfig, 'folder'>): Map<string, CodeFile> {
  const found = new Map<string, CodeFile>();
  for (const file of codeFileNames(folder)) {
    const own = join(folder, 'codes', file);
    const path = existsSync(own) ? own : join(shippedFolder, 'codes', file);
    const name = String((readYaml(path) as { name?: unknown } | null)?.name);
    const other = found.get(name);
    if (other !== undefined)
      throw new DataError({
        code: 'CFG_INVALID',
        message: `Deux fichiers décrivent ${name} : codes/${other.file} et codes/${file}.`,
        place: folder,
        remedy: 'gardez-en un.',
      });
    found.set(name, { file, text: readFileSync(path, 'utf8') });
  }
  return found;
}

/**
 * The file's text with the new content: its comments, the order of its keys and the quoting of what does not change stay.
 */
export function codeFileText(text: string, next: CodeSystemConfig): string {
  const document = parseDocument(text);
  if (String(document.get('version')) !== next.version)
    document.set('version', quoted(document, next.version));
  document.set('source', next.source);
  for (const name of ['active', 'deprecated', 'successors'] as const) setMap(document, name, next[name]);
  const written = document.toString({ lineWidth: 0, singleQuote: true });
  if (canonicalText(codeSystemSchema.parse(parse(written))) !== canonicalText(next))
    throw new Error(`${next.name}: what would be written does not read back as what was meant`);
  return written;
}

/** A version of digits alone must stay a text. */
function quoted(document: Document, value: string) {
  const node = document.createNode(value);
  node.type = 'QUOTE_SINGLE';
  return node;
}

function setMap(document: Document, name: string, content: Readonly<Record<string, string>>): void {
  // An object puts names of digits alone first: « 593 » would stand before « 043 ».
  const codes = Object.keys(content).sort();
  const present = document.get(name);
  if (codes.length === 0 && name !== 'active') {
    if (present !== undefined) document.delete(name);
    return;
  }
  const map = present instanceof YAMLMap ? present : new YAMLMap();
  const pairs = new Map(map.items.map((pair) => [keyText(pair.key), pair]));
  map.items = codes.map((code) => {
    const pair = pairs.get(code) ?? document.createPair(quoted(document, code), content[code]);
    if (String(valueText(pair.value)) !== content[code]) pair.value = document.createNode(content[code]);
    return pair;
  });
  map.flow = codes.length === 0;
  if (present !== map) document.set(name, map);
}

const keyText = (key: unknown): string => String(valueText(key));
const valueText = (node: unknown): unknown =>
  typeof node === 'object' && node !== null && 'value' in node ? node.value : node;
