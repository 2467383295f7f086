import type { JsonObject } from '../domain/json.js';

/** Issue codes of FHIR R4 (value set issue-type) that are answered here. */
export type IssueCode =
  | 'invalid'
  | 'not-supported'
  | 'not-found'
  | 'code-invalid'
  | 'deleted'
  | 'login'
  | 'expired'
  | 'forbidden'
  | 'throttled'
  | 'too-costly'
  | 'too-long'
  | 'timeout'
  | 'transient'
  | 'exception'
  | 'processing';

/** What was asked cannot be answered: told as an OperationOutcome, in French, with what to do. */
export class Fault extends Error {
  constructor(
    readonly status: number,
    readonly code: IssueCode,
    message: string,
    /** Parameter, header or element at fault. */
    readonly expression: string | null = null,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'Fault';
  }
}

export function invalid(parameter: string, message: string): Fault {
  return new Fault(400, 'invalid', message, parameter);
}

export function unsupported(parameter: string, message: string): Fault {
  return new Fault(400, 'not-supported', message, parameter);
}

export interface Issue {
  readonly severity: 'error' | 'warning' | 'information';
  readonly code: IssueCode;
  readonly message: string;
  readonly expression: string | null;
}

export function outcomeOf(issues: readonly Issue[]): JsonObject {
  return {
    resourceType: 'OperationOutcome',
    issue: issues.map(({ severity, code, message, expression }) => ({
      severity,
      code,
      diagnostics: message,
      ...(expression === null ? {} : { expression: [expression] }),
    })),
  };
}
