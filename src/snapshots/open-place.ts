import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SourceError } from '../domain/errors.js';
import type { DatasetPlace, NamedHosts, SourcePlace } from '../domain/source-place.js';
import { HttpClient } from '../http/client.js';
import { conditionalGet } from '../http/conditional-get.js';
import { redactUrl } from '../http/redact.js';
import { newestResource, verified, type ChosenResource } from './open-dataset.js';

/** Validators of the last accepted delivery. */
export interface Validators {
  /** As `originOf` gave it. */
  readonly origin: string;
  readonly etag: string | null;
  readonly last_modified: string | null;
}

interface Opened {
  /** The address or path that the bytes come from, as `originOf` gives it: of a dataset, that of the chosen resource. */
  readonly origin: string;
  /** The resource that was chosen, for a dataset. */
  readonly resource: ChosenResource | null;
}

export type OpenedPlace =
  | (Opened & { readonly status: 'notModified' })
  | (Opened & {
      readonly status: 'ok';
      readonly bytes: AsyncIterable<Uint8Array>;
      readonly fileName: string;
      readonly etag: string | null;
      readonly lastModified: string | null;
    });

/** The largest source planned (FINESS+ structures) weighs 50 MB compressed; ten times that is a mistake. */
const MAX_BYTES = 512 * 1024 * 1024;

const http = new HttpClient();

/**
 * Opens a file, the newest file of a folder, an http(s) address or the newest resource of a dataset, these two with the
 * validators of the last delivery.
 * @throws SourceError `SRC_UNREADABLE`, `SRC_FOLDER_EMPTY`, `DATASET_…`; RemoteError for an address
 */
export async function openPlace(
  place: SourcePlace,
  last: Validators | null,
  hosts: NamedHosts,
): Promise<OpenedPlace> {
  if (typeof place === 'object') return await openDataset(place, last, hosts);
  if (/^https?:\/\//.test(place)) return await openAddress({ url: place }, last, hosts);
  const file = await newestFile(place);
  return {
    status: 'ok',
    origin: place,
    resource: null,
    bytes: fileBytes(file),
    fileName: basename(file),
    etag: null,
    lastModified: null,
  };
}

async function openDataset(
  place: DatasetPlace,
  last: Validators | null,
  hosts: NamedHosts,
): Promise<OpenedPlace> {
  const newest = await newestResource(http, place, hosts);
  const { url, ...resource } = newest;
  const opened = await openAddress({ url, from: place.api }, last, hosts);
  if (opened.status === 'notModified') return { ...opened, resource };
  return { ...opened, resource, fileName: resource.title, bytes: verified(opened.bytes, newest) };
}

async function openAddress(
  asked: { readonly url: string; readonly from?: string },
  last: Validators | null,
  { allowedHosts, privateHosts }: NamedHosts,
): Promise<OpenedPlace> {
  const origin = originOf(asked.url);
  const known = last?.origin === origin ? last : null;
  const answer = await conditionalGet(http, {
    ...asked,
    allowedHosts,
    privateHosts,
    etag: known?.etag ?? null,
    lastModified: known?.last_modified ?? null,
    maxBytes: MAX_BYTES,
  });
  if (answer.status === 'notModified') return { status: 'notModified', origin, resource: null };
  const { pathname, hostname } = new URL(asked.url);
  return {
    status: 'ok',
    origin,
    resource: null,
    bytes: answer.body,
    fileName: basename(pathname) || hostname,
    etag: answer.etag,
    lastModified: answer.lastModified,
  };
}

/** A place as it may be stored, shown and compared: an address without user, password nor secret parameter. */
export function originOf(place: SourcePlace): string {
  if (typeof place === 'object') return redactUrl(place.api);
  return /^https?:\/\//.test(place) ? redactUrl(place) : place;
}

/** Hidden files, transfers under way, locks of office programs, and the notes that people leave beside a list. */
const NO_LIST = /^\.|^~\$|~$|\.(?:part|partial|crdownload|tmp|temp|swp|bak|md)$|^(?:readme|lisez-?moi)\b/i;

async function newestFile(place: string): Promise<string> {
  try {
    const found = await stat(place);
    if (!found.isDirectory()) return place;
    const names = (await readdir(place)).filter((name) => !NO_LIST.test(name)).sort();
    let newest: { file: string; at: number } | null = null;
    for (const name of names) {
      const file = join(place, name);
      const each = await stat(file);
      if (each.isFile() && (newest === null || each.mtimeMs >= newest.at))
        newest = { file, at: each.mtimeMs };
    }
    if (newest !== null) return newest.file;
  } catch (cause) {
    throw unreadable(place, cause);
  }
  throw new SourceError({
    code: 'SRC_FOLDER_EMPTY',
    message: `Le dossier « ${place} » ne contient aucun fichier.`,
    place,
    remedy: 'déposez-y le fichier de la liste, ou donnez un autre chemin.',
  });
}

/**
 * The bytes of a file. A file may be seen and not be read (rights, a failing disk), or stop being readable half way.
 * @throws SourceError `SRC_UNREADABLE`, `SRC_TOO_LARGE`, while they are read
 */
async function* fileBytes(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  const stream = createReadStream(file) as AsyncIterable<Uint8Array>;
  try {
    for await (const chunk of stream) {
      total += chunk.length;
      if (total > MAX_BYTES) throw tooLarge(file);
      yield chunk;
    }
  } catch (cause) {
    throw cause instanceof Error && 'syscall' in cause ? unreadable(file, cause) : cause;
  }
}

function unreadable(place: string, cause: unknown): SourceError {
  return new SourceError({
    code: 'SRC_UNREADABLE',
    message: `« ${place} » ne peut pas être lu (${(cause as NodeJS.ErrnoException).code ?? 'erreur'}).`,
    place,
    remedy: 'vérifiez le chemin et les droits de lecture de ce compte.',
    cause,
  });
}

function tooLarge(place: string): SourceError {
  return new SourceError({
    code: 'SRC_TOO_LARGE',
    message: `« ${place} » dépasse ${String(MAX_BYTES / 1024 ** 2)} Mio.`,
    place,
    remedy: 'vérifiez que c’est bien le fichier de la source : aucune liste connue n’est si grande.',
  });
}
