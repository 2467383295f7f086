import { receivedContent, type ReceivedContent } from '../db/received.js';
import { readSnapshot } from '../db/snapshots.js';
import { inTransaction } from '../db/types.js';
import { DataError } from '../domain/errors.js';
import { keptFileName } from '../domain/plain-words.js';
import { append } from '../journal/append.js';
import type { RunContext } from './context.js';

export interface HandedOut extends ReceivedContent {
  /** Name under which it is kept: letters, digits, dots and hyphens only, whatever the source called it. */
  readonly safeName: string;
  /** The exact bytes, a piece at a time: no more than a piece is held. */
  readonly pieces: () => AsyncIterable<Uint8Array>;
}

/**
 * Hands the exact bytes of a content out to a person. It is journalled before the first byte leaves: a source may name
 * people.
 * @throws DataError `CONTENT_UNKNOWN`
 */
export async function handOut(
  { db, region, actor }: Pick<RunContext, 'db' | 'region' | 'actor'>,
  source: string,
  no: number,
): Promise<HandedOut> {
  if (actor === null) throw new Error('a content is handed out to a person');
  const content = await receivedContent(db, region.code, source, no);
  if (content === null) throw contentUnknown(source, region.name);
  const { sha256, bytes, fileName } = content;
  await inTransaction(db, async (trx) => {
    await append(trx, {
      region: region.code,
      kind: 'snapshot.handedOut',
      subject: `source:${source}`,
      actor: actor.id,
      // Deliveries of before names were cleaned keep theirs: the journal does not take them over.
      body: { delivery: no, sha256, bytes, file: keptFileName(fileName) },
    });
  });
  return { ...content, safeName: safeNameOf(content), pieces: () => readSnapshot(db, sha256) };
}

/** "labelled-centres-2026-11-22-f6a278ac.csv" */
export function safeNameOf({
  source,
  fetchedAt,
  sha256,
  fileName,
}: Pick<ReceivedContent, 'source' | 'fetchedAt' | 'sha256' | 'fileName'>): string {
  const ending = /\.[a-z0-9]{1,5}$/i.exec(fileName)?.[0].toLowerCase() ?? '.bin';
  const plain = source.replaceAll(/[^A-Za-z0-9-]/g, '-');
  return `${plain}-${fetchedAt.toISOString().slice(0, 10)}-${sha256.slice(0, 8)}${ending}`;
}

export function contentUnknown(source: string, region: string): DataError {
  return new DataError({
    code: 'CONTENT_UNKNOWN',
    message: `La région ${region} n’a pas reçu ce contenu de la source « ${source.slice(0, 80)} ».`,
    remedy: 'partez de la page des sources, qui mène à ce que chacune a donné.',
  });
}
