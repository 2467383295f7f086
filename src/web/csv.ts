/**
 * A table as a spreadsheet opens it in France: semicolons, CRLF, a byte order mark. A cell that a spreadsheet would take
 * for a formula begins with an apostrophe, so that it is shown and never calculated.
 */
export function csvText(rows: readonly (readonly string[])[]): string {
  return `\uFEFF${rows.map((row) => `${row.map(cell).join(';')}\r\n`).join('')}`;
}

function cell(text: string): string {
  // Leading blanks do not save: spreadsheets skip them before they look for a formula.
  const harmless = /^\s*[=+\-@|%]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[";\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
