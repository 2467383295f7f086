import { servedHead } from '../db/served.js';
import { addServedExport, openExports, type ExportAsked } from '../db/served-exports.js';
import { bounds } from '../publish/dates.js';
import type { SearchedType } from '../publish/parameters.js';
import { SERVED_TYPES } from '../publish/views.js';
import type { Asked, FhirContext } from './context.js';
import { refuseStrays } from './closed-codes.js';
import { conditionsOf } from './export-filter.js';
import { Fault, invalid, unsupported } from './outcome.js';
import { rulesOf, type Answer, type Sent } from './routes.js';
import { shown } from './values.js';

/** Exports that one client, or one address without a token, may have standing; those of the latter end sooner. */
const MAX_OPEN = 20;
/** Exports of all anonymous readers: what the table is meant to hold, far beyond what their addresses should ask for. */
const MAX_ANONYMOUS = 5_000;
const ANONYMOUS_HOURS = 1;
const MAX_FILTERS = 10;

const FORMATS: Readonly<Record<string, ExportAsked['format']>> = {
  'application/fhir+ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  ndjson: 'ndjson',
  'application/fhir+json': 'json',
  'application/json': 'json',
};
/** What goes with offers and is always exported with them by the ROR (api.md section 9). */
const LINKED = ['HealthcareService', 'Organization', 'Location'];

/**
 * Kick-off (Bulk Data Access 2.0, system and type level; the ROR's plain JSON too). What the export covers is fixed now:
 * everything published so far, however long the reader takes.
 */
export async function startExport(
  context: FhirContext,
  asked: Asked,
  sent: Sent,
  type: SearchedType | null,
): Promise<Answer> {
  const { db, now } = context;
  const wanted = wantedOf(context, asked, sent, type);
  for (const filter of wanted.handling === 'strict' ? wanted.filters : [])
    await refuseStrays(context, asked, conditionsOf(context, asked, wanted.handling, filter));
  const region = asked.region.code;
  const askedAt = now();
  const head = await servedHead(db, region);
  const { client, address } = asked.reader;
  const hours =
    client === null ? Math.min(ANONYMOUS_HOURS, context.config.exportHours) : context.config.exportHours;
  const expiresAt = new Date(askedAt.getTime() + hours * 3_600_000);
  const id = context.newId();
  if ((await openExports(db, region, client, askedAt)) >= (client === null ? MAX_ANONYMOUS : MAX_OPEN))
    throw tooMany();
  if (client === null && !asked.tally.take(address, id, expiresAt, askedAt, MAX_OPEN)) throw tooMany();
  await addServedExport(db, region, {
    ...{ id, view: asked.view, client, askedAt, expiresAt, asked: wanted, files: null },
    upTo: head?.no ?? 0,
    // Nothing served yet: whatever comes is later than that.
    at: head?.at ?? new Date(0),
  });
  return { status: 202, headers: { 'content-location': `${asked.url}/$export-poll-status?_jobId=${id}` } };
}

function tooMany(): Fault {
  return new Fault(
    429,
    'throttled',
    'Trop d’exports sont déjà en attente. Que faire : reprenez les vôtres, ou supprimez-les (DELETE à l’adresse de suivi).',
    null,
    { 'retry-after': '3600' },
  );
}

type WithHandling = ExportAsked & { readonly handling: 'strict' | 'lenient' };

function wantedOf(context: FhirContext, asked: Asked, sent: Sent, type: SearchedType | null): WithHandling {
  const { handling } = rulesOf(context, asked, sent);
  const wanted = {
    handling,
    format: 'ndjson' as ExportAsked['format'],
    types: type === null ? ([...SERVED_TYPES] as string[]) : ([type] as string[]),
    since: null as string | null,
    filters: [] as string[],
  };
  let linked = false;
  for (const [name, value] of sent.query) {
    switch (name) {
      case '_outputFormat': {
        // A plus sign that was not encoded arrives as a space.
        const format = FORMATS[value.replace(' ', '+')];
        if (format === undefined)
          throw unsupported(
            name,
            `Format « ${shown(value)} » : application/fhir+ndjson ou application/fhir+json.`,
          );
        wanted.format = format;
        break;
      }
      case '_since': {
        const found = bounds(value);
        if (found === null) throw invalid(name, `« ${shown(value)} » n’est pas un instant qui existe.`);
        wanted.since = new Date(Math.round(found.low * 1000)).toISOString();
        break;
      }
      case '_type':
        wanted.types = typesOf(value, type);
        break;
      case '_typeFilter':
        wanted.filters.push(...filtersOf(context, asked, handling, value));
        break;
      case 'includeAssociatedData':
        linked = true;
        break;
      case '_format':
        break;
      default:
        throw unsupported(
          shown(name),
          `Paramètre d’export « ${shown(name)} » inconnu : _outputFormat, _since, _type, _typeFilter.`,
        );
    }
  }
  if (wanted.filters.length > MAX_FILTERS)
    throw new Fault(400, 'too-costly', `Au plus ${MAX_FILTERS} filtres par export.`, '_typeFilter');
  const types = linked && wanted.types.includes('HealthcareService') ? LINKED : wanted.types;
  const stray = wanted.filters.find((filter) => !types.includes(filter.split('?')[0] ?? ''));
  if (stray !== undefined)
    throw invalid('_typeFilter', `Le filtre « ${shown(stray)} » porte sur un type qui n’est pas exporté.`);
  return {
    ...wanted,
    types,
    request: `${asked.url}/${type === null ? '' : `${type}/`}$export${search(sent)}`,
  };
}

function search({ query }: Sent): string {
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function typesOf(value: string, type: SearchedType | null): string[] {
  const types = value.split(',');
  const known: readonly string[] = SERVED_TYPES;
  const unknown = types.find((each) => !known.includes(each) || (type !== null && each !== type));
  if (unknown !== undefined)
    throw unsupported('_type', `Type « ${shown(unknown)} » : ${type ?? SERVED_TYPES.join(', ')}.`);
  return [...new Set(types)];
}

function filtersOf(
  context: FhirContext,
  asked: Asked,
  handling: WithHandling['handling'],
  value: string,
): string[] {
  return value.split(/,(?=[A-Z][A-Za-z]+\?)/).map((filter) => {
    // Read now, so that what is wrong is said at the kick-off.
    conditionsOf(context, asked, handling, filter);
    return filter;
  });
}
