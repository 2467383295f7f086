import type { Place } from '../db/served-condition.js';
import { readServed, type FoundResource } from '../db/served-search.js';
import { servedVersion, wasServed } from '../db/served-history.js';
import type { SearchedType } from '../publish/parameters.js';
import { subset } from './bundle.js';
import type { Asked, FhirContext } from './context.js';
import { Fault } from './outcome.js';
import { parseQuery } from './query.js';
import type { Answer, Sent } from './routes.js';
import { shown } from './values.js';

/** One resource as it is served now. @throws Fault 404, 410 */
export async function read(
  context: FhirContext,
  asked: Asked,
  sent: Sent,
  type: SearchedType,
): Promise<Answer> {
  const id = idOf(sent);
  const place = { region: asked.region.code, view: asked.view };
  const found = await readServed(context.db, place, type, id);
  if (found === null) throw await absent(context, asked, place, type, id);
  return conditional(asked, sent, found, subset(found.body, elementsOf(sent, type)));
}

/** @throws Fault 404, 410 */
export async function versionRead(
  context: FhirContext,
  asked: Asked,
  sent: Sent,
  type: SearchedType,
): Promise<Answer> {
  const id = idOf(sent);
  const version = sent.params['version'] ?? '';
  const place = { region: asked.region.code, view: asked.view };
  const found = /^[1-9]\d{0,8}$/.test(version)
    ? await servedVersion(context.db, place, { type, id, version: Number(version) })
    : undefined;
  if (found === undefined)
    throw new Fault(
      404,
      'not-found',
      `${type}/${id} n’a pas ici de version « ${shown(version)} ». Que faire : lisez celles qui existent (GET ${asked.url}/${type}/${id}/_history).`,
    );
  if (found.body === null)
    throw new Fault(
      410,
      'deleted',
      `Cette version de ${type}/${id} est un retrait. Que faire : lisez la version d’avant (GET ${asked.url}/${type}/${id}/_history).`,
    );
  return conditional(asked, sent, found, found.body);
}

/**
 * 304 when the reader has it already (RFC 9110 section 13). The tag is the version and nothing else: FHIR says so, and
 * clients read the version out of it. But versions are numbered in each view, and a client may have been given another
 * audience since it took its copy: version 3 of one view is not version 3 of another. So a copy is taken for good only
 * if this process sent it to this reader; otherwise the whole body is sent, which is never wrong. To compare the views
 * instead would tell a reader that others are shown more.
 */
function conditional(
  { reader, region, view, copies }: Asked,
  sent: Sent,
  found: Pick<FoundResource, 'type' | 'id' | 'version' | 'at'>,
  body: string,
): Answer {
  const { type, id, version, at } = found;
  const etag = `W/"${version}"`;
  const headers = { etag, 'last-modified': at.toUTCString() };
  const who = reader.client === null ? `adresse ${reader.address}` : `client ${reader.client}`;
  const copy = `${who} ${region.code} ${view} ${type}/${id} ${version} ${sent.query.toString()}`;
  const tag = sent.headers['if-none-match'];
  const had = tag === undefined ? notSince(sent.headers['if-modified-since'], at) : namesTag(tag, etag);
  const same = had && copies.has(copy);
  copies.add(copy);
  return same ? { status: 304, headers } : { status: 200, headers, body, count: 1 };
}

function namesTag(header: string, etag: string): boolean {
  return (
    header === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === etag.slice(2))
  );
}

function notSince(header: string | undefined, at: Date): boolean {
  const since = header === undefined ? Number.NaN : Date.parse(header);
  // HTTP dates are whole seconds.
  return !Number.isNaN(since) && Math.floor(at.getTime() / 1000) * 1000 <= since;
}

async function absent(
  context: FhirContext,
  asked: Asked,
  place: Place,
  type: string,
  id: string,
): Promise<Fault> {
  const at = `${asked.url}/${type}`;
  return (await wasServed(context.db, place, type, id))
    ? new Fault(
        410,
        'deleted',
        `${type}/${id} n’est plus servi. Que faire : ôtez votre copie ; ses versions d’avant sont à ${at}/${id}/_history.`,
      )
    : new Fault(
        404,
        'not-found',
        `${type}/${id} n’existe pas ici. Que faire : cherchez la ressource par son numéro (GET ${at}?identifier=…) ; un id technique n’est pas un numéro.`,
      );
}

/** @throws Fault 404: no resource has such an id */
export function idOf({ params }: Sent): string {
  const id = params['id'] ?? '';
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id))
    throw new Fault(
      404,
      'not-found',
      'Aucune ressource ne porte un tel identifiant : un id FHIR a 1 à 64 lettres sans accent, chiffres, tirets ou points. Que faire : cherchez par numéro (?identifier=…).',
    );
  return id;
}

/** A read knows `_format`, `_elements` and `_summary` alone (R4). */
function elementsOf(sent: Sent, type: SearchedType): readonly string[] | null {
  const kept = new URLSearchParams();
  for (const [name, value] of sent.query) {
    if (['_elements', '_summary', '_format', '_pretty'].includes(name)) kept.append(name, value);
    else
      throw new Fault(
        400,
        'not-supported',
        `Paramètre « ${shown(name)} » inconnu d’une lecture. Que faire : gardez _elements, _summary, _format ; pour chercher, GET ${type}?${shown(name)}=…`,
        shown(name),
      );
  }
  return parseQuery(type, kept, { base: 'ror', pageSize: 1, handling: 'strict' }).elements;
}
