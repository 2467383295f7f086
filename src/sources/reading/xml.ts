import { isUtf8 } from 'node:buffer';
import { XMLParser } from 'fast-xml-parser';
import iconv from 'iconv-lite';
import { SourceError } from '../../domain/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.js';
import type { Locator } from '../../domain/locator.js';
import type { AsideRow } from '../../domain/rows.js';
import type { DeliveryFacts, Encoding, SourceInput } from '../contract.js';
import { assertDataBytes, assertDataText, emptyFile } from './content.js';
import { readHead } from './peek.js';
import { isGzip, unpack } from './unpack.js';
import { xmlEncoding, prologEncoding } from './xml-encoding.js';
import { XmlItems, type Wanted } from './xml-items.js';

/** The largest record of the nomenclature has some tens of kilobytes. */
export const MAX_ELEMENT_BYTES = 4 * 1024 * 1024;
const HEAD_BYTES = 64 * 1024;
/** Elements open in one record. */
const DEEPEST_RECORD = 32;

/** Which elements are wanted, which ones are only marked, and which may stand several times in a record. */
export interface XmlShape {
  readonly items: readonly Wanted[];
  readonly marks: readonly string[];
  readonly lists: readonly string[];
}

/**
 * An element parsed: attributes are `@name`, the text beside attributes `#text`; or what is said of one that cannot be;
 * or where a marked element opens and closes. `document` counts from 1, `index` under the parent from 1.
 */
export type XmlReading =
  | {
      readonly kind: 'item';
      readonly parent: string;
      readonly document: number;
      readonly index: number;
      readonly value: JsonObject;
    }
  | {
      readonly kind: 'aside';
      readonly parent: string;
      readonly document: number;
      readonly index: number;
      readonly fault: Pick<AsideRow, 'code' | 'message' | 'remedy'>;
    }
  | {
      readonly kind: 'open';
      readonly document: number;
      readonly name: string;
      readonly attributes: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'close'; readonly name: string };

/** Head of an XML delivery: its facts and the attributes of its root. @throws SourceError as `xmlReadings` does */
export async function openXml(
  input: SourceInput,
): Promise<{ readonly facts: DeliveryFacts; readonly root: ReadonlyMap<string, string> }> {
  const { compressed, head, encoding } = await opened(input);
  const items = new XmlItems(input.fileName, [], new Set(), 0);
  items.push(head);
  return {
    root: attributesOf(items.root),
    facts: { encoding, compressed, separator: null, headers: [], unknownColumns: [], contentDate: null },
  };
}

/**
 * Streams the wanted elements of XML, each parsed by itself: memory holds one. An element that is too long or that the
 * parser refuses is set aside; what breaks the whole text is thrown.
 * @throws SourceError `SRC_EMPTY`, `SRC_HTML`, `SRC_PDF`, `SRC_ARCHIVE`, `SRC_ENCODING`, `SRC_FORMAT`, `SRC_TRUNCATED`,
 * `SRC_GZIP_…`, `SRC_TOO_LARGE`, `SRC_XML_…`
 */
export async function* xmlReadings(
  input: SourceInput,
  shape: XmlShape,
  longest: number = MAX_ELEMENT_BYTES,
): AsyncGenerator<XmlReading, void, undefined> {
  const { compressed, encoding } = await opened(input);
  const parse = elementParser(shape.lists);
  const cut = new XmlItems(input.fileName, shape.items, new Set(shape.marks), longest);
  let document = 0;
  let first: Encoding | null = null;
  for await (const chunk of unpack(input, compressed)) {
    for (const event of cut.push(chunk)) {
      if (event.kind === 'prolog') {
        document++;
        const declared = prologEncoding(input, event.attributes);
        first ??= declared;
        if (declared !== first) throw otherEncoding(input, document);
      } else if (event.kind === 'close') yield event;
      else if (event.kind === 'open')
        yield {
          kind: 'open',
          document: Math.max(document, 1),
          name: event.name,
          attributes: attributesOf(event.attributes),
        };
      else {
        const { parent, name, index, bytes } = event;
        const place = { parent, document: Math.max(document, 1), index };
        const text =
          bytes === null ? null : decoded(input, bytes, encoding, `${parent}/${name} ${String(index)}`);
        yield { ...place, ...readElement(parse, name, text, longest) };
      }
    }
  }
  if (!cut.complete) throw truncated(input);
}

/** `document 2 : /JDBOR/DisorderList/Disorder[3]`; a single document is not numbered. */
export function xmlLocator(input: SourceInput, document: number, path: string): Locator {
  return { file: input.fileName, path: document > 1 ? `document ${String(document)} : ${path}` : path };
}

async function opened(
  input: SourceInput,
): Promise<{ readonly compressed: boolean; readonly head: Buffer; readonly encoding: Encoding }> {
  const compressed = await isGzip(input);
  const { head, complete } = await readHead(unpack(input, compressed), HEAD_BYTES);
  assertDataBytes(input, head, 'xml');
  const encoding = xmlEncoding(input, head, complete);
  const start = head.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '');
  assertDataText(
    input,
    encoding === 'utf-8' ? head.toString('utf8').replace(/^\ufeff/, '') : iconv.decode(head, encoding),
  );
  if (start.trim() === '') throw emptyFile(input);
  if (!start.trimStart().startsWith('<')) throw notXml(input);
  return { compressed, head, encoding };
}

