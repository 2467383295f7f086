import { orderDrafts, orderLines, orderWaiting, type OrderDraft, type OrderLineRow } from '../db/orders.js';
import type { Db } from '../db/types.js';
import type { PersonId } from '../domain/ids.js';
import { locatorText } from '../domain/locator.js';
import { piecesOf } from '../domain/pieces.js';
import { validatedDelivery, type ValidatedLine } from '../sources/labelling-order/validated.js';

/** The validated lines of every order of a region, as one delivery. */
export interface ValidatedLines {
  readonly fileName: string;
  readonly origin: string;
  readonly bytes: () => AsyncIterable<Uint8Array>;
  /** By place as people read it: "arrete.pdf, page 12, ligne 214". */
  readonly validators: ReadonlyMap<string, PersonId>;
}

/** @returns null as long as no line was ever validated; an undone one leaves a delivery without it */
export async function validatedLines(db: Db, region: string): Promise<ValidatedLines | null> {
  if (!(await orderWaiting(db, region)).decided) return null;
  const drafts = new Map((await orderDrafts(db, region)).map((draft) => [draft.id, draft]));
  const lines = (await orderLines(db, region, null)).flatMap((line) => {
    const draft = drafts.get(line.draft);
    return draft === undefined || line.decided?.kind !== 'validate'
      ? []
      : [validLine(draft, line, line.decided.person)];
  });
  const bytes = validatedDelivery(lines);
  return {
    fileName: 'lignes-validees.json',
    origin: 'lignes d’arrêté validées',
    bytes: () => piecesOf(bytes),
    validators: new Map(
      lines.map(({ file, page, line, by }) => [locatorText({ file, page, line }), by as PersonId]),
    ),
  };
}

/** What a line says once corrected; its campaign is that of the order, its proof the place in it. */
export function cellsSaid(
  draft: Pick<OrderDraft, 'campaign' | 'fileName'>,
  { cells, head, page, decided }: Pick<OrderLineRow, 'cells' | 'head' | 'page' | 'decided'>,
): ValidatedLine['cells'] {
  const said = { ...cells, ...decided?.corrections };
  return { campaign: draft.campaign, evidence: `${draft.fileName}, page ${String(page)}`, head, ...said };
}

function validLine(draft: OrderDraft, line: OrderLineRow, by: PersonId): ValidatedLine {
  return { file: draft.fileName, page: line.page, line: line.line, by, cells: cellsSaid(draft, line) };
}
