import { describe, expect, it } from 'vitest';
import type {
  CentreCounts,
  EstablishmentCounts,
  GateResult,
  GatedDelivery,
  NetworkCounts,
} from '../../src/domain/gates.js';
import { checkGates, isBlocked, levelled } from '../../src/sources/gates.js';
import { shrinkGates } from '../../src/sources/gates-shrink.js';
import { gateRulesSchema } from '../../src/config/schema/gates.js';
import { heldRegister, heldTable, normandie, shippedGates } from '../support/gates.js';

const rules = shippedGates();

function network(
  byLabel: Partial<NetworkCounts['byLabel']>,
  change: Partial<NetworkCounts> = {},
): NetworkCounts {
  const none = { 'CRMR coordonnateur': 0, 'CRMR constitutif': 0, CRC: 0, CCMR: 0 };
  return {
    filiere: 'FIMARAD',
    network: 'MALIBUL',
    campaign: 2023,
    ...change,
    byLabel: { ...none, ...byLabel },
  };
}

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
  regions: ['28'],
  networks: [network({ 'CRMR coordonnateur': 1, 'CRMR constitutif': 2 })],
};
const all: CentreCounts = {
  ...sixteen,
  rows: 117,
  setAside: 0,
  filieres: Array.from({ length: 23 }, (_, i) => `F${String(i)}`),
  byLabel: { 'CRMR coordonnateur': 1, 'CRMR constitutif': 13, CRC: 5, CCMR: 98 },
};

/** One byte a character or a little more, not compressed. */
const PLAIN = 'plain, octets';

