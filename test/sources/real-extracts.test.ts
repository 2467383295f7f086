import { describe, expect, it } from 'vitest';
import type { CentreObservation } from '../../src/domain/centre.js';
import type { RowOutcome } from '../../src/domain/rows.js';
import { bamaraDeployment } from '../../src/sources/bamara-deployment/index.js';
import { readAll, type Encoding } from '../../src/sources/contract.js';
import { filieresSource } from '../../src/sources/filieres/index.js';
import { finessEtalab } from '../../src/sources/finess-etalab/index.js';
import { checkGates, isBlocked } from '../../src/sources/gates.js';
import { labelledCentres } from '../../src/sources/labelled-centres/index.js';
import { EstablishmentTally, countCentres, countDeployment } from '../../src/sources/tally.js';
import { shippedGates } from '../support/gates.js';
import { delivery, encoded, hasMaterial, realExtract, shipped } from './bytes.js';

const rules = shippedGates();

async function centres(bytes: Uint8Array): Promise<readonly RowOutcome<CentreObservation>[]> {
  const filieres = await readAll(filieresSource(), delivery(shipped('config/filieres.csv')));
  const known = filieres.flatMap((one) => (one.kind === 'row' ? [one.value] : []));
  return readAll(labelledCentres(known), delivery(bytes));
}

const NORMANDIE = ['14', '27', '50', '61', '76'];

