/**
 * What the sandbox knows of its resources: interactions, first-level elements, code systems. Written from the
 * ROR documentation alone, never from our encoder: the two must be able to disagree.
 */
export const TYPES = [
  'HealthcareService',
  'Organization',
  'Location',
  'Practitioner',
  'PractitionerRole',
  'Task',
] as const;
export type TypeName = (typeof TYPES)[number];

export function isTypeName(text: string): text is TypeName {
  return (TYPES as readonly string[]).includes(text);
}

/** Interactions declared by the server's CapabilityStatement (ROR IG 0.7.0): Location and Task have no update, people no patch. */
export const UPDATABLE: readonly TypeName[] = [
  'HealthcareService',
  'Organization',
  'Practitioner',
  'PractitionerRole',
];
export const PATCHABLE: readonly TypeName[] = ['HealthcareService', 'Organization', 'Location', 'Task'];

export const EXT = 'https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition/';

/** `TRE_R30-RegionOM` → its canonical URL: underscore in the folder, hyphen in the last part. */
export function codeSystem(name: string): string {
  return `https://mos.esante.gouv.fr/NOS/${name}/FHIR/${name.replace('_', '-')}`;
}

export const OFFER_IDENTIFIER = { system: codeSystem('TRE_R355-TypeIdentifiantOffre'), code: '35' } as const;

/** First-level elements of FHIR R4, by whether they repeat. */
export const ELEMENTS: Readonly<
  Record<TypeName, { readonly single: ReadonlySet<string>; readonly list: ReadonlySet<string> }>
> = {
  HealthcareService: elements(
    'active providedBy name comment extraDetails photo appointmentRequired availabilityExceptions',
    'identifier category type specialty location telecom coverageArea serviceProvisionCode eligibility program characteristic communication referralMethod availableTime notAvailable endpoint',
  ),
  Organization: elements('active name partOf', 'identifier type alias telecom address contact endpoint'),
  Location: elements(
    'status operationalStatus name description mode address physicalType position managingOrganization partOf availabilityExceptions',
    'identifier alias type telecom hoursOfOperation endpoint',
  ),
  Practitioner: elements(
    'active gender birthDate',
    'identifier name telecom address photo qualification communication',
  ),
  PractitionerRole: elements(
    'active period practitioner organization availabilityExceptions',
    'identifier code specialty location healthcareService telecom availableTime notAvailable endpoint',
  ),
  Task: elements(
    'instantiatesCanonical instantiatesUri groupIdentifier status statusReason businessStatus intent priority code description focus for encounter executionPeriod authoredOn lastModified requester owner location reasonCode reasonReference restriction',
    'identifier basedOn partOf performerType insurance note relevantHistory input output',
  ),
};

function elements(single: string, list: string) {
  return {
    single: new Set(['id', 'meta', 'implicitRules', 'language', 'text', ...single.split(' ')]),
    list: new Set(['extension', 'modifierExtension', 'contained', ...list.split(' ')]),
  };
}
