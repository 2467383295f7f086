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
  | 'unreject'
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

/** Somebody took an answer back, so that an earlier one to the same question holds again: it rests on both. */
export interface Undoing {
  readonly subject: string;
  readonly person: PersonId;
}

/** Answers that still hold, oldest first: those undone and the undoings themselves are left out. */
export async function answersOf(db: Db, region: string, asOf?: number): Promise<Answer[]> {
  return (await answersAndUndoings(db, region, asOf)).answers;
}

export async function answersAndUndoings(
  db: Db,
  region: string,
  asOf?: number,
): Promise<{ readonly answers: Answer[]; readonly undoings: Undoing[] }> {
  const query = db('answer').where({ region }).orderBy('no');
  if (asOf !== undefined) void query.where('no', '<=', asOf);
  const rows = ((await query) as (Answer & { no: string })[]).map((row) => ({
    ...row,
    no: Number(row.no),
  }));
  const undone = new Map<number, PersonId>(
    rows.flatMap((row) => (row.kind === 'undo' ? [[Number(row.body['answer']), row.author] as const] : [])),
  );
  const answers = rows.filter((row) => row.kind !== 'undo' && !undone.has(row.no));
  const undoings = rows.flatMap((row): Undoing[] => {
    const person = undone.get(row.no);
    const again = answers.some((each) => each.no < row.no && sameQuestion(each, row));
    return person === undefined || !again ? [] : [{ subject: row.subject, person }];
  });
  return { answers, undoings };
}

function sameQuestion(a: Answer, b: Answer): boolean {
  return a.subject === b.subject && a.kind === b.kind && a.body['field'] === b.body['field'];
}
