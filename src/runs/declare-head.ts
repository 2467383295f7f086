import { eraseHead, setHead } from '../db/centre-heads.js';
import { ensureRegion, lockRegion } from '../db/runs.js';
import { inTransaction } from '../db/types.js';
import { DataError } from '../domain/errors.js';
import { keptText } from '../domain/plain-words.js';
import { append } from '../journal/append.js';
import { requireAnswerRight } from '../review/rights.js';
import type { RunContext } from './context.js';
import { requireProvedSince, type Proved } from './declare.js';
import { requirePlanned } from './planned-centres.js';

const LONGEST = 120;

/**
 * Who leads a centre, or that the name is to be forgotten. It changes no offer: the ROR has no element for it that an
 * offer of ours would carry. The journal says that it was declared, never the name (DESIGN 6, rule 9).
 * @param name null: the name that is kept is erased
 * @throws DataError `HEAD_NAME`, `HEAD_UNKNOWN`, `TEXT_PERSONAL`, `CENTRE_UNKNOWN`, `PROOF_MISSING`, `DATE_INVALID`, `DATE_FUTURE`
 * @throws RefusalError `NO_GRANT`
 */
export async function declareHead(
  context: RunContext,
  centre: string,
  name: string | null,
  proved: Proved,
): Promise<void> {
  const { actor, region, config } = context;
  if (actor === null) throw new Error('a declaration needs a person');
  await inTransaction(context.db, async (trx) => {
    await ensureRegion(trx, region.code);
    await lockRegion(trx, region.code);
    const now = context.now();
    await requireAnswerRight(trx, region, config.review, actor, now);
    const entry = { region: region.code, subject: centre, actor: actor.id };
    if (name === null) {
      if (!(await eraseHead(trx, region.code, centre))) throw headUnknown(centre);
      await append(trx, { ...entry, kind: 'centre.headErased', body: {} });
      return;
    }
    await requirePlanned({ ...context, db: trx }, centre);
    const { proof, date } = requireProvedSince(proved, 'déclarer un responsable', now);
    await setHead(trx, region.code, centre, {
      name: headName(name),
      since: date,
      proof,
      declaredBy: actor.id,
      declaredAt: now,
    });
    await append(trx, { ...entry, kind: 'centre.headDeclared', body: { since: date, proof } });
  });
}

/** @throws DataError `HEAD_NAME`, `TEXT_EMPTY`, `TEXT_PERSONAL` */
function headName(text: string): string {
  const name = keptText(
    text.replaceAll(/\p{Cf}/gu, ''),
    'responsable',
    'le nom professionnel du responsable',
  );
  if (name.length <= LONGEST) return name;
  throw new DataError({
    code: 'HEAD_NAME',
    message: `Ce nom a ${String(name.length)} caractères.`,
    place: 'responsable',
    remedy: `donnez titre, prénom et nom, en ${String(LONGEST)} caractères au plus.`,
  });
}

function headUnknown(centre: string): DataError {
  return new DataError({
    code: 'HEAD_UNKNOWN',
    message: 'Aucun responsable n’est gardé pour ce centre.',
    place: centre,
    remedy: 'rien à faire : le nom est déjà effacé.',
  });
}
