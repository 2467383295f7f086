import { fault } from './outcome.js';

const PREFIXES = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'] as const;
const DATE =
  /^(?<prefix>[a-z]{2})?(?<year>\d{4})(?:-(?<month>\d{2})(?:-(?<day>\d{2})(?<time>T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?)?)?$/;

/**
 * FHIR R4 date search: a value is the range that its precision implies (a day, a second…), compared by prefix with an
 * instant. A value without zone is read as UTC. @throws Fault 400 on another form.
 */
export function dateTest(text: string): (instant: string) => boolean {
  const parts = DATE.exec(text.trim())?.groups;
  const prefix = PREFIXES.find((known) => known === (parts?.['prefix'] ?? 'eq'));
  if (parts === undefined || prefix === undefined) throw badDate(text);
  const [from, to] = range(parts, text);
  return (instant) => {
    const at = Date.parse(instant);
    switch (prefix) {
      case 'eq':
        return at >= from && at < to;
      case 'ne':
        return at < from || at >= to;
      case 'gt':
      case 'sa':
        return at >= to;
      case 'ge':
        return at >= from;
      case 'lt':
      case 'eb':
        return at < from;
      case 'le':
        return at < to;
    }
  };
}

/** Milliseconds: first instant inside, first instant after. */
function range(parts: Record<string, string | undefined>, text: string): readonly [number, number] {
  const { year = '', month, day, time } = parts;
  const zone = time === undefined || /(Z|[+-]\d{2}:\d{2})$/.test(time) ? '' : 'Z';
  const from = Date.parse(`${year}-${month ?? '01'}-${day ?? '01'}${time === undefined ? '' : time + zone}`);
  if (Number.isNaN(from)) throw badDate(text);
  if (month === undefined) return [from, Date.UTC(Number(year) + 1, 0)];
  if (day === undefined) return [from, Date.UTC(Number(year), Number(month))];
  if (time === undefined) return [from, from + 86_400_000];
  if (/\.\d+/.test(time)) return [from, from + 1];
  return [from, from + (/^T\d{2}:\d{2}:\d{2}/.test(time) ? 1_000 : 60_000)];
}

function badDate(text: string) {
  return fault(400, 'invalid', `Date de recherche illisible : « ${text} ».`);
}
