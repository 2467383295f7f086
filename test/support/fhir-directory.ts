import type { JsonObject } from '../../src/domain/json.js';
import { establishments, trialOffer } from '../../src/sandbox/seed.js';
import { FORBIDDEN } from './seen-answers.js';
import { CAEN, FAMILY_SKIN, LEVEL_COMPETENCE, ROUEN, SYSTEM } from './trial-region.js';

const EXT = 'https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition/';

const concept = (system: string, code: string): JsonObject => ({
  coding: [{ system: SYSTEM(system), code }],
});
const part = (url: string, value: JsonObject): JsonObject => ({ url, ...value });
const coded = (url: string, system: string, code: string): JsonObject => ({
  url,
  valueCodeableConcept: concept(system, code),
});
const level = (code: string): JsonObject => ({
  url: `${EXT}ror-confidentiality-level`,
  valueCodeableConcept: concept('TRE_R283-NiveauConfidentialite', code),
});
const telecomLevel = (code: string): JsonObject => ({
  url: `${EXT}ror-telecom-confidentiality-level`,
  valueCodeableConcept: concept('TRE_R283-NiveauConfidentialite', code),
});

/** A contact of an offer with one number. */
export function offerContact(
  confidentiality: string,
  number: string,
  numberLevel = confidentiality,
): JsonObject {
  return {
    url: `${EXT}ror-healthcareservice-contact`,
    extension: [
      { url: 'name', valueHumanName: { text: FORBIDDEN.headName } },
      level(confidentiality),
      {
        url: `${EXT}ror-healthcareservice-contact-telecom`,
        extension: [telecomLevel(numberLevel), { url: 'telecomAddress', valueString: number }],
      },
    ],
  };
}

/**
 * A synthetic region that says something under every search parameter of the ROR's table: two hospitals, their places,
 * three offers, of which one of a sensitive unit, and what an anonymous caller may not see.
 */
export function trialDirectory(): readonly JsonObject[] {
  const [ejCaen, ejRouen, egCaen, egRouen, placeCaen, placeRouen] = establishments([
    CAEN,
    ROUEN,
  ]) as JsonObject[];
  const sites = [ejCaen, ejRouen, egCaen, egRouen, placeCaen, placeRouen] as JsonObject[];
  const named = (id: string): JsonObject => sites.find((each) => each['id'] === id) ?? {};
  const rouen = trialOffer({
    id: 'offre-rouen',
    identifier: '28/ESSAI-0002',
    label: 'Évreux de Rouen',
    site: ROUEN,
    characteristics: [FAMILY_SKIN, LEVEL_COMPETENCE],
    ages: { low: 0, high: 17 },
    category: { code: '245', display: 'Centre expert en maladies rares' },
    activity: { code: '593', display: 'Maladies rares' },
  });
  const sensitive = trialOffer({ id: 'offre-sensible', identifier: '28/ESSAI-0003', label: '3', site: CAEN });
  const [unit, ...others] = sensitive['extension'] as JsonObject[];
  return [
    named(`ej-${CAEN.ej}`),
    named(`ej-${ROUEN.ej}`),
    named(`eg-${CAEN.eg}`),
    { ...named(`eg-${ROUEN.eg}`), ...organizationParts(named(`eg-${ROUEN.eg}`)) },
    { ...named(`lieu-${CAEN.eg}`), position: { latitude: 49.2, longitude: -0.36 } },
    { ...named(`lieu-${ROUEN.eg}`), ...locationParts(named(`lieu-${ROUEN.eg}`)) },
    trialOffer({ id: 'offre-caen', identifier: '28/ESSAI-0001', label: 'Caen', site: CAEN }),
    {
      ...rouen,
      type: [concept('TRE_R227-ChampActivite', '04')],
      extension: [
        ...(rouen['extension'] as JsonObject[]).map((extension) =>
          extension['url'] === `${EXT}ror-healthcareservice-patient-type`
            ? {
                ...extension,
                extension: [
                  ...(extension['extension'] as JsonObject[]),
                  coded('supportedPatientInfo', 'TRE_R239-PublicPrisEnCharge', '05'),
                ],
              }
            : extension,
        ),
        {
          url: `${EXT}ror-territorial-division`,
          extension: [
            coded('typeTerritorialDivision', 'TRE_R201-TypeDivisionTerritoriale', '1'),
            coded('codeTerritorialDivision', 'TRE_R13-CommuneOM', '76540'),
          ],
        },
        { url: `${EXT}ror-healthcareservice-psychiatric-sector`, valueString: '76G01' },
        offerContact('1', '0200000001'),
        offerContact('2', FORBIDDEN.professionalNumber),
        offerContact('3', FORBIDDEN.regulationNumber),
        offerContact('1', FORBIDDEN.professionalNumber, '2'),
      ],
      characteristic: [
        ...(rouen['characteristic'] as JsonObject[]),
        {
          coding: [{ system: SYSTEM('TRE_R210-ActeSpecifique'), code: '0626', display: FORBIDDEN.act }],
        },
      ],
      notAvailable: [{ description: 'Travaux', during: { start: '2026-08-01', end: '2026-08-31' } }],
    },
    {
      ...sensitive,
      name: FORBIDDEN.sensitiveName,
      extension: [{ ...unit, valueBoolean: true }, ...others],
    },
  ];
}

