import { loadConfig, type FilrorConfig } from '../../src/config/load.js';
import type { CodeSystemConfig } from '../../src/config/schema/codes.js';

/** One concept of a nomenclature that a test writes, as the NOS write it. */
export interface TrialConcept {
  readonly code: string;
  readonly display?: string;
  readonly property?: readonly Readonly<Record<string, unknown>>[];
  readonly extension?: readonly Readonly<Record<string, unknown>>[];
}

/** After every version that the shipped configuration follows. */
export const NEXT_VERSION = '20270101120000';

export function systemOf(name: string, config: Pick<FilrorConfig, 'codes'> = loadConfig()): CodeSystemConfig {
  const found = config.codes.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

export const inUse = (code: string, display: string): TrialConcept => ({
  code,
  display,
  property: [{ code: 'status', valueCode: 'active' }],
});

/** As TRE_R213 says it (July 2026): the three properties together; `by` names the successor as HL7's extension does. */
export const outOfUse = (
  code: string,
  display: string,
  by: string | null = null,
  day = '2026-10-01',
): TrialConcept => ({
  code,
  display,
  property: [
    { code: 'dateFin', valueDateTime: `${day}T12:00:00+01:00` },
    { code: 'deprecationDate', valueDateTime: `${day}T12:00:00+01:00` },
    { code: 'status', valueCode: 'deprecated' },
  ],
  ...(by === null
    ? {}
    : {
        extension: [
          { url: 'http://hl7.org/fhir/StructureDefinition/codesystem-replacedby', valueCoding: { code: by } },
        ],
      }),
});

/**
 * A CodeSystem that says what a configured nomenclature says, except for some codes.
 * @param instead concept by code, in the place of ours or added; null: left out
 */
export function codeSystem(
  config: CodeSystemConfig,
  instead: Readonly<Record<string, TrialConcept | null>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> & { concept: TrialConcept[] } {
  const concepts = new Map<string, TrialConcept>();
  for (const [code, display] of Object.entries(config.active)) concepts.set(code, inUse(code, display));
  for (const [code, display] of Object.entries(config.deprecated))
    concepts.set(code, outOfUse(code, display));
  for (const [code, concept] of Object.entries(instead)) {
    if (concept === null) concepts.delete(code);
    else concepts.set(code, concept);
  }
  return {
    resourceType: 'CodeSystem',
    id: config.name.replace('_', '-'),
    url: config.system,
    version: config.version,
    name: config.name,
    status: 'active',
    content: 'complete',
    concept: [...concepts.values()],
    ...more,
  };
}
