import { SourceError } from '../../domain/errors.js';

/** Longest tag or instruction: the root of an Orphanet product has 200 characters. */
const LONGEST_TAG_BYTES = 64 * 1024;
/** Elements open at once; the deepest classification of Orphanet has about thirty. */
const DEEPEST = 200;

const [LT, GT, SLASH, BANG, QUERY, QUOTE, APOSTROPHE] = [0x3c, 0x3e, 0x2f, 0x21, 0x3f, 0x22, 0x27];
const COMMENT = Buffer.from('<!--');
const CDATA = Buffer.from('<![CDATA[');
const NAME = /^[A-Za-z_\u0080-\u00ff][\w.:\-\u0080-\u00ff]*$/;

/** An element of one name right under an element of another. */
export interface Wanted {
  readonly parent: string;
  readonly name: string;
}

/** What the stream says, in its order. Attributes are raw text: `id="186"`. */
export type XmlEvent =
  | { readonly kind: 'prolog'; readonly attributes: string }
  | { readonly kind: 'open'; readonly name: string; readonly attributes: string }
  | { readonly kind: 'close'; readonly name: string }
  /** `index` from 1 under its parent; `bytes` null when longer than the bound: it is counted, and not held. */
  | {
      readonly kind: 'item';
      readonly parent: string;
      readonly name: string;
      readonly index: number;
      readonly bytes: Buffer | null;
    };

/**
 * Cuts wanted elements out of a stream of XML, whatever the pieces it comes in, and tells where the marked ones open and
 * close; the rest is passed over. Only the item under way is held. Bytes are enough for encodings that begin with ASCII.
 * What looks like an element in a comment or in CDATA is none. Several documents may follow one another, each with its
 * prolog. Whoever declares a document type or an entity is refused: nothing is ever expanded.
 * @throws SourceError `SRC_XML_ENTITIES`, `SRC_XML_DEPTH`, `SRC_XML_SYNTAX`, with the place in bytes
 */
export class XmlItems {
  /** Attributes of the first root. */
  root = '';
  #rest: Uint8Array = Buffer.alloc(0);
  /** Bytes of the stream before `#rest`. */
  #offset = 0;
  /** End mark of the comment or CDATA under way. */
  #until: Buffer | null = null;
  #stack: { readonly name: string; items: number }[] = [];
  /** A document has begun: no other root may follow without a prolog of its own. */
  #begun = false;
  #itemDepth = 0;
  #pieces: Uint8Array[] = [];
  #held = 0;

  constructor(
    private readonly fileName: string,
    private readonly wanted: readonly Wanted[],
    private readonly marked: ReadonlySet<string>,
    private readonly longest: number,
  ) {}

  /** Whether the stream ended where a document does. */
  get complete(): boolean {
    return this.#begun && this.#stack.length === 0 && this.#until === null && this.#rest.length === 0;
  }

