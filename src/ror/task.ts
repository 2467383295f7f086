import type { Json, JsonObject } from '../domain/json.js';
import type { CodeBook } from './codes.js';

/** What is proposed: add, correct, delete (TRE_R349). */
export const ANOMALY_ACTIONS = ['AJO', 'COR', 'SUP'] as const;
export type AnomalyAction = (typeof ANOMALY_ACTIONS)[number];

/** TRE_R350: completeness of a record, a record that is missing, a value that is wrong. */
export type AnomalyTheme = '01' | '02' | '06';

/** An anomaly as filror reports it, in plain facts. */
export interface AnomalyFacts {
  readonly action: AnomalyAction;
  readonly theme: AnomalyTheme;
  /** French, what is wrong and what is proposed; ends with `mark`. No personal data. */
  readonly description: string;
  /** Record in error, by its functional identifier: technical ids are the server's alone (DESIGN 5). */
  readonly focus: { readonly type: 'HealthcareService' | 'Organization'; readonly identifier: string };
  /** FHIRPath of the element in error, when there is exactly one. */
  readonly path: string | null;
  /** Values in error and proposed, as people read them. */
  readonly errors: readonly string[];
  readonly proposals: readonly string[];
  /** System that reports. */
  readonly requester: string;
  readonly at: Date;
}

export const TASK_INPUT = 'https://interop.esante.gouv.fr/ig/fhir/ror/CodeSystem/input-task-ror-codesystem';
/** Business status of an anomaly that was just reported (TRE_R352 "Créé"). */
export const CREATED_STATUS = '01';

/** The Task of an anomaly, by profile ror-task 0.7.0 (api.md 10). The server gives its id. */
export function encodeTask(facts: AnomalyFacts, codes: CodeBook): JsonObject {
  const instant = facts.at.toISOString();
  return {
    resourceType: 'Task',
    status: 'requested',
    businessStatus: codes.concept('TRE_R352', CREATED_STATUS),
    intent: 'order',
    code: codes.concept('TRE_R350', facts.theme),
    description: facts.description,
    focus: { type: facts.focus.type, identifier: { value: facts.focus.identifier } },
    authoredOn: instant,
    lastModified: instant,
    reasonCode: codes.concept('TRE_R349', facts.action),
    input: [
      input('systemRequester', { valueString: facts.requester }),
      ...(facts.path === null
        ? []
        : [
            input('pathElementError', {
              valueExpression: { language: 'text/fhirpath', expression: facts.path },
            }),
          ]),
      ...facts.errors.map((text) => input('errorValue', { valueString: text })),
      ...facts.proposals.map((text) => input('proposedValue', { valueString: text })),
    ],
  };
}

function input(code: string, value: JsonObject): Json {
  return { type: { coding: [{ system: TASK_INPUT, code }] }, ...value };
}
