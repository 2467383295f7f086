import { DataError } from '../domain/errors.js';
import { isCentreId } from '../domain/ids.js';
import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import type { ElementKey } from '../domain/offer.js';
import { joinComment, putBlock, removeBlock, splitComment } from './comment.js';
import { valueText } from './equality.js';
import { itemKey, patientPartKey, SINGLE_LISTS } from './keys.js';
import { EXTENSION_URLS } from './urls.js';

/**
 * Where a piece belongs: a whole first-level value, an item of a first-level array, the same inside `meta`, a part of
 * the patient-type extension, a block or the text of the comment.
 */
export type Place =
  | { readonly at: 'value' | 'item' | 'metaValue' | 'metaItem'; readonly name: string }
  | { readonly at: 'patientPart' | 'block' | 'text' };

export interface Piece {
  readonly key: ElementKey;
  readonly place: Place;
  readonly node: Json;
}

/** What the server sets by itself, and the type: never compared, never hashed, kept where they are (DESIGN 5). */
export const UNCOMPARED: ReadonlySet<ElementKey> = new Set([
  'resourceType',
  'id',
  // An empty one, which says nothing.
  'meta',
  'meta.versionId',
  'meta.lastUpdated',
  'extension[creation-date]',
]);

/** Cuts a resource into keyed pieces, in its own order, losing nothing: `assemble` puts them back. */
export function cut(resource: JsonObject): Piece[] {
  const pieces: Piece[] = [];
  for (const [name, value] of Object.entries(resource)) {
    if (name === 'comment' && typeof value === 'string') cutComment(value, pieces);
    else if (name === 'meta' && isJsonObject(value) && Object.keys(value).length > 0) {
      for (const [part, inner] of Object.entries(value)) cutList(value, part, inner, 'meta.', pieces);
    } else cutList(resource, name, value, '', pieces);
  }
  return numbered(pieces);
}

function cutList(owner: JsonObject, name: string, value: Json, prefix: '' | 'meta.', pieces: Piece[]): void {
  const key = `${prefix}${propertyKey(name)}`;
  const inMeta = prefix === 'meta.';
  // A primitive array and its `_sibling` are tied by index: they stay whole.
  if (
    !Array.isArray(value) ||
    value.length === 0 ||
    name.startsWith('_') ||
    owner[`_${name}`] !== undefined
  ) {
    const malformed =
      SINGLE_LISTS.has(name) || name === 'comment' || (name === 'meta' && !isJsonObject(value));
    const whole = !inMeta && malformed ? `${key}!` : key;
    pieces.push({ key: whole, place: { at: inMeta ? 'metaValue' : 'value', name }, node: value });
    return;
  }
  const deeper = !inMeta && name === 'extension' && (value as Json[]).filter(isPatientType).length === 1;
  for (const item of value as Json[]) {
    if (deeper && isPatientType(item)) {
      for (const part of item['extension'] as JsonObject[]) {
        const partKey = `extension[patient-type]${patientPartKey(part)}`;
        pieces.push({ key: partKey, place: { at: 'patientPart' }, node: part });
      }
    } else {
      const place: Place = { at: inMeta ? 'metaItem' : 'item', name };
      pieces.push({ key: itemKey(key, item), place, node: item });
    }
  }
}

function cutComment(comment: string, pieces: Piece[]): void {
  const { text, blocks } = splitComment(comment);
  if (text !== null) pieces.push({ key: 'comment.text', place: { at: 'text' }, node: text });
  for (const block of blocks) {
    pieces.push({ key: `comment[${block.id ?? ''}]`, place: { at: 'block' }, node: block.text });
  }
}

/** Cut one level deeper only when there is one and it has the profile's shape; anything else stays one piece. */
function isPatientType(item: Json): item is JsonObject {
  if (!isJsonObject(item) || item['url'] !== EXTENSION_URLS['patient-type']) return false;
  const parts = item['extension'];
  return (
    Object.keys(item).length === 2 &&
    Array.isArray(parts) &&
    parts.length > 0 &&
    (parts as Json[]).every((part) => isJsonObject(part) && typeof part['url'] === 'string')
  );
}

/** Pieces that share a key are told apart by `~2`, `~3`… in the order of their content, not of their place. */
function numbered(pieces: Piece[]): Piece[] {
  const keys = new Set<ElementKey>();
  for (const piece of pieces) keys.add(piece.key);
  if (keys.size === pieces.length) return pieces;
  const groups = new Map<ElementKey, number[]>();
  pieces.forEach((piece, index) => {
    const group = groups.get(piece.key);
    if (group === undefined) groups.set(piece.key, [index]);
    else group.push(index);
  });
  const result = [...pieces];
  for (const [key, indexes] of groups) {
    if (indexes.length === 1) continue;
    indexes
      .map((index) => ({ index, text: valueText((pieces[index] as Piece).node) }))
      .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.index - b.index))
      .forEach(({ index }, rank) => {
        if (rank > 0) result[index] = { ...(pieces[index] as Piece), key: `${key}~${rank + 1}` };
      });
  }
  return result;
}

/** Key without the number of a duplicate. */
export function baseKey(key: ElementKey): ElementKey {
  return key.replace(/~[0-9]+$/, '');
}

