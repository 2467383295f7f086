import { isJsonObject, type Json } from '../../domain/json.js';
import type { EstablishmentPoint } from '../../domain/establishment.js';
import { fromWgs84, inLambert93, toWgs84 } from '../reading/points.js';
import { MAINLAND, MAINLAND_BOXES, OVERSEAS_BOXES, type Box } from './departement-boxes.js';

/** What the four numbers of an address are, told by their size alone. */
export type Coordinates =
  | { readonly kind: 'point'; readonly point: Point }
  | { readonly kind: 'none' }
  | { readonly kind: 'doubtful'; readonly why: string };

type Point = Omit<EstablishmentPoint, 'eg'>;
type Pair = readonly [number, number];

/** Degrees around the bounds: outlines are simplified to about 600 m, and leave out islets and quays. */
const MARGIN = 0.05;

/** Two readings of one address may differ by so many degrees (about 500 metres): they are then two places. */
const SAME_PLACE = 0.005;

/**
 * The names of the four fields say nothing: northing stands in X, longitude in X, and the pair that holds degrees varies
 * by record (measured on the official example and by a public reader of the live flow). Each number is told by its
 * size, whatever its field, in the bounds of the département; every pair that is given must be read, and two readings must
 * agree. Overseas, a pair in a projection of its own is not converted, and says nothing.
 * @param departement INSEE code; '' when it is not known
 */
export function coordinatesOf(fields: Json | undefined, departement: string): Coordinates {
  if (!isJsonObject(fields)) return { kind: 'none' };
  const pairs: Pair[] = [];
  for (const [a, b] of [
    [fields['coordonneeX'], fields['coordonneeY']],
    [fields['directionLongitude'], fields['directionLatitude']],
  ] as const) {
    const pair = pairOf(a, b);
    if (pair === 'unreadable') return doubtful('un nombre est illisible ou seul');
    if (pair !== 'absent') pairs.push(pair);
  }
  const overseas = departement.startsWith('97');
  const told = overseas ? pairs.filter((pair) => !isProjected(pair)) : pairs;
  const [first, second] = told.map((pair) => readingOf(pair, departement, overseas));
  if (first === undefined) return { kind: 'none' };
  if (first === null || second === null) return doubtful('un couple de nombres est hors du département');
  if (second !== undefined && !near(first, second))
    return doubtful('les deux couples de nombres désignent deux endroits');
  return { kind: 'point', point: first };
}

function doubtful(why: string): Coordinates {
  return { kind: 'doubtful', why };
}

/** Nothing, or zeros for nothing; else two numbers. */
function pairOf(a: Json | undefined, b: Json | undefined): Pair | 'absent' | 'unreadable' {
  const [left, right] = [textOf(a), textOf(b)];
  if (left === '' && right === '') return 'absent';
  const pair = [numberOf(left), numberOf(right)] as const;
  if (pair[0] === null || pair[1] === null) return 'unreadable';
  return pair[0] === 0 && pair[1] === 0 ? 'absent' : [pair[0], pair[1]];
}

function readingOf([a, b]: Pair, departement: string, overseas: boolean): Point | null {
  const boxes = boxesOf(departement);
  const [x, y] = a < b ? [a, b] : [b, a];
  if (!overseas && inLambert93(x, y)) {
    const point = { x, y, ...toWgs84(x, y) };
    return isIn(boxes, point.longitude, point.latitude) ? point : null;
  }
  for (const [longitude, latitude] of [
    [a, b],
    [b, a],
  ] as const)
    if (isIn(boxes, longitude, latitude))
      return { ...(overseas ? { x: null, y: null } : fromWgs84(longitude, latitude)), longitude, latitude };
  return null;
}

const WHOLE: readonly Box[] = [MAINLAND];

function boxesOf(departement: string): readonly Box[] {
  if (departement === '') return WHOLE;
  const mainland = MAINLAND_BOXES[departement];
  return mainland === undefined ? (OVERSEAS_BOXES[departement] ?? []) : [mainland];
}

function isIn(boxes: readonly Box[], longitude: number, latitude: number): boolean {
  return boxes.some(
    ([west, east, south, north]) =>
      longitude >= west - MARGIN &&
      longitude <= east + MARGIN &&
      latitude >= south - MARGIN &&
      latitude <= north + MARGIN,
  );
}

function near(a: Point, b: Point): boolean {
  return Math.abs(a.latitude - b.latitude) < SAME_PLACE && Math.abs(a.longitude - b.longitude) < SAME_PLACE;
}

function isProjected([a, b]: Pair): boolean {
  return Math.abs(a) > 1000 && Math.abs(b) > 1000;
}

function textOf(value: Json | undefined): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value.trim();
  return value === undefined || value === null ? '' : '?';
}

/** Texts in the flow (`"6589480.53"`); a decimal comma is accepted. */
function numberOf(text: string): number | null {
  return /^-?[0-9]+(?:[.,][0-9]+)?$/.test(text) ? Number(text.replace(',', '.')) : null;
}
