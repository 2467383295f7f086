import type { Db } from './types.js';
import type { PersonId } from '../domain/ids.js';

/** What a person answered to a question of the plan. */
export type AnswerKind =
  | 'complete'
  | 'match'
  | 'matchReject'
  | 'attach'
  | 'create'
  | 'continuity'
  | 'withdraw'
  | 'close'
  | 'reopen'
  | 'revert'
  | 'undo';

export interface Answer {
  readonly no: number;
  readonly kind: AnswerKind;
  /** Centre id, or mention key for a match. */
  readonly subject: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly author: PersonId;
  readonly at: Date;
}

export async function addAnswer(
  db: Db,
  answer: { region: string; kind: AnswerKind; subject: string; body: object; author: PersonId; at: Date },
): Promise<number> {
  const rows = await db('answer')
    .insert({ ...answer, body: JSON.stringify(answer.body) })
    .returning<{ no: string }[]>('no');
  return Number(rows[0]?.no);
}

/** Answers that still hold, oldest first: those undone and the undoings themselves are left out. */
export async function answersOf(db: Db, region: string, asOf?: number): Promise<Answer[]> {
  const query = db('answer').where({ region }).orderBy('no');
  if (asOf !== undefined) void query.where('no', '<=', asOf);
  const rows = ((await query) as (Answer & { no: string })[]).map((row) => ({
    ...row,
    no: Number(row.no),
  }));
  const undone = new Set(rows.filter((row) => row.kind === 'undo').map((row) => Number(row.body['answer'])));
  return rows.filter((row) => row.kind !== 'undo' && !undone.has(row.no));
}
