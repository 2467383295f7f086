import { BACKSLASH, CLOSE, COLON, COMMA, END, LIST, OPEN, PLAIN, QUOTE, SPACES } from './json-bytes.js';

/** What may come next. */
type Awaited =
  'start' | 'key or end' | 'key' | 'colon' | 'value' | 'value or end' | 'comma or end' | 'nothing';

/** What is wrong with a text, in French, and where. */
export interface JsonFault {
  /** Bytes before it. */
  readonly at: number;
  readonly what: string;
}

/** Longest key or header value that is kept, and longest number. */
const LONGEST_STRING = 200;
/** Brackets open at once around and beside the items; FINESS+ has three. */
const DEEPEST = 200;

const SCALAR = /^(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)$/;
const AFTER_BACKSLASH = new Set(Buffer.from('"\\/bfnrtu'));
const LETTER_U = 0x75;

/**
 * What stands around the items of a JSON object, and beside: followed byte by byte, and proved to be JSON (RFC 8259), so
 * that a text with an error page or zeros behind it, or without its commas, is never taken for sound. Only names,
 * headers and the open brackets are held.
 */
export class JsonFrame {
  /** Texts of the outermost object, and of its `metadata`: `generatedAt`, `schemaVersion`. As far as read. */
  readonly header = new Map<string, string>();
  /** The first fault: nothing is read behind it. */
  fault: JsonFault | null = null;
  /** The wanted list that is open. */
  list: string | null = null;
  inString = false;
  #awaited: Awaited = 'start';
  readonly #open: number[] = [];
  /** Keys of the outermost object and of the object below. */
  readonly #keys = ['', '', ''];
  /** Bytes of the text or scalar under way, as far as they are kept. */
  #text: number[] = [];
  #inScalar = false;
  #isKey = false;
  #escaped = false;
  /** Signs of `\u0000` to come. */
  #hexadecimal = 0;

  constructor(private readonly wanted: ReadonlySet<string>) {}

  /** Whether the outermost object is closed, and all was JSON so far. */
  get ended(): boolean {
    return this.#awaited === 'nothing' && this.fault === null;
  }

  /** Whether an item of a wanted list begins with this byte; then, it is as read. */
  beginsItem(byte: number): boolean {
    if (this.list === null || this.#open.length !== 2 || !this.#awaited.startsWith('value')) return false;
    if (PLAIN[byte] === 0 && byte !== QUOTE && byte !== OPEN && byte !== LIST) return false;
    this.#awaited = 'comma or end';
    return true;
  }

  /** The item that has just begun is not read yet: it will begin again. */
  returnItem(): void {
    this.#awaited = 'value';
  }

  /** A byte that stands in no text. @param at bytes before it */
  take(byte: number, at: number): void {
    if (PLAIN[byte] === 1) {
      if (!this.#inScalar) {
        if (!this.#value(at)) return;
        this.#inScalar = true;
        this.#text = [];
      }
      if (this.#text.push(byte) > LONGEST_STRING) this.#refuse(at, 'un nombre est démesuré');
      return;
    }
    if (this.#inScalar) this.#endScalar(at);
    if (this.fault !== null || SPACES.has(byte)) return;
    if (byte === QUOTE) this.#beginString(at);
    else if (byte === OPEN || byte === LIST) this.#opens(byte, at);
    else if (byte === CLOSE || byte === END) this.#closes(byte, at);
    else if (byte === COLON && this.#awaited === 'colon') this.#awaited = 'value';
    else if (byte === COMMA && this.#awaited === 'comma or end')
      this.#awaited = this.#open.at(-1) === OPEN ? 'key' : 'value';
    else this.#refuse(at, `« ${String.fromCharCode(byte)} » n’y a pas sa place`);
  }

  /** @param base bytes before the piece. @returns where the text under way ends, or the piece does */
  throughString(piece: Uint8Array, start: number, base: number): number {
    for (let at = start; at < piece.length && this.fault === null; at++) {
      const byte = piece[at] as number;
      if (byte < 0x20) this.#refuse(base + at, 'un texte contient un caractère de contrôle');
      else if (this.#escaped || this.#hexadecimal > 0) this.#escapes(byte, base + at);
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) {
        this.#endString();
        return at + 1;
      }
      if (this.#text.length < LONGEST_STRING) this.#text.push(byte);
    }
    return piece.length;
  }

  #escapes(byte: number, at: number): void {
    const known = this.#escaped ? AFTER_BACKSLASH.has(byte) : isHexadecimal(byte);
    if (!known) this.#refuse(at, 'un texte contient « \\ » devant un signe qui n’en veut pas');
    this.#hexadecimal = this.#escaped ? (byte === LETTER_U ? 4 : 0) : this.#hexadecimal - 1;
    this.#escaped = false;
  }

  #beginString(at: number): void {
    this.#isKey = this.#awaited.startsWith('key');
    if (this.#isKey) this.#awaited = 'colon';
    else if (!this.#value(at)) return;
    this.inString = true;
    this.#text = [];
  }

  #endString(): void {
    this.inString = false;
    const depth = this.#open.length;
    if (depth > 2) return;
    const text = textOf(this.#text);
    if (this.#isKey) this.#keys[depth] = text;
    else if (this.#open[depth - 1] === OPEN && (depth === 1 || this.#keys[1] === 'metadata'))
      this.header.set(this.#keys[depth] ?? '', text);
  }

  #endScalar(at: number): void {
    const text = Buffer.from(this.#text).toString('latin1');
    this.#inScalar = false;
    if (!SCALAR.test(text)) this.#refuse(at - text.length, 'une valeur n’en est pas une');
  }

  #opens(byte: number, at: number): void {
    if (this.#open.length === 0 && this.#awaited === 'start' && byte === OPEN) this.#awaited = 'value';
    if (!this.#value(at)) return;
    if (this.#open.length === DEEPEST) {
      this.#refuse(at, `plus de ${String(DEEPEST)} crochets et accolades y sont ouverts`);
      return;
    }
    this.#open.push(byte);
    this.#awaited = byte === OPEN ? 'key or end' : 'value or end';
    if (byte === LIST && this.#open.length === 2 && this.wanted.has(this.#keys[1] ?? ''))
      this.list = this.#keys[1] ?? '';
  }

  #closes(byte: number, at: number): void {
    const opened = this.#open.at(-1);
    if (!this.#awaited.endsWith('end') || opened !== (byte === CLOSE ? OPEN : LIST)) {
      this.#refuse(at, `« ${String.fromCharCode(byte)} » n’y ferme rien`);
      return;
    }
    this.#open.pop();
    if (this.#open.length === 1) this.list = null;
    this.#awaited = this.#open.length === 0 ? 'nothing' : 'comma or end';
  }

  /** A value begins. @returns false, the fault being told, where none may */
  #value(at: number): boolean {
    if (!this.#awaited.startsWith('value')) {
      this.#refuse(
        at,
        this.#awaited === 'nothing'
          ? 'quelque chose suit sa fin'
          : 'une valeur vient là où rien ne l’annonce',
      );
      return false;
    }
    this.#awaited = 'comma or end';
    return true;
  }

  #refuse(at: number, what: string): void {
    this.fault ??= { at, what };
  }
}

function isHexadecimal(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

/** A text as JSON means it; one that is too long to be kept is cut, and is nobody's name. */
function textOf(bytes: readonly number[]): string {
  const written = Buffer.from(bytes).toString('utf8');
  if (bytes.length >= LONGEST_STRING || !written.includes('\\')) return written;
  return JSON.parse(`"${written}"`) as string;
}
