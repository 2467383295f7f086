import { jsPDF } from 'jspdf';
import { autoTable, type CellInput } from 'jspdf-autotable';
import { ARTICLES, HEADERS, RUNNING_HEAD, type OrderLayout, type OrderSpec } from './order-spec.js';

/** The order set by jsPDF and its table plugin: rows that do not fit go on over the next page, merged cells too. */
export function autotableOrder(spec: OrderSpec, layout: OrderLayout): Buffer {
  const doc = new jsPDF({
    unit: 'pt',
    format: 'a4',
    orientation: layout.landscape ? 'landscape' : 'portrait',
  });
  const { fontSize, padding, widths } = layout;
  doc.setFontSize(fontSize);
  ARTICLES.forEach((text, i) => {
    doc.text(text, 40, 80 + i * 20);
  });
  doc.addPage();
  let y = 70;
  for (const { heading, centres } of spec.filieres) {
    if (y > doc.internal.pageSize.getHeight() - 160) {
      doc.addPage();
      y = 70;
    }
    doc.setFontSize(fontSize).text(heading, 40, y + 10);
    const body = centres.flatMap(({ title, sites }) =>
      sites.map(({ head, hospital, label }, i): CellInput[] => [
        ...(i === 0 ? [{ content: title, rowSpan: sites.length }] : []),
        head,
        hospital,
        label,
      ]),
    );
    autoTable(doc, {
      startY: y + 24,
      margin: { left: 40, top: 70, bottom: 70, right: 5 },
      theme: layout.rules ? 'grid' : 'plain',
      showHead: layout.repeatHeaders ? 'everyPage' : 'firstPage',
      head: [[...HEADERS]],
      body,
      styles: { fontSize, cellPadding: padding, valign: layout.align, font: 'helvetica' },
      columnStyles: Object.fromEntries(widths.map((cellWidth, i) => [i, { cellWidth }])),
    });
    y = (doc as unknown as { lastAutoTable: { finalY: number } }).lastAutoTable.finalY + 20;
  }
  const pages = doc.getNumberOfPages();
  for (let i = 1; layout.running && i <= pages; i++) {
    doc.setPage(i);
    doc.text(RUNNING_HEAD, 40, 30);
    doc.text(`Page ${String(i)}/${String(pages)}`, 40, doc.internal.pageSize.getHeight() - 30);
  }
  return Buffer.from(doc.output('arraybuffer'));
}