type Parse = (name: string, text: string) => Json | undefined;
type Element =
  | { readonly kind: 'item'; readonly value: JsonObject }
  | { readonly kind: 'aside'; readonly fault: Pick<AsideRow, 'code' | 'message' | 'remedy'> };

function readElement(parse: Parse, name: string, text: string | null, longest: number): Element {
  if (text === null) {
    const size = `${String(Math.round(longest / 1024 ** 2))} Mio`;
    return refused('ITEM_TOO_LONG', `L’élément dépasse ${size} : il n’est pas lu.`);
  }
  try {
    const value = parse(name, text);
    if (isJsonObject(value)) return { kind: 'item', value };
  } catch (error) {
    return refused('ITEM_SYNTAX', `L’élément ne se lit pas : ${(error as Error).message}`);
  }
  return refused('ITEM_SHAPE', `L’élément <${name}> est vide, ou n’est que du texte.`);
}

function refused(code: string, message: string): Element {
  const remedy =
    'signalez l’élément au propriétaire de la source ; il est laissé de côté, les autres sont lus.';
  return { kind: 'aside', fault: { code, message: message.slice(0, 400), remedy } };
}

/**
 * One element at a time, which no declaration came before: the library expands nothing, our decoder knows the five
 * entities of XML and numbered characters, and names such as `__proto__` are refused.
 */
function elementParser(lists: readonly string[]): Parse {
  const several = new Set(lists);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    parseAttributeValue: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    maxNestedTags: DEEPEST_RECORD,
    isArray: (name) => several.has(name),
    entityDecoder: {
      setExternalEntities: () => undefined,
      addInputEntities: () => undefined,
      setXmlVersion: () => undefined,
      reset: () => undefined,
      decode: unescaped,
    },
  });
  return (name, text) => {
    const tree = parser.parse(text) as JsonObject;
    return Object.hasOwn(tree, name) ? tree[name] : undefined;
  };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** @throws Error, for the element to be set aside, on an entity that nobody declared or a number that is no character */
function unescaped(text: string): string {
  return text.replaceAll(/&(#?[^;&\s]{0,32});?/g, (written: string, reference: string) => {
    const known =
      Object.hasOwn(ENTITIES, reference) && written.endsWith(';') ? ENTITIES[reference] : undefined;
    if (known !== undefined) return known;
    const [, hexadecimal, decimal] = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(reference) ?? [];
    const code = hexadecimal === undefined ? Number(decimal ?? 'NaN') : Number.parseInt(hexadecimal, 16);
    const isCharacter =
      code >= 0x20 ? code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) : [9, 10, 13].includes(code);
    if (!written.endsWith(';') || !isCharacter)
      throw new Error(`« ${written.slice(0, 40)} » n’est ni une entité de XML ni un caractère`);
    return String.fromCodePoint(code);
  });
}

/** One attribute, or one word that is none: sticky, so that no sign is looked at from each of those before it. */
const ATTRIBUTE = /\s*([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
const WORD = /\s*\S+/y;

/** Attributes of a marked element or of the root, as written; entities in them are left alone. */
function attributesOf(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (let at = 0; at < text.length;) {
    ATTRIBUTE.lastIndex = at;
    const [found, name = '', double, single] = ATTRIBUTE.exec(text) ?? [];
    if (found !== undefined) attributes.set(name, double ?? single ?? '');
    WORD.lastIndex = at;
    at += (found ?? WORD.exec(text)?.[0] ?? text).length;
  }
  return attributes;
}

function decoded(input: SourceInput, bytes: Buffer, encoding: Encoding, place: string): string {
  if (encoding !== 'utf-8') return iconv.decode(bytes, encoding);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new SourceError({
    code: 'SRC_ENCODING',
    message: 'Le fichier n’est plus en UTF-8 : des caractères ne peuvent pas être lus.',
    place: `${input.fileName}, ${place}`,
    remedy: 'relancez la collecte ; si le défaut revient, signalez-le au propriétaire de la source.',
  });
}

function otherEncoding(input: SourceInput, document: number): SourceError {
  return new SourceError({
    code: 'SRC_ENCODING',
    message: `Le document ${String(document)} du fichier est dans un autre encodage que le premier.`,
    place: input.fileName,
    remedy: 'mettez bout à bout des fichiers d’un même encodage, ou déposez-les l’un après l’autre.',
  });
}

function truncated(input: SourceInput): SourceError {
  return new SourceError({
    code: 'SRC_TRUNCATED',
    message: 'Le fichier XML est coupé avant sa fin.',
    place: input.fileName,
    remedy: 'relancez la collecte : le téléchargement a sans doute été interrompu.',
    transient: true,
  });
}

function notXml(input: SourceInput): SourceError {
  return new SourceError({
    code: 'SRC_FORMAT',
    message: 'Le fichier n’est pas du XML : il ne commence pas par « < ».',
    place: input.fileName,
    remedy: 'vérifiez l’adresse de la source : un autre fichier du même jeu a peut-être été pris.',
  });
}
