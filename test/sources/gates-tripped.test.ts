import { describe, expect, it } from 'vitest';
import type {
  CentreCounts,
  EstablishmentCounts,
  GateCode,
  GatedDelivery,
  NetworkCounts,
} from '../../src/domain/gates.js';
import { gateLevelsSchema } from '../../src/config/schema/gate-rules.js';
import { buildIndex } from '../../src/matching/index.js';
import { propose } from '../../src/runs/propose.js';
import { readAll } from '../../src/sources/contract.js';
import { finessEtalab } from '../../src/sources/finess-etalab/index.js';
import { checkGates, isBlocked, levelled } from '../../src/sources/gates.js';
import { freshnessGate } from '../../src/sources/gates-freshness.js';
import { labelledCentres } from '../../src/sources/labelled-centres/index.js';
import { heldRegister, heldTable, shippedGates } from '../support/gates.js';
import { centreId, material, row, site } from '../support/material.js';
import { readRegister } from '../support/register.js';
import { delivery, fixture } from './bytes.js';

/**
 * Every rule that alerts or blocks, tripped once by what it is there for, and silent without it. The table is compared
 * with the configuration: a rule that nobody trips fails the suite.
 */
const rules = shippedGates();
const none = { 'CRMR coordonnateur': 0, 'CRMR constitutif': 0, CRC: 0, CCMR: 0 };
const network = (byLabel: Partial<NetworkCounts['byLabel']>): NetworkCounts => ({
  filiere: 'FIMARAD',
  network: 'TOXIBUL',
  campaign: 2023,
  byLabel: { ...none, ...byLabel },
});
/** Counts that hold with every total announced in gates.yaml for Normandie. */
const centres: CentreCounts = {
  kind: 'centres',
  rows: 117,
  setAside: 0,
  filieres: Array.from({ length: 23 }, (_, at) => `F${String(at)}`),
  byLabel: { 'CRMR coordonnateur': 1, 'CRMR constitutif': 13, CRC: 5, CCMR: 98 },
  crcFilieres: ['MHEMO'],
  regions: ['28'],
  networks: [],
};
const toxibul = network({ 'CRMR coordonnateur': 1, 'CRMR constitutif': 2, CCMR: 10 });
const national: CentreCounts = {
  ...centres,
  regions: Array.from({ length: 10 }, (_, at) => String(at + 10)),
  networks: [toxibul],
};
const country: EstablishmentCounts = {
  ...heldRegister,
  establishments: 95_333,
  byDepartement: Object.fromEntries(Array.from({ length: 90 }, (_, at) => [`d${String(at)}`, 1000])),
};

/** The rule, once for each time that it did not hold on a delivery. */
function fallen(...asked: Parameters<typeof levelsOf>): string[] {
  return levelsOf(...asked).map(() => asked[0]);
}

/** Levels at which a rule of a delivery did not hold. */
function levelsOf(
  code: GateCode,
  counts: GatedDelivery['counts'],
  more: Partial<GatedDelivery> = {},
): string[] {
  const judged = {
    bytes: 4000,
    form: 'plain',
    kept: counts.rows,
    previous: null,
    completeFor: null,
    contentDate: null,
  };
  return checkGates(rules, '28', { counts, ...judged, ...more })
    .filter((one) => one.code === code && !one.ok && (code !== 'L1' || one.message.startsWith('TOXIBUL')))
    .map(({ level }) => level);
}
const before = { rows: 100, kept: 100, bytes: 4000, form: 'plain' };

const HEADER = 'label;centre;réseau;filière;établissement;ville;public;campagne;responsable;finess ej';
const line = (
  change: Partial<Record<'label' | 'filiere' | 'hospital' | 'town' | 'head' | 'ej', string>> = {},
): string =>
  [
    ...[change.label ?? 'CCMR', 'Centre d’essai 1', 'ESSAI', change.filiere ?? 'FIMARAD'],
    ...[
      change.hospital ?? 'Hôpital d’essai 1',
      change.town ?? 'Caen',
      'mixte',
      '2023',
      change.head ?? '',
      change.ej ?? '',
    ],
  ].join(';');
