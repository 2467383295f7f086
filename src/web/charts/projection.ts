import type { LonLat, Ring } from './outlines.js';

/** What may be drawn on, in pixels. */
export interface Sheet {
  readonly width: number;
  readonly tallest: number;
  readonly margin: number;
}

export interface Projection {
  readonly at: (point: LonLat) => readonly [x: number, y: number];
  readonly height: number;
}

/** Plane enough for one region: a degree east is as long as the cosine of the latitude in its middle says. */
export function projection(rings: readonly Ring[], { width, tallest, margin }: Sheet): Projection {
  const longitudes = rings.flatMap((ring) => ring.map(([longitude]) => longitude));
  const latitudes = rings.flatMap((ring) => ring.map(([, latitude]) => latitude));
  const [west, east] = bounds(longitudes);
  const [south, north] = bounds(latitudes);
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = Math.min(
    (width - 2 * margin) / ((east - west) * narrow),
    (tallest - 2 * margin) / (north - south),
  );
  const left = (width - (east - west) * narrow * scale) / 2;
  return {
    at: ([longitude, latitude]) => [
      left + (longitude - west) * narrow * scale,
      margin + (north - latitude) * scale,
    ],
    height: (north - south) * scale + 2 * margin,
  };
}

function bounds(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
}
