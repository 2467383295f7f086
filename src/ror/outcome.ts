import { isJsonObject, type Json } from '../domain/json.js';
import type { FilrorError, RemoteError } from '../domain/errors.js';
import { redactText } from '../http/redact.js';

/** One issue of an OperationOutcome, what a person needs of it. */
export interface OutcomeIssue {
  readonly code: string;
  readonly text: string;
  readonly expression: readonly string[];
}

/**
 * What became of a write.
 * - `done`: the repository accepted it. Only a read-back tells whether it did what it accepted.
 * - `refused`: the repository answered that it did not (4xx).
 * - `notSent`: no byte left this machine; it may be tried again.
 * - `unknown`: time-out, connection lost after sending, 5xx, or an answer that names nothing. It may have happened:
 *   never to be repeated before the repository has been searched.
 */
export type WriteOutcome =
  | {
      readonly kind: 'done';
      readonly status: number;
      readonly id: string;
      readonly versionId: string | null;
      /** Body as received; null when the answer had none. */
      readonly body: string | null;
    }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly issues: readonly OutcomeIssue[];
      /** The issues in one text, ready to be shown. */
      readonly text: string;
      /** True when the same request may be accepted later (408, 425, 429). */
      readonly transient: boolean;
      readonly retryAfterMs: number | null;
    }
  | { readonly kind: 'notSent'; readonly error: FilrorError }
  | {
      readonly kind: 'unknown';
      readonly status: number | null;
      readonly text: string;
      readonly error: RemoteError | null;
      /** What a server in trouble asks (503 with Retry-After); null when it asks nothing. */
      readonly retryAfterMs: number | null;
    };

/** Issues of an OperationOutcome, secrets masked; none when the body is something else. `expression` may be a bare string (ANS samples). */
export function outcomeIssues(body: string): readonly OutcomeIssue[] {
  let value: Json;
  try {
    value = JSON.parse(body) as Json;
  } catch {
    return [];
  }
  if (!isJsonObject(value) || value['resourceType'] !== 'OperationOutcome') return [];
  return list(value['issue'])
    .filter((issue) => isJsonObject(issue))
    .map((issue) => {
      const details = isJsonObject(issue['details']) ? issue['details']['text'] : undefined;
      return {
        code: string(issue['code']) ?? 'unknown',
        text: redactText(string(issue['diagnostics']) ?? string(details) ?? ''),
        expression: list(issue['expression'] ?? issue['location']).filter((item) => typeof item === 'string'),
      };
    });
}

/** "business-rule : la valeur… (HealthcareService.name)", one issue a line. */
export function issuesText(issues: readonly OutcomeIssue[]): string {
  return issues
    .map(({ code, text, expression }) => {
      const where = expression.length === 0 ? '' : ` (${expression.join(', ')})`;
      return `${code}${text === '' ? '' : ` : ${text}`}${where}`;
    })
    .join('\n');
}

function list(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

function string(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
