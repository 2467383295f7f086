import { DataError } from '../domain/errors.js';
import type { Json, JsonObject } from '../domain/json.js';
import type { ElementKey } from '../domain/offer.js';
import { parseBody, writeBody } from './body.js';
import { assemble, cut, placeOf, type Piece } from './pieces.js';

/** One true edit of one element. An `ElementChange` of a plan is one. */
export interface ElementEdit {
  readonly key: ElementKey;
  readonly path: string;
  readonly operation: 'add' | 'replace' | 'delete';
  /** Value that is there; absent for an addition. */
  readonly before?: Json;
  /** Value wanted; absent for a deletion. */
  readonly after?: Json;
}

/**
 * Applies edits to the text of a resource and gives the new text: what no edit names keeps its value, its numbers as
 * they were written (49.20), and its place. For PUT, for what is served and for comparing with what is read back.
 * @throws DataError `ROR_EDIT_ABSENT`, `ROR_EDIT_PRESENT`, `ROR_EDIT_PLACE`, and those of `parseBody`
 */
export function applyEdits(text: string, edits: readonly ElementEdit[]): string {
  return writeBody(editResource(parseBody(text), edits), text);
}

/** The same on a tree; the tree given is left as it is. */
export function editResource(resource: JsonObject, edits: readonly ElementEdit[]): JsonObject {
  if (edits.length === 0) return resource;
  const pieces: (Piece | null)[] = cut(resource);
  const places = new Map(pieces.map((piece, index) => [piece?.key, index]));
  for (const edit of edits) {
    const index = places.get(edit.key);
    if (edit.operation === 'add') {
      if (index !== undefined) throw misfit('ROR_EDIT_PRESENT', edit, 'existe déjà');
      pieces.push({ key: edit.key, place: placeOf(edit.key), node: wanted(edit) });
    } else if (index === undefined) throw misfit('ROR_EDIT_ABSENT', edit, 'n’existe pas');
    else if (edit.operation === 'delete') pieces[index] = null;
    else pieces[index] = { ...(pieces[index] as Piece), node: wanted(edit) };
  }
  return assemble(
    pieces.filter((piece) => piece !== null),
    resource,
  );
}

function wanted(edit: ElementEdit): Json {
  if (edit.after === undefined) throw new Error(`edit ${edit.operation} of ${edit.key} has no value`);
  return edit.after;
}

function misfit(code: string, edit: ElementEdit, what: string): DataError {
  return new DataError({
    code,
    message: `L’élément ${edit.key} ${what} dans cette ressource.`,
    place: edit.key,
    remedy: 'la ressource a changé depuis la comparaison : relisez-la et recalculez le plan.',
  });
}
