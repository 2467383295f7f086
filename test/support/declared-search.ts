/**
 * What the ROR declares of searches (api.md, section 7), written by hand from its tables and owing nothing to the
 * sandbox: a query that is not in here may be refused, or worse, ignored.
 */
const DECLARED: Readonly<Record<string, readonly string[]>> = {
  HealthcareService: [
    ...[
      '_id',
      '_lastUpdated',
      '_tag',
      '_has',
      '_filter',
      'identifier',
      'name',
      'service-category',
      'service-type',
    ],
    ...[
      'characteristic',
      'specialty',
      'age-range-high',
      'age-range-low',
      'intervention-zone',
      'patient-type',
    ],
    ...['psychiatric-sector', 'notavailable-closing-reopeningdate'],
  ],
  Organization: [
    ...['_id', '_lastUpdated', '_tag', '_content', 'identifier', 'name', 'type', 'closing-type', 'drop-zone'],
    ...['period-end', 'price-amount-value', 'price-dependency-level', 'price-residential-type', 'price-type'],
    ...['price-unit', 'price-validity-start-date', 'price-welcome-type', 'special-price'],
  ],
  Location: [
    ...['_filter', '_has', '_id', '_lastUpdated', '_tag', 'type', 'identifier', 'near', 'status'],
    ...['operational-status', 'address-postalcode', 'address-city', 'capacity-status', 'nb-capacity'],
    ...[
      'additional-bed-type',
      'capacity-closing-type',
      'capacity-type',
      'capacity-update-date',
      'crisis-type',
    ],
    ...['equipment-type', 'equipment-feature', 'gender-capacity-available', 'limit-value', 'commune-cog'],
    ...['near-insee-code', 'residential-number', 'residential-type', 'temporality-capacity'],
    'temporary-assignement',
  ],
  Practitioner: ['identifier', '_id', '_lastUpdated', '_tag'],
  PractitionerRole: ['identifier', '_id', '_lastUpdated', '_tag'],
  Task: ['_id', '_content'],
};

const GENERIC = ['_count', '_sort', '_include', '_include:iterate', '_revinclude', '_format'];
/** From HealthcareService only. */
const CHAINS: Readonly<Record<string, string>> = { organization: 'Organization', location: 'Location' };
const EXPORT = ['_outputFormat', '_type', 'includeAssociatedData', '_typeFilter'];

/** Parameters of a request's path and query that the ROR does not declare for it; `null` when it is no search. */
export function undeclaredIn(path: string): readonly string[] | null {
  const [place = '', query = ''] = path.split('?');
  const target = /^\/fhir\/([^/]+)$/.exec(place)?.[1];
  if (target === undefined || target === 'metadata' || target === '$export-poll-status') return null;
  const names = [...new URLSearchParams(query).keys()];
  if (target === '$export') {
    const filter = new URLSearchParams(query).get('_typeFilter') ?? '';
    const inner = undeclaredIn(`/fhir/${filter}`);
    return [...names.filter((name) => !EXPORT.includes(name)), ...(inner ?? [`_typeFilter=${filter}`])];
  }
  return names.filter((name) => !isDeclared(target, name));
}

function isDeclared(type: string, name: string): boolean {
  if (GENERIC.includes(name)) return true;
  const [head = '', tail] = name.split('.');
  if (tail === undefined) return (DECLARED[type] ?? []).includes(name.replace(/:not$/, ''));
  const target = type === 'HealthcareService' ? CHAINS[head] : undefined;
  return target !== undefined && (DECLARED[target] ?? []).includes(tail.replace(/:above$/, ''));
}

/** `Type?name&name` of a search, names in order: one line per kind of query. */
export function shapeOf(path: string): string {
  const [place = '', query = ''] = path.split('?');
  return `${place.slice('/fhir/'.length)}?${[...new Set(new URLSearchParams(query).keys())].sort().join('&')}`;
}
