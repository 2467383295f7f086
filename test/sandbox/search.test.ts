import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { entryIds, rawFhir, type RawFhir } from '../support/raw-fhir.js';
import { CAEN, SYSTEM, trialRegion } from '../support/trial-region.js';

let sandbox: Sandbox;
let fhir: RawFhir;

beforeAll(async () => {
  const old = { ...CAEN, at: '2025-12-31T23:30:00Z' };
  sandbox = await startSandbox({
    searchLimit: 7,
    seed: [
      ...trialRegion(),
      trialOffer({
        id: 'neuro',
        identifier: '28/A,B',
        label: 'neuro',
        site: old,
        activity: { code: '021', display: 'Neurologie' },
        category: null,
      }),
    ],
  });
  fhir = await rawFhir(sandbox);
});
afterAll(() => sandbox.close());

async function found(query: string): Promise<readonly string[]> {
  const answer = await fhir('GET', `HealthcareService?${query}`);
  expect(answer.status, answer.text).toBe(200);
  return entryIds(answer.json);
}

const R245 = encodeURIComponent(SYSTEM('TRE_R245-SpecialisationDePriseEnCharge'));
const R344 = encodeURIComponent(SYSTEM('TRE_R344-NiveauExpertise'));
const R30 = encodeURIComponent(SYSTEM('TRE_R30-RegionOM'));
const all = ['derm-caen', 'derm-rouen', 'neuro'];

