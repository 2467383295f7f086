import type { OrderDraft } from '../db/orders.js';
import { counted } from '../domain/counted.js';
import { DataError } from '../domain/errors.js';
import { isPlain, type Proposal } from './order-proposals.js';

/** Lines that one page holds at most: A4 landscape (595 pt high) in rows of 6 pt, smaller than any print that is read. */
export const MAX_TOGETHER = 100;
/** Lines and pages named in a message. */
const NAMED = 20;

/**
 * An order is read again line by line. Several lines are decided in one act only where one look at the PDF is enough:
 * nothing about them is uncertain, nothing is corrected, and they stand on one page of it.
 * @throws DataError `ORDER_DOUBTFUL`, `ORDER_SEVERAL_PAGES`, `ORDER_TOO_MANY`
 */
export function requireTogether(draft: OrderDraft, lines: readonly Proposal[]): void {
  const doubtful = lines.filter((line) => !isPlain(line)).map(({ row }) => row.line);
  if (doubtful.length > 0)
    throw new DataError({
      code: 'ORDER_DOUBTFUL',
      message: `Parmi ces ${counted(lines.length, 'ligne')}, ${counted(doubtful.length, 'est douteuse', 'sont douteuses')} : ${named(doubtful)}. Rien n’est décidé.`,
      place: `${draft.fileName}, ${doubtful.length === 1 ? 'ligne' : 'lignes'} ${named(doubtful)}`,
      remedy:
        'décidez chaque ligne douteuse seule, après l’avoir relue dans le PDF (page « Arrêtés » ; au terminal : filror order show, puis validate ou discard avec cette seule ligne), et les autres ensemble.',
    });
  const pages = [...new Set(lines.map(({ row }) => row.page))].sort((a, b) => a - b);
  const [first = 0] = pages;
  if (pages.length > 1)
    throw new DataError({
      code: 'ORDER_SEVERAL_PAGES',
      message: `Ces ${counted(lines.length, 'ligne')} sont sur ${counted(pages.length, 'page')} du PDF (${named(pages)}) : ne se décident ensemble que celles d’une même page, que vous avez sous les yeux. Rien n’est décidé.`,
      place: `${draft.fileName}, ${rangeText(lines.map(({ row }) => row.line))}`,
      remedy: `décidez page par page : pour la page ${String(first)}, ${rangeText(onPage(lines, first))} (page « Arrêtés » ; au terminal : filror order show --page ${String(first)}).`,
    });
  if (lines.length > MAX_TOGETHER)
    throw new DataError({
      code: 'ORDER_TOO_MANY',
      message: `${counted(lines.length, 'ligne')} en une fois : on en relit ${String(MAX_TOGETHER)} au plus d’un regard. Rien n’est décidé.`,
      place: `${draft.fileName}, page ${String(first)}`,
      remedy: `décidez-les en plusieurs fois (page « Arrêtés » ; au terminal : --lines, ${String(MAX_TOGETHER)} lignes au plus).`,
    });
}

function onPage(lines: readonly Proposal[], page: number): number[] {
  return lines.flatMap(({ row }) => (row.page === page ? [row.line] : []));
}

/** "ligne 214", "lignes 1, 12 à 18". */
export function rangeText(lines: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const line of [...lines].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && line === run[1] + 1) run[1] = line;
    else runs.push([line, line]);
  }
  const texts = runs.map(([first, last]) =>
    last > first ? `${String(first)} à ${String(last)}` : String(first),
  );
  return `${lines.length === 1 ? 'ligne' : 'lignes'} ${named(texts)}`;
}

function named(texts: readonly (number | string)[]): string {
  const others = texts.length - NAMED;
  return `${texts.slice(0, NAMED).join(', ')}${others > 0 ? ` et ${counted(others, 'autre')}` : ''}`;
}
