import { isJsonObject, type Json } from '../../domain/json.js';
import type { EstablishmentPoint } from '../../domain/establishment.js';
import { fromWgs84, inLambert93, toWgs84 } from '../reading/points.js';

/** What the four numbers of an address are, told by their size alone. */
export type Coordinates =
  | { readonly kind: 'point'; readonly point: Omit<EstablishmentPoint, 'eg'> }
  | { readonly kind: 'none' }
  | { readonly kind: 'doubtful'; readonly why: string };

interface Box {
  readonly latitude: readonly [number, number];
  readonly longitude: readonly [number, number];
}

/** Degrees, with a margin of about twenty kilometres; '' is the mainland with Corsica. */
const BOXES: Readonly<Record<string, Box>> = {
  '': { latitude: [41, 52], longitude: [-6, 10] },
  '971': { latitude: [15.6, 16.7], longitude: [-62, -60.8] },
  '972': { latitude: [14.2, 15.1], longitude: [-61.4, -60.6] },
  '973': { latitude: [1.9, 6], longitude: [-54.9, -51.4] },
  '974': { latitude: [-21.6, -20.7], longitude: [55, 56] },
  '975': { latitude: [46.6, 47.3], longitude: [-56.6, -56] },
  '976': { latitude: [-13.2, -12.5], longitude: [44.8, 45.5] },
  '977': { latitude: [17.7, 18.1], longitude: [-63.1, -62.6] },
  '978': { latitude: [17.9, 18.3], longitude: [-63.3, -62.8] },
};

/** Two readings of one address may differ by so many degrees (about 500 metres): they are then two places. */
const SAME_PLACE = 0.005;

/**
 * The names of the four fields say nothing: northing stands in X, longitude in X, and the pair that holds degrees varies
 * by record (measured on the official example and by a public reader of the live flow). Each number is told by its
 * size, whatever its field; two readings must agree.
 * @param departement INSEE code
 */
export function coordinatesOf(fields: Json | undefined, departement: string): Coordinates {
  if (!isJsonObject(fields)) return { kind: 'none' };
  const pairs = [
    [fields['coordonneeX'], fields['coordonneeY']],
    [fields['directionLongitude'], fields['directionLatitude']],
  ].flatMap(([a, b]) => {
    const pair = [numberOf(a), numberOf(b)] as const;
    return pair[0] === null || pair[1] === null || (pair[0] === 0 && pair[1] === 0)
      ? []
      : [[pair[0], pair[1]] as const];
  });
  if (pairs.length === 0) return { kind: 'none' };
  const read = pairs.flatMap((pair) => readingOf(pair, departement) ?? []);
  const [first, second] = read;
  // Overseas, the other pair is in a projection of its own, which is not converted.
  if (first === undefined) {
    if (departement.startsWith('97') && pairs.every(isProjected)) return { kind: 'none' };
    return { kind: 'doubtful', why: 'aucune lecture ne les place dans le département' };
  }
  if (second !== undefined && !near(first, second))
    return { kind: 'doubtful', why: 'les deux couples de nombres désignent deux endroits' };
  return { kind: 'point', point: read.find((point) => point.x !== null) ?? first };
}

type Point = Omit<EstablishmentPoint, 'eg'>;

function readingOf([a, b]: readonly [number, number], departement: string): Point | null {
  const overseas = departement.startsWith('97');
  if (!overseas) {
    const [x, y] = a < b ? [a, b] : [b, a];
    if (inLambert93(x, y)) return { x, y, ...toWgs84(x, y) };
  }
  const box = BOXES[overseas ? departement : ''];
  if (box === undefined) return null;
  for (const [longitude, latitude] of [
    [a, b],
    [b, a],
  ] as const)
    if (within(latitude, box.latitude) && within(longitude, box.longitude))
      return { ...(overseas ? { x: null, y: null } : fromWgs84(longitude, latitude)), longitude, latitude };
  return null;
}

function near(a: Point, b: Point): boolean {
  return Math.abs(a.latitude - b.latitude) < SAME_PLACE && Math.abs(a.longitude - b.longitude) < SAME_PLACE;
}

function isProjected([a, b]: readonly [number, number]): boolean {
  return Math.abs(a) > 1000 && Math.abs(b) > 1000;
}

function within(value: number, [low, high]: readonly [number, number]): boolean {
  return value >= low && value <= high;
}

/** Texts in the flow (`"6589480.53"`); a decimal comma is accepted. */
function numberOf(value: Json | undefined): number | null {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  if (!/^-?[0-9]+(?:[.,][0-9]+)?$/.test(text)) return null;
  return Number(text.replace(',', '.'));
}
