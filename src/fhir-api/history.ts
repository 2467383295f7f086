import { servedHead } from '../db/served.js';
import { instantOf, servedHistory, wasServed, type VersionRow } from '../db/served-history.js';
import { bounds } from '../publish/dates.js';
import type { SearchedType } from '../publish/parameters.js';
import { bundle } from './bundle.js';
import type { Asked, FhirContext } from './context.js';
import { Fault, invalid, outcomeOf, unsupported } from './outcome.js';
import { MAX_PAGE } from './query.js';
import type { Answer, Sent } from './routes.js';
import { shown } from './values.js';

/** What a history is asked for. */
interface Wanted {
  readonly since: Date | null;
  readonly count: number;
  readonly order: 'newest' | 'oldest';
  readonly after: number | null;
  readonly upTo: number | null;
}

/**
 * Last version of a resource, of each of a type or of a whole base, deletions included (R4 history; IHE mCSD ITI-91): an
 * older one may say what may be told no more (decision 0006). The pages of one
 * reading end where the sequence was at its first page: what comes meanwhile is in the next reading, begun at the
 * Bundle's own `meta.lastUpdated`.
 */
export async function history(
  context: FhirContext,
  asked: Asked,
  sent: Sent,
  type: SearchedType | null,
  id: string | null,
): Promise<Answer> {
  const wanted = wantedOf(context, sent.query);
  const place = { region: asked.region.code, view: asked.view };
  const head = await servedHead(context.db, place.region);
  const upTo = wanted.upTo ?? head?.no ?? 0;
  // Our own links never point beyond what was published.
  if (upTo > (head?.no ?? 0) || (wanted.after ?? 0) > upTo) throw notOurs();
  const rows = await servedHistory(
    context.db,
    place,
    { type, id, since: wanted.since },
    { order: wanted.order, after: wanted.after, upTo, limit: wanted.count + 1 },
  );
  if (id !== null && rows.length === 0 && type !== null && !(await wasServed(context.db, place, type, id)))
    throw new Fault(
      404,
      'not-found',
      `${type}/${id} n’a jamais été servi ici. Que faire : cherchez la ressource par son numéro (GET ${asked.url}/${type}?identifier=…).`,
    );
  const page = rows.slice(0, wanted.count);
  const self = `${asked.url}${type === null ? '' : `/${type}`}${id === null ? '' : `/${id}`}/_history`;
  const links: (readonly [string, string])[] = [['self', address(self, sent.query, null)]];
  const last = page.at(-1);
  if (rows.length > page.length && last !== undefined)
    links.push(['next', address(self, sent.query, `${upTo}.${last.no}`)]);
  const entries = page.map((row) => entry(asked.url, row));
  const known = Math.max(context.now().getTime(), head?.at?.getTime() ?? 0);
  if (wanted.since !== null && wanted.since.getTime() > known) entries.push(future(wanted.since));
  // Of the first page, on every page: what was published meanwhile is in the next reading, begun there.
  const seen =
    upTo === (head?.no ?? 0) ? (head?.at ?? null) : await instantOf(context.db, place.region, upTo);
  const body = bundle('history', links, null, entries, seen);
  return { status: 200, body, count: page.length };
}

function wantedOf(context: FhirContext, query: URLSearchParams): Wanted {
  const wanted = {
    since: null as Date | null,
    count: context.config.pageSize,
    order: 'newest' as 'newest' | 'oldest',
    after: null as number | null,
    upTo: null as number | null,
  };
  for (const [name, value] of query) {
    switch (name) {
      case '_format':
      case '_pretty':
        break;
      case '_since':
        wanted.since = instant(name, value);
        break;
      case '_at':
        // R4 wants the versions that were current during the period: an answer by instants of change alone is wrong.
        throw unsupported(
          name,
          '_at n’est pas pris en charge. Que faire : demandez ce qui a changé depuis un instant (_since) ; l’historique donne la dernière version de chaque ressource.',
        );
      case '_count':
        if (!/^[1-9]\d{0,8}$/.test(value))
          throw invalid(
            name,
            `« ${shown(value)} » n’est pas un nombre de versions. Que faire : écrivez un nombre entier, de 1 à ${MAX_PAGE}.`,
          );
        wanted.count = Math.min(Number(value), MAX_PAGE);
        break;
      case '_sort':
        if (value !== '-_lastUpdated' && value !== '_lastUpdated')
          throw unsupported(
            name,
            '_sort=-_lastUpdated (du plus récent, par défaut) ou _sort=_lastUpdated (du plus ancien).',
          );
        wanted.order = value === '_lastUpdated' ? 'oldest' : 'newest';
        break;
      case '_cursor': {
        const [, upTo, after] = /^([0-9]{1,15})\.([0-9]{1,15})$/.exec(value) ?? [];
        if (upTo === undefined) throw notOurs();
        wanted.upTo = Number(upTo);
        wanted.after = Number(after);
        break;
      }
      default:
        throw unsupported(
          shown(name),
          `Paramètre « ${shown(name)} » inconnu d’un historique. Que faire : gardez _since, _count, _sort, _format.`,
        );
    }
  }
  return wanted;
}

function notOurs(): Fault {
  return invalid(
    '_cursor',
    'Ce lien de page suivante n’est pas des nôtres. Que faire : recommencez à la première page, et suivez les liens next tels quels.',
  );
}

/** Told in the answer to what was asked: an entry of a history needs a request (R4, bdl-3). */
function future(since: Date): string {
  const outcome = outcomeOf([
    {
      severity: 'warning',
      code: 'processing',
      message: `_since=${since.toISOString()} est dans le futur : rien ne peut l’avoir suivi. Que faire : reprenez meta.lastUpdated de votre dernière lecture, et non l’heure de votre machine.`,
      expression: '_since',
    },
  ]);
  return `{"request":{"method":"GET","url":"_history"},"response":{"status":"200","outcome":${JSON.stringify(outcome)}}}`;
}

function instant(name: string, value: string): Date {
  const found = bounds(value);
  if (found === null)
    throw invalid(
      name,
      `« ${shown(value)} » n’est pas un instant qui existe : écrivez AAAA-MM-JJThh:mm:ssZ, un « + » encodé %2B.`,
    );
  return new Date(Math.round(found.low * 1000));
}

function entry(base: string, row: VersionRow): string {
  const { type, id, version, at, body } = row;
  const fullUrl = JSON.stringify(`${base}/${type}/${id}`);
  const url = JSON.stringify(`${type}/${id}`);
  const response = (status: string): string =>
    `{"status":"${status}","etag":"W/\\"${version}\\"","lastModified":"${at.toISOString()}"}`;
  if (body === null)
    return `{"fullUrl":${fullUrl},"request":{"method":"DELETE","url":${url}},"response":${response('204')}}`;
  const status = version === 1 ? '201' : '200';
  // The repository gives the ids: each version is a PUT, the first one too.
  return `{"fullUrl":${fullUrl},"resource":${body},"request":{"method":"PUT","url":${url}},"response":${response(status)}}`;
}

function address(self: string, query: URLSearchParams, cursor: string | null): string {
  const params = new URLSearchParams(query);
  params.delete('_cursor');
  if (cursor !== null) params.set('_cursor', cursor);
  const text = params.toString();
  return text === '' ? self : `${self}?${text}`;
}
