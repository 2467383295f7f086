import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { gateRulesSchema } from '../../src/config/schema/gates.js';
import type {
  CentreCounts,
  DeploymentCounts,
  EstablishmentCounts,
  GateResult,
  GatedDelivery,
} from '../../src/domain/gates.js';
import { checkGates, isBlocked } from '../../src/sources/gates.js';
import { shipped } from './bytes.js';

const rules = gateRulesSchema.parse(parse(shipped('config/gates.yaml').toString('utf8')));

const sixteen: CentreCounts = {
  kind: 'centres',
  rows: 16,
  setAside: 1,
  filieres: [
    'AnDDI-Rares',
    'CARDIOGEN',
    'FILNEMUS',
    'FIMARAD',
    'FilSLAN',
    'MHEMO',
    'MUCO-CFTR',
    'MaRIH',
    'RespiFIL',
  ],
  byLabel: { 'CRMR coordonnateur': 1, 'CRMR constitutif': 2, CRC: 4, CCMR: 8 },
  crcFilieres: ['FilSLAN', 'MHEMO', 'MUCO-CFTR'],
};
const all: CentreCounts = {
  ...sixteen,
  rows: 117,
  setAside: 0,
  filieres: Array.from({ length: 23 }, (_, i) => `F${String(i)}`),
  byLabel: { 'CRMR coordonnateur': 1, 'CRMR constitutif': 13, CRC: 5, CCMR: 98 },
};
const table: DeploymentCounts = {
  kind: 'deployment',
  rows: 8,
  setAside: 0,
  delabelled: ['Hôpital d’essai'],
  bamaraSigned: 8,
  bndmrSigned: 8,
  deployed: 5,
  unstated: 2,
};
const normandie = { '14': 1260, '27': 888, '50': 863, '61': 584, '76': 2043 };
const register: EstablishmentCounts = {
  kind: 'establishments',
  rows: 5638,
  setAside: 0,
  establishments: 5638,
  byDepartement: normandie,
  hospitals: 769,
  hospitalEntities: 221,
};

function check(
  counts: GatedDelivery['counts'],
  changes: Partial<GatedDelivery> = {},
  region = '28',
): readonly GateResult[] {
  return checkGates(rules, region, {
    counts,
    bytes: 4000,
    previous: null,
    completeFor: null,
    contentDate: null,
    activeInDelabelled: null,
    ...changes,
  });
}
const gate = (results: readonly GateResult[], code: string): GateResult | undefined =>
  results.find((one) => one.code === code);

describe('gates on a list of centres', () => {
  it('N1: says how far the sixteen rows are from the total announced, and only alerts', () => {
    const results = check(sixteen);
    expect(gate(results, 'N1')).toEqual({
      code: 'N1',
      level: 'A',
      ok: false,
      expected: 117,
      found: 16,
      message: '16 lignes lues sur 117 annoncées (12/2023)',
    });
    expect(results.map((one) => [one.code, one.ok])).toEqual([
      ['N1', false],
      ['N2', false],
      ['N3', false],
      ['N4', false],
    ]);
    expect(isBlocked(results)).toBe(false);
  });

  it('hold on a list that has everything announced', () => {
    const results = check(all, { completeFor: 2023 });
    expect(results.map((one) => [one.code, one.level, one.ok])).toEqual([
      ['N1', 'B', true],
      ['N2', 'B', true],
      ['N3', 'B', true],
      ['N4', 'B', true],
    ]);
    expect(isBlocked(results)).toBe(false);
  });

  it('block a source that says it is complete for that campaign, not for another', () => {
    expect(isBlocked(check(sixteen, { completeFor: 2023 }))).toBe(true);
    expect(isBlocked(check(sixteen, { completeFor: 2017 }))).toBe(false);
  });

  it('N4: sees a CRC outside its filières', () => {
    expect(gate(check({ ...all, crcFilieres: ['MHEMO', 'OSCAR'] }), 'N4')?.ok).toBe(false);
  });

  it('have nothing to say of a region without announced totals', () => {
    expect(check(sixteen, {}, '53')).toEqual([]);
  });
});

