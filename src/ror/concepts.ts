import type { Json, JsonObject } from '../domain/json.js';
import type { CentreContact } from '../domain/offer.js';
import type { CodeBook } from './codes.js';
import { EXTENSION_URLS } from './urls.js';

/** The FHIR shapes that filror writes, one function each; codes are checked by the code book. */

/** `characteristic` of one slice without ror-act-type. */
export function characteristic(codes: CodeBook, system: string, code: string): JsonObject {
  return codes.concept(system, code);
}

/** `characteristic[specificAct]`: the act with the ror-act-type that makes the slice. */
export function specificAct(codes: CodeBook, code: string): JsonObject {
  return {
    extension: [{ url: EXTENSION_URLS['act-type'], valueCode: 'specificAct' }],
    ...codes.concept('TRE_R210', code),
  };
}

/** Part `ageRange` of the patient-type extension; bounds in years. */
export function ageRange(codes: CodeBook, low: number, high: number): JsonObject {
  const unit = { system: codes.url('TRE_R247'), code: 'a' };
  return { url: 'ageRange', valueRange: { low: { value: low, ...unit }, high: { value: high, ...unit } } };
}

export function sensitiveUnit(value: boolean): JsonObject {
  return { url: EXTENSION_URLS['sensitive-unit'], valueBoolean: value };
}

/** Code of the secure health mail channel; its boxes stand in `telecom`, every other channel in a contact. */
export const MSSANTE = 'MSSANTE';

/** Code system of a channel: the value set JDV_J225 joins two. */
export function channelSystem(channel: string): 'TRE_R200' | 'TRE_R256' {
  return channel === MSSANTE ? 'TRE_R256' : 'TRE_R200';
}

/** Extension `contact` with one telecom: nature and confidentiality of the contact, channel and address of the telecom. */
export function contact(codes: CodeBook, facts: CentreContact): JsonObject {
  const confidentiality = codes.concept('TRE_R283', facts.confidentiality);
  const described: Json[] =
    facts.description === undefined ? [] : [{ url: 'description', valueString: facts.description }];
  return {
    url: EXTENSION_URLS.contact,
    extension: [
      { url: 'purposeContact', valueCodeableConcept: codes.concept('TRE_R287', facts.nature) },
      ...described,
      { url: EXTENSION_URLS['confidentiality-level'], valueCodeableConcept: confidentiality },
      {
        url: EXTENSION_URLS['contact-telecom'],
        extension: [...telecomParts(codes, facts), { url: 'telecomAddress', valueString: facts.value }],
      },
    ],
  };
}

/** `telecom`: an MSSanté box of the service. */
export function mailbox(codes: CodeBook, facts: CentreContact): JsonObject {
  const usage: Json[] =
    facts.description === undefined
      ? []
      : [{ url: EXTENSION_URLS['telecom-usage'], valueString: facts.description }];
  return { extension: [...telecomParts(codes, facts), ...usage], value: facts.value };
}

function telecomParts(codes: CodeBook, facts: CentreContact): Json[] {
  return [
    {
      url: EXTENSION_URLS['telecom-channel'],
      valueCodeableConcept: codes.concept(channelSystem(facts.channel), facts.channel),
    },
    {
      url: EXTENSION_URLS['telecom-confidentiality'],
      valueCodeableConcept: codes.concept('TRE_R283', facts.confidentiality),
    },
  ];
}
