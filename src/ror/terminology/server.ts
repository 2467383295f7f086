import { isJsonObject, type JsonObject } from '../../domain/json.js';
import { HttpClient } from '../../http/client.js';
import { redactText, redactUrl } from '../../http/redact.js';
import { issuesText, outcomeIssues } from '../outcome.js';
import { isSubsetted } from './code-system.js';
import { unusable, type Stated } from './model.js';
import { latest, refuseOutcome, resourcesIn, statedBy, type PlacedResource } from './resources.js';
import { answerText, jsonObject, MAX_RESOURCE_BYTES, objectsOf, stringOf } from './text.js';

/** An address, or else a file or a folder. */
export const isAddress = (place: string): boolean => /^https?:\/\//i.test(place);

/** The place as it may be shown and kept: an address without user nor secret. */
export const shownPlace = (place: string): string => (isAddress(place) ? redactUrl(place) : place);

/** What is looked for: the address of a nomenclature and, when it is known, of the value set that the ROR binds. */
export interface WantedSystem {
  readonly url: string;
  readonly valueSetUrl: string | null;
}

/** Versions of one nomenclature on one server: beyond this a `next` link leads round in circles. */
const MAX_PAGES = 20;

/**
 * Asks a terminology server (FHIR R4, REST) for nomenclatures: search by `url`, then a read where the search gave a
 * summary. Only GET, never a redirect, and a `next` link only where the base address is.
 * @param base base address, with or without its last stroke
 * @throws DataError `CODES_ADDRESS`, `CODES_REDIRECT`, `CODES_STATUS_HTTP`, `CODES_PAGES`, and those of the resources; HttpError
 */
export async function askServer(
  base: string,
  wanted: readonly WantedSystem[],
  today: string,
  http: HttpClient = new HttpClient({ maxBytes: MAX_RESOURCE_BYTES, timeoutMs: 60_000 }),
): Promise<Stated> {
  const root = rootOf(base);
  const resources: PlacedResource[] = [];
  try {
    for (const { url, valueSetUrl } of wanted) {
      resources.push(...(await named(http, root, 'CodeSystem', url)));
      if (valueSetUrl !== null) resources.push(...(await named(http, root, 'ValueSet', valueSetUrl)));
    }
  } finally {
    http.close();
  }
  return statedBy(resources, today);
}

function rootOf(base: string): string {
  const url = new URL(base);
  if (url.search !== '' || url.hash !== '')
    throw unusable(
      'CODES_ADDRESS',
      redactUrl(base),
      `« ${redactUrl(base)} » n’est pas une adresse de base : elle porte une recherche.`,
      'donnez l’adresse de base FHIR du serveur, sans ce qui suit « ? » ou « # ».',
    );
  return url.href.replace(/\/+$/, '');
}

/** The last version that the server holds of one canonical address; none when it does not know it. */
async function named(
  http: HttpClient,
  root: string,
  kind: 'CodeSystem' | 'ValueSet',
  canonical: string,
): Promise<PlacedResource[]> {
  const found: PlacedResource[] = [];
  const seen = new Set<string>();
  let next: string | null = `${root}/${kind}?url=${encodeURIComponent(canonical)}`;
  while (next !== null) {
    if (seen.has(next) || seen.size >= MAX_PAGES)
      throw unusable(
        'CODES_PAGES',
        redactUrl(next),
        `Le serveur donne plus de ${String(MAX_PAGES)} pages, ou tourne en rond, pour ${canonical}.`,
        'signalez-le à l’exploitant du serveur de terminologies ; rien n’a été écrit.',
      );
    seen.add(next);
    const page: JsonObject = await get(http, next);
    if (page['resourceType'] !== 'Bundle')
      throw unusable(
        'CODES_SHAPE',
        redactUrl(next),
        `Le serveur répond à une recherche par ${stringOf(page, 'resourceType') ?? 'un JSON sans resourceType'}, pas par un Bundle.`,
        'vérifiez que l’adresse est la base FHIR d’un serveur de terminologies.',
      );
    found.push(...resourcesIn(page, redactUrl(next)));
    next = nextOf(page, root, next);
  }
  // A server that does not know the parameter answers with everything it has.
  const exact = found.filter(
    ({ resource }) => resource['resourceType'] === kind && resource['url'] === canonical,
  );
  const chosen = latest(
    exact.map((placed) => ({
      placed,
      status: stringOf(placed.resource, 'status') ?? '',
      version: stringOf(placed.resource, 'version'),
    })),
  );
  return chosen === null ? [] : [await whole(http, root, chosen.placed)];
}

/** Many servers leave the concepts out of a search: the resource itself is then read. */
async function whole(http: HttpClient, root: string, placed: PlacedResource): Promise<PlacedResource> {
  const { resource } = placed;
  const [kind, id] = [stringOf(resource, 'resourceType'), stringOf(resource, 'id')];
  const codes = kind === 'CodeSystem' ? resource['concept'] : (resource['compose'] ?? resource['expansion']);
  if ((codes !== undefined && !isSubsetted(resource)) || kind === null || id === null) return placed;
  const address = `${root}/${kind}/${encodeURIComponent(id)}`;
  const read = await get(http, address);
  if (read['resourceType'] !== kind || read['url'] !== resource['url'])
    throw unusable(
      'CODES_SHAPE',
      redactUrl(address),
      `Le serveur donne autre chose que la ressource ${kind} demandée.`,
      'signalez-le à l’exploitant du serveur de terminologies ; rien n’a été écrit.',
    );
  return { resource: read, place: redactUrl(address) };
}

async function get(http: HttpClient, address: string): Promise<JsonObject> {
  const place = redactUrl(address);
  const { status, headers, text } = await http.request({
    method: 'GET',
    url: address,
    headers: {
      Accept: 'application/fhir+json, application/json;q=0.9',
      'Accept-Language': 'fr-FR, fr;q=0.9',
    },
  });
  if (status >= 300 && status < 400)
    throw unusable(
      'CODES_REDIRECT',
      place,
      `Le serveur renvoie ailleurs (${String(status)}${headers['location'] === undefined ? '' : `, vers ${redactUrl(headers['location'])}`}) : ce renvoi n’est pas suivi.`,
      'donnez à --from l’adresse où le serveur répond, si c’est bien la sienne.',
    );
  if (status !== 200) {
    const said = redactText(issuesText(outcomeIssues(text)));
    throw unusable(
      'CODES_STATUS_HTTP',
      place,
      `Le serveur de terminologies répond ${String(status)}${said === '' ? '' : ` : ${said}`}.`,
      'vérifiez l’adresse de base et le droit de lecture, puis recommencez ; rien n’a été écrit.',
    );
  }
  const value = jsonObject(answerText(text, place), place);
  refuseOutcome(value, place);
  return value;
}

/** @throws DataError `CODES_PAGES` for a link to another place: what we would send there is nobody's business */
function nextOf(page: JsonObject, root: string, from: string): string | null {
  const link = objectsOf(page, 'link', redactUrl(from)).find((each) => each['relation'] === 'next');
  const target = link !== undefined && isJsonObject(link) ? stringOf(link, 'url') : null;
  if (target === null) return null;
  const url = URL.canParse(target, from) ? new URL(target, from) : null;
  if (url !== null && url.origin === new URL(root).origin) return url.href;
  throw unusable(
    'CODES_PAGES',
    redactUrl(from),
    `La page suivante est annoncée sur un autre hôte (« ${url?.host ?? target} ») : elle n’est pas demandée.`,
    'donnez à --from l’adresse publique du serveur, celle que ses liens portent.',
  );
}
