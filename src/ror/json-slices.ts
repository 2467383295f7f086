/**
 * Cuts the raw texts of values out of a JSON text, so that a resource of a Bundle is kept exactly as it was received:
 * a parse and a print would lose 49.20, escapes and spacing. The text must already have passed a JSON parser.
 */
export type Slice = readonly [start: number, end: number];

/** Members of the object that starts at `start`: key → place of its value. The last of a doubled key wins. */
export function objectSlices(text: string, start = 0): ReadonlyMap<string, Slice> {
  const members = new Map<string, Slice>();
  let at = skipSpace(text, skipSpace(text, start) + 1);
  while (text[at] !== '}') {
    const keyEnd = skipString(text, at);
    const key = JSON.parse(text.slice(at, keyEnd)) as string;
    const from = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const to = skipValue(text, from);
    members.set(key, [from, to]);
    at = skipComma(text, to);
  }
  return members;
}

/** Items of the array that starts at `start`. */
export function arraySlices(text: string, start = 0): readonly Slice[] {
  const items: Slice[] = [];
  let at = skipSpace(text, skipSpace(text, start) + 1);
  while (text[at] !== ']') {
    const to = skipValue(text, at);
    items.push([at, to]);
    at = skipComma(text, to);
  }
  return items;
}

function skipComma(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text[at] === ',' ? skipSpace(text, at + 1) : at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  if (at >= text.length) throw new SyntaxError('JSON text ends too early');
  return at;
}

function skipString(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') {
    if (at >= text.length) throw new SyntaxError('JSON string without end');
    at += text[at] === '\\' ? 2 : 1;
  }
  return at + 1;
}

/** End of the value that starts at `from`: brackets are counted outside strings. */
function skipValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return skipString(text, from);
  if (first !== '{' && first !== '[') return endOfScalar(text, from);
  let depth = 0;
  let at = from;
  do {
    const unit = text[at];
    if (unit === undefined) throw new SyntaxError('JSON text ends too early');
    if (unit === '"') {
      at = skipString(text, at);
      continue;
    }
    if (unit === '{' || unit === '[') depth++;
    else if (unit === '}' || unit === ']') depth--;
    at++;
  } while (depth > 0);
  return at;
}

function endOfScalar(text: string, from: number): number {
  let at = from;
  while (at < text.length && !/[\s,\]}]/.test(text[at] ?? '')) at++;
  return at;
}