/** Where an element of that key belongs in a resource that lacks it. */
export function placeOf(key: ElementKey): Place {
  const base = baseKey(key);
  if (base === 'comment.text') return { at: 'text' };
  if (base.startsWith('comment[')) return { at: 'block' };
  if (base.startsWith('extension[patient-type].')) return { at: 'patientPart' };
  const inMeta = base.startsWith('meta.');
  const [, written = '', rest = ''] = /^([^[#!]*)(.*)$/s.exec(inMeta ? base.slice(5) : base) ?? [];
  const name = propertyName(written);
  const item =
    rest.startsWith('[') || rest.startsWith('#') || (rest === '' && !inMeta && SINGLE_LISTS.has(name));
  if (inMeta) return { at: item ? 'metaItem' : 'metaValue', name };
  return { at: item ? 'item' : 'value', name };
}

/** Property names are letters in FHIR; any other sign (a hostile name) is written by its UTF-16 number. */
export const propertyKey = (name: string): string =>
  name.replace(/[^\w]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
const propertyName = (key: string): string =>
  key.replace(/%([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/**
 * Puts pieces back into a resource. Properties keep the order of `like`, new ones come last; the comment keeps its
 * bytes outside the blocks that changed. `assemble(cut(r), r)` is `r`.
 */
export function assemble(pieces: readonly Piece[], like: JsonObject): JsonObject {
  const root = new Shelf(Object.keys(like));
  const meta = new Shelf(Object.keys(isJsonObject(like['meta']) ? like['meta'] : {}));
  const patientParts: Json[] = [];
  for (const { key, place, node } of pieces) {
    switch (place.at) {
      case 'value':
        root.put(place.name, node);
        break;
      case 'item':
        root.push(place.name, node, key);
        break;
      case 'metaValue':
        meta.put(place.name, node);
        break;
      case 'metaItem':
        meta.push(place.name, node, key);
        break;
      case 'patientPart':
        if (patientParts.length === 0) {
          root.push('extension', { url: EXTENSION_URLS['patient-type'], extension: patientParts }, key);
        }
        patientParts.push(node);
        break;
      case 'block':
      case 'text':
        break;
    }
  }
  const comment = commentOf(pieces, typeof like['comment'] === 'string' ? like['comment'] : null);
  if (comment !== null) root.put('comment', comment);
  const inMeta = meta.filled();
  if (Object.keys(inMeta).length > 0) root.put('meta', inMeta);
  return root.filled();
}

/** Properties being filled, in the order of a former resource. */
class Shelf {
  readonly #values = new Map<string, Json | undefined>();
  /** Lists made here: only these may grow, a list put whole belongs to the caller. */
  readonly #lists = new Map<string, Json[]>();

  constructor(names: readonly string[]) {
    for (const name of names) this.#values.set(name, undefined);
  }

  put(name: string, value: Json): void {
    this.#values.set(name, value);
  }

  push(name: string, item: Json, key: ElementKey): void {
    const list = this.#lists.get(name);
    const whole = this.#values.get(name);
    if (list !== undefined) list.push(item);
    else if (whole === undefined || (Array.isArray(whole) && whole.length === 0)) {
      const made = [item];
      this.#lists.set(name, made);
      this.#values.set(name, made);
    } else {
      throw new DataError({
        code: 'ROR_EDIT_PLACE',
        message: `L’élément ${key} ne peut pas être ajouté : « ${name} » n’est pas une liste dans cette ressource.`,
        place: key,
        remedy: 'signalez cette ressource mal formée au GRADeS avant de la modifier.',
      });
    }
  }

  filled(): JsonObject {
    const entries = [...this.#values].filter((entry): entry is [string, Json] => entry[1] !== undefined);
    return Object.fromEntries(entries);
  }
}

/** The former comment with only the changed blocks changed; composed anew when its text itself changed. */
function commentOf(pieces: readonly Piece[], former: string | null): string | null {
  const textPiece = pieces.find((piece) => piece.place.at === 'text');
  const text = textPiece === undefined ? null : String(textPiece.node);
  const blocks = pieces.filter((piece) => piece.place.at === 'block');
  const composed = joinComment(
    text,
    blocks.map((piece) => String(piece.node)),
  );
  if (former === null) return composed;
  const kept = new Map(splitComment(former).blocks.map((block) => [String(block.id), block.text]));
  const wanted = new Map(blocks.map((piece) => [idOf(piece), String(piece.node)]));
  let edited: string | null = former;
  for (const id of kept.keys()) {
    if (isCentreId(id) && edited !== null && !wanted.has(id)) edited = removeBlock(edited, id);
  }
  for (const [id, block] of wanted) {
    if (isCentreId(id) && kept.get(id) !== block) edited = putBlock(edited, id, block);
  }
  // Nested or doubled blocks: what the edit gives is not what is wanted, so the comment is composed anew.
  return edited !== null && composed !== null && splitText(edited) === splitText(composed)
    ? edited
    : composed;
}

/** Id in the key `comment[cmr_…]`. */
const idOf = (piece: Piece): string => piece.key.slice('comment['.length, piece.key.indexOf(']'));

function splitText(comment: string): string {
  const { text, blocks } = splitComment(comment);
  return JSON.stringify([text, blocks.map((block) => block.text).sort()]);
}
