import { describe, expect, it } from 'vitest';
import { departementName } from '../../src/normalise/departements.js';
import { DEPARTEMENT_ARCS } from '../../src/web/charts/departement-outlines.js';
import { canBeIn, middleOf, outlineOf, type LonLat } from '../../src/web/charts/outlines.js';

/** A town of each département of metropolitan France, well inside it: latitude, longitude. */
const TOWNS: Readonly<Record<string, readonly [number, number]>> = {
  '01': [46.2, 5.23],
  '02': [49.56, 3.62],
  '03': [46.57, 3.33],
  '04': [44.09, 6.24],
  '05': [44.56, 6.08],
  '06': [43.71, 7.26],
  '07': [44.74, 4.6],
  '08': [49.77, 4.72],
  '09': [42.97, 1.61],
  '10': [48.3, 4.08],
  '11': [43.21, 2.35],
  '12': [44.35, 2.57],
  '13': [43.53, 5.45],
  '14': [49.18, -0.37],
  '15': [44.93, 2.44],
  '16': [45.65, 0.16],
  '17': [45.74, -0.63],
  '18': [47.08, 2.4],
  '19': [45.27, 1.77],
  '2A': [41.7, 9.12],
  '2B': [42.31, 9.15],
  '21': [47.32, 5.04],
  '22': [48.51, -2.76],
  '23': [46.17, 1.87],
  '24': [45.19, 0.72],
  '25': [47.24, 6.02],
  '26': [44.73, 5.02],
  '27': [49.02, 1.15],
  '28': [48.45, 1.48],
  '29': [48.0, -4.1],
  '30': [43.84, 4.36],
  '31': [43.6, 1.44],
  '32': [43.65, 0.58],
  '33': [44.84, -0.58],
  '34': [43.61, 3.88],
  '35': [48.11, -1.68],
  '36': [46.81, 1.69],
  '37': [47.39, 0.69],
  '38': [45.19, 5.72],
  '39': [46.67, 5.55],
  '40': [43.89, -0.5],
  '41': [47.59, 1.33],
  '42': [45.43, 4.39],
  '43': [45.04, 3.88],
  '44': [47.22, -1.55],
  '45': [47.9, 1.9],
  '46': [44.45, 1.44],
  '47': [44.2, 0.62],
  '48': [44.52, 3.5],
  '49': [47.47, -0.55],
  '50': [49.12, -1.09],
  '51': [48.96, 4.36],
  '52': [48.11, 5.14],
  '53': [48.07, -0.77],
  '54': [48.69, 6.18],
  '55': [48.77, 5.16],
  '56': [47.66, -2.76],
  '57': [49.12, 6.18],
  '58': [46.99, 3.25],
  '59': [50.63, 3.06],
  '60': [49.43, 2.08],
  '61': [48.74, -0.02],
  '62': [50.29, 2.78],
  '63': [45.78, 3.08],
  '64': [43.3, -0.37],
  '65': [43.23, 0.08],
  '66': [42.7, 2.9],
  '67': [48.58, 7.7],
  '68': [48.08, 7.36],
  '69': [45.76, 4.84],
  '70': [47.62, 6.15],
  '71': [46.8, 4.43],
  '72': [48.0, 0.2],
  '73': [45.57, 5.92],
  '74': [45.9, 6.13],
  '75': [48.86, 2.35],
  '76': [49.44, 1.1],
  '77': [48.54, 2.66],
  '78': [48.8, 2.13],
  '79': [46.32, -0.46],
  '80': [49.89, 2.3],
  '81': [43.93, 2.15],
  '82': [44.02, 1.35],
  '83': [43.47, 6.22],
  '84': [44.06, 5.05],
  '85': [46.67, -1.43],
  '86': [46.58, 0.34],
  '87': [45.83, 1.26],
  '88': [48.17, 6.45],
  '89': [47.8, 3.57],
  '90': [47.64, 6.86],
  '91': [48.63, 2.43],
  '92': [48.89, 2.21],
  '93': [48.91, 2.45],
  '94': [48.79, 2.46],
  '95': [49.05, 2.1],
};
const CODES = Object.keys(TOWNS);
const lonLat = (code: string): LonLat => {
  const [latitude, longitude] = TOWNS[code] ?? [0, 0];
  return [longitude, latitude];
};

describe('the outlines', () => {
  it('are those of the 96 départements of metropolitan France, by the codes of INSEE', () => {
    expect(Object.keys(DEPARTEMENT_ARCS).sort()).toEqual([...CODES].sort());
    expect(CODES.filter((code) => departementName(code) === null)).toEqual([]);
  });

  it.each(CODES)('of %s hold the town that is in it', (code) => {
    expect(canBeIn(code, lonLat(code), 0)).toBe(true);
  });

  it('hold no town of another département', () => {
    const wrong = CODES.flatMap((code) =>
      CODES.filter((other) => other !== code && canBeIn(other, lonLat(code), 0)).map(
        (other) => `${code} in ${other}`,
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('are closed, and the name of a département stands in it', () => {
    for (const code of CODES) {
      for (const ring of outlineOf(code) ?? []) {
        expect(ring.length, code).toBeGreaterThan(3);
        expect(ring.at(-1), code).toEqual(ring[0]);
      }
      expect(canBeIn(code, middleOf(code) ?? [0, 0], 0), code).toBe(true);
    }
  });

  it('have none for a département overseas, nor for a code that is none', () => {
    expect(['971', '974', '99', ''].map(outlineOf)).toEqual([null, null, null, null]);
    expect(middleOf('974')).toBeNull();
    expect(canBeIn('974', [55.5, -21.1])).toBe(false);
  });
});
