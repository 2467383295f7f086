import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SourceError } from '../domain/errors.js';
import { keptFileName } from '../domain/plain-words.js';
import type { DatasetPlace, NamedHosts } from '../domain/source-place.js';
import type { HttpClient } from '../http/client.js';
import { conditionalGet } from '../http/conditional-get.js';
import { wholeText } from '../http/decode.js';
import { redactUrl } from '../http/redact.js';

/** The resource of a dataset that was chosen, and what its description promises of the file. */
export interface ChosenResource {
  readonly title: string;
  /** When it was published, ISO with time. */
  readonly published: string;
  readonly bytes: number | null;
  /** Null also for a kind of digest that is not known here. */
  readonly digest: { readonly type: 'sha1' | 'sha256' | 'md5'; readonly value: string } | null;
}

/** With its address as the description gives it, which may hold a secret. */
export interface DatasetResource extends ChosenResource {
  readonly url: string;
}

/** A dataset that publishes every day for a year has some 400 resources of 1.5 kB each; ten times that is a mistake. */
const MAX_DESCRIPTION_BYTES = 8 * 1024 * 1024;

/** What is read of the API of udata; the rest is ignored. `published` is of its older versions. */
const descriptionSchema = z.object({
  resources: z.array(
    z.object({
      title: z.string().nullish(),
      url: z.string().nullish(),
      published: z.string().nullish(),
      last_modified: z.string().nullish(),
      created_at: z.string().nullish(),
      filesize: z.number().nullish(),
      checksum: z.object({ type: z.string(), value: z.string() }).nullish(),
    }),
  ),
});

type Described = z.infer<typeof descriptionSchema>['resources'][number];

/**
 * The newest resource of a dataset whose title begins as wanted, by the instant of its publication.
 * @throws SourceError `DATASET_UNREADABLE`, `DATASET_NO_RESOURCE`, `DATASET_AMBIGUOUS`; RemoteError
 */
export async function newestResource(
  http: HttpClient,
  { api, title }: DatasetPlace,
  hosts: NamedHosts,
): Promise<DatasetResource> {
  const { allowedHosts, privateHosts } = hosts;
  const asked = { url: api, maxBytes: MAX_DESCRIPTION_BYTES, allowedHosts, privateHosts };
  const answer = await conditionalGet(http, asked);
  if (answer.status === 'notModified') throw new Error('304 to a request without validators');
  const wanted = described(api, await wholeText(answer.body)).filter((each) =>
    (each.title ?? '').trim().startsWith(title),
  );
  const dated = wanted
    .map((each) => ({ each, at: Date.parse(each.published ?? each.last_modified ?? each.created_at ?? '') }))
    .sort((a, b) => b.at - a.at);
  const [newest, next] = dated;
  if (newest === undefined) throw noResource(api, title);
  const undated = dated.find(({ at }) => Number.isNaN(at));
  if (undated !== undefined && next !== undefined) throw ambiguous(api, newest.each, next.each, 'undated');
  if (undated !== undefined)
    throw unreadable(api, `la ressource « ${nameOf(undated.each)} » n’a pas de date`);
  if (next?.at === newest.at) throw ambiguous(api, newest.each, next.each, 'same');
  const { url, filesize, checksum } = newest.each;
  if (!URL.canParse(url ?? ''))
    throw unreadable(api, `la ressource « ${nameOf(newest.each)} » n’a pas d’adresse`);
  return {
    title: nameOf(newest.each),
    url: url ?? '',
    published: new Date(newest.at).toISOString(),
    bytes: typeof filesize === 'number' && filesize > 0 ? filesize : null,
    digest: digestOf(checksum),
  };
}

/** The bytes as they come; at their end they are what was promised, or the file is refused. @throws SourceError */
export async function* verified(
  bytes: AsyncIterable<Uint8Array>,
  resource: DatasetResource,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { digest } = resource;
  const hash = digest === null ? null : createHash(digest.type);
  let total = 0;
  for await (const piece of bytes) {
    total += piece.length;
    if (resource.bytes !== null && total > resource.bytes) break;
    hash?.update(piece);
    yield piece;
  }
  if (resource.bytes !== null && total !== resource.bytes)
    throw mismatch(
      resource,
      `il ${total > resource.bytes ? 'dépasse les' : `a ${String(total)} octets, et non les`} ${String(resource.bytes)} octets annoncés`,
    );
  if (digest === null || hash === null) return;
  const found = hash.digest('hex');
  if (found !== digest.value)
    throw mismatch(resource, `son empreinte ${digest.type} est ${found}, et non celle annoncée`);
}

function described(api: string, text: string): readonly Described[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw unreadable(api, 'ce n’est pas du JSON');
  }
  const read = descriptionSchema.safeParse(json);
  if (!read.success) throw unreadable(api, 'il n’a pas la forme attendue (« resources »)');
  return read.data.resources;
}

function digestOf(checksum: Described['checksum']): DatasetResource['digest'] {
  const type = checksum?.type.toLowerCase();
  if (checksum == null || (type !== 'sha1' && type !== 'sha256' && type !== 'md5')) return null;
  return { type, value: checksum.value.trim().toLowerCase() };
}

function nameOf({ title }: Described): string {
  return keptFileName(title ?? '');
}

function unreadable(api: string, why: string): SourceError {
  return new SourceError({
    code: 'DATASET_UNREADABLE',
    message: `Le jeu de données ne peut pas être lu : ${why}.`,
    place: redactUrl(api),
    remedy:
      'ouvrez l’adresse dans un navigateur : elle doit donner la description du jeu de données (https://www.data.gouv.fr/api/1/datasets/NOM/) ; sinon corrigez « dataset.api » de cette source (sources.yaml).',
  });
}

function noResource(api: string, title: string): SourceError {
  return new SourceError({
    code: 'DATASET_NO_RESOURCE',
    message: `Aucune ressource du jeu de données n’a un titre qui commence par « ${title} ».`,
    place: redactUrl(api),
    remedy:
      'regardez les titres sur la page du jeu de données et corrigez « dataset.title » de cette source (sources.yaml).',
  });
}

function ambiguous(api: string, one: Described, other: Described, why: 'same' | 'undated'): SourceError {
  return new SourceError({
    code: 'DATASET_AMBIGUOUS',
    message: `On ne peut pas dire laquelle est la plus récente, de « ${nameOf(one)} » et « ${nameOf(other)} » : ${why === 'same' ? 'elles ont la même date de publication' : 'il manque une date de publication'}.`,
    place: redactUrl(api),
    remedy:
      'précisez « dataset.title » de cette source (sources.yaml) jusqu’à ce qu’une seule convienne, ou prévenez l’éditeur du jeu de données.',
  });
}

function mismatch({ title, url }: DatasetResource, why: string): SourceError {
  return new SourceError({
    code: 'DATASET_MISMATCH',
    message: `Le fichier « ${title} » n’est pas celui du jeu de données : ${why}.`,
    place: redactUrl(url),
    remedy:
      'rien n’en est gardé, l’état précédent reste ; relancez plus tard (la publication est peut-être en cours), puis prévenez l’éditeur du jeu de données.',
  });
}
