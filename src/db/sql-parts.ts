/** A piece of a statement with what stands in its places. */
export interface Sql {
  readonly text: string;
  readonly bindings: readonly unknown[];
}

export const sql = (text: string, ...bindings: readonly unknown[]): Sql => ({ text, bindings });

export function all(parts: readonly Sql[]): Sql {
  return sql(parts.map((part) => part.text).join(' and '), ...parts.flatMap((part) => part.bindings));
}

export function anyOf(parts: readonly Sql[]): Sql {
  if (parts.length === 0) return sql('false');
  return sql(`(${parts.map((part) => part.text).join(' or ')})`, ...parts.flatMap((part) => part.bindings));
}
