import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DataError, FilrorError } from '../domain/errors.js';
import { keptFileName } from '../domain/plain-words.js';

/** The one file that a form may carry. */
export interface UploadRule {
  /** Name of its field. */
  readonly field: string;
  readonly maxBytes: number;
}

/** A file as it was sent: nothing of it has been looked at, its name and its bytes are whatever somebody chose. */
export interface UploadedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

declare module 'fastify' {
  interface FastifyRequest {
    uploaded: UploadedFile | null;
  }
  interface FastifyContextConfig {
    /** Its form carries a file; without this, a form in parts is refused. */
    readonly upload?: UploadRule;
  }
}

const FIELD_BYTES = 64 * 1024;
const FIELDS = 200;
/** Files that are read on and thrown away, so that the browser gets to read why they were refused. */
const FILES = 5;
const MIB = 1024 ** 2;
/** Bytes beyond the file itself: other fields, and a file that is a little too large. */
const READ_BEYOND = 4 * MIB;

/** Forms in parts (RFC 7578), which alone carry files: fields go to the body as those of an ordinary form do. */
export async function registerUploads(app: FastifyInstance): Promise<void> {
  app.decorateRequest('uploaded', null);
  await app.register(multipart, {
    limits: { fieldSize: FIELD_BYTES, fieldNameSize: 200, fields: FIELDS, files: FILES, headerPairs: 20 },
    // A file that is too large is refused in our words, once the rest of the form was read.
    throwFileSizeLimit: false,
  });
}

/**
 * Reads a form in parts where its route expects a file; leaves any other form as it is.
 * @throws DataError `UPLOAD_NOT_HERE`, `UPLOAD_TOO_LARGE`, `UPLOAD_SEVERAL`, `UPLOAD_OTHER_FIELD`, `UPLOAD_BROKEN`
 */
export async function readUpload(request: FastifyRequest): Promise<void> {
  if (!request.isMultipart()) return;
  const rule = request.routeOptions.config.upload;
  if (rule === undefined) throw notHere();
  // Said beforehand by every browser: nothing larger is read to its end for the sake of a kind answer.
  const announced = Number(request.headers['content-length'] ?? Number.NaN);
  if (!(announced <= rule.maxBytes + READ_BEYOND)) throw tooLarge(rule.maxBytes);
  const parts = await collected(request, rule);
  const [file, ...others] = parts.files;
  if (others.length > 0) throw several();
  if (file?.field !== undefined && file.field !== rule.field) throw otherField(file.field);
  if (file?.truncated === true) throw tooLarge(rule.maxBytes);
  request.body = Object.fromEntries(parts.fields);
  request.uploaded = file === undefined ? null : { name: keptFileName(file.name), bytes: file.bytes };
}

interface Parts {
  /** A field that comes several times holds a list, as in an ordinary form. */
  readonly fields: Map<string, unknown>;
  readonly files: {
    readonly field: string;
    readonly name: string;
    readonly bytes: Buffer;
    readonly truncated: boolean;
  }[];
}

async function collected(request: FastifyRequest, rule: UploadRule): Promise<Parts> {
  const parts: Parts = { fields: new Map(), files: [] };
  try {
    for await (const part of request.parts({ limits: { fileSize: rule.maxBytes } })) {
      if (part.type === 'file') {
        const bytes = await part.toBuffer();
        // A browser sends an empty, nameless part for a file that was not chosen.
        if (bytes.length === 0 && (part.filename ?? '') === '') continue;
        const { truncated } = part.file;
        const kept = parts.files.length === 0 ? bytes : Buffer.alloc(0);
        parts.files.push({ field: part.fieldname, name: part.filename, bytes: kept, truncated });
      } else {
        if (part.valueTruncated || part.fieldnameTruncated) throw fieldTooLong();
        const before = parts.fields.get(part.fieldname);
        const now = before === undefined ? part.value : [before, part.value].flat();
        parts.fields.set(part.fieldname, now);
      }
    }
  } catch (cause) {
    throw cause instanceof FilrorError ? cause : broken(cause);
  }
  return parts;
}

function notHere(): DataError {
  return new DataError({
    code: 'UPLOAD_NOT_HERE',
    message: 'Cette page n’attend pas de fichier : rien n’a été enregistré.',
    remedy: 'ouvrez de nouveau la page, puis recommencez.',
  });
}

function several(): DataError {
  return new DataError({
    code: 'UPLOAD_SEVERAL',
    message: 'Plusieurs fichiers ont été envoyés : aucun n’a été lu.',
    remedy: 'envoyez un seul fichier à la fois.',
  });
}

function otherField(field: string): DataError {
  return new DataError({
    code: 'UPLOAD_OTHER_FIELD',
    message: `Le fichier est arrivé sous un nom de champ qui n’est pas attendu (« ${field.slice(0, 40)} ») : il n’a pas été lu.`,
    remedy: 'ouvrez de nouveau la page, et choisissez le fichier dans son formulaire.',
  });
}

function tooLarge(maxBytes: number): DataError {
  return new DataError({
    code: 'UPLOAD_TOO_LARGE',
    message: `Ce fichier dépasse ${String(Math.floor(maxBytes / MIB))} Mio : il n’a pas été lu.`,
    remedy: 'vérifiez que c’est le bon fichier, ou allégez-le, puis recommencez.',
  });
}

function fieldTooLong(): DataError {
  return new DataError({
    code: 'FORM_TOO_LARGE',
    message: 'Un texte de ce formulaire est trop long : rien n’a été enregistré.',
    remedy: 'raccourcissez-le, puis recommencez.',
  });
}

function broken(cause: unknown): DataError {
  return new DataError({
    code: 'UPLOAD_BROKEN',
    message: 'Le formulaire est arrivé coupé ou mal formé : rien n’a été enregistré.',
    remedy: 'vérifiez votre connexion, ouvrez de nouveau la page, puis recommencez.',
    cause,
  });
}
