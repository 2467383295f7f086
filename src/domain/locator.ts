/**
 * Where a value stands in what a source delivered: enough for a person to open the file and see it.
 * `line` counts from 1, as an editor shows it (the header is line 1 of a CSV); in the table of a page it is the row, as
 * the screen shows it.
 */
export interface Locator {
  readonly file: string;
  readonly sheet?: string;
  readonly line?: number;
  readonly page?: number;
  readonly path?: string;
}

/** "centres.csv, ligne 12" */
export function locatorText(locator: Locator): string {
  return [
    locator.file,
    locator.sheet === undefined ? null : `feuille ${locator.sheet}`,
    locator.page === undefined ? null : `page ${locator.page}`,
    locator.line === undefined ? null : `ligne ${locator.line}`,
    locator.path ?? null,
  ]
    .filter((part) => part !== null)
    .join(', ');
}
