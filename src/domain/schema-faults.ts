import { z } from 'zod';
import { didYouMean } from './nearest.js';

/** A value that fits its schema, or what a person has to mend, in French: a line per fault, each with its path. */
export type Checked<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly faults: string; readonly cause: z.ZodError };

/** The one way in which a file that a person wrote is held against its schema. */
export function checkedBy<T extends z.ZodType>(schema: T, value: unknown): Checked<z.infer<T>> {
  const result = schema.safeParse(value, { error: inFrench });
  if (result.success) return { ok: true, data: result.data };
  const faults = z.prettifyError(withSuggestions(schema, result.error)).replaceAll('→ at ', '→ à ');
  return { ok: false, faults, cause: result.error };
}

const { localeError } = z.locales.fr();

/** A boolean is what people write otherwise most often (`oui`, `"true"`): they are told what to write instead. */
const inFrench: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== 'invalid_type' || issue.expected !== 'boolean') return localeError(issue);
  const { input } = issue;
  const shown =
    typeof input === 'string' && input.length <= 20 ? `« ${input} » n’est ni vrai ni faux ici : ` : '';
  return `${shown}écrivez true ou false, sans guillemets`;
};

/** A key that the schema does not know is told with the known one that it resembles. */
function withSuggestions(schema: z.ZodType, error: z.ZodError): z.ZodError {
  if (!error.issues.some((issue) => issue.code === 'unrecognized_keys')) return error;
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Shape;
  const issues = error.issues.map((issue) => {
    if (issue.code !== 'unrecognized_keys') return issue;
    const known = keysAt([root], issue.path);
    return { ...issue, message: issue.message + issue.keys.map((key) => didYouMean(key, known)).join('') };
  });
  return new z.ZodError(issues);
}

/** As much of JSON Schema as leads from a path to the keys that stand there. */
interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
}

function keysAt(shapes: readonly Shape[], path: readonly PropertyKey[]): string[] {
  const open = shapes.flatMap((shape) => [shape, ...(shape.anyOf ?? []), ...(shape.oneOf ?? [])]);
  const [step, ...rest] = path;
  if (step === undefined) return open.flatMap((shape) => Object.keys(shape.properties ?? {}));
  const next = open.flatMap((shape) => {
    if (typeof step === 'number') return shape.items ?? [];
    const own = shape.properties?.[String(step)];
    if (own !== undefined) return own;
    return typeof shape.additionalProperties === 'object' ? shape.additionalProperties : [];
  });
  return keysAt(next, rest);
}
