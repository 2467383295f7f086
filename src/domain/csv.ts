/**
 * A table as a spreadsheet opens it in France: semicolons, CRLF, a byte order mark; quoted as RFC 4180 says. A cell that
 * a spreadsheet would take for a formula begins with an apostrophe, so that it is shown and never calculated. A number
 * given as a number is none of that: it is written as it is, with a point.
 */
export function csvText(rows: readonly (readonly (string | number)[])[]): string {
  return `\uFEFF${rows.map((row) => `${row.map(cell).join(';')}\r\n`).join('')}`;
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  // Leading blanks do not save: spreadsheets skip them before they look for a formula.
  const harmless = /^\s*[=+\-@|%]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[";\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
