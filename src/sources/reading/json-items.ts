import type { Json } from '../../domain/json.js';
import { JsonLeap } from './json-leap.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const LIST = 0x5b;
const END = 0x5d;

/** One item of a list of the outermost object. */
export interface JsonItem {
  readonly list: string;
  /** From 0. */
  readonly index: number;
  /** Its JSON text as it stands; null when it is longer than the bound: it is counted, and not held. */
  readonly bytes: Buffer | null;
  /** Its value, where its end was found by parsing it. */
  readonly value?: Json;
}

/** 1 for the bytes that make the form of a JSON text. */
const SIGN = new Uint8Array(256);
for (const byte of [QUOTE, COLON, OPEN, CLOSE, LIST, END]) SIGN[byte] = 1;

/** Longest key or header value that is kept. */
const LONGEST_STRING = 200;

/**
 * Cuts the items of named lists out of one JSON object, whatever the pieces it comes in; the rest is passed over. Only
 * the item under way is held. Bytes are enough: no byte of a character beyond ASCII looks like a sign of JSON.
 */
export class JsonItems {
  /** Texts of the outermost object, and of its `metadata`: `generatedAt`, `schemaVersion`. As far as read. */
  readonly header = new Map<string, string>();
  /** Lists met, in their order. */
  readonly lists: string[] = [];
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Bytes of the string under way where strings matter, null elsewhere. */
  #string: number[] | null = null;
  #last = '';
  #afterColon = false;
  /** Keys of the outermost object and of the object below. */
  #keys = ['', '', ''];
  #list: string | null = null;
  #index = 0;
  #inItem = false;
  #pieces: Uint8Array[] = [];
  #held = 0;
  #ended = false;
  #broken = false;
  readonly #leap = new JsonLeap();
  /** From the beginning of an item whose end may be in the next pieces. */
  #waiting: Buffer | null = null;

  constructor(
    private readonly wanted: ReadonlySet<string>,
    private readonly longest: number,
    /** Whether ends may be guessed and proved by parsing; the items are the same without. */
    private readonly leaping = true,
  ) {}

  /** @returns the items that end in this piece, or are known to with it; the others come with `finish` */
  push(piece: Uint8Array): JsonItem[] {
    const chunk =
      this.#waiting === null
        ? Buffer.from(piece.buffer, piece.byteOffset, piece.length)
        : Buffer.concat([this.#waiting, piece]);
    this.#waiting = null;
    return this.#cut(chunk, this.leaping);
  }

  /** No piece follows. @returns the items that were waiting for one */
  finish(): JsonItem[] {
    const waiting = this.#waiting ?? Buffer.alloc(0);
    this.#waiting = null;
    return this.#cut(waiting, false);
  }

  #cut(chunk: Buffer, leaping: boolean): JsonItem[] {
    const items: JsonItem[] = [];
    const end = chunk.length;
    let from = 0;
    let at = 0;
    while (at < end) {
      if (this.#inString) {
        at = this.#insideString(chunk, at);
        continue;
      }
      // The usual bytes first: 700 MB pass here.
      while (at < end && SIGN[chunk[at] as number] === 0) at++;
      if (at === end) break;
      const byte = chunk[at] as number;
      switch (byte) {
        case QUOTE:
          this.#inString = true;
          this.#string = this.#depth < 3 && this.#list === null ? [] : null;
          break;
        case COLON:
          if (this.#depth < 3) {
            this.#keys[this.#depth] = this.#last;
            this.#afterColon = true;
          }
          break;
        case OPEN:
        case LIST:
          this.#depth++;
          this.#afterColon = false;
          if (!this.#opens(byte)) break;
          from = at;
          if (leaping) {
            const leapt = this.#leap.over(chunk, at, this.longest);
            if (leapt === null) break;
            this.#depth--;
            this.#inItem = false;
            if (leapt === 'more') {
              this.#waiting = Buffer.from(chunk.subarray(at));
              return items;
            }
            items.push(this.#item(chunk.subarray(at, leapt.end), leapt.value));
            at = leapt.end;
            continue;
          }
          break;
        case CLOSE:
        case END:
          this.#depth--;
          if (this.#inItem && this.#depth === 2) items.push(this.#taken(chunk.subarray(from, at + 1)));
          else if (this.#depth === 1) this.#list = null;
          if (this.#depth <= 0) this.#ended = true;
          if (this.#depth < 0) this.#broken = true;
          break;
      }
      at++;
    }
    if (this.#inItem) this.#hold(chunk.subarray(from));
    return items;
  }

  /** Whether the stream ended where the outermost object does. */
  get complete(): boolean {
    return this.#ended && !this.#broken && this.#depth === 0 && !this.#inString;
  }

  /** Where the stream is: `pmej[1204]`. */
  get place(): string {
    return this.#list === null ? '' : `${this.#list}[${String(this.#index)}]`;
  }

  /** @returns where the string ends, or the piece does */
  #insideString(chunk: Uint8Array, start: number): number {
    let at = start;
    const end = chunk.length;
    if (this.#escaped) {
      this.#escaped = false;
      at++;
    }
    let byte = 0;
    while (at < end && (byte = chunk[at] as number) !== QUOTE && byte !== BACKSLASH) at++;
    if (this.#string !== null && this.#string.length < LONGEST_STRING)
      this.#string.push(...chunk.subarray(start, Math.min(at, start + LONGEST_STRING)));
    if (at === end) return end;
    if (byte === BACKSLASH) this.#escaped = true;
    else {
      this.#inString = false;
      if (this.#string !== null) this.#told(Buffer.from(this.#string).toString('utf8'));
    }
    return at + 1;
  }

  #told(text: string): void {
    this.#last = text;
    const atTop = this.#depth === 1 || (this.#depth === 2 && this.#keys[1] === 'metadata');
    if (this.#afterColon && atTop) this.header.set(this.#keys[this.#depth] ?? '', text);
    this.#afterColon = false;
  }

  /** @returns true when an item begins with this bracket */
  #opens(byte: number): boolean {
    if (this.#depth === 1) {
      if (byte !== OPEN || this.#ended) this.#broken = true;
      return false;
    }
    if (this.#depth === 2 && byte === LIST && this.wanted.has(this.#keys[1] ?? '')) {
      this.#list = this.#keys[1] ?? '';
      this.#index = 0;
      this.lists.push(this.#list);
      return false;
    }
    if (this.#depth !== 3 || this.#list === null || this.#inItem) return false;
    this.#inItem = true;
    return true;
  }

  #hold(bytes: Uint8Array): void {
    this.#held += bytes.length;
    if (this.#held > this.longest) this.#pieces = [];
    else this.#pieces.push(bytes);
  }

  #taken(last: Uint8Array): JsonItem {
    this.#hold(last);
    const bytes = this.#held > this.longest ? null : Buffer.concat(this.#pieces, this.#held);
    this.#inItem = false;
    this.#pieces = [];
    this.#held = 0;
    if (bytes !== null) this.#leap.learn(bytes);
    return this.#item(bytes);
  }

  #item(bytes: Buffer | null, value?: Json): JsonItem {
    const list = this.#list ?? '';
    const index = this.#index++;
    return value === undefined ? { list, index, bytes } : { list, index, bytes, value };
  }
}