  /** @returns what this piece completes */
  push(chunk: Uint8Array): XmlEvent[] {
    const data = Buffer.concat([this.#rest, chunk]);
    const events: XmlEvent[] = [];
    let from = 0;
    let at = 0;
    while (at < data.length) {
      const next = this.#until === null ? this.#markup(data, at) : this.#passed(data, at, this.#until);
      if (next.tag !== null) from = this.#tag(data, next.tag, next.to, from, events);
      at = next.to;
      if (next.waits) break;
    }
    if (this.#itemDepth > 0) this.#hold(data.subarray(from, at));
    this.#rest = data.subarray(at);
    this.#offset += at;
    if (this.#rest.length > LONGEST_TAG_BYTES)
      throw this.#syntax(0, 'une balise n’est jamais fermée par « > »');
    return events;
  }

  /** Inside a comment or CDATA: up to its end mark, which may be cut between two pieces. */
  #passed(data: Buffer, at: number, until: Buffer): Step {
    const end = data.indexOf(until, at);
    if (end === -1) return step(Math.max(at, data.length - until.length + 1), WAITS);
    this.#until = null;
    return step(end + until.length);
  }

  /** From a text to the end of the markup behind it. */
  #markup(data: Buffer, at: number): Step {
    const start = data.indexOf(LT, at);
    if (this.#stack.length === 0) this.#outside(data, at, start === -1 ? data.length : start);
    if (start === -1) return step(data.length);
    const waits = step(start, WAITS);
    if (start + 1 === data.length) return waits;
    if (data[start + 1] === BANG) return this.#declaration(data, start);
    const end = data[start + 1] === QUERY ? instructionEnd(data, start) : tagEnd(data, start);
    if (end - start > LONGEST_TAG_BYTES)
      throw this.#syntax(start, `une balise dépasse ${String(LONGEST_TAG_BYTES / 1024)} Kio`);
    return end === -1 ? waits : { to: end, waits: false, tag: start };
  }

  #declaration(data: Buffer, start: number): Step {
    for (const [opening, until] of [
      [COMMENT, '-->'],
      [CDATA, ']]>'],
    ] as const) {
      const seen = data.subarray(start, start + opening.length);
      if (!opening.subarray(0, seen.length).equals(seen)) continue;
      if (seen.length < opening.length) return step(start, WAITS);
      if (opening === CDATA && this.#stack.length === 0)
        throw this.#syntax(start, 'du texte est hors de tout élément');
      this.#until = Buffer.from(until);
      return step(start + opening.length);
    }
    throw new SourceError({
      code: 'SRC_XML_ENTITIES',
      message:
        'Le fichier XML déclare un type de document ou des entités : filror n’en développe aucune, et ne le lit pas.',
      place: this.#place(start),
      remedy:
        'reprenez le fichier à l’adresse officielle de la source ; si elle le donne ainsi, signalez-le à son propriétaire.',
    });
  }

  /** Tells of a whole tag. @returns where the held bytes of this piece begin */
  #tag(data: Buffer, start: number, end: number, from: number, events: XmlEvent[]): number {
    if (data[start + 1] === QUERY) {
      this.#instruction(data.toString('latin1', start + 2, end - 2), start, events);
      return from;
    }
    const closes = data[start + 1] === SLASH;
    const alone = !closes && data[end - 2] === SLASH;
    const inside = data.toString('latin1', start + (closes ? 2 : 1), end - (alone ? 2 : 1));
    const name = /^[^\s/]*/.exec(inside)?.[0] ?? '';
    if (!NAME.test(name)) throw this.#syntax(start, '« < » n’y commence aucune balise');
    let begin = from;
    if (!closes && this.#opens(name, inside.slice(name.length), start, events)) begin = start;
    if (closes || alone) this.#closes(name, data.subarray(begin, end), start, events);
    return begin;
  }

  #instruction(text: string, start: number, events: XmlEvent[]): void {
    if (!/^xml\s/.test(text)) return;
    if (this.#stack.length > 0)
      throw this.#syntax(start, 'un second document commence avant la fin du premier');
    this.#begun = false;
    events.push({ kind: 'prolog', attributes: text.slice(3) });
  }

  /** @returns true when an item begins with this tag */
  #opens(name: string, attributes: string, start: number, events: XmlEvent[]): boolean {
    const parent = this.#stack.at(-1);
    if (parent === undefined) {
      if (this.#begun) throw this.#syntax(start, 'un second élément suit la fin du document');
      this.#begun = true;
      if (this.root === '') this.root = attributes;
    }
    if (this.#stack.length === DEEPEST) throw this.#tooDeep(start);
    this.#stack.push({ name, items: 0 });
    if (this.#itemDepth > 0) return false;
    if (parent !== undefined && this.wanted.some((one) => one.name === name && one.parent === parent.name)) {
      parent.items++;
      this.#itemDepth = this.#stack.length;
      return true;
    }
    if (this.marked.has(name)) events.push({ kind: 'open', name, attributes });
    return false;
  }

  #closes(name: string, held: Uint8Array, start: number, events: XmlEvent[]): void {
    const top = this.#stack.at(-1);
    if (top?.name !== name)
      throw this.#syntax(
        start,
        top === undefined
          ? `la balise </${name}> n’a pas de début`
          : `la balise </${name}> vient là où <${top.name}> n’est pas fermée`,
      );
    const isItem = this.#itemDepth === this.#stack.length;
    this.#stack.pop();
    const parent = this.#stack.at(-1);
    if (isItem && parent !== undefined) {
      this.#hold(held);
      const bytes = this.#held > this.longest ? null : Buffer.concat(this.#pieces, this.#held);
      events.push({ kind: 'item', parent: parent.name, name, index: parent.items, bytes });
      this.#itemDepth = 0;
      this.#pieces = [];
      this.#held = 0;
    } else if (this.#itemDepth === 0 && this.marked.has(name)) events.push({ kind: 'close', name });
  }

  #hold(bytes: Uint8Array): void {
    this.#held += bytes.length;
    if (this.#held > this.longest) this.#pieces = [];
    else this.#pieces.push(bytes);
  }

  /** Spaces and byte order marks alone stand between documents. */
  #outside(data: Buffer, from: number, to: number): void {
    for (let at = from; at < to; at++)
      if (!OUTSIDE.has(data[at] as number)) throw this.#syntax(at, 'du texte est hors de tout élément');
  }

  #place(at: number): string {
    const path = this.#stack.map(({ name }) => `/${name}`).join('');
    return `${this.fileName}, octet ${String(this.#offset + at + 1)}${path === '' ? '' : `, ${path}`}`;
  }

  #syntax(at: number, what: string): SourceError {
    return new SourceError({
      code: 'SRC_XML_SYNTAX',
      message: `Le fichier n’est pas du XML bien formé : ${what}.`,
      place: this.#place(at),
      remedy: 'relancez la collecte ; si le défaut revient, signalez-le au propriétaire de la source.',
      transient: true,
    });
  }

  #tooDeep(at: number): SourceError {
    return new SourceError({
      code: 'SRC_XML_DEPTH',
      message: `Plus de ${String(DEEPEST)} éléments sont ouverts les uns dans les autres : aucun fichier attendu n’est ainsi.`,
      place: this.#place(at),
      remedy: 'vérifiez l’adresse de la source : ce n’est sans doute pas le fichier attendu.',
    });
  }
}

/** How far a look went, whether it needs more bytes, and the tag found. */
interface Step {
  readonly to: number;
  readonly waits: boolean;
  /** Where it begins. */
  readonly tag: number | null;
}

const WAITS = true;

function step(to: number, waits = false): Step {
  return { to, waits, tag: null };
}

/** Space, tab, line ends; the three bytes of a byte order mark. */
const OUTSIDE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/** @returns the place behind `>`, -1 when it is not there yet; `>` between quotes ends nothing */
function tagEnd(data: Buffer, start: number): number {
  let quote = 0;
  for (let at = start + 1; at < data.length; at++) {
    const byte = data[at];
    if (quote !== 0) {
      if (byte === quote) quote = 0;
    } else if (byte === GT) return at + 1;
    else if (byte === QUOTE || byte === APOSTROPHE) quote = byte;
  }
  return -1;
}

function instructionEnd(data: Buffer, start: number): number {
  const end = data.indexOf('?>', start + 2);
  return end === -1 ? -1 : end + 2;
}
