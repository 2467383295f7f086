import { HttpError } from './http-error.js';
import { redactUrl } from './redact.js';

const [QUOTE, BACKSLASH, COMMA] = [34, 92, 44];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [123, 125, 91, 93];

/**
 * The objects of one long JSON array, one text each, exactly as received, whatever the pieces: of the document itself
 * when it is an array, else of its first-level member. Only one element is held at a time.
 * @throws HttpError `HTTP_NOT_JSON` on anything but an object or an array, `HTTP_CUT` when the document has no end.
 */
export async function* jsonElements(
  text: AsyncIterable<string>,
  member: string,
  url: string,
): AsyncGenerator<string> {
  const slicer = new Slicer(member, url);
  for await (const piece of text) yield* slicer.push(piece);
  slicer.end();
}

class Slicer {
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Depth of the elements' array once inside it, else 0. */
  #arrayDepth = 0;
  /** Last string seen at the first level of an object: a member's name, when a `[` follows. */
  #name: string | null = null;
  #begun = false;
  /** Text of the element under way that earlier pieces held. */
  #held = '';

  constructor(
    private readonly member: string,
    private readonly url: string,
  ) {}

  *push(piece: string): Generator<string> {
    let start = this.#inElement() ? 0 : -1;
    for (let at = 0; at < piece.length; at++) {
      const code = piece.charCodeAt(at);
      if (this.#inString) {
        this.#insideString(code, piece, at);
        continue;
      }
      if (code === QUOTE) {
        this.#refuseScalar();
        this.#inString = true;
        if (this.#depth === 1) this.#name = '';
      } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
        this.#begun = true;
        if (this.#arrayDepth === this.#depth && this.#arrayDepth > 0 && code === OPEN_OBJECT) start = at;
        this.#depth++;
        if (this.#arrayDepth === 0 && code === OPEN_ARRAY && this.#isWanted()) this.#arrayDepth = this.#depth;
      } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
        if (this.#depth === this.#arrayDepth) this.#arrayDepth = 0;
        this.#depth--;
        if (start >= 0 && this.#depth === this.#arrayDepth && this.#arrayDepth > 0) {
          yield this.#held + piece.slice(start, at + 1);
          this.#held = '';
          start = -1;
        }
      } else if (code === COMMA) {
        if (this.#depth === 1) this.#name = null;
      } else if (code > 32) this.#refuseScalar();
    }
    if (start >= 0) this.#held += piece.slice(start);
    if (this.#inElement() !== start >= 0) throw new TypeError('the slicer lost its place');
  }

  end(): void {
    if (this.#begun && this.#depth === 0 && !this.#inString) return;
    throw new HttpError({
      code: 'HTTP_CUT',
      message: 'La réponse JSON s’arrête avant sa fin.',
      remedy: 'relancez plus tard ; si cela se répète, prévenez l’exploitant du serveur.',
      place: redactUrl(this.url),
      transient: true,
      serverFailed: true,
      sent: true,
    });
  }

  #insideString(code: number, piece: string, at: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === BACKSLASH) this.#escaped = true;
    else if (code === QUOTE) {
      this.#inString = false;
      return;
    }
    // Member names are short; a long string at the first level is a value, and nobody asks for its text.
    if (this.#depth === 1 && this.#name !== null && this.#name.length <= this.member.length)
      this.#name += piece[at];
  }

  #isWanted(): boolean {
    return this.#depth === 1 || (this.#depth === 2 && this.#name === this.member);
  }

  #inElement(): boolean {
    return this.#arrayDepth > 0 && this.#depth > this.#arrayDepth;
  }

  #refuseScalar(): void {
    if (this.#begun) return;
    throw new HttpError({
      code: 'HTTP_NOT_JSON',
      message: 'La réponse n’est pas du JSON.',
      remedy: 'vérifiez l’adresse ; si elle est juste, prévenez l’exploitant du serveur.',
      place: redactUrl(this.url),
      sent: true,
    });
  }
}