function check(
  counts: GatedDelivery['counts'],
  changes: Partial<GatedDelivery> = {},
  region = '28',
): readonly GateResult[] {
  return checkGates(rules, region, {
    counts,
    bytes: 4000,
    form: PLAIN,
    kept: counts.rows - counts.setAside,
    previous: null,
    completeFor: null,
    contentDate: null,
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
      ['N10', true],
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
      ['N10', 'I', true],
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

  it('N10: informs of the share of coordonnateurs, beside those attested', () => {
    expect(gate(check(sixteen), 'N10')).toEqual({
      code: 'N10',
      level: 'I',
      ok: true,
      expected: 'MALIBUL',
      found: 'MALIBUL',
      message:
        'les 14 CRMR annoncés (12/2023) ne disent pas leur part de coordonnateurs : la liste donne 1 coordonnateur(s) (MALIBUL) et 2 constitutif(s) ; attesté(s) : MALIBUL',
    });
  });

  it.each([
    ['written otherwise', [network({ 'CRMR coordonnateur': 1 }, { network: 'Malibul' })], true],
    ['that nobody attested', [network({ 'CRMR coordonnateur': 1 }, { network: 'ESSAI' })], false],
    ['that the list does not give', [network({ 'CRMR constitutif': 1 })], false],
  ])('N10: a coordonnateur %s never blocks', (_what, networks, ok) => {
    const results = check({ ...sixteen, networks }, { completeFor: 2017 });
    expect(gate(results, 'N10')).toMatchObject({ level: 'I', ok });
    expect(isBlocked(results)).toBe(false);
  });

  it('have nothing to say of a region without announced totals', () => {
    expect(check(sixteen, {}, '53')).toEqual([]);
  });
});

describe('gates on a national list of centres', () => {
  const regions = ['11', '24', '27', '28', '32', '44', '52', '53', '75', '76'];
  const toxibul = network(
    { 'CRMR coordonnateur': 1, 'CRMR constitutif': 2, CCMR: 10 },
    { network: 'TOXIBUL' },
  );

  it('are not those of a region, from ten regions on', () => {
    const codes = (some: readonly string[]): string[] =>
      check({ ...sixteen, regions: some }).map((one) => one.code);
    expect(codes(regions.slice(1))).toEqual(['N1', 'N2', 'N3', 'N4', 'N10']);
    expect(codes(regions)).toEqual(['R7', 'L1', 'L1', 'L1', 'L1', 'L1', 'L1']);
    expect(isBlocked(check({ ...sixteen, regions }, { completeFor: 2023 }))).toBe(false);
  });

  it.each([
    ['one', network({ 'CRMR coordonnateur': 1, CCMR: 3 }), 0],
    ['none', network({ 'CRMR constitutif': 2, CCMR: 3 }), 1],
    ['two', network({ 'CRMR coordonnateur': 2, CCMR: 3 }), 1],
    ['none, but it has CRC only', network({ CRC: 5 }), 0],
  ])('R7: a network with %s: %#', (_what, one, found) => {
    const r7 = gate(check({ ...sixteen, regions, networks: [toxibul, one] }), 'R7');
    expect(r7).toMatchObject({ level: 'A', ok: found === 0, expected: 0, found });
    if (found > 0)
      expect(r7?.message).toContain('1 réseau(x) sur 2 sans un coordonnateur et un seul (MALIBUL');
  });

  it('L1: as many sites as announced for the network in that campaign, or an alert', () => {
    const l1 = (one: NetworkCounts): GateResult | undefined =>
      check({ ...sixteen, regions, networks: [one] }).find((each) => each.message.startsWith('TOXIBUL'));
    expect(l1(toxibul)).toMatchObject({
      code: 'L1',
      level: 'A',
      ok: true,
      message: 'TOXIBUL, campagne 2023 : 1 + 2 + 10 listés, pour 1 + 2 + 10 annoncés (amalyste.fr)',
    });
    expect(l1({ ...toxibul, byLabel: { ...toxibul.byLabel, CCMR: 9 } })).toMatchObject({
      ok: false,
      found: '1 + 2 + 9',
    });
    expect(l1({ ...toxibul, campaign: 2017 })).toMatchObject({ ok: false, found: '0 + 0 + 0' });
  });

  it('L1: adds up the networks of a filière announced as a whole', () => {
    const half = { 'CRMR coordonnateur': 2, 'CRMR constitutif': 7, CCMR: 32 };
    const rest = { 'CRMR coordonnateur': 2, 'CRMR constitutif': 8, CCMR: 32 };
    const networks = [
      network(half, { filiere: 'OSCAR', network: 'ESSAI A' }),
      network(rest, { filiere: 'OSCAR', network: 'ESSAI B' }),
    ];
    const oscar = check({ ...sixteen, regions, networks }).find((one) => one.message.startsWith('OSCAR'));
    expect(oscar).toMatchObject({ ok: true, found: '4 + 15 + 64' });
  });
});

describe('gates on shrinkage', () => {
  it.each([
    [90, true],
    [89, false],
  ])('X15: %i rows of 100 pass: %s', (rows, ok) => {
    const results = check(
      { ...sixteen, rows },
      { previous: { rows: 100, kept: 90, bytes: 4000, form: PLAIN } },
    );
    expect(gate(results, 'X15')).toMatchObject({ level: 'B', ok, expected: 100, found: rows });
    expect(isBlocked(results)).toBe(!ok);
  });

  it.each([
    [2000, true],
    [1999, false],
  ])('%i bytes of 4000 pass: %s', (bytes, ok) => {
    const results = check(sixteen, { bytes, previous: { rows: 16, kept: 16, bytes: 4000, form: PLAIN } });
    expect(gate(results, 'SRC_HALF_SIZE')).toMatchObject({ level: 'B', ok });
    expect(isBlocked(results)).toBe(!ok);
  });

  it('sizes of two forms are not compared: UTF-16 doubles them, compression divides them', () => {
    const previous = { rows: 16, kept: 16, bytes: 4000, form: 'plain, utf-16' };
    expect(gate(check(sixteen, { bytes: 1990, previous }), 'SRC_HALF_SIZE')).toMatchObject({ ok: true });
    const same = { ...previous, form: PLAIN };
    expect(gate(check(sixteen, { bytes: 1990, previous: same }), 'SRC_HALF_SIZE')).toMatchObject({
      ok: false,
    });
    const unknown = { ...previous, form: null };
    expect(gate(check(sixteen, { bytes: 1990, previous: unknown }), 'SRC_HALF_SIZE')).toMatchObject({
      ok: false,
    });
  });

  it.each([
    // Two rows may always go.
    [3, 2, true],
    [3, 1, true],
    [4, 1, false],
    [8, 6, true],
    [8, 5, false],
    [16, 14, true],
    [16, 13, false],
    // From twenty rows on the share alone decides.
    [19, 17, true],
    [20, 18, true],
    [20, 17, false],
    [29, 26, false],
    [30, 27, true],
    [2400, 2160, true],
    [2400, 2159, false],
  ])('X15: %i rows that become %i pass: %s', (before, after, ok) => {
    const results = levelled(
      rules,
      shrinkGates(rules, {
        counts: { rows: after },
        bytes: 100,
        form: PLAIN,
        kept: after,
        previous: { rows: before, kept: before, bytes: 100, form: PLAIN },
      }),
    );
    expect(gate(results, 'X15')?.ok).toBe(ok);
  });

  it('X15: a region may ask for the share alone', () => {
    const strict = { shrink: { ...rules.shrink, lost: 0 } };
    const lose = (rows: number): boolean | undefined =>
      gate(
        levelled(
          rules,
          shrinkGates(strict, {
            counts: { rows },
            kept: rows,
            bytes: 100,
            form: PLAIN,
            previous: { rows: 3, kept: 3, bytes: 100, form: PLAIN },
          }),
        ),
        'X15',
      )?.ok;
    expect([lose(3), lose(2)]).toEqual([true, false]);
  });

  it.each([
    [18, true],
    [17, false],
    [0, false],
  ])('X15: twenty rows of which %i can be used pass: %s', (kept, ok) => {
    const results = levelled(
      rules,
      shrinkGates(rules, {
        counts: { rows: 20 },
        bytes: 100,
        form: PLAIN,
        kept,
        previous: { rows: 20, kept: 20, bytes: 100, form: PLAIN },
      }),
    );
    expect(isBlocked(results)).toBe(!ok);
    const said = results.filter((result) => !result.ok);
    expect(said.map(({ code, found }) => [code, found])).toEqual(ok ? [] : [['X15', kept]]);
  });

  it('the deployment table cut to four rows stops the run', () => {
    expect(
      isBlocked(
        check(
          { ...heldTable, rows: 4 },
          { bytes: 400, kept: 4, previous: { rows: 8, kept: 8, bytes: 738, form: PLAIN } },
        ),
      ),
    ).toBe(true);
  });

  it('have nothing to say of a first delivery', () => {
    expect(check(sixteen).some((one) => one.code === 'X15' || one.code === 'SRC_HALF_SIZE')).toBe(false);
  });
});

describe('gates on the deployment table', () => {
  it('hold on the table of 22/05/2025', () => {
    expect(check(heldTable).map((one) => [one.code, one.level, one.ok])).toEqual([
      ['N5', 'A', true],
      ['N6', 'A', true],
      ['N7', 'A', true],
    ]);
  });
});

describe('gates on FINESS', () => {
  it('X4: hold within ten per cent of each département', () => {
    expect(gate(check(heldRegister), 'X4')).toMatchObject({ level: 'A', ok: true });
    // 1260 less 10 % is 1134.
    expect(gate(check({ ...heldRegister, byDepartement: { ...normandie, '14': 1134 } }), 'X4')?.ok).toBe(
      true,
    );
    expect(gate(check({ ...heldRegister, byDepartement: { ...normandie, '14': 1133 } }), 'X4')?.ok).toBe(
      false,
    );
  });

  const hospitals = {
    ...heldRegister,
    establishments: 769,
    byDepartement: { '14': 165, '27': 114, '50': 137, '61': 88, '76': 265 },
  };
  const withRegion = (change: Partial<EstablishmentCounts['region']>): EstablishmentCounts => ({
    ...hospitals,
    region: { ...hospitals.region, ...change },
  });

  it('have no X4 for a file of hospitals only', () => {
    expect(check(hospitals).map((one) => [one.code, one.level, one.ok])).toEqual([
      ['X5', 'A', true],
      ['X10', 'A', true],
      ['X8', 'I', true],
      ['X9', 'I', true],
    ]);
    expect(check(heldRegister).map((one) => one.code)).toEqual(['X4', 'X5', 'X10', 'X8', 'X9']);
  });

  it('X5: hold within ten per cent of the sites and of the entities', () => {
    const x5 = (change: Partial<EstablishmentCounts['region']>): boolean | undefined =>
      gate(check(withRegion(change)), 'X5')?.ok;
    // 769 and 221, less ten per cent: 692.1 and 198.9.
    expect([x5({ hospitals: 693 }), x5({ hospitals: 692 })]).toEqual([true, false]);
    expect([x5({ hospitalEntities: 199 }), x5({ hospitalEntities: 198 })]).toEqual([true, false]);
  });

  it('X10: alert when a larger share of the sites than known has no SIRET', () => {
    const x10 = (change: Partial<EstablishmentCounts['region']>): GateResult | undefined =>
      gate(check(withRegion(change)), 'X10');
    // 129 plus ten per cent: 141.9.
    expect(x10({ withoutSiret: 141 })?.ok).toBe(true);
    expect(x10({ withoutSiret: 142 })).toMatchObject({
      level: 'A',
      ok: false,
      expected: '129 sur 769',
      found: '142 sur 769',
      message: 'secteur hospitalier : 142 EG sans SIRET sur 769, pour 129 sur 769 au 08/01/2021',
    });
    expect(x10({ withoutSiret: 0 })?.ok).toBe(true);
    // Half the sites, half the limit: 70.95.
    expect(x10({ hospitals: 384, withoutSiret: 70 })?.ok).toBe(true);
    expect(x10({ hospitals: 384, withoutSiret: 71 })?.ok).toBe(false);
    expect(isBlocked(check(withRegion({ withoutSiret: 769 })))).toBe(false);
  });

  it('X8 and X9: inform, and never fail', () => {
    const results = check(withRegion({ entityElsewhere: 500, sitesElsewhere: 40 }));
    expect([gate(results, 'X8'), gate(results, 'X9')]).toMatchObject([
      { level: 'I', ok: true, found: 500 },
      { level: 'I', ok: true, found: 40 },
    ]);
  });

  it('say nothing of a file that does not hold the whole region', () => {
    expect(check({ ...heldRegister, byDepartement: { '14': 1260 } })).toEqual([]);
  });

  it('X13: compare a national file with the total nearest to its date', () => {
    const byDepartement = Object.fromEntries([
      ...Array.from({ length: 95 }, (_, i) => [`Z${String(i)}`, 900]),
      ...Object.entries(normandie),
    ]) as Record<string, number>;
    const national = { ...heldRegister, establishments: 95_333, byDepartement };
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
      '80\u202f000 établissements, pour 103\u202f022 au 04/05/2026',
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

  it('has defaults for the limits: 90 % of rows, two rows, half of bytes, ten per cent of tolerance', () => {
    const read = gateRulesSchema.parse({ crcFilieres: ['MHEMO'], finess: {} });
    expect([read.shrink.rows, read.shrink.lost, read.shrink.bytes, read.finess.tolerance]).toEqual([
      0.9, 2, 0.5, 0.1,
    ]);
    expect(read.freshness).toEqual({ daily: 14, weekly: 42, monthly: 92, yearly: 500 });
  });
});
