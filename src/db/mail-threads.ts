import type { Db, Trx } from './types.js';

/** Something that goes wrong and is not over. */
export interface ThreadRow {
  readonly no: number;
  readonly about: string;
  readonly subject: string;
  readonly openedAt: Date;
  readonly lastAbout: string;
  readonly lastCode: string;
  readonly lastAt: Date;
}

interface Row {
  readonly no: string;
  readonly about: string;
  readonly subject: string;
  readonly opened_at: Date;
  readonly last_about: string;
  readonly last_code: string;
  readonly last_at: Date;
}

export async function openThreads(db: Db, region: string): Promise<ThreadRow[]> {
  const rows = (await db('mail_thread').where({ region }).whereNull('closed_at').orderBy('no')) as Row[];
  return rows.map((row) => ({
    no: Number(row.no),
    about: row.about,
    subject: row.subject,
    openedAt: row.opened_at,
    lastAbout: row.last_about,
    lastCode: row.last_code,
    lastAt: row.last_at,
  }));
}

/** What was last told in a thread. */
interface Last {
  readonly lastAbout: string;
  readonly lastCode: string;
  readonly lastAt: Date;
}

/** @returns its number */
export async function openThread(
  trx: Trx,
  region: string,
  thread: Last & { readonly about: string; readonly subject: string; readonly openedAt: Date },
): Promise<number> {
  const [row] = (await trx('mail_thread')
    .insert({
      region,
      about: thread.about,
      subject: thread.subject,
      opened_at: thread.openedAt,
      last_about: thread.lastAbout,
      last_code: thread.lastCode,
      last_at: thread.lastAt,
    })
    .returning('no')) as { no: string }[];
  return Number(row?.no);
}

export async function tellAgain(trx: Trx, region: string, no: number, last: Last): Promise<void> {
  const { lastAbout, lastCode, lastAt } = last;
  await trx('mail_thread')
    .where({ region, no })
    .update({ last_about: lastAbout, last_code: lastCode, last_at: lastAt });
}

export async function closeThread(trx: Trx, region: string, no: number, at: Date): Promise<void> {
  await trx('mail_thread').where({ region, no }).update({ closed_at: at });
}
