import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PARAMETERS, type SearchedType } from '../../src/publish/parameters.js';
import { trialDirectory } from '../support/fhir-directory.js';
import { matchesOf, openFhirWorld, type FhirWorld } from '../support/fhir-world.js';
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.js';
import { CAEN, ROUEN, SYSTEM } from '../support/trial-region.js';

/** Every search parameter of the ROR's table (api.md section 7) and ours: what it finds, what it does not, what it refuses. */
let issuer: TokenIssuer;
let world: FhirWorld;
let authorization: string;

const TAG = SYSTEM('TRE_R30-RegionOM');
const eg = `eg-${ROUEN.eg}`;
const place = `lieu-${ROUEN.eg}`;

beforeAll(async () => {
  issuer = await startTokenIssuer('lecture');
  world = await openFhirWorld({
    config: {
      public: false,
      tokens: { issuer: issuer.url, jwksUrl: `${issuer.url}/jwks`, audience: 'lecture' },
      clients: [{ id: 'regulation', name: 'Régulation d’essai', audience: 'regulation', perMinute: 100_000 }],
    },
  });
  await world.mirror(...trialDirectory());
  await world.facts('28/ESSAI-0002', 'cmr_aaaaaaaaaaaaaaaa', {
    filiere: { code: 'FIMARAD', title: 'Filière d’essai' },
    network: 'TOXIBUL',
    label: 'CCMR',
    campaign: 2023,
    ern: ['ERN-SKIN'],
  });
  await world.publish();
  authorization = `Bearer ${await issuer.token('regulation', { expires: 3600 })}`;
});
afterAll(async () => {
  await world.close();
  await issuer.close();
});

/** Parameter, a value that finds, what it finds, a value that finds nothing, a value that is refused. */
type Row = readonly [name: string, found: string, ids: readonly string[], nothing: string, wrong: string];

const coded = (name: string, system: string, code: string, id: string): Row => [
  name,
  `${SYSTEM(system)}|${code}`,
  [id],
  `${SYSTEM(system)}|99`,
  'a|b|c',
];

