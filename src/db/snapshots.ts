import { createDeflate, createInflate } from 'node:zlib';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Db } from './types.js';

const PIECE = 1024 * 1024;

export interface StoredSnapshot {
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Stores the exact bytes, compressed and cut in pieces of 1 MiB, under their SHA-256. Bytes already there are not
 * written again. The compressed form is held in memory until the hash is known (50 MB for the largest source planned).
 */
export async function storeSnapshot(
  db: Db,
  bytes: AsyncIterable<Uint8Array>,
  storedAt: Date,
): Promise<StoredSnapshot> {
  const hash = createHash('sha256');
  let size = 0;
  const deflate = createDeflate({ level: 3 });
  const counted = (async function* () {
    for await (const piece of bytes) {
      hash.update(piece);
      size += piece.byteLength;
      yield piece;
    }
  })();
  const source = Readable.from(counted, { objectMode: false });
  source.on('error', (error) => deflate.destroy(error));
  const packed: Buffer[] = [];
  for await (const piece of source.pipe(deflate)) packed.push(piece as Buffer);
  const sha256 = hash.digest('hex');
  await db.transaction(async (trx) => {
    const inserted = await trx('snapshot')
      .insert({ sha256, bytes: size, stored_at: storedAt })
      .onConflict('sha256')
      .ignore()
      .returning('sha256');
    if (inserted.length === 0) return;
    const whole = Buffer.concat(packed);
    for (let no = 0; no * PIECE < whole.length || no === 0; no++) {
      await trx('snapshot_chunk').insert({ sha256, no, data: whole.subarray(no * PIECE, (no + 1) * PIECE) });
    }
  });
  return { sha256, bytes: size };
}

/** Gives the exact bytes back, piece by piece. */
export function readSnapshot(db: Db, sha256: string): AsyncIterable<Uint8Array> {
  const pieces = async function* (): AsyncIterable<Buffer> {
    for (let no = 0; ; no++) {
      const row = await db('snapshot_chunk')
        .where({ sha256, no })
        .first<{ data: Buffer } | undefined>('data');
      if (row === undefined) return;
      yield row.data;
    }
  };
  return inflated(pieces());
}

/**
 * The same with the compressed pieces read at once: a dry run has one connection, and a COPY that waits for the rows of
 * a snapshot read on that very connection would wait for ever.
 */
export async function heldSnapshot(db: Db, sha256: string): Promise<() => AsyncIterable<Uint8Array>> {
  const rows = (await db('snapshot_chunk').where({ sha256 }).orderBy('no').select('data')) as {
    data: Buffer;
  }[];
  return () => inflated(rows.map((row) => row.data));
}

async function* inflated(pieces: Iterable<Buffer> | AsyncIterable<Buffer>): AsyncIterable<Uint8Array> {
  const inflate = createInflate();
  const source = Readable.from(pieces, { objectMode: false });
  source.on('error', (error) => inflate.destroy(error));
  for await (const piece of source.pipe(inflate)) yield piece as Buffer;
}
