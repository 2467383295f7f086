/** `a=1&b=2` of the fields that say something; an empty one is left out. */
export function queryText(fields: Readonly<Record<string, string | number>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== '') params.set(name, String(value));
  return params.toString();
}

/** An address with its state in it; the bare one when there is nothing to say. */
export function withQuery(path: string, fields: Readonly<Record<string, string | number>>): string {
  const text = queryText(fields);
  return text === '' ? path : `${path}?${text}`;
}