describe('sandbox search', () => {
  it.each<[string, readonly string[]]>([
    ['', all],
    ['_id=neuro', ['neuro']],
    ['_id=neuro,derm-caen', ['derm-caen', 'neuro']],
    ['_id=absent', []],
    ['identifier=28/ESSAI-0001', ['derm-caen']],
    ['identifier=%7C28/ESSAI-0001', ['derm-caen']],
    ['identifier=urn:x%7C28/ESSAI-0001', []],
    ['identifier=28/A%5C,B', ['neuro']],
    ['identifier=28/A,B', []],
    [`_tag=${R30}%7C28`, all],
    [`_tag=${R30}%7C53`, []],
    ['name=offre%20d%E2%80%99essai%20caen', ['derm-caen']],
    ['name=caen', []],
    ['name:contains=CAEN', ['derm-caen']],
    ['name:exact=Offre', []],
    ['service-category=154', ['derm-caen', 'derm-rouen']],
    ['service-category:not=154', ['neuro']],
    ['service-type=01', all],
    ['specialty=021', ['neuro']],
    ['specialty=021,037', all],
    [`characteristic=${R344}%7C11&characteristic=${R245}%7C49`, ['derm-rouen']],
    [`characteristic=${R344}%7C10,${R344}%7C11`, ['derm-rouen']],
    [`characteristic=${R344}%7C11&characteristic=${R245}%7C44`, []],
    [`characteristic=${R245}%7C`, ['derm-rouen']],
    [`characteristic=${R344}%7C49`, []],
    ['organization._id=eg-760000158', ['derm-rouen']],
    ['organization._id=ej-760780239', []],
    ['organization._id:above=ej-760780239', ['derm-rouen']],
    ['organization.identifier=https://finess.esante.gouv.fr%7C140000209', ['derm-caen', 'neuro']],
    ['organization.identifier=140000100', []],
    ['organization.identifier:above=140000100', ['derm-caen', 'neuro']],
    ['organization.name=hopital', ['derm-rouen']],
    ['location.address-postalcode=76', ['derm-rouen']],
    ['_lastUpdated=ge2026-01-01', ['derm-caen', 'derm-rouen']],
    ['_lastUpdated=lt2026-01-01', ['neuro']],
    ['_lastUpdated=2025-12', ['neuro']],
    ['_lastUpdated=eq2025-12-31T23:30:00Z', ['neuro']],
    ['_lastUpdated=gt2025-12-31T23:30:00.000Z', ['derm-caen', 'derm-rouen']],
    ['_lastUpdated=ge2026-01-05T08:00:00%2B01:00', ['derm-caen', 'derm-rouen']],
    ['_lastUpdated=gt2026-01-05', []],
    ['_filter=_lastUpdated ge 2026-01-01T00:00', ['derm-caen', 'derm-rouen']],
    ['_filter=(_lastUpdated lt 2026-01-01)', ['neuro']],
    ['_filter=not (_lastUpdated lt 2026-01-01)', ['derm-caen', 'derm-rouen']],
    ['_filter=specialty eq 021 or specialty eq 037 and identifier eq 28/ESSAI-0002', ['derm-rouen', 'neuro']],
    ['_filter=(specialty eq 021 or specialty eq 037) and identifier eq 28/ESSAI-0002', ['derm-rouen']],
    ['_filter=identifier eq "28/A,B"', ['neuro']],
    ['_filter=service-category ne 154', ['neuro']],
    ['_filter=organization.identifier:above eq 140000100', ['derm-caen', 'neuro']],
    ['_filter=(_lastUpdated ge 2027-01-01 or organization.name eq hopital)', ['derm-rouen']],
    ['_sort=-_id', ['neuro', 'derm-rouen', 'derm-caen']],
    ['_sort=_lastUpdated', ['neuro', 'derm-caen', 'derm-rouen']],
  ])('%s finds %j', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  it.each([
    'unknown=1',
    '_pretty=true',
    // Heads of a chain only, in the ROR's table.
    'organization=Organization/eg-760000158',
    'location=lieu-760000158',
    'organization:not=eg-760000158',
    '_filter=organization%20eq%20eg-760000158',
    'name:above=x',
    'characteristic=',
    '_lastUpdated=hier',
    '_count=beaucoup',
    '_sort=name',
    '_include=HealthcareService:endpoint',
    'organization.unknown=1',
    'name.identifier=1',
    '_filter=unknown%20eq%20x',
    '_filter=name%20eq',
    '_filter=(name%20eq%20x',
    '_filter=name%20eq%20x)',
    '_filter=name%20gt%20x',
    '_filter=name%20eq%20x%20name%20eq%20y',
    '_revinclude=PractitionerRole:endpoint',
    '_has:Task:owner:_id=x',
    '_has:PractitionerRole:service=x',
  ])('refuses %s rather than ignore it', async (query) => {
    const answer = await fhir('GET', `HealthcareService?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.json['resourceType']).toBe('OperationOutcome');
  });

  it('adds the organizations and places of a page once each, marked include', async () => {
    const answer = await fhir(
      'GET',
      'HealthcareService?_include=HealthcareService:organization&_include=HealthcareService:location',
    );
    expect(answer.json['total']).toBe(3);
    expect(entryIds(answer.json)).toEqual(all);
    expect([...entryIds(answer.json, 'include')].sort()).toEqual([
      'eg-140000209',
      'eg-760000158',
      'lieu-140000209',
      'lieu-760000158',
    ]);
    const iterated = await fhir(
      'GET',
      'HealthcareService?_id=neuro&_include=HealthcareService:organization&_include:iterate=Organization:partof',
    );
    expect(entryIds(iterated.json, 'include')).toEqual(['eg-140000209', 'ej-140000100']);
  });

  it('searches organizations by FINESS and type, and places by commune', async () => {
    const organizations = await fhir(
      'GET',
      'Organization?identifier=https://finess.esante.gouv.fr%7C760000158&type=101',
    );
    expect(entryIds(organizations.json)).toEqual(['eg-760000158']);
    expect(entryIds((await fhir('GET', 'Location?commune-cog=14118')).json)).toEqual(['lieu-140000209']);
    expect(entryIds((await fhir('GET', 'Location?commune-cog=14119')).json)).toEqual([]);
  });
});

describe('sandbox paging', () => {
  async function pages(start: string): Promise<{ ids: string[][]; totals: number[] }> {
    const ids: string[][] = [];
    const totals: number[] = [];
    for (let url: string | undefined = start; url !== undefined;) {
      const { json }: Awaited<ReturnType<RawFhir>> = await fhir('GET', url);
      ids.push([...entryIds(json)]);
      totals.push(json['total'] as unknown as number);
      const links = json['link'] as unknown as readonly { relation: string; url: string }[];
      url = links.find((link) => link.relation === 'next')?.url;
    }
    return { ids, totals };
  }

  it('gives pages of _count with the whole total, and no next link on the last', async () => {
    expect(await pages('HealthcareService?_count=2')).toEqual({
      ids: [['derm-caen', 'derm-rouen'], ['neuro']],
      totals: [3, 3],
    });
    expect(await pages('HealthcareService?_count=3')).toEqual({ ids: [all], totals: [3] });
    expect(await pages('HealthcareService?_count=1&_sort=-_lastUpdated')).toEqual({
      ids: [['derm-rouen'], ['derm-caen'], ['neuro']],
      totals: [3, 3, 3],
    });
  });

  it('answers 200 resources at most whatever _count asks, and cuts the walk at the limit', async () => {
    const many = await startSandbox({
      searchLimit: 450,
      seed: Array.from({ length: 500 }, (_, n) =>
        trialOffer({
          id: `o${String(n).padStart(3, '0')}`,
          identifier: `28/${n}`,
          label: String(n),
          site: CAEN,
        }),
      ),
    });
    const before = fhir;
    fhir = await rawFhir(many);
    const { ids, totals } = await pages('HealthcareService?_count=1000');
    fhir = before;
    await many.close();
    expect(ids.map((page) => page.length)).toEqual([200, 200, 50]);
    expect(new Set(ids.flat()).size).toBe(450);
    expect(totals).toEqual([500, 500, 500]);
  });

  it('refuses a page link that it did not make', async () => {
    expect((await fhir('GET', '_page/abc')).status).toBe(410);
  });
});