/** Codes of rows set aside and of flags of rows kept. */
async function said(...lines: readonly string[]): Promise<readonly string[]> {
  const filieres = ['FIMARAD', 'MHEMO'].map((code) => ({ code, title: code, spellings: [], erns: [] }));
  const outcomes = await readAll(
    labelledCentres(filieres),
    delivery(Buffer.from([HEADER, ...lines, ''].join('\n'))),
  );
  return outcomes.flatMap((one) =>
    one.kind === 'aside' ? [one.code] : (one.flags ?? []).map(({ code }) => code),
  );
}
/** The same of the sample of the etalab register, changed. */
async function saidOfRegister(change: (text: string) => string): Promise<readonly string[]> {
  const text = fixture('finess-etalab/fixtures/finess-essai-2026-11.csv').toString('utf8');
  const outcomes = await readAll(finessEtalab(), delivery(Buffer.from(change(text))));
  return outcomes.flatMap((one) =>
    one.kind === 'aside' ? [one.code] : (one.flags ?? []).map(({ code }) => code),
  );
}
const freshness = (cadence: 'daily' | 'weekly', imported: boolean) =>
  levelled(
    rules,
    freshnessGate(rules, {
      ...{ source: 'essai', cadence, maxAgeDays: null, origin: 'https://essai.example/liste.csv', imported },
      ...{
        contentDate: '2026-03-01',
        generated: false,
        changedAt: new Date('2026-03-01'),
        now: new Date('2026-03-31'),
      },
    }),
  );
/** A centre of the first hospital, beside a table of one line. */
function deploymentSaid(at: 0 | 1, status: 'delabelled' | 'yes'): readonly string[] {
  const agreement = { sentOn: null, status: 'signée', signed: true };
  const { name, town } = site(at);
  const fact = { hospital: name, town, bamara: agreement, bndmr: agreement, status, deployedOn: null };
  const of = material({ observations: [row({ hospital: site(0).name })], deployments: [fact] });
  return propose(of, () => centreId('nouveau')).alerts.map(({ code }) => code);
}
const numbers = (finessEj: string): string | undefined =>
  buildIndex(readRegister()).match({
    mention: 'Centre François Baclesse',
    city: 'Caen',
    departement: '14',
    finessEj,
  }).refusal?.code;

type Told = readonly string[] | Promise<readonly string[]>;
/** What trips each rule, then what is nearest to it and does not. Both give the codes that were told. */
const TRIPPED: Partial<Record<GateCode, readonly [faulty: () => Told, sound: () => Told]>> = {
  N1: [() => fallen('N1', { ...centres, rows: 116 }), () => fallen('N1', centres)],
  N2: [
    () => fallen('N2', { ...centres, byLabel: { ...centres.byLabel, CCMR: 97, CRC: 6 } }),
    () => fallen('N2', centres),
  ],
  N3: [() => fallen('N3', { ...centres, filieres: ['FIMARAD'] }), () => fallen('N3', centres)],
  N4: [() => fallen('N4', { ...centres, crcFilieres: ['FIMARAD'] }), () => fallen('N4', centres)],
  N5: [() => fallen('N5', { ...heldTable, delabelled: [] }), () => fallen('N5', heldTable)],
  N6: [() => fallen('N6', { ...heldTable, bndmrSigned: 7 }), () => fallen('N6', heldTable)],
  N7: [() => fallen('N7', { ...heldTable, deployed: 6, unstated: 1 }), () => fallen('N7', heldTable)],
  N8: [() => deploymentSaid(0, 'delabelled'), () => deploymentSaid(0, 'yes')],
  N9: [() => deploymentSaid(1, 'yes'), () => deploymentSaid(0, 'yes')],
  R4: [
    () => said(line({ head: 'Pr Essai Un' }), line({ head: 'Pr Essai Un', hospital: 'Hôpital d’essai 2' })),
    () => said(line({ head: 'Pr Essai Un' }), line({ head: 'Pr Essai Deux', hospital: 'Hôpital d’essai 2' })),
  ],
  R5: [() => said(line({ head: 'Pr Essai Un et Dr Essai Deux' })), () => said(line({ head: 'Essai, Un' }))],
  R6: [() => said(line({ filiere: 'FIMARAD / MHEMO' })), () => said(line({ filiere: 'MHEMO' }))],
  R7: [() => fallen('R7', { ...national, networks: [network({ CCMR: 10 })] }), () => fallen('R7', national)],
  R8: [() => said(line({ label: 'CRC' })), () => said(line({ label: 'CRC', filiere: 'MHEMO' }))],
  L1: [
    () => fallen('L1', { ...national, networks: [network({ 'CRMR coordonnateur': 1 })] }),
    () => fallen('L1', national),
  ],
  L2: [() => said(line(), line({ label: 'CRMR constitutif' })), () => said(line())],
  L5: [() => said(line({ hospital: '' })), () => said(line({ town: '' }))],
  X1: [() => said(line({ ej: '70000481' })), () => said(line({ ej: '140000100' }))],
  X2: [() => said(line({ ej: '140000101' })), () => said(line({ ej: '140000100' }))],
  X3: [
    () => saidOfRegister((text) => text.replace('26140093100018', '26140093100019')),
    () => saidOfRegister((text) => text),
  ],
  X4: [
    () => fallen('X4', { ...heldRegister, byDepartement: { ...heldRegister.byDepartement, '61': 100 } }),
    () => fallen('X4', heldRegister),
  ],
  X5: [
    () => fallen('X5', { ...heldRegister, region: { ...heldRegister.region, hospitals: 500 } }),
    () => fallen('X5', heldRegister),
  ],
  X10: [
    () => fallen('X10', { ...heldRegister, region: { ...heldRegister.region, withoutSiret: 400 } }),
    () => fallen('X10', heldRegister),
  ],
  X11: [
    () => saidOfRegister((text) => text.replace(/;2010-08-25;$/m, '')),
    () => saidOfRegister((text) => text),
  ],
  X12: [() => [numbers('140000118') ?? ''], () => [numbers('140000639') ?? ''].filter((code) => code !== '')],
  X13: [
    () => fallen('X13', { ...country, establishments: 50_000 }, { contentDate: '2021-01-08' }),
    () => fallen('X13', country, { contentDate: '2021-01-08' }),
  ],
  X14: [
    () => freshness('daily', false).flatMap(({ ok, code }) => (ok ? [] : [code])),
    () => freshness('weekly', false).flatMap(({ ok, code }) => (ok ? [] : [code])),
  ],
  X15: [
    () => fallen('X15', { ...centres, rows: 89 }, { kept: 100, previous: before }),
    () => fallen('X15', { ...centres, rows: 90 }, { kept: 100, previous: before }),
  ],
  SRC_HALF_SIZE: [
    () => fallen('SRC_HALF_SIZE', centres, { bytes: 1999, previous: before }),
    () => fallen('SRC_HALF_SIZE', centres, { bytes: 2000, previous: before }),
  ],
};

