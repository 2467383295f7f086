import type { Db } from './types.js';

/** Keeps a signed document once, whichever agreements cite it. */
export async function keepDocument(
  db: Db,
  region: string,
  document: { readonly sha256: string; readonly bytes: Buffer; readonly at: Date },
): Promise<void> {
  await db('agreement_document')
    .insert({ region, sha256: document.sha256, bytes: document.bytes, added_at: document.at })
    .onConflict(['region', 'sha256'])
    .ignore();
}

/** Null when only its hash is known, or when it was erased. */
export async function documentBytes(db: Db, region: string, sha256: string): Promise<Buffer | null> {
  const row = await db<{ region: string; sha256: string; bytes: Buffer }>('agreement_document')
    .where({ region, sha256 })
    .first('bytes');
  return row?.bytes ?? null;
}
