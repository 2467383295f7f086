import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { coordinatesOf } from '../../src/sources/finess-structures/coordinates.js';
import { MAINLAND_BOXES } from '../../src/sources/finess-structures/departement-boxes.js';
import { DEPARTEMENT_ARCS } from '../../src/web/charts/departement-outlines.js';
import { outlineOf } from '../../src/web/charts/outlines.js';
import { besideRepository } from '../support/finess-file.js';

const extract = besideRepository('data/finess/finess-normandie-geo.csv');

describe('coordinates of FINESS+', () => {
  const of = (x: string, y: string, latitude?: string, longitude?: string): JsonObject => ({
    coordonneeX: x,
    coordonneeY: y,
    ...(latitude === undefined ? {} : { directionLatitude: latitude }),
    ...(longitude === undefined ? {} : { directionLongitude: longitude }),
  });

  it.each([
    ['northing first, with degrees', of('6600000', '700000', '46.5', '3')],
    ['easting first', of('700000', '6600000')],
    ['degrees in X and Y', of('3', '46.5')],
    ['degrees in X and Y, the other way', of('46.5', '3')],
    ['degrees swapped between their names', of('700000,00', '6600000,00', '3', '46.5')],
    ['zeros beside degrees', of('0', '0', '46.5', '3')],
    ['nothing beside degrees', of('', '', '46.5', '3')],
  ])('are told by their size: %s', (_, fields) => {
    const found = coordinatesOf(fields, '03');
    expect(found).toMatchObject({ kind: 'point', point: { longitude: 3, latitude: 46.5 } });
    if (found.kind === 'point') expect([found.point.x, found.point.y]).toEqual([700000, 6600000]);
  });

  it.each([
    ['two places of one département', of('6600000', '700000', '46.6', '3'), '03'],
    ['two places', of('6600000', '700000', '48.5', '3'), '03'],
    ['a place at sea', of('12', '13'), '14'],
    ['another département overseas', of('55.45', '-20.88'), '971'],
    // Rouen in metres (561,000, 6,928,000) beside Basse-Terre in degrees.
    ['Rouen beside Guadeloupe', of('6928000', '561000', '16.2', '-61.5'), '76'],
    ['Rouen beside Guadeloupe, for Guadeloupe', of('1.09', '49.44', '16.2', '-61.5'), '971'],
    ['Marseille for Seine-Maritime', of('5.37', '43.3'), '76'],
    ['London for Seine-Maritime', of('-0.13', '51.5'), '76'],
    ['London in metres for Seine-Maritime', of('7170000', '485000'), '76'],
    ['a second pair that is no number', of('6928000', '561000', 'nord', 'est'), '76'],
    ['half of a second pair', of('6928000', '561000', '49.44'), '76'],
    ['one number alone', of('', '561000'), '76'],
    ['no number', of('', 'abc'), '14'],
    ['lists', { coordonneeX: ['1'], coordonneeY: {} }, '14'],
  ])('are doubtful: %s', (_, fields, departement) => {
    expect(coordinatesOf(fields, departement).kind).toBe('doubtful');
  });

  it('are read for communes that left their département', () => {
    // Gustavia, written under 971.
    expect(coordinatesOf(of('-62.85', '17.9'), '971')).toMatchObject({
      kind: 'point',
      point: { x: null, longitude: -62.85, latitude: 17.9 },
    });
  });

  it('are read in the whole of the mainland where no département is known', () => {
    expect(coordinatesOf(of('5.37', '43.3'), '').kind).toBe('point');
    expect(coordinatesOf(of('-0.13', '54'), '').kind).toBe('doubtful');
  });

  it('are none where there is nothing to read, or a projection of overseas', () => {
    expect(coordinatesOf(undefined, '14').kind).toBe('none');
    expect(coordinatesOf(of('', ' '), '14').kind).toBe('none');
    expect(coordinatesOf(of('0', '0.0'), '14').kind).toBe('none');
    expect(coordinatesOf(of('338000', '7690000'), '974').kind).toBe('none');
  });
});

describe('bounds of the départements', () => {
  it('are those of the outlines of the map, rounded outwards to a hundredth of a degree', () => {
    expect(Object.keys(MAINLAND_BOXES).sort()).toEqual(Object.keys(DEPARTEMENT_ARCS).sort());
    for (const [code, [west, east, south, north]] of Object.entries(MAINLAND_BOXES)) {
      const corners = (outlineOf(code) ?? []).flat();
      const [longitudes, latitudes] = [corners.map(([at]) => at), corners.map(([, at]) => at)];
      for (const [box, real] of [
        [west, Math.min(...longitudes)],
        [-east, -Math.max(...longitudes)],
        [south, Math.min(...latitudes)],
        [-north, -Math.max(...latitudes)],
      ] as const) {
        expect(box).toBeLessThanOrEqual(real);
        expect(real - box).toBeLessThan(0.0101);
      }
    }
  });

  it.skipIf(extract === null)('hold every point that the register gives in Normandy', () => {
    const lines = readFileSync(extract ?? '', 'utf8').split('\n');
    const points = lines.flatMap((line) => {
      const [type, eg = '', x = '', y = ''] = line.split(';');
      return type === 'geolocalisation' ? [{ departement: eg.slice(0, 2), x, y }] : [];
    });
    expect(points.length).toBe(769);
    const outside = points.filter(
      ({ departement, x, y }) =>
        coordinatesOf({ coordonneeX: y, coordonneeY: x }, departement).kind !== 'point',
    );
    expect(outside).toEqual([]);
  });
});