describe.skipIf(!hasMaterial)('the real extracts beside the repository', () => {
  describe('the sixteen rows of Normandie (scenario S2)', () => {
    const file = 'centres-normandie.csv';

    it('give fifteen observations and CEREMAST set aside for its label', async () => {
      const outcomes = await centres(realExtract(file));
      expect(outcomes).toHaveLength(16);
      expect(outcomes.filter((one) => one.kind === 'row')).toHaveLength(15);
      expect(outcomes[15]).toMatchObject({
        kind: 'aside',
        code: 'LABEL_UNKNOWN',
        locator: { line: 17 },
        field: 'label_type',
        value: 'non précisé',
        key: 'ceremast|marih|chu caen normandie',
      });
    });

    it('flag the two FILNEMUS rows, and no other, as one centre on two sites', async () => {
      const outcomes = await centres(realExtract(file));
      const flagged = outcomes.flatMap((one) => (one.kind === 'row' ? (one.flags ?? []) : []));
      expect(flagged.map((flag) => [flag.code, flag.locator.line])).toEqual([
        ['R4', 15],
        ['R4', 16],
      ]);
    });

    it('are three of 2023 and twelve older', async () => {
      const kept = (await centres(realExtract(file))).flatMap((one) =>
        one.kind === 'row' ? [one.value] : [],
      );
      expect(
        kept.filter((one) => one.label.campaign === 2023).map((one) => one.network ?? one.filiere),
      ).toEqual(['MALIBUL', 'TOXIBUL', 'AnDDI-Rares']);
      expect(
        kept.filter((one) => one.label.campaignText === 'avant 2017').map((one) => one.label.campaign),
      ).toEqual([null, null]);
      expect(kept.map((one) => one.label.campaign).filter((year) => year === 2017)).toHaveLength(7);
      expect(kept.map((one) => one.label.campaign)).toEqual(expect.arrayContaining([2014, 2004]));
    });

    it.each<Encoding>(['windows-1252', 'utf-16le'])('give the same in %s', async (encoding) => {
      const bytes = realExtract(file);
      expect(await centres(encoded(bytes.toString('utf8'), encoding))).toEqual(await centres(bytes));
    });

    it('show gate N1 and block nothing', async () => {
      const bytes = realExtract(file);
      const results = checkGates(rules, '28', {
        counts: countCentres(await centres(bytes)),
        bytes: bytes.length,
        form: 'plain, octets',
        kept: 15,
        previous: null,
        completeFor: null,
        contentDate: null,
      });
      expect(results[0]).toMatchObject({ code: 'N1', message: '16 lignes lues sur 117 annoncées (12/2023)' });
      expect(isBlocked(results)).toBe(false);
    });
  });

  it('the 78 national rows: three without establishment, one without level, one centre with two labels', async () => {
    const outcomes = await centres(realExtract('centres-national-extraits.csv'));
    expect(outcomes).toHaveLength(78);
    const aside = outcomes.flatMap((one) => (one.kind === 'aside' ? [[one.code, one.locator.line]] : []));
    expect(aside).toEqual([
      ['ESTABLISHMENT_MISSING', 6],
      ['ESTABLISHMENT_MISSING', 11],
      ['ESTABLISHMENT_MISSING', 13],
      // Robert-Debré is constitutif and compétence of RespiRare, under two heads.
      ['L2', 35],
      ['L2', 40],
      ['LABEL_UNKNOWN', 67],
    ]);
    const townOnly = outcomes.filter(
      (one) => one.kind === 'row' && one.flags?.some((flag) => flag.code === 'L5'),
    );
    expect(townOnly).toHaveLength(23);
    expect(outcomes.some((one) => one.kind === 'row' && one.flags?.some((flag) => flag.code === 'R4'))).toBe(
      false,
    );
  });

  it('the deployment table of 22/05/2025 passes N5 to N7', async () => {
    const bytes = realExtract('bamara-normandie.csv');
    const outcomes = await readAll(bamaraDeployment(), delivery(bytes));
    const counts = countDeployment(outcomes);
    expect(counts).toMatchObject({ rows: 8, setAside: 0, delabelled: ['GHH LE HAVRE'] });
    const results = checkGates(rules, '28', {
      counts,
      bytes: bytes.length,
      form: 'plain, octets',
      kept: counts.rows,
      previous: null,
      completeFor: null,
      contentDate: null,
    });
    expect(results.map((one) => [one.code, one.ok])).toEqual([
      ['N5', true],
      ['N6', true],
      ['N7', true],
    ]);
  });

  it('the national FINESS of 2021-01-08: every key right, and the Norman counts', async () => {
    const bytes = realExtract('finess/finess-national-2021-01-08.csv.gz');
    const tally = new EstablishmentTally(NORMANDIE);
    let numericKeys = 0;
    let wrongSirets = 0;
    for await (const outcome of finessEtalab().read(delivery(bytes))) {
      tally.add(outcome);
      if (outcome.kind !== 'row' || outcome.value.kind !== 'establishment') continue;
      if (/^[0-9]{9}$/.test(outcome.value.establishment.eg)) numericKeys++;
      wrongSirets += outcome.flags?.length ?? 0;
    }
    const counts = tally.counts();
    expect(counts).toMatchObject({ rows: 95_333, setAside: 0, establishments: 95_333 });
    expect(numericKeys).toBe(94_843);
    expect(wrongSirets).toBe(2);
    expect(['14', '27', '50', '61', '76'].map((code) => counts.byDepartement[code])).toEqual([
      1260, 888, 863, 584, 2043,
    ]);
    const { contentDate } = await finessEtalab().inspect(delivery(bytes));
    const results = checkGates(rules, '28', {
      counts,
      bytes: bytes.length,
      form: 'plain, octets',
      kept: counts.rows,
      previous: null,
      completeFor: null,
      contentDate,
    });
    expect(results.map((one) => [one.code, one.ok])).toEqual([
      ['X13', true],
      ['X4', true],
      ['X5', true],
      ['X10', true],
      ['X8', true],
      ['X9', true],
    ]);
    // Counted apart from filror on the same file; X9: Mamers (two sites), Bocquet, and one site in Paris.
    expect(counts.region).toEqual({
      hospitals: 769,
      hospitalEntities: 221,
      withoutSiret: 129,
      entityElsewhere: 62,
      sitesElsewhere: 4,
    });
  });

  it('the Norman hospitals give the same in UTF-8 and latin1, and pass X5', async () => {
    const utf8 = await readAll(finessEtalab(), delivery(realExtract('finess/finess-normandie.csv')));
    const latin1 = await readAll(finessEtalab(), delivery(realExtract('finess/finess-normandie.latin1.csv')));
    expect(latin1).toEqual(utf8);
    const tally = new EstablishmentTally(NORMANDIE);
    for (const outcome of utf8) tally.add(outcome);
    expect(tally.counts()).toMatchObject({ rows: 769, setAside: 0, hospitals: 769 });
    expect(tally.counts().region).toMatchObject({ hospitals: 769, hospitalEntities: 221, withoutSiret: 129 });
    const flers = utf8.find((one) => one.key === '610000119');
    expect(flers).toMatchObject({ value: { establishment: { name: 'CH "JACQUES MONOD" - FLERS' } } });
  });

  it('the Norman points fall in Normandie', async () => {
    const outcomes = await readAll(finessEtalab(), delivery(realExtract('finess/finess-normandie-geo.csv')));
    expect(outcomes).toHaveLength(769);
    for (const outcome of outcomes) {
      if (outcome.kind !== 'row' || outcome.value.kind !== 'point') throw new Error('not a point');
      const { longitude, latitude } = outcome.value.point;
      expect(longitude).toBeGreaterThan(-2);
      expect(longitude).toBeLessThan(2);
      expect(latitude).toBeGreaterThan(48.1);
      expect(latitude).toBeLessThan(50.2);
    }
  });
});
