const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const LIST = 0x5b;
const END = 0x5d;

/** What the outermost value turned out to be. */
type Mode = 'outside' | 'object' | 'array' | 'bundle';

/** Bytes of one record; a resource of the ROR is a few kilobytes. */
const MAX_RECORD = 8 * 1024 * 1024;

/**
 * Cuts the resources out of a stream of JSON bytes, whatever the pieces it comes in: the entries of a Bundle, the items
 * of an array, or objects one after the other (the ROR says "plain JSON" and no more of its export files). Only the
 * record under way is held. Bytes are enough: no byte of a character beyond ASCII looks like a sign of JSON.
 */
export class RecordSlicer {
  #mode: Mode = 'outside';
  #depth = 0;
  #inString = false;
  #escaped = false;
  #values = 0;
  /** Bytes of the last string at a level whose keys matter; null elsewhere. */
  #string: number[] | null = null;
  #key = '';
  /** Depth of the objects inside `entry`: 3 in its list, 2 when a server gave one entry for the list. */
  #entryDepth = 0;
  /** Depth at which the record under way closes, or -1. */
  #closesAt = -1;
  #pieces: Uint8Array[] = [];
  #held = 0;

  /** @returns the records that end in this piece. @throws RangeError on a record beyond 8 MiB. */
  push(chunk: Uint8Array): Uint8Array[] {
    const records: Uint8Array[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#inString) {
        this.#insideString(byte);
        continue;
      }
      switch (byte) {
        case QUOTE:
          this.#inString = true;
          this.#string = this.#keysMatter() ? [] : null;
          break;
        case COLON:
          if (this.#keysMatter() && this.#string !== null) this.#key = String.fromCharCode(...this.#string);
          break;
        case OPEN:
        case LIST:
          this.#depth++;
          if (this.#opens(byte)) from = at;
          break;
        case CLOSE:
        case END:
          this.#depth--;
          if (this.#depth === this.#closesAt) {
            records.push(this.#taken(chunk.subarray(from, at + 1)));
          }
          if (this.#depth === 0) {
            this.#values++;
            this.#mode = 'outside';
          }
          break;
      }
    }
    if (this.#closesAt >= 0) this.#hold(chunk.subarray(from));
    return records;
  }

  /** Whether the stream ended where a JSON text may end. */
  get complete(): boolean {
    return this.#depth === 0 && !this.#inString && this.#values > 0;
  }

  #insideString(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) {
      this.#inString = false;
      return;
    }
    // Longer than any key that matters: not worth holding.
    if (this.#string !== null && this.#string.length < 32) this.#string.push(byte);
  }

  #keysMatter(): boolean {
    return (
      (this.#mode === 'object' && this.#depth === 1) ||
      (this.#mode === 'bundle' && (this.#depth === this.#entryDepth || this.#depth === 1))
    );
  }

  /** @returns true when a record begins with this bracket. */
  #opens(byte: number): boolean {
    if (this.#depth === 1) {
      this.#mode = byte === OPEN ? 'object' : 'array';
      // An object may be a resource or a Bundle: it is held until a key `entry` says which.
      return byte === OPEN && this.#begins();
    }
    if (this.#mode === 'object' && this.#depth === 2 && this.#key === 'entry') {
      this.#mode = 'bundle';
      this.#entryDepth = byte === LIST ? 3 : 2;
      this.#key = '';
      this.#drop();
      return false;
    }
    if (byte !== OPEN || this.#closesAt >= 0) return false;
    if (this.#mode === 'array' && this.#depth === 2) return this.#begins();
    const inEntry = this.#mode === 'bundle' && this.#depth === this.#entryDepth + 1;
    return inEntry && this.#key === 'resource' && this.#begins();
  }

  #begins(): true {
    this.#closesAt = this.#depth - 1;
    return true;
  }

  #hold(bytes: Uint8Array): void {
    this.#held += bytes.length;
    if (this.#held > MAX_RECORD) throw new RangeError('record too long');
    this.#pieces.push(bytes.slice());
  }

  #taken(last: Uint8Array): Uint8Array {
    const record = Buffer.concat([...this.#pieces, last]);
    this.#drop();
    return record;
  }

  #drop(): void {
    this.#closesAt = -1;
    this.#pieces = [];
    this.#held = 0;
  }
}