describe('gates on shrinkage', () => {
  it.each([
    [90, true],
    [89, false],
  ])('X15: %i rows of 100 pass: %s', (rows, ok) => {
    const results = check({ ...sixteen, rows }, { previous: { rows: 100, bytes: 4000 } });
    expect(gate(results, 'X15')).toMatchObject({ level: 'B', ok, expected: 100, found: rows });
    expect(isBlocked(results)).toBe(!ok);
  });

  it.each([
    [2000, true],
    [1999, false],
  ])('%i bytes of 4000 pass: %s', (bytes, ok) => {
    const results = check(sixteen, { bytes, previous: { rows: 16, bytes: 4000 } });
    expect(gate(results, 'SRC_HALF_SIZE')).toMatchObject({ level: 'B', ok });
    expect(isBlocked(results)).toBe(!ok);
  });

  it('the deployment table cut to four rows stops the run', () => {
    expect(isBlocked(check({ ...table, rows: 4 }, { bytes: 400, previous: { rows: 8, bytes: 738 } }))).toBe(
      true,
    );
  });

  it('have nothing to say of a first delivery', () => {
    expect(check(sixteen).some((one) => one.code === 'X15' || one.code === 'SRC_HALF_SIZE')).toBe(false);
  });
});

describe('gates on the deployment table', () => {
  it('hold on the table of 22/05/2025', () => {
    expect(check(table).map((one) => [one.code, one.level, one.ok])).toEqual([
      ['N5', 'A', true],
      ['N6', 'A', true],
      ['N7', 'A', true],
    ]);
  });

  it('N8: alert, and never block, on an active centre in a hospital said délabellisé', () => {
    const results = check(table, { activeInDelabelled: 1 });
    expect(gate(results, 'N8')).toMatchObject({ level: 'A', ok: false, found: 1 });
    expect(gate(results, 'N8')?.message).toContain('Hôpital d’essai');
    expect(isBlocked(results)).toBe(false);
    expect(gate(check(table, { activeInDelabelled: 0 }), 'N8')?.ok).toBe(true);
  });
});

describe('gates on FINESS', () => {
  it('X4: hold within ten per cent of each département', () => {
    expect(gate(check(register), 'X4')).toMatchObject({ level: 'A', ok: true });
    // 1260 less 10 % is 1134.
    expect(gate(check({ ...register, byDepartement: { ...normandie, '14': 1134 } }), 'X4')?.ok).toBe(true);
    expect(gate(check({ ...register, byDepartement: { ...normandie, '14': 1133 } }), 'X4')?.ok).toBe(false);
  });

  it('X5: take a file of hospitals only for what it is', () => {
    const hospitals = {
      ...register,
      establishments: 769,
      byDepartement: { '14': 165, '27': 114, '50': 137, '61': 88, '76': 265 },
    };
    expect(check(hospitals).map((one) => [one.code, one.ok])).toEqual([['X5', true]]);
    expect(check({ ...hospitals, hospitalEntities: 150 }).map((one) => one.ok)).toEqual([false]);
  });

  it('say nothing of a file that does not hold the whole region', () => {
    expect(check({ ...register, byDepartement: { '14': 1260 } })).toEqual([]);
  });

  it('X13: compare a national file with the total nearest to its date', () => {
    const byDepartement = Object.fromEntries([
      ...Array.from({ length: 95 }, (_, i) => [`Z${String(i)}`, 900]),
      ...Object.entries(normandie),
    ]) as Record<string, number>;
    const national = { ...register, establishments: 95_333, byDepartement };
    expect(gate(check(national, { contentDate: '2021-01-08' }), 'X13')).toMatchObject({
      ok: true,
      expected: 95_333,
    });
    expect(gate(check(national, { contentDate: '2026-03-01' }), 'X13')).toMatchObject({
      ok: true,
      expected: 103_022,
    });
    const cut = { ...national, establishments: 80_000 };
    expect(gate(check(cut, { contentDate: '2021-01-08' }), 'X13')).toMatchObject({ level: 'A', ok: false });
    expect(gate(check(cut), 'X13')?.message).toBe(
      '80\u202f000 établissements, pour 103\u202f022 au 2026-05-04',
    );
  });
});

describe('the configuration of gates', () => {
  it('refuses an unknown option and a share over one', () => {
    const base = { crcFilieres: ['MHEMO'], finess: {} };
    expect(gateRulesSchema.safeParse(base).success).toBe(true);
    expect(gateRulesSchema.safeParse({ ...base, shrinkage: {} }).success).toBe(false);
    expect(gateRulesSchema.safeParse({ ...base, shrink: { rows: 90 } }).success).toBe(false);
  });

  it('has defaults for the limits: 90 % of rows, half of bytes, ten per cent of tolerance', () => {
    const read = gateRulesSchema.parse({ crcFilieres: ['MHEMO'], finess: {} });
    expect([read.shrink.rows, read.shrink.bytes, read.finess.tolerance]).toEqual([0.9, 0.5, 0.1]);
  });
});
