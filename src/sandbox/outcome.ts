import { isBody, type Body } from './body.js';

export interface Issue {
  /** IssueType of FHIR R4: `invalid`, `required`, `business-rule`, `not-found`, `duplicate`, `conflict`… */
  readonly code: string;
  /** French. */
  readonly diagnostics: string;
  readonly expression?: string;
}

/** A request that the server refuses: becomes the status and the OperationOutcome of the answer. */
export class Fault extends Error {
  constructor(
    readonly status: number,
    readonly issues: readonly Issue[],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(issues.map((issue) => issue.diagnostics).join(' '));
    this.name = 'Fault';
  }
}

export function fault(status: number, code: string, diagnostics: string, expression?: string): Fault {
  return new Fault(status, [{ code, diagnostics, ...(expression === undefined ? {} : { expression }) }]);
}

export function operationOutcome(issues: readonly Issue[]): Body {
  return {
    resourceType: 'OperationOutcome',
    issue: issues.map((issue) => ({
      severity: 'error',
      code: issue.code,
      diagnostics: issue.diagnostics,
      ...(issue.expression === undefined ? {} : { expression: [issue.expression] }),
    })),
  };
}

/** Element `body` of a request as a resource of the type in its URL. @throws Fault 400. */
export function expectResource(value: unknown, type: string): Body {
  if (!isBody(value as Body)) throw fault(400, 'structure', 'Le corps n’est pas un objet JSON.');
  const body = value as Body;
  if (body['resourceType'] === type) return body;
  throw fault(400, 'invalid', `Le corps n’est pas une ressource ${type}.`, 'resourceType');
}
