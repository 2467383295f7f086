import { z } from 'zod';
import type { Db } from '../db/handle.js';
import { readCheckpoints, readHead, withFrozenView } from '../db/journal.js';
import { DataError } from '../domain/errors.js';
import { checkedBy } from '../domain/schema-faults.js';
import { GENESIS } from './hash.js';

/** Every entry of the last 10,000, one in a hundred before: about 0.8 MB, and an exact answer on what is recent. */
const RECENT = 10_000;
const EVERY = 100;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const schema = z.object({
  format: z.literal('filror.journal-head/1'),
  no: z.int().nonnegative(),
  hash,
  at: z.string().nullable(),
  checkpoints: z.array(z.tuple([z.int().positive(), hash])),
});

/** The witness kept outside the database: what the journal's hashes were when it was taken. */
export type JournalHead = z.infer<typeof schema>;

const coherent = schema.refine(isCoherent, {
  error: 'les numéros ne se suivent pas, ou ne finissent pas par la tête',
});

function isCoherent({ no, hash: last, checkpoints }: JournalHead): boolean {
  if (checkpoints.some(([at], index) => at <= (checkpoints[index - 1]?.[0] ?? 0))) return false;
  const end = checkpoints.at(-1);
  return end === undefined ? no === 0 && last === GENESIS : end[0] === no && end[1] === last;
}

/**
 * The head to keep elsewhere: on another machine, in a mail, printed.
 * @throws DataError `JRN_HEAD_LOST`, `JRN_ALTERED` when the entries do not end at the database's own head
 */
export async function head(db: Db): Promise<JournalHead> {
  return withFrozenView(db, async (frozen) => {
    const row = await readHead(frozen);
    if (row === null) throw lostHead();
    const checkpoints = await readCheckpoints(frozen, { upTo: row.no, recent: RECENT, every: EVERY });
    const taken: JournalHead = {
      format: 'filror.journal-head/1',
      no: row.no,
      hash: row.hash,
      at: row.at,
      checkpoints: checkpoints.map(([no, of]) => [no, of]),
    };
    if (!isCoherent(taken)) throw altered(row.no);
    return taken;
  });
}

/** A head of such a journal would witness the alteration as if it were the truth. */
function altered(no: number): DataError {
  return new DataError({
    code: 'JRN_ALTERED',
    message: `Le journal a été altéré : ses écritures ne finissent pas par la n° ${no}, que la base donne pour dernière.`,
    place: 'journal',
    remedy:
      'ne touchez à rien ; lancez « filror journal verify --head » avec la dernière tête exportée, qui nomme l’écriture fautive.',
  });
}

/** The one row of `journal_head` is gone: nothing can be appended, and no head can be taken. */
export function lostHead(): DataError {
  return new DataError({
    code: 'JRN_HEAD_LOST',
    message: 'La tête du journal a disparu de la base.',
    place: 'journal_head',
    remedy: 'ne touchez à rien ; lancez « filror journal verify --head » avec la dernière tête exportée.',
  });
}

/** @throws DataError `JRN_HEAD_INVALID` when the text is not a head that `filror journal head` wrote. */
export function parseHead(text: string, place: string): JournalHead {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notAHead('ce n’est pas du JSON', place, cause);
  }
  const checked = checkedBy(coherent, value);
  if (checked.ok) return checked.data;
  throw notAHead(`\n${checked.faults}`, place, checked.cause);
}

function notAHead(reason: string, place: string, cause: unknown): DataError {
  return new DataError({
    code: 'JRN_HEAD_INVALID',
    message: `Ce fichier n’est pas une tête de journal exportée : ${reason}`,
    place,
    remedy: 'donnez un fichier écrit par « filror journal head --out FICHIER ».',
    cause,
  });
}
