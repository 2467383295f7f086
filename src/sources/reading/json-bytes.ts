/** Bytes that make the form of a JSON text; no byte of a character beyond ASCII looks like one of them. */
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COLON = 0x3a;
export const COMMA = 0x2c;
export const OPEN = 0x7b;
export const CLOSE = 0x7d;
export const LIST = 0x5b;
export const END = 0x5d;

export const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** 1 for the bytes of a number or of a word (`true`): all but spaces and those above. What is none is seen at its end. */
export const PLAIN = new Uint8Array(256).fill(1);
for (const byte of [...SPACES, QUOTE, COLON, COMMA, OPEN, CLOSE, LIST, END]) PLAIN[byte] = 0;
