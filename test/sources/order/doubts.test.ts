import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pdfkitGrid, type GridCell } from '../../support/order-grid.js';
import { orderIn } from '../../support/order-pdf.js';

const HEADERS = ['Intitulé du centre', 'Responsable', 'Établissement', 'Label'];
const LABELS = ['Coordonnateur', 'Constitutif', 'Centre de compétences', ''] as const;

/** A row: the name of its centre, or that of the row above; its label may be missing. */
const ROW = fc.record({
  merged: fc.boolean(),
  label: fc.constantFrom(...LABELS),
  long: fc.boolean(),
});

const LAYOUT = fc.record({
  align: fc.constantFrom('top' as const, 'middle' as const),
  padding: fc.integer({ min: 2, max: 6 }),
  /** Rows on the first page. */
  cut: fc.integer({ min: 1, max: 6 }),
  repeated: fc.boolean(),
});

describe('a table with merged names, missing labels and a page break', () => {
  it('gives no line without a doubt that the document does not say', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(ROW, { minLength: 1, maxLength: 9 }), LAYOUT, async (rows, layout) => {
        const { align, padding, cut, repeated } = layout;
        let title = '';
        const said = rows.map(({ merged, label, long }, i) => {
          const no = String(i + 1);
          // A name that is merged stands again at the top of a page.
          const own = i === 0 || i === cut || !merged;
          if (i === 0 || !merged)
            title = `Centre d’essai ${no}${long ? ' des maladies rares d’essai et de leurs formes' : ''}`;
          return { own, cells: [title, `Dr Essai ${no}`, `Hôpital d’essai ${no}`, label] };
        });
        const set = said.map(({ own, cells }): GridCell[] => [
          own ? (cells[0] ?? '') : null,
          ...cells.slice(1),
        ]);
        const widths = [160, 110, 140, 110];
        const bare = { widths, align, padding };
        const table = { ...bare, headers: HEADERS };
        const pages = [{ tables: [{ ...table, heading: 'Filière OSCAR', rows: set.slice(0, cut) }] }];
        if (set.length > cut)
          pages.push({ tables: [{ ...(repeated ? table : bare), rows: set.slice(cut) }] } as never);
        const { lines } = await orderIn(await pdfkitGrid({ pages }));
        const expected = said.map(({ cells }) => cells);
        for (const { cells, doubts } of lines) {
          if (doubts.length > 0 || cells.label === undefined) continue;
          expect(expected).toContainEqual([cells.title, cells.head, cells.hospital, cells.label]);
          expect(cells.filiere).toBe('OSCAR');
        }
      }),
      { numRuns: 12 },
    );
  });
});
