import type { Browser } from 'playwright-core';
import type { Filiere } from '../../src/domain/filiere.js';
import { indexFilieres } from '../../src/normalise/filieres.js';
import { readOrder, type OrderReading } from '../../src/sources/labelling-order/order.js';
import { delivery } from '../sources/bytes.js';
import { autotableOrder } from './order-autotable.js';
import { chromiumOrder } from './order-chromium.js';
import { pdfkitOrder } from './order-pdfkit.js';
import type { ExpectedLine, OrderLayout, OrderSpec } from './order-spec.js';

const FILIERES: readonly Filiere[] = ['FIMARAD', 'OSCAR', 'FILNEMUS'].map((code) => ({
  code,
  title: `Maladies d’essai ${code}`,
  spellings: [],
  erns: [],
}));

export const ORDER_INDEX = indexFilieres(FILIERES);

export type Producer = (spec: OrderSpec, layout: OrderLayout) => Promise<Buffer>;

/** Three programs that share no code set the same order. */
export function producers(browser: () => Browser): Readonly<Record<string, Producer>> {
  return {
    pdfkit: pdfkitOrder,
    'jsPDF autotable': (spec, layout) => Promise.resolve(autotableOrder(spec, layout)),
    'Chromium (Skia)': (spec, layout) => chromiumOrder(browser(), spec, layout),
  };
}

export async function orderIn(bytes: Uint8Array | readonly Uint8Array[]): Promise<OrderReading> {
  return await readOrder(delivery(bytes, { fileName: 'essai.csv.pdf' }), ORDER_INDEX);
}

/** What was read, as the specification says it; apostrophes as typed there. */
export function said({ lines }: OrderReading): readonly Partial<ExpectedLine>[] {
  const text = (cell: string | undefined): string => (cell ?? '').replaceAll("'", '’');
  return lines.map(({ cells }) => ({
    filiere: text(cells.filiere),
    title: text(cells.title),
    head: text(cells.head),
    hospital: text(cells.hospital),
    label: text(cells.label),
  }));
}
