import { ARCS, DEPARTEMENT_ARCS, GRID, type ArcRing } from './departement-outlines.js';

/** Degrees, longitude first, WGS84. */
export type LonLat = readonly [longitude: number, latitude: number];
export type Ring = readonly LonLat[];

/** Rings of a département of metropolitan France, closed, by INSEE code; null for any other. */
export function outlineOf(departement: string): readonly Ring[] | null {
  const polygons = DEPARTEMENT_ARCS[departement];
  return polygons === undefined ? null : polygons.flat().map(ringOf);
}

/**
 * Whether a point can be in a département: in its outline, or less than this many degrees away. Outlines are simplified
 * to 600 m, and a hospital may stand on a quay.
 */
export function canBeIn(departement: string, [longitude, latitude]: LonLat, slack = 0.03): boolean {
  const rings = outlineOf(departement);
  if (rings === null) return false;
  return [
    [0, 0],
    [slack, 0],
    [-slack, 0],
    [0, slack],
    [0, -slack],
  ].some(([east = 0, north = 0]) => holds(rings, [longitude + east, latitude + north]));
}

/**
 * Where the name of a département stands: the centre of its largest ring; where that is outside (92 is a crescent), the
 * middle of the longest line from west to east that is inside.
 */
export function middleOf(departement: string): LonLat | null {
  const rings = outlineOf(departement);
  if (rings === null) return null;
  const [largest] = rings
    .map((ring) => ({ ring, size: Math.abs(twiceArea(ring)) }))
    .sort((a, b) => b.size - a.size);
  if (largest === undefined) return null;
  const centre = centroid(largest.ring);
  return holds(rings, centre) ? centre : middleOfLongest(largest.ring);
}

/** Lines from west to east that are tried. */
const LINES = 40;

function middleOfLongest(ring: Ring): LonLat {
  const latitudes = ring.map(([, latitude]) => latitude);
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  let best = { length: -1, at: ring[0] ?? ([0, 0] as const) };
  for (let line = 1; line < LINES; line++) {
    const latitude = south + ((north - south) * line) / LINES;
    const crossings = crossingsAt(ring, latitude).sort((a, b) => a - b);
    for (let at = 0; at + 1 < crossings.length; at += 2) {
      const [west = 0, east = 0] = [crossings[at], crossings[at + 1]];
      if (east - west > best.length) best = { length: east - west, at: [(west + east) / 2, latitude] };
    }
  }
  return best.at;
}

/** Longitudes at which a ring crosses a latitude. */
function crossingsAt(ring: Ring, latitude: number): number[] {
  return sides(ring).flatMap(([from, to]) =>
    from[1] > latitude === to[1] > latitude
      ? []
      : [from[0] + ((latitude - from[1]) / (to[1] - from[1])) * (to[0] - from[0])],
  );
}

function ringOf(ring: ArcRing): Ring {
  const points: LonLat[] = [];
  for (const number of ring) {
    const arc = number < 0 ? [...arcOf(~number)].reverse() : arcOf(number);
    // Each arc begins where the one before it ended.
    points.push(...(points.length === 0 ? arc : arc.slice(1)));
  }
  return points;
}

const decoded = new Map<number, Ring>();

function arcOf(number: number): Ring {
  const known = decoded.get(number);
  if (known !== undefined) return known;
  const steps = (ARCS[number] ?? '').split(' ').map(Number);
  const points: LonLat[] = [];
  let [east, north] = [0, 0];
  for (let at = 0; at + 1 < steps.length; at += 2) {
    east += steps[at] ?? 0;
    north += steps[at + 1] ?? 0;
    points.push([GRID.west + east * GRID.stepEast, GRID.south + north * GRID.stepNorth]);
  }
  decoded.set(number, points);
  return points;
}

/** Even and odd crossings of a line to the east: holes and islands come out right. */
function holds(rings: readonly Ring[], [longitude, latitude]: LonLat): boolean {
  const east = rings
    .flatMap((ring) => crossingsAt(ring, latitude))
    .filter((crossing) => longitude < crossing);
  return east.length % 2 === 1;
}

function twiceArea(ring: Ring): number {
  return sides(ring).reduce((all, [[x1, y1], [x2, y2]]) => all + x1 * y2 - x2 * y1, 0);
}

function centroid(ring: Ring): LonLat {
  const area = twiceArea(ring);
  let [x, y] = [0, 0];
  for (const [[x1, y1], [x2, y2]] of sides(ring)) {
    const cross = x1 * y2 - x2 * y1;
    x += (x1 + x2) * cross;
    y += (y1 + y2) * cross;
  }
  return [x / (3 * area), y / (3 * area)];
}

function sides(ring: Ring): (readonly [LonLat, LonLat])[] {
  return ring.slice(1).map((to, at) => [ring[at] as LonLat, to] as const);
}
