import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { head } from '../../src/journal/head.js';
import { verify } from '../../src/journal/verify.js';
import type { SyncOutput } from '../../src/runs/report.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import {
  BRETAGNE,
  centreIdOf,
  centresList,
  changeOf,
  complete,
  NORMANDIE,
  openWorld,
  type CentreRow,
  type TrialRegion,
  type World,
} from './world.js';

/** What differs between two regions: hospitals, nothing else. */
interface RegionCase {
  readonly region: TrialRegion;
  /** A hospital with one main site, by its name, and that site. */
  readonly single: Place & { readonly eg: string };
  /** A university hospital with several sites, and the site that a person chooses. */
  readonly university: Place & { readonly eg: string };
  /** A third hospital, whose centre comes without its public. */
  readonly other: Place & { readonly eg: string };
  readonly elsewhere: Place;
}
interface Place {
  readonly hospital: string;
  readonly town: string;
  readonly departement: string;
}

const CASES: readonly RegionCase[] = [
  {
    region: NORMANDIE,
    single: { hospital: 'CH de Dieppe', town: 'Dieppe', departement: '76', eg: '760000018' },
    university: { hospital: 'CHU Rouen', town: 'Rouen', departement: '76', eg: '760000158' },
    other: { hospital: 'CH Argentan', town: 'Argentan', departement: '61', eg: '610000069' },
    elsewhere: { hospital: 'CH de Mamers', town: 'Mamers', departement: '72' },
  },
  {
    region: BRETAGNE,
    single: { hospital: 'CHIC Quimper', town: 'Quimper', departement: '29', eg: '290000025' },
    university: { hospital: 'CHRU de Brest', town: 'Brest', departement: '29', eg: '290000058' },
    other: { hospital: 'CH de Lannion', town: 'Lannion', departement: '22', eg: '220000368' },
    elsewhere: { hospital: 'CHU de Nantes', town: 'Nantes', departement: '44' },
  },
];

const [SINGLE, CHOSEN, LACKING, ATTACHED, ELSEWHERE] = [
  'Centre d’essai 1',
  'Centre d’essai 2',
  'Centre d’essai 3',
  'Centre d’essai 4',
  'Centre d’essai 5',
] as const;

function rows({ single, university, other, elsewhere }: RegionCase): CentreRow[] {
  const row = (title: string, place: Place, more: Partial<CentreRow> = {}): CentreRow => ({
    title,
    hospital: place.hospital,
    town: place.town,
    departement: place.departement,
    ...more,
  });
  return [
    row(SINGLE, single, { public: 'adulte' }),
    row(CHOSEN, university, { public: 'mixte', filiere: 'BRAIN-TEAM', label: 'CRMR constitutif' }),
    row(LACKING, other),
    row(ATTACHED, other, { filiere: 'FILFOIE', network: 'ESSAIFOIE' }),
    row(ELSEWHERE, elsewhere, { public: 'adulte' }),
  ];
}

