import type { Json, JsonObject } from '../domain/json.js';
import { codeSystem, EXT, OFFER_IDENTIFIER } from './model.js';

/** A hospital site in plain facts. All texts as FINESS gives them. */
export interface SiteFacts {
  /** FINESS numbers of the legal entity and of the site, nine characters. */
  readonly ej: string;
  readonly eg: string;
  readonly name: string;
  /** FINESS gives no name of legal entities in its open file: the site's serves when absent. */
  readonly ejName?: string;
  readonly town: string;
  /** INSEE code, five characters. */
  readonly commune: string;
  readonly postalCode: string;
  /** TRE_R66, three characters. */
  readonly category: string;
  /** TRE_R30 code and name. */
  readonly region: { readonly code: string; readonly name: string };
  /** Instant written as creation and last change. */
  readonly at?: string;
}

/** Coding of a characteristic or a specialty: TRE name, code, label. */
export interface CodedFact {
  readonly system: string;
  readonly code: string;
  readonly display: string;
}

export interface TrialOffer {
  /** Technical id in the sandbox. */
  readonly id: string;
  /** `28/ESSAI-0001`. */
  readonly identifier: string;
  /** What comes after "Offre d’essai": a number, a town. */
  readonly label: string;
  readonly site: SiteFacts;
  /** TRE_R211; 037 Dermatologie when absent. */
  readonly activity?: { readonly code: string; readonly display: string };
  /** TRE_R244; 154 Unité hospitalière de dermatologie when absent, none when null. */
  readonly category?: { readonly code: string; readonly display: string } | null;
  readonly ages?: { readonly low: number; readonly high: number };
  /** Other characteristics than the care mode (consultation). */
  readonly characteristics?: readonly CodedFact[];
  readonly comment?: string;
}

const DEFAULT_INSTANT = '2026-01-05T08:00:00+01:00';
const YEARS = { system: codeSystem('TRE_R247-UcumUniteMesure'), code: 'a' };

/** Ids of the three resources of a site, as the builders give them. */
export function siteIds(site: SiteFacts): {
  readonly ej: string;
  readonly eg: string;
  readonly place: string;
} {
  return { ej: `ej-${site.ej}`, eg: `eg-${site.eg}`, place: `lieu-${site.eg}` };
}

/** Legal entity (EJ) of a public hospital. */
export function legalEntity(site: SiteFacts): JsonObject {
  return {
    ...head('Organization', siteIds(site).ej, 'ror-organization', site),
    extension: [creationDate(site)],
    identifier: structureIdentifiers(site.ej),
    type: [concept('TRE_R69-FinessAgregatStatutJuridiqueNiv2', '1200', 'Etablissement public')],
    name: site.ejName ?? site.name,
  };
}

/** Site (EG), part of its EJ. */
export function site(facts: SiteFacts): JsonObject {
  return {
    ...head('Organization', siteIds(facts).eg, 'ror-organization', facts),
    extension: [creationDate(facts)],
    identifier: structureIdentifiers(facts.eg),
    type: [concept('TRE_R66-CategorieEtablissement', facts.category)],
    name: facts.name,
    address: [{ city: facts.town, postalCode: facts.postalCode }],
    partOf: { reference: `Organization/${siteIds(facts).ej}` },
  };
}

/**
 * The one place of a site. The exchange model ties no place to its EG; as in the capacity feed, the carrier's
 * identifier (#26) begins with the national id of the EG, and `managingOrganization` names it.
 */
export function place(facts: SiteFacts): JsonObject {
  return {
    ...head('Location', siteIds(facts).place, 'ror-location', facts),
    extension: [
      {
        url: `${EXT}ror-commune-cog`,
        valueCodeableConcept: concept('TRE_R13-CommuneOM', facts.commune, facts.town),
      },
      creationDate(facts),
    ],
    identifier: [
      { type: concept('TRE_R354-TypeIdentifiantLieu', '26'), value: `1${facts.eg}/LIEU-PRINCIPAL` },
    ],
    operationalStatus: { system: codeSystem('TRE_R203-StatutLieu'), code: '3', display: 'Opérationnel' },
    name: facts.name,
    type: [concept('TRE_R343-FonctionLieu', '005', 'Adresse')],
    address: { city: facts.town, postalCode: facts.postalCode },
    managingOrganization: { reference: `Organization/${siteIds(facts).eg}` },
  };
}

