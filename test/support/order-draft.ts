import { createHash, randomBytes } from 'node:crypto';
import { addOrderDraft } from '../../src/db/orders.js';
import { storeSnapshot } from '../../src/db/snapshots.js';
import { base32 } from '../../src/domain/ids.js';
import { piecesOf } from '../../src/domain/pieces.js';
import { decideLines } from '../../src/runs/order-decisions.js';
import { oneDraft } from '../../src/runs/orders.js';
import type { World } from '../scenarios/world.js';

/** Lines of the draft that `storedDraft` keeps: more than a page of them. */
export const STORED_LINES = 28;

/**
 * A draft as if it had been read, with any words in its cells, which no PDF producer would set whole: a plain line, a
 * doubtful one, one that was not understood, one validated with a correction, one discarded, and plain ones after them.
 * @returns its id
 */
export async function storedDraft(
  world: Pick<World, 'context' | 'camille'>,
  title: string,
  fileName: string,
): Promise<string> {
  const { context, camille } = world;
  const { db, region } = context;
  const bytes = Buffer.from(`arrêté d’essai ${fileName}`);
  await storeSnapshot(db, piecesOf(bytes), context.now());
  const id = base32(randomBytes(8));
  const cells = (no: number): Record<string, string> => ({
    label: 'Compétence',
    title: no <= 5 ? title : `Centre d’essai ${String(no)}`,
    filiere: 'FIMARAD',
    hospital: no === 2 ? title : 'CH de Dieppe',
  });
  await addOrderDraft(
    db,
    region.code,
    {
      id,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      fileName,
      campaign: '2023',
      pages: 4,
      textless: [3],
      outside: [1, 4],
      codeVersion: 'essai',
      readBy: camille.id,
      readAt: context.now(),
    },
    Array.from({ length: STORED_LINES }, (_, at) => ({
      line: at + 1,
      page: 2 + Math.floor(at / 20),
      cells: at === 2 ? {} : cells(at + 1),
      doubts: at === 1 ? ['merged', 'hyphen'] : at === 2 ? ['unread'] : [],
      head: at === 2 ? '' : `Dr Personne d’essai ${String(at + 1)}`,
      other: at === 2 ? title : '',
    })),
  );
  const draft = await oneDraft(context, id);
  const run = { ...context, actor: camille };
  const set = { intitule: title, ville: 'Dieppe' };
  await decideLines(run, draft, { kind: 'validate', lines: [4], set, reason: null });
  const reason = title.slice(0, 400);
  await decideLines(run, draft, { kind: 'discard', lines: [5], set: {}, reason });
  return id;
}
