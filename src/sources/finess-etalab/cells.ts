/**
 * Cuts one line at `;`. Only cells that hold a quote are quoted, the quote doubled; doubling twice (`""""LES
 * BOURBES""""`, 34 lines of the extract of 2021-01-08) is undone by `neat`.
 */
export function lineCells(line: string): readonly string[] {
  return line.includes('"') ? quotedCells(line) : line.split(';');
}

function quotedCells(line: string): readonly string[] {
  const cells: string[] = [];
  let start = 0;
  while (start <= line.length) {
    const end = line[start] === '"' ? closingQuote(line, start) : -1;
    if (end === -1) {
      const next = line.indexOf(';', start);
      const stop = next === -1 ? line.length : next;
      cells.push(line.slice(start, stop));
      start = stop + 1;
    } else {
      cells.push(line.slice(start + 1, end).replaceAll('""', '"'));
      start = end + 2;
    }
  }
  return cells;
}

/** Place of the quote that closes the cell opened at `start`, or -1: the quote was then a character like another. */
function closingQuote(line: string, start: number): number {
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] !== '"') continue;
    if (line[at + 1] === '"') at++;
    else return at + 1 === line.length || line[at + 1] === ';' ? at : -1;
  }
  return -1;
}

/**
 * True for most cells: ASCII without quote, control, double or outer space. A loop, because a pattern costs 70 ns a call
 * and a line has nine such cells.
 */
export function isPlain(cell: string): boolean {
  let previous = 32;
  for (let i = 0; i < cell.length; i++) {
    const sign = cell.charCodeAt(i);
    if (sign < 32 || sign > 126 || sign === 34 || (sign === 32 && previous === 32)) return false;
    previous = sign;
  }
  return previous !== 32;
}

/** Longest label of a postal line: what is longer was cut by FINESS. */
const LABEL_LENGTH = 26;

/** `14107 LISIEUX CEDEX` is LISIEUX; a label cut at 26 characters may end in CEDE, CED, CE or C. */
export function postalLine(cell: string): { readonly postalCode: string; readonly town: string } {
  const postalCode = cell.slice(0, 5);
  const label = cell.slice(6);
  const cut =
    label.length === LABEL_LENGTH ? / C(?:E(?:D(?:E(?:X(?: [0-9]*)?)?)?)?)?$/ : / CEDEX(?: [0-9]{1,2})?$/;
  return {
    postalCode,
    town:
      label.length === LABEL_LENGTH || label.includes(' CEDEX')
        ? label.replace(cut, '').trim()
        : label.trim(),
  };
}