const ROWS: Readonly<Record<'HealthcareService' | 'Organization' | 'Location', readonly Row[]>> = {
  HealthcareService: [
    ['_id', 'offre-rouen', ['offre-rouen'], 'autre', 'id avec espaces'],
    [
      '_lastUpdated',
      'ge2026-01-01',
      ['offre-caen', 'offre-rouen', 'offre-sensible'],
      'lt2026-01-01',
      '2026-02-30',
    ],
    ['_tag', `${TAG}|28`, ['offre-caen', 'offre-rouen', 'offre-sensible'], `${TAG}|53`, '|'],
    ['identifier', '28/ESSAI-0002', ['offre-rouen'], '28/ESSAI-9999', '|'],
    ['name', 'offre d essai evreux', ['offre-rouen'], 'hôpital', '…'],
    coded('service-category', 'TRE_R244-CategorieOrganisation', '245', 'offre-rouen'),
    coded('service-type', 'TRE_R227-ChampActivite', '04', 'offre-rouen'),
    coded('characteristic', 'TRE_R344-NiveauExpertise', '11', 'offre-rouen'),
    coded('specialty', 'TRE_R211-ActiviteOperationnelle', '593', 'offre-rouen'),
    ['age-range-high', `le17|https://unitsofmeasure.org|a`, ['offre-rouen'], 'ge151', 'le17||mo'],
    ['age-range-low', 'eq0', ['offre-rouen'], 'gt18', 'eqjeune'],
    coded('intervention-zone', 'TRE_R13-CommuneOM', '76540', 'offre-rouen'),
    coded('patient-type', 'TRE_R239-PublicPrisEnCharge', '05', 'offre-rouen'),
    ['psychiatric-sector', '76g', ['offre-rouen'], '76I', '%'],
    ['notavailable-closing-reopeningdate', 'ge2026-08-15', ['offre-rouen'], 'gt2026-09-01', '2026-13-01'],
    [
      'organization',
      `Organization/eg-${ROUEN.eg}`,
      ['offre-rouen'],
      'Organization/autre',
      'Organization/a b',
    ],
    ['location', place, ['offre-rouen'], 'Location/autre', 'é'],
    ['filiere', 'FIMARAD', ['offre-rouen'], 'BRAIN-TEAM', '|'],
    ['ern', 'ERN-SKIN', ['offre-rouen'], 'ERN-EYE', 'a|b|c'],
    ['label-role', 'CCMR', ['offre-rouen'], 'CRC', '|'],
    ['label-campaign', '2023', ['offre-rouen'], '2017', '|'],
  ],
  Organization: [
    ['_id', eg, [eg], 'autre', 'a/b'],
    [
      '_lastUpdated',
      'ge2026-01-01',
      [`eg-${CAEN.eg}`, eg, `ej-${CAEN.ej}`, `ej-${ROUEN.ej}`].sort(),
      'lt2020',
      'hier',
    ],
    ['_tag', '28', [`eg-${CAEN.eg}`, eg, `ej-${CAEN.ej}`, `ej-${ROUEN.ej}`].sort(), '53', '|'],
    ['_content', 'de la seine', [eg], 'absent', '***'],
    ['identifier', `https://finess.esante.gouv.fr|${ROUEN.eg}`, [eg], `https://autre|${ROUEN.eg}`, '|'],
    ['name', 'hôpital d’essai', [eg], 'seine', '--'],
    coded('type', 'TRE_R69-FinessAgregatStatutJuridiqueNiv2', '1200', `ej-${CAEN.ej}`),
    ['partof', `ej-${ROUEN.ej}`, [eg], 'Organization/autre', 'é'],
    coded('closing-type', 'TRE_R286-TypeFermeture', '1', eg),
    ['drop-zone', 'true', [eg], 'false', '|'],
    ['period-end', '2030', [eg], 'gt2031', '2030-99'],
    ['price-amount-value', '62.5', [eg], 'gt63', 'cher'],
    coded('price-dependency-level', 'TRE_R237-GroupeTarifaireDependance', '06', eg),
    coded('price-residential-type', 'TRE_R242-TypeHabitation', '03', eg),
    coded('price-type', 'TRE_R246-TypeTarif', '01', eg),
    coded('price-unit', 'TRE_R228-UnitePrix', '02', eg),
    ['price-validity-start-date', '2026-01', [eg], 'lt2026', '01/01/2026'],
    coded('price-welcome-type', 'TRE_R240-TemporaliteAccueil', '05', eg),
    coded('special-price', 'TRE_R249-ConditionTarifaire', '04', eg),
  ],
  Location: [
    ['_id', place, [place], 'autre', '<script>'],
    ['_lastUpdated', 'ge2026-01-01', [`lieu-${CAEN.eg}`, place].sort(), 'lt2026-01-01', 'ap2026'],
    ['_tag', `${TAG}|`, [`lieu-${CAEN.eg}`, place].sort(), 'https://autre|', '|'],
    ['identifier', `1${ROUEN.eg}/LIEU-PRINCIPAL`, [place], '1', '|'],
    coded('type', 'TRE_R343-FonctionLieu', '005', place),
    ['near', '49.44|1.1|5|km', [place], '48.85|2.35|5|km', '49.44|1.1|5|lieues'],
    ['near-insee-code', '76540|5|km', [place], '76540|5|km', '7654|5|km'],
    ['status', 'active', [place], 'inactive', '|'],
    ['operational-status', '3', [`lieu-${CAEN.eg}`, place].sort(), '1', '|'],
    ['address-postalcode', '76', [place], '50', '!'],
    ['address-city', 'rou', [place], 'caen-sur', '!'],
    coded('commune-cog', 'TRE_R13-CommuneOM', '76540', place),
    coded('capacity-status', 'TRE_R330-TypeStatutCapacite', '02', place),
    ['nb-capacity', 'ge12', [place], 'gt12', 'douze'],
    coded('additional-bed-type', 'TRE_R334-TypeLitSupplementaire', '06', place),
    coded('capacity-closing-type', 'TRE_R333-TypeFermetureCapacite', '05', place),
    coded('capacity-type', 'TRE_R329-NatureCapacite', '01', place),
    ['capacity-update-date', '2026-05-11', [place], '2026-05-12', '2026-05-11T25:00'],
    coded('crisis-type', 'TRE_R336-TypeCrise', '07', place),
    coded('equipment-type', 'TRE_R212-EquipementSpecifique', '09', place),
    coded('equipment-feature', 'TRE_R340-TypeCaracteristiqueEquipement', '10', place),
    coded('gender-capacity-available', 'TRE_R332-GenreCapacite', '04', place),
    ['limit-value', 'ge200', [place], 'lt250', 'lourd'],
    coded('residential-type', 'TRE_R242-TypeHabitation', '11', place),
    ['residential-number', '30', [place], '31', '3O'],
    coded('temporality-capacity', 'TRE_R331-TemporaliteCapacite', '03', place),
    coded('temporary-assignement', 'TRE_R337-AffectationTemporaire', '08', place),
  ],
};