describe.each(CASES)('the whole walk for $region.name, by configuration alone', (each) => {
  const { code, departements } = each.region;
  let w: World;
  let first: SyncOutput;

  beforeAll(async () => {
    w = await openWorld({
      region: each.region,
      list: centresList(rows(each)),
      offers: (site) => [
        trialOffer({
          id: 'foie',
          identifier: `${code}/ESSAI-0001`,
          label: 'foie',
          site: site(each.other.eg),
          activity: { code: '062', display: 'Hépatologie' },
        }),
      ],
    });
    first = await w.sync();
  });
  afterAll(() => w.close());

  it('plans four centres of the region and counts the fifth as another region’s', () => {
    expect(first.region).toBe(code);
    const list = first.sources.find((source) => source.source === 'labelled-centres');
    expect([list?.read, list?.kept, list?.outOfRegion]).toEqual([5, 4, 1]);
    expect(first.changes.length).toBe(4);
    expect(changeOf(first, SINGLE).state).toBe('proposed');
    expect(changeOf(first, CHOSEN).state).toBe('toComplete');
    expect(changeOf(first, LACKING).state).toBe('toComplete');
    expect(changeOf(first, ATTACHED).reasons.map((reason) => reason.code)).toContain('attachOrCreate');
    expect(changeOf(first, SINGLE).centre).toMatchObject({ eg: each.single.eg });
  });

  it('completes, attaches, approves by another person, writes and reads back', async () => {
    const id = (title: string): string => centreIdOf(changeOf(first, title));
    const { changes } = await w.answer(
      w.camille,
      complete(id(CHOSEN), 'site', each.university.eg),
      complete(id(LACKING), 'public', 'pédiatrique'),
      { kind: 'attach', subject: id(ATTACHED), body: { offer: `${code}/ESSAI-0001` } },
    );
    const reached = (title: string): unknown => {
      const change = changes.find((one) => one.centres[0] === id(title));
      return [change?.kind, change?.state];
    };
    // FIMARAD, BRAIN-TEAM and FILFOIE have exactly one family each: nothing else is to be chosen.
    expect([SINGLE, CHOSEN, ATTACHED].map(reached)).toEqual([
      ['create', 'proposed'],
      ['create', 'proposed'],
      ['attach', 'proposed'],
    ]);
    expect(reached(LACKING)).toEqual(['create', 'proposed']);
    for (const change of changes) await w.approve(w.dominique, change.id);
    const receipts = await w.apply();
    expect(receipts.map((receipt) => receipt.result)).toEqual(['applied', 'applied', 'applied', 'applied']);
  });

  it('gives every offer an identifier and a region tag of this region, and the right site', () => {
    const offers = w.sandbox.list('HealthcareService') as unknown as {
      identifier: { value: string }[];
      meta: { tag: { system: string; code: string }[] };
      providedBy: { reference: string };
    }[];
    expect(offers.length).toBe(4);
    for (const offer of offers) {
      expect(offer.identifier.map(({ value }) => value.split('/')[0])).toEqual([code]);
      expect(offer.meta.tag.filter((tag) => tag.system.includes('TRE_R30')).map((tag) => tag.code)).toEqual([
        code,
      ]);
    }
    expect(offers.map((offer) => offer.providedBy.reference).sort()).toEqual(
      [each.single.eg, each.university.eg, each.other.eg, each.other.eg]
        .map((eg) => `Organization/eg-${eg}`)
        .sort(),
    );
  });

  it('holds nothing of another region', async () => {
    const others = CASES.map((one) => one.region).filter((region) => region.code !== code);
    const said = JSON.stringify([
      w.sandbox.list('HealthcareService'),
      first.changes,
      await w.database.owner('offer').select('*'),
      await w.database.owner('change').select('region', 'target'),
    ]);
    for (const other of others) {
      expect(said).not.toContain(`"${other.code}/`);
      expect(said).not.toContain(`"region":"${other.code}"`);
      expect(said).not.toContain(other.name);
      for (const departement of other.departements.filter((one) => !departements.includes(one)))
        expect(said).not.toMatch(new RegExp(`"(eg-)?${departement}\\d{7}"`));
    }
    const regions = (await w.database.owner('change').distinct('region').pluck('region')) as string[];
    expect(regions).toEqual([code]);
  });

  it('is quiet on a second run, and its journal verifies', async () => {
    const writes = w.sandbox.writes().length;
    const second = await w.sync();
    expect(second.changes).toEqual([]);
    expect(second.exitCode).toBe(0);
    expect(second.plan.summary).toMatch(/^Aucun changement/);
    expect(await w.apply()).toEqual([]);
    expect(w.sandbox.writes().length).toBe(writes);
    expect((await verify(w.database.app, await head(w.database.app))).fault).toBeNull();
  });

  it('plans nothing from its list read for the other region: every row is out of region', async () => {
    const [other] = CASES.filter((one) => one.region.code !== code);
    if (other === undefined) throw new Error('two regions were expected');
    const wrong = await openWorld({ region: other.region, list: centresList(rows(each).slice(0, 4)) });
    try {
      const found = await wrong.sync();
      const list = found.sources.find((source) => source.source === 'labelled-centres');
      expect([list?.read, list?.kept, list?.outOfRegion]).toEqual([4, 0, 4]);
      expect(found.changes).toEqual([]);
    } finally {
      await wrong.close();
    }
  });
});
