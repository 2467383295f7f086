import type { OrderDraft, OrderProgress } from '../db/orders.js';
import { counted } from '../domain/counted.js';
import { frenchDay, parisDay } from '../domain/time.js';
import { isPlain, type Proposal } from '../runs/order-proposals.js';
import type { ReadDraft } from '../runs/orders.js';

/** What an order gave, the sentence first; its lines too when nothing of it is kept. */
export function draftText({ draft, lines, known }: ReadDraft, shown: 'head' | 'lines'): string {
  const decided = lines.filter(({ row }) => row.decided !== null).length;
  const doubtful = lines.filter((line) => !isPlain(line)).length;
  return `${[
    ...headLines(draft, { lines: lines.length, decided }, known ? '' : ' (nouveau)'),
    `    ${counted(doubtful, 'ligne à regarder de près', 'lignes à regarder de près')}`,
    ...pageLines(draft),
    ...(shown === 'lines' ? ['', linesText(lines)] : [nextLine(draft)]),
  ].join('\n')}\n`;
}

/** One order of those of a region, counted without reading its lines. */
export function listedText(draft: OrderDraft, progress: OrderProgress): string {
  return `${[...headLines(draft, progress, ''), ...pageLines(draft), nextLine(draft)].join('\n')}\n`;
}

function headLines(
  { id, fileName, campaign, pages, readAt }: OrderDraft,
  { lines, decided }: Pick<OrderProgress, 'lines' | 'decided'>,
  mark: string,
): string[] {
  return [
    `Arrêté ${id} (essai) : ${counted(lines, 'ligne proposée', 'lignes proposées')} en ${counted(pages, 'page')}, ${counted(decided, 'relue')} sur ${String(lines)}. Rien n’en compte avant d’être validé.`,
    `    ${fileName}, campagne ${campaign}, lu le ${parisDay(readAt)}${mark}`,
  ];
}

function pageLines({ textless, outside }: OrderDraft): string[] {
  const pages = (title: string, numbers: readonly number[]): string[] =>
    numbers.length === 0 ? [] : [`    ${title} : ${numbers.join(', ')}`];
  return [
    ...pages('pages sans texte (image ou page blanche), dont rien n’est lu', textless),
    ...pages('pages sans ligne de tableau', outside),
  ];
}

function nextLine({ id }: OrderDraft): string {
  return `    Ensuite : filror order show ${id.slice(0, 4)} --todo`;
}

/** One proposal a paragraph: its page and line, what it says, what to look at. */
export function linesText(lines: readonly Proposal[]): string {
  return lines.map(lineText).join('\n');
}

function lineText({ row, cells, faults, doubts }: Proposal): string {
  const said = [cells.label, cells.title, cells.network, cells.hospital, cells.town, cells.head];
  return [
    `${stateSign(row)} page ${String(row.page)}, ligne ${String(row.line)} : ${[cells.filiere, ...said].filter((text) => text !== undefined && text !== '').join(' | ') || '(rien de reconnu)'}`,
    ...(row.other === '' ? [] : [`      autre texte : ${row.other}`]),
    ...doubts.map((doubt) => `      ? ${doubt}`),
    ...(row.decided === null
      ? faults.map(({ message, remedy }) => `      ! ${message} Que faire : ${remedy}`)
      : []),
    ...(row.decided === null ? [] : [`      ${decidedText(row.decided)}`]),
  ].join('\n');
}

function stateSign({ decided }: Proposal['row']): string {
  return decided === null ? '·' : decided.kind === 'validate' ? '+' : '−';
}

function decidedText({ kind, at, corrections, reason }: NonNullable<Proposal['row']['decided']>): string {
  const day = frenchDay(at.toISOString().slice(0, 10));
  if (kind === 'discard') return `écartée le ${day}, raison : ${reason ?? ''}`;
  return `validée le ${day}${Object.keys(corrections).length === 0 ? '' : ', corrigée'}`;
}