function organizationParts(site: JsonObject): JsonObject {
  return {
    alias: ['Hôpital d’essai de la Seine'],
    extension: [
      ...((site['extension'] ?? []) as JsonObject[]),
      {
        url: 'http://hl7.org/fhir/StructureDefinition/organization-period',
        valuePeriod: { start: '1970-01-01', end: '2030-12-31' },
      },
      coded(`${EXT}ror-organization-closing-type`, 'TRE_R286-TypeFermeture', '1'),
      { url: `${EXT}ror-organization-drop-zone`, valueBoolean: true },
      {
        url: `${EXT}ror-organization-level-recours-orsan`,
        valueCodeableConcept: { text: FORBIDDEN.crisis },
      },
      {
        url: `${EXT}ror-organization-price`,
        extension: [
          coded('priceType', 'TRE_R246-TypeTarif', '01'),
          coded('priceUnit', 'TRE_R228-UnitePrix', '02'),
          part('amount', { valueMoney: { value: 62.5, currency: 'EUR' } }),
          part('startDate', { valueDateTime: '2026-01-01' }),
          coded('residentialType', 'TRE_R242-TypeHabitation', '03'),
          coded('specialPrice', 'TRE_R249-ConditionTarifaire', '04'),
          coded('welcomeType', 'TRE_R240-TemporaliteAccueil', '05'),
          coded('dependencyLevel', 'TRE_R237-GroupeTarifaireDependance', '06'),
        ],
      },
    ],
    contact: [
      {
        extension: [
          {
            url: `${EXT}ror-contact-confidentiality-level`,
            valueCodeableConcept: concept('TRE_R283-NiveauConfidentialite', '1'),
          },
        ],
        name: { text: FORBIDDEN.headName },
        telecom: [
          { extension: [telecomLevel('1')], system: 'phone', value: '0200000001' },
          { extension: [telecomLevel('3')], system: 'phone', value: FORBIDDEN.regulationNumber },
        ],
      },
    ],
  };
}

function locationParts(place: JsonObject): JsonObject {
  return {
    status: 'active',
    position: { latitude: 49.44, longitude: 1.1 },
    extension: [
      ...((place['extension'] ?? []) as JsonObject[]),
      {
        url: `${EXT}ror-location-supported-capacity`,
        extension: [
          coded('capacityType', 'TRE_R329-NatureCapacite', '01'),
          coded('capacityStatus', 'TRE_R330-TypeStatutCapacite', '02'),
          coded('temporalityCapacity', 'TRE_R331-TemporaliteCapacite', '03'),
          coded('genderCapacityAvailable', 'TRE_R332-GenreCapacite', '04'),
          coded('capacityClosingType', 'TRE_R333-TypeFermetureCapacite', '05'),
          coded('additionalBedType', 'TRE_R334-TypeLitSupplementaire', '06'),
          coded('crisisType', 'TRE_R336-TypeCrise', '07'),
          coded('temporaryAssignement', 'TRE_R337-AffectationTemporaire', '08'),
          part('nbCapacity', { valueInteger: 12 }),
          part('capacityUpdateDate', { valueDateTime: '2026-05-11T06:00:00+02:00' }),
        ],
      },
      {
        url: `${EXT}ror-location-equipment`,
        extension: [
          coded('equipmentType', 'TRE_R212-EquipementSpecifique', '09'),
          {
            url: `${EXT}ror-location-equipment-limit`,
            extension: [
              coded('equipmentFeature', 'TRE_R340-TypeCaracteristiqueEquipement', '10'),
              part('limitValue', { valueQuantity: { value: 250, unit: 'kg' } }),
            ],
          },
        ],
      },
      {
        url: `${EXT}ror-location-residential-capacity`,
        extension: [
          coded('residentialType', 'TRE_R242-TypeHabitation', '11'),
          part('residentialNumber', { valueInteger: 30 }),
        ],
      },
    ],
    telecom: [
      { extension: [telecomLevel('1')], system: 'phone', value: '0200000001' },
      { extension: [telecomLevel('2')], system: 'phone', value: FORBIDDEN.professionalNumber },
      { system: 'phone', value: FORBIDDEN.regulationNumber },
    ],
  };
}
