import { canonicalText } from '../../domain/json.js';
import { CENTRE_COLUMNS, type CentreColumn } from '../labelled-centres/schema.js';

/** One line that counts, as it is delivered to the reader. */
export interface ValidatedLine {
  /** Name of the PDF, with the page and the line that people see beside the proposal. */
  readonly file: string;
  readonly page: number;
  readonly line: number;
  /** Id of whoever validated it: the lines of two people are two deliveries. */
  readonly by: string;
  readonly cells: Readonly<Partial<Record<CentreColumn, string>>>;
}

export const ORDER_FORMAT = 'filror.validated-order/1';

/** The same lines always give the same bytes. */
export function validatedDelivery(lines: readonly ValidatedLine[]): Buffer {
  const sorted = [...lines].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  return Buffer.from(canonicalText({ format: ORDER_FORMAT, lines: sorted }));
}

/** Every column, empty where the line says nothing. */
export function cellsOf(
  cells: Readonly<Partial<Record<CentreColumn, string>>>,
): Record<CentreColumn, string> {
  const columns = Object.keys(CENTRE_COLUMNS) as CentreColumn[];
  return Object.fromEntries(columns.map((column) => [column, cells[column] ?? ''])) as Record<
    CentreColumn,
    string
  >;
}