describe('the rules of gate-rules.yaml', () => {
  it('that alert or block are those that are tripped here', () => {
    const wanted = Object.entries(rules.rules).flatMap(([code, { level }]) => (level === 'I' ? [] : [code]));
    expect(Object.keys(TRIPPED).sort()).toEqual(wanted.sort());
  });

  it.each(Object.entries(TRIPPED))(
    '%s: tells its fault, and is silent without it',
    async (code, [faulty, sound]) => {
      expect(await faulty()).toContain(code);
      expect(await sound()).not.toContain(code);
    },
  );

  it('have the level that the configuration gives, and the stricter one where it applies', () => {
    const short = { ...centres, rows: 116 };
    expect(levelsOf('N1', short)).toEqual(['A']);
    expect(levelsOf('N1', short, { completeFor: 2023 })).toEqual(['B']);
    const changed = { ...rules, rules: { ...rules.rules, N1: { ...rules.rules.N1, level: 'B' as const } } };
    const judged = { bytes: 1, form: 'plain', kept: 1, previous: null, completeFor: null, contentDate: null };
    expect(isBlocked(checkGates(changed, '28', { counts: short, ...judged }))).toBe(true);
    expect(freshness('daily', false).map(({ level }) => level)).toEqual(['B']);
    expect(freshness('daily', true).map(({ level }) => level)).toEqual(['A']);
  });

  it('cannot be given a level that the code does not follow, nor lose their reason', () => {
    const refused = (code: GateCode, change: object): boolean =>
      !gateLevelsSchema.safeParse({ ...rules.rules, [code]: { ...rules.rules[code], ...change } }).success;
    expect(refused('N1', { level: 'I' })).toBe(false);
    expect(refused('X1', { level: 'A' })).toBe(true);
    expect(refused('X15', { level: 'I' })).toBe(true);
    expect(refused('N8', { level: 'B' })).toBe(true);
    expect(refused('N1', { reason: '' })).toBe(true);
    expect(refused('N1', { niveau: 'A' })).toBe(true);
  });
});
