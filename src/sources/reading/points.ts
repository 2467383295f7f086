import proj4 from 'proj4';

/** RGF93 / Lambert-93 (EPSG:2154), as the IGN defines it. */
const LAMBERT_93 =
  '+proj=lcc +lat_1=49 +lat_2=44 +lat_0=46.5 +lon_0=3 +x_0=700000 +y_0=6600000 +ellps=GRS80 +towgs84=0,0,0,0,0,0,0 +units=m +no_defs';

const converter = proj4(LAMBERT_93, 'WGS84');

/** Mainland and Corsica with a margin: a swapped pair or degrees fall outside. */
export function inLambert93(x: number, y: number): boolean {
  return x > 0 && x < 1_300_000 && y > 6_000_000 && y < 7_200_000;
}

/** Metres in Lambert 93 to degrees, rounded to 1e-7 (a centimetre) so that the same input gives the same text. */
export function toWgs84(x: number, y: number): { readonly longitude: number; readonly latitude: number } {
  const [longitude = Number.NaN, latitude = Number.NaN] = converter.forward([x, y]);
  return { longitude: round(longitude), latitude: round(latitude) };
}

function round(degrees: number): number {
  return Math.round(degrees * 1e7) / 1e7;
}

/** Degrees to metres in Lambert 93, rounded to a centimetre. */
export function fromWgs84(longitude: number, latitude: number): { readonly x: number; readonly y: number } {
  const [x = Number.NaN, y = Number.NaN] = converter.inverse([longitude, latitude]);
  return { x: Math.round(x * 100) / 100, y: Math.round(y * 100) / 100 };
}