const CASES = Object.entries(ROWS).flatMap(([type, rows]) => rows.map((row) => [type, ...row] as const));

async function searched(type: string, name: string, value: string) {
  const params = new URLSearchParams([[name, value]]);
  return await world.get(`/fhir/28/${type}?${params.toString()}`, { authorization });
}

/** Shared by both places: their type, both establishments of the same kind. */
const BOTH: Readonly<Record<string, readonly string[]>> = {
  'Organization type': [`ej-${CAEN.ej}`, `ej-${ROUEN.ej}`].sort(),
  'Location type': [`lieu-${CAEN.eg}`, place].sort(),
};

describe('each search parameter', () => {
  it('has a row here, in each type', () => {
    for (const type of ['HealthcareService', 'Organization', 'Location'] as const)
      expect(ROWS[type].map(([name]) => name).sort()).toEqual(Object.keys(PARAMETERS[type]).sort());
  });

  it.each(CASES)('finds what says it: %s?%s=%s', async (type, name, value, ids) => {
    const answer = await searched(type, name, value);
    expect(answer.status, answer.text).toBe(200);
    const expected = BOTH[`${type} ${name}`] ?? ids;
    expect([...matchesOf(answer.body)].sort()).toEqual(expected);
    expect(answer.body['total']).toBe(expected.length);
  });

  it.each(CASES.filter(([, name]) => name !== 'near-insee-code'))(
    'finds nothing else: %s?%s',
    async (type, name, _value, _ids, nothing) => {
      const answer = await searched(type, name, nothing);
      expect(answer.status, answer.text).toBe(200);
      expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 0 });
      expect(matchesOf(answer.body)).toEqual([]);
    },
  );

  it.each(CASES)(
    'refuses a wrong value in French, naming itself: %s?%s',
    async (type, name, _value, _ids, _nothing, wrong) => {
      const answer = await searched(type, name, wrong);
      expect(answer.status, answer.text).toBe(400);
      expect(answer.body).toMatchObject({
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'error', expression: [name] }],
      });
    },
  );

  it('is declared by the CapabilityStatement, and no other', async () => {
    const answer = await world.get('/fhir/28/metadata', { authorization });
    const [rest] = answer.body['rest'] as {
      resource: { type: SearchedType; searchParam: { name: string }[] }[];
    }[];
    const searched = (rest?.resource ?? []).filter(({ type }) => type in PARAMETERS);
    expect(searched.map(({ type }) => type)).toEqual(['HealthcareService', 'Organization', 'Location']);
    for (const { type, searchParam } of searched)
      expect(searchParam.map(({ name }) => name).sort()).toEqual(Object.keys(PARAMETERS[type]).sort());
  });

  it('that follows a reference is declared as an inclusion of its type, and back of the type it leads to', async () => {
    const answer = await world.get('/fhir/28/metadata', { authorization });
    const [rest] = answer.body['rest'] as {
      resource: { type: string; searchInclude?: string[]; searchRevInclude?: string[] }[];
    }[];
    const of = (type: string) => rest?.resource.find((each) => each.type === type);
    expect(of('HealthcareService')?.searchInclude).toEqual([
      'HealthcareService:organization',
      'HealthcareService:location',
    ]);
    expect(of('HealthcareService')?.searchRevInclude).toBeUndefined();
    expect(of('Organization')?.searchRevInclude).toEqual([
      'HealthcareService:organization',
      'Organization:partof',
    ]);
    expect(of('Location')?.searchRevInclude).toEqual(['HealthcareService:location']);
  });

  it('of ours is unknown on the plain base', async () => {
    const answer = await world.get('/ror/28/HealthcareService?filiere=FIMARAD', { authorization });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('Paramètre inconnu');
  });

  it('says that it knows no position in a commune without a served place that has one', async () => {
    const answer = await searched('Location', 'near-insee-code', '50129|15|km');
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('Aucun lieu servi de la commune 50129');
  });
});