/** EJ, EG and place, each EJ once, in the order in which references resolve. */
export function establishments(sites: readonly SiteFacts[]): readonly JsonObject[] {
  const entities = new Map(sites.map((facts) => [facts.ej, legalEntity(facts)]));
  return [...entities.values(), ...sites.map(site), ...sites.map(place)];
}

/** A synthetic offer of a hospital's unit, named so that nobody takes it for a real one. */
export function trialOffer(offer: TrialOffer): JsonObject {
  const ids = siteIds(offer.site);
  const activity = offer.activity ?? { code: '037', display: 'Dermatologie' };
  const category =
    offer.category === undefined
      ? { code: '154', display: 'Unité hospitalière de dermatologie' }
      : offer.category;
  const ages = offer.ages ?? { low: 18, high: 150 };
  return {
    ...head('HealthcareService', offer.id, 'ror-healthcareservice', offer.site),
    extension: [
      { url: `${EXT}ror-healthcareservice-sensitive-unit`, valueBoolean: false },
      {
        url: `${EXT}ror-healthcareservice-patient-type`,
        extension: [
          {
            url: 'ageRange',
            valueRange: { low: { value: ages.low, ...YEARS }, high: { value: ages.high, ...YEARS } },
          },
        ],
      },
      creationDate(offer.site),
    ],
    identifier: [
      {
        type: {
          coding: [
            {
              ...OFFER_IDENTIFIER,
              display: "Identifiant fonctionnel de l'offre connu par l'instance ROR",
            },
          ],
        },
        value: offer.identifier,
      },
    ],
    providedBy: { reference: `Organization/${ids.eg}` },
    ...(category === null
      ? {}
      : { category: [concept('TRE_R244-CategorieOrganisation', category.code, category.display)] }),
    type: [concept('TRE_R227-ChampActivite', '01', 'Médecine, Chirurgie, Obstétrique (MCO)')],
    specialty: [concept('TRE_R211-ActiviteOperationnelle', activity.code, activity.display)],
    location: [{ reference: `Location/${ids.place}` }],
    name: `Offre d’essai ${offer.label}, consultation de ${activity.display.toLowerCase()}`,
    ...(offer.comment === undefined ? {} : { comment: offer.comment }),
    characteristic: [
      concept('TRE_R213-ModePriseEnCharge', '32', 'Consultation (CS) ou Séance'),
      ...(offer.characteristics ?? []).map((fact) => concept(fact.system, fact.code, fact.display)),
    ],
  };
}

function head(resourceType: string, id: string, profile: string, site: SiteFacts): JsonObject {
  const { code, name } = site.region;
  return {
    resourceType,
    id,
    meta: {
      lastUpdated: site.at ?? DEFAULT_INSTANT,
      profile: [EXT + profile],
      tag: [{ system: codeSystem('TRE_R30-RegionOM'), code, display: name }],
    },
  };
}

function creationDate(site: SiteFacts): JsonObject {
  return { url: `${EXT}ror-meta-creation-date`, valueDateTime: site.at ?? DEFAULT_INSTANT };
}

/** National id (`1` + FINESS) and FINESS number, as the ROR identifies a structure. */
function structureIdentifiers(finess: string): readonly Json[] {
  const kind = (code: string, display: string) => concept('TRE_G07-TypeIdentifiantStructure', code, display);
  return [
    {
      type: kind('40', 'Identifiant national de structure'),
      system: 'urn:oid:1.2.250.1.71.4.2.2',
      value: `1${finess}`,
    },
    { type: kind('1', 'FINESS'), system: 'https://finess.esante.gouv.fr', value: finess },
  ];
}

function concept(system: string, code: string, display?: string): JsonObject {
  return { coding: [{ system: codeSystem(system), code, ...(display === undefined ? {} : { display }) }] };
}
