import { z } from 'zod';

/** A value that fits its schema, or what a person has to mend, in French: a line per fault, each with its path. */
export type Checked<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly faults: string; readonly cause: z.ZodError };

/** The one way in which a file that a person wrote is held against its schema. */
export function checkedBy<T extends z.ZodType>(schema: T, value: unknown): Checked<z.infer<T>> {
  const result = schema.safeParse(value, { error: z.locales.fr().localeError });
  if (result.success) return { ok: true, data: result.data };
  const faults = z.prettifyError(result.error).replaceAll('→ at ', '→ à ');
  return { ok: false, faults, cause: result.error };
}
