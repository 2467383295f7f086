import { isUtf8 } from 'node:buffer';
import { SourceError } from '../../domain/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.js';
import type { Locator } from '../../domain/locator.js';
import type { AsideRow } from '../../domain/rows.js';
import type { DeliveryFacts, SourceInput } from '../contract.js';
import { assertDataBytes, assertDataText, emptyFile } from './content.js';
import { encodingFault } from './encoding.js';
import type { JsonFault } from './json-frame.js';
import { JsonItems, type JsonItem } from './json-items.js';
import { readHead } from './peek.js';
import { isGzip, unpack } from './unpack.js';
import { isUtf8Start } from './utf8.js';

/** The largest legal entity of the live flow has a few hundred sites of some kilobytes each. */
export const MAX_ITEM_BYTES = 16 * 1024 * 1024;
const HEAD_BYTES = 64 * 1024;

/** An item of a list, parsed; or what is said of one that cannot be. */
export type JsonReading =
  | { readonly kind: 'item'; readonly locator: Locator; readonly value: JsonObject }
  | { readonly kind: 'aside'; readonly row: AsideRow };

/** Head of a JSON delivery: its facts and the texts before its lists. @throws SourceError as `jsonItems` does */
export async function openJson(
  input: SourceInput,
): Promise<{ readonly facts: DeliveryFacts; readonly header: ReadonlyMap<string, string> }> {
  const compressed = await isGzip(input);
  const { head, complete } = await readHead(unpack(input, compressed), HEAD_BYTES);
  assertJsonStart(input, head, complete);
  const items = new JsonItems(new Set(), 0);
  items.push(withoutMark(head));
  return {
    header: items.header,
    facts: {
      encoding: 'utf-8',
      compressed,
      separator: null,
      headers: [],
      unknownColumns: [],
      contentDate: null,
    },
  };
}

/**
 * Streams the items of one list of a JSON object: memory holds one item. An item that is no JSON, no object, or too long
 * is set aside; what breaks the whole text is thrown.
 * @throws SourceError `SRC_EMPTY`, `SRC_HTML`, `SRC_PDF`, `SRC_ARCHIVE`, `SRC_ENCODING`, `SRC_FORMAT`, `SRC_TRUNCATED`,
 * `SRC_JSON_SYNTAX`, `SRC_GZIP_…`, `SRC_TOO_LARGE`
 */
export async function* jsonItems(
  input: SourceInput,
  list: string,
  longest: number = MAX_ITEM_BYTES,
): AsyncGenerator<JsonReading, void, undefined> {
  const compressed = await isGzip(input);
  const { head, complete } = await readHead(unpack(input, compressed), HEAD_BYTES);
  assertJsonStart(input, head, complete);
  const cut = new JsonItems(new Set([list]), longest);
  const mark = marked(head);
  let skip = mark ? 3 : 0;
  for await (const chunk of unpack(input, compressed)) {
    // The byte order mark may itself be cut between two pieces.
    const bytes = skip === 0 ? chunk : chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - bytes.length;
    for (const item of cut.push(bytes)) yield readItem(input, item, longest);
    if (cut.fault !== null) break;
  }
  for (const item of cut.finish()) yield readItem(input, item, longest);
  if (cut.fault !== null) throw notJson(input, cut.fault, cut.place);
  if (!cut.complete) throw truncated(input, cut.place);
  if (!cut.lists.includes(list)) throw wrongFormat(input, list);
}

function readItem(
  input: SourceInput,
  { list, index, bytes, value: known }: JsonItem,
  longest: number,
): JsonReading {
  const locator: Locator = { file: input.fileName, path: `${list}[${String(index)}]` };
  if (isJsonObject(known)) return { kind: 'item', locator, value: known };
  if (bytes === null) {
    const size = `${String(Math.round(longest / 1024 ** 2))} Mio`;
    return refused(locator, 'ITEM_TOO_LONG', `L’élément dépasse ${size} : il n’est pas lu.`);
  }
  if (!isUtf8(bytes)) throw notUtf8(input, locator.path ?? '');
  try {
    const value = JSON.parse(bytes.toString('utf8')) as Json;
    if (isJsonObject(value)) return { kind: 'item', locator, value };
  } catch (error) {
    return refused(
      locator,
      'ITEM_SYNTAX',
      `L’élément n’est pas du JSON valide : ${(error as Error).message}`,
    );
  }
  return refused(locator, 'ITEM_SHAPE', 'L’élément n’est pas un objet JSON.');
}

function refused(locator: Locator, code: string, message: string): JsonReading {
  const remedy =
    'signalez l’élément au propriétaire de la source ; il est laissé de côté, les autres sont lus.';
  return { kind: 'aside', row: { kind: 'aside', code, locator, message: message.slice(0, 400), remedy } };
}

function assertJsonStart(input: SourceInput, head: Buffer, complete: boolean): void {
  assertDataBytes(input, head, 'json');
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff) || head[1] === 0)
    throw notUtf8(input, '');
  if (!(complete ? isUtf8(head) : isUtf8Start(head))) throw notUtf8(input, '');
  const text = withoutMark(head).toString('utf8');
  assertDataText(input, text);
  const start = text.trimStart();
  if (start === '') throw emptyFile(input);
  if (!start.startsWith('{')) throw wrongFormat(input, null);
}

function marked(head: Uint8Array): boolean {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
}

function withoutMark(head: Buffer): Buffer {
  return marked(head) ? head.subarray(3) : head;
}

function notUtf8(input: SourceInput, place: string): SourceError {
  return encodingFault(
    input,
    `Le fichier n’est pas en UTF-8${place === '' ? '' : ` (${place})`}, comme tout JSON doit l’être.`,
    'relancez la collecte ; si le défaut revient, signalez-le au propriétaire de la source.',
  );
}

function truncated(input: SourceInput, place: string): SourceError {
  return new SourceError({
    code: 'SRC_TRUNCATED',
    message: 'Le fichier JSON est coupé avant sa fin, ou ses accolades ne se ferment pas.',
    place: place === '' ? input.fileName : `${input.fileName}, ${place}`,
    remedy: 'relancez la collecte : le téléchargement a sans doute été interrompu.',
    transient: true,
  });
}

function notJson(input: SourceInput, { at, what }: JsonFault, place: string): SourceError {
  return new SourceError({
    code: 'SRC_JSON_SYNTAX',
    message: `Le fichier n’est pas du JSON bien formé : ${what}.`,
    place: `${input.fileName}, octet ${String(at + 1)}${place === '' ? '' : `, ${place}`}`,
    remedy: 'relancez la collecte ; si le défaut revient, signalez-le au propriétaire de la source.',
    transient: true,
  });
}

function wrongFormat(input: SourceInput, list: string | null): SourceError {
  return new SourceError({
    code: 'SRC_FORMAT',
    message:
      list === null
        ? 'Le fichier n’est pas un objet JSON : il ne commence pas par « { ».'
        : `Le fichier JSON n’a pas de liste « ${list} » : ce n’est pas le flux attendu.`,
    place: input.fileName,
    remedy: 'vérifiez l’adresse de la source : un autre fichier du même jeu a peut-être été pris.',
  });
}
