import type { Json } from '../../domain/json.js';
import { BACKSLASH, CLOSE, END, LIST, OPEN, PLAIN, QUOTE } from './json-bytes.js';
import { JsonFrame, type JsonFault } from './json-frame.js';
import { JsonLeap } from './json-leap.js';

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

/** 1 for the bytes that tell where an item ends. */
const SIGN = new Uint8Array(256);
for (const byte of [QUOTE, OPEN, CLOSE, LIST, END]) SIGN[byte] = 1;

/**
 * Cuts the items of named lists out of one JSON object, whatever the pieces it comes in; the rest is passed over, and
 * proved to be JSON (`JsonFrame`). Of an item only the end is looked for, by its brackets: whoever parses it proves it.
 * Only the item under way is held.
 */
export class JsonItems {
  /** Lists met, in their order. */
  readonly lists: string[] = [];
  readonly #frame: JsonFrame;
  readonly #leap = new JsonLeap();
  /** Bytes before the piece under way. */
  #base = 0;
  #index = 0;
  #inItem = false;
  /** The item is neither a text nor between brackets: a number, or what is no JSON. */
  #plain = false;
  /** Brackets that the item under way has open. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  #pieces: Uint8Array[] = [];
  #held = 0;
  /** From the beginning of an item whose end may be in the next pieces. */
  #waiting: Buffer | null = null;

  constructor(
    wanted: ReadonlySet<string>,
    private readonly longest: number,
    /** Whether ends may be guessed and proved by parsing; the items are the same without. */
    private readonly leaping = true,
  ) {
    this.#frame = new JsonFrame(wanted);
  }

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

  /** Texts of the outermost object, and of its `metadata`, as far as read. */
  get header(): ReadonlyMap<string, string> {
    return this.#frame.header;
  }

  /** What makes the text no JSON, outside its items; nothing is read behind it. */
  get fault(): JsonFault | null {
    return this.#frame.fault;
  }

  /** Whether the stream ended where the outermost object does. */
  get complete(): boolean {
    return this.#frame.ended && this.#waiting === null;
  }

  /** Where the stream is: `pmej[1204]`. */
  get place(): string {
    return this.#frame.list === null ? '' : `${this.#frame.list}[${String(this.#index)}]`;
  }

  #cut(chunk: Buffer, leaping: boolean): JsonItem[] {
    const frame = this.#frame;
    const items: JsonItem[] = [];
    let from = 0;
    let at = 0;
    while (at < chunk.length && frame.fault === null) {
      if (this.#inItem) {
        const end = this.#itemEnd(chunk, at);
        if (end === -1) {
          this.#hold(chunk.subarray(from));
          break;
        }
        items.push(this.#taken(chunk.subarray(from, end)));
        at = end;
        continue;
      }
      if (frame.inString) {
        at = frame.throughString(chunk, at, this.#base);
        continue;
      }
      const byte = chunk[at] as number;
      if (!frame.beginsItem(byte)) {
        this.#passOver(byte, at);
        at++;
        continue;
      }
      const leapt = leaping && byte === OPEN ? this.#leap.over(chunk, at, this.longest) : null;
      if (leapt === 'more') {
        // The frame took it as read: it is looked at again, with what follows.
        frame.returnItem();
        this.#waiting = Buffer.from(chunk.subarray(at));
        this.#base += at;
        return items;
      }
      if (leapt === null) {
        this.#inItem = true;
        this.#plain = PLAIN[byte] === 1;
        from = at;
      } else {
        items.push(this.#item(chunk.subarray(at, leapt.end), leapt.value));
        at = leapt.end;
      }
    }
    this.#base += chunk.length;
    return items;
  }

  #passOver(byte: number, at: number): void {
    const before = this.#frame.list;
    this.#frame.take(byte, this.#base + at);
    const { list } = this.#frame;
    if (list === null || list === before) return;
    this.lists.push(list);
    this.#index = 0;
  }

  /** @returns the place behind the item under way, -1 when it does not end in this piece */
  #itemEnd(chunk: Uint8Array, start: number): number {
    let at = start;
    if (this.#plain) {
      while (at < chunk.length && PLAIN[chunk[at] as number] === 1) at++;
      return at === chunk.length ? -1 : at;
    }
    for (; at < chunk.length; at++) {
      if (this.#inString) {
        at = this.#stringEnd(chunk, at);
        if (at === chunk.length) return -1;
        if (this.#depth === 0) return at + 1;
        continue;
      }
      while (at < chunk.length && SIGN[chunk[at] as number] === 0) at++;
      if (at === chunk.length) return -1;
      const byte = chunk[at] as number;
      if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN || byte === LIST) this.#depth++;
      else if (--this.#depth === 0) return at + 1;
    }
    return -1;
  }

  /** @returns the place of the quote that ends the text under way, or the length of the piece */
  #stringEnd(chunk: Uint8Array, start: number): number {
    for (let at = start; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) {
        this.#inString = false;
        return at;
      }
    }
    return chunk.length;
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
    const list = this.#frame.list ?? '';
    const index = this.#index++;
    return value === undefined ? { list, index, bytes } : { list, index, bytes, value };
  }
}
