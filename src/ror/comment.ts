import { isCentreId, type CentreId } from '../domain/ids.js';

/**
 * What our block in an offer's comment says (DESIGN 7 and 10): what no ROR code can say.
 * `title` is written for a CRC only, whose title no code carries.
 */
export interface CommentBlock {
  readonly id: CentreId;
  readonly filiere: string;
  readonly network: string | null;
  readonly label: string;
  readonly campaign: string | null;
  readonly title: string | null;
}

/** A block found in a comment, with its place. `id` is null when it is absent or malformed. */
export interface FoundBlock {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly id: CentreId | null;
}

/** Brackets never nest in a block, so that an unclosed one typed by a person cannot swallow ours. */
const BLOCK = /\[\s*Maladies\s+rares\s*\|[^[\]]*\]/giu;
const CENTRE_ID = /(?<![A-Za-z0-9_])cmr_[a-z2-7]{16}(?![A-Za-z0-9_])/g;
const FIELDS = {
  filiere: 'filière',
  network: 'réseau',
  label: 'label',
  campaign: 'campagne',
  title: 'titre',
} as const;

/** `[ ] |` become `( ) /`; line breaks and runs of spaces become one space. */
export function blockValue(text: string): string {
  return text
    .replaceAll('[', '(')
    .replaceAll(']', ')')
    .replaceAll('|', '/')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/** `[Maladies rares | filière=FIMARAD | réseau=TOXIBUL | label=CCMR | campagne=2023 | id=cmr_…]` */
export function formatBlock(block: CommentBlock): string {
  const parts = (Object.keys(FIELDS) as (keyof typeof FIELDS)[]).flatMap((field) => {
    const value = blockValue(block[field] ?? '');
    return value === '' ? [] : [`${FIELDS[field]}=${value}`];
  });
  return `[${['Maladies rares', ...parts, `id=${block.id}`].join(' | ')}]`;
}

/** Reads one block, also as a person retyped it (spaces, case, Unicode form). @returns null without a right id. */
export function parseBlock(text: string): CommentBlock | null {
  const [, ...parts] = text.trim().slice(1, -1).split('|');
  const values = new Map(
    parts.map((part) => {
      const cut = part.indexOf('=');
      return [
        part.slice(0, Math.max(cut, 0)).trim().normalize('NFC').toLowerCase(),
        part.slice(cut + 1).trim(),
      ];
    }),
  );
  const id = values.get('id') ?? '';
  if (!isCentreId(id)) return null;
  return {
    id,
    filiere: values.get(FIELDS.filiere) ?? '',
    network: values.get(FIELDS.network) ?? null,
    label: values.get(FIELDS.label) ?? '',
    campaign: values.get(FIELDS.campaign) ?? null,
    title: values.get(FIELDS.title) ?? null,
  };
}

/** Every block of a comment, ours or malformed, in order. */
export function findBlocks(comment: string): FoundBlock[] {
  return [...comment.matchAll(BLOCK)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    text: match[0],
    id: parseBlock(match[0])?.id ?? null,
  }));
}

/** Ids of centres anywhere in a comment, in a block or typed by hand: how an offer is recognised after the fact. */
export function findCentreIds(comment: string): CentreId[] {
  return [...new Set(comment.match(CENTRE_ID) ?? [])].filter(isCentreId);
}

/** Puts a centre's block: in the place of its former one, else at the end after a line break. */
export function putBlock(comment: string | null, id: CentreId, text: string): string {
  const former = findBlocks(comment ?? '').find((block) => block.id === id);
  if (comment === null || comment === '') return text;
  if (former === undefined) return `${comment}\n${text}`;
  return comment.slice(0, former.start) + text + comment.slice(former.end);
}

/** Takes a centre's block away with the line break that `putBlock` added. @returns null when nothing is left. */
export function removeBlock(comment: string, id: CentreId): string | null {
  const block = findBlocks(comment).find((found) => found.id === id);
  if (block === undefined) return comment;
  const rest = cutOut(comment, block);
  return rest === '' ? null : rest;
}

/** What people wrote, apart from our blocks. `text` is null when there is nothing but blocks. */
export function splitComment(comment: string): {
  readonly text: string | null;
  readonly blocks: readonly FoundBlock[];
} {
  const blocks: FoundBlock[] = [];
  let rest = comment;
  // Again and again: taking a block away may close the brackets of an unfinished one around it.
  for (;;) {
    const block = findBlocks(rest).find((found) => found.id !== null);
    if (block === undefined) break;
    blocks.push(block);
    rest = cutOut(rest, block);
  }
  return { text: blocks.length > 0 && rest === '' ? null : rest, blocks };
}

/** The reverse of `splitComment`, blocks at the end. */
export function joinComment(text: string | null, blocks: readonly string[]): string | null {
  const lines = text === null || (text === '' && blocks.length > 0) ? [...blocks] : [text, ...blocks];
  return lines.length === 0 ? null : lines.join('\n');
}

function cutOut(comment: string, block: FoundBlock): string {
  const before = comment.slice(0, block.start);
  const after = comment.slice(block.end);
  if (before.endsWith('\n')) return before.slice(0, -1) + after;
  return before === '' && after.startsWith('\n') ? after.slice(1) : before + after;
}
