import type { ChangeHead } from './change-heads.js';
import type { Answer } from './answers.js';
import type { CentreId, PersonId } from '../domain/ids.js';
import type { Locator } from '../domain/locator.js';
import type { Db } from './types.js';

/** A delivery as a line of history names it. */
export interface SeenDelivery {
  readonly no: number;
  readonly fileName: string;
  readonly sha256: string;
  /** Date of the content; null when the file does not say. */
  readonly contentDate: string | null;
  readonly fetchedAt: Date;
}

/** What a source said under one key, from one delivery until another one. */
export interface SaidInterval {
  readonly source: string;
  readonly key: string;
  readonly content: string;
  readonly locator: Locator;
  readonly from: SeenDelivery;
  /** The delivery that no longer said it; null while it is said. */
  readonly until: SeenDelivery | null;
}

interface IntervalRow {
  readonly source: string;
  readonly key: string;
  readonly content: string;
  readonly locator: Locator;
  readonly from_delivery: DeliveryJson;
  readonly until_delivery: DeliveryJson | null;
}
interface DeliveryJson {
  readonly no: number;
  readonly file_name: string;
  readonly sha256: string;
  readonly content_date: string | null;
  readonly fetched_at: string;
}

/** Everything that was ever said under some keys, oldest first. */
export async function intervalsOf(
  db: Db,
  region: string,
  keys: readonly { readonly source: string; readonly key: string }[],
): Promise<SaidInterval[]> {
  const delivery = (alias: string): string =>
    `json_build_object('no', ${alias}.no, 'file_name', ${alias}.file_name, 'sha256', ${alias}.sha256,
       'content_date', to_char(${alias}.content_date, 'YYYY-MM-DD'), 'fetched_at', ${alias}.fetched_at)`;
  const { rows } = await db.raw<{ rows: IntervalRow[] }>(
    `select o.source, o.key, o.content, o.locator, ${delivery('f')} as from_delivery,
       case when u.no is null then null else ${delivery('u')} end as until_delivery
     from unnest(:sources::text[], :keys::text[]) as k (source, key)
     join observation o on o.region = :region and o.source = k.source and o.key = k.key
     join delivery f on f.region = o.region and f.no = o.first_delivery
     left join delivery u on u.region = o.region and u.no = o.closed_delivery
     order by o.first_delivery, o.source collate "C", o.key collate "C"`,
    { region, sources: keys.map(({ source }) => source), keys: keys.map(({ key }) => key) },
  );
  return rows.map((row) => ({
    source: row.source,
    key: row.key,
    content: row.content,
    locator: row.locator,
    from: seen(row.from_delivery),
    until: row.until_delivery === null ? null : seen(row.until_delivery),
  }));
}

function seen(row: DeliveryJson): SeenDelivery {
  return {
    no: row.no,
    fileName: row.file_name,
    sha256: row.sha256,
    contentDate: row.content_date,
    fetchedAt: new Date(row.fetched_at),
  };
}

/** A change of a centre, open or past. */
export type CentreChange = Omit<ChangeHead, 'reasons' | 'quorum'> & { readonly closedAt: Date | null };

/** Every change that a centre was ever part of, newest first. */
export async function changesOfCentre(
  db: Db,
  region: string,
  centres: readonly CentreId[],
): Promise<CentreChange[]> {
  const rows = (await db('change')
    .where({ region })
    .whereRaw('centres && ?::text[]', [[...centres]])
    .orderBy('no', 'desc')
    .select('id', 'no', 'kind', 'state', 'target', 'centres', 'hash', 'opened_at', 'closed_at')) as (Omit<
    CentreChange,
    'no' | 'openedAt' | 'closedAt'
  > & { no: string; opened_at: Date; closed_at: Date | null })[];
  return rows.map(({ opened_at, closed_at, no, ...row }) => ({
    ...row,
    no: Number(no),
    openedAt: opened_at,
    closedAt: closed_at,
  }));
}

/** An answer, and who took it back, when. */
export interface AnswerEver extends Answer {
  readonly undone: boolean;
  readonly undoing: { readonly at: Date; readonly author: PersonId } | null;
}

/** Everything that people answered about some centres, undone or not, oldest first. */
export async function answersEver(
  db: Db,
  region: string,
  subjects: readonly string[],
): Promise<AnswerEver[]> {
  // What was taken back is read once, not again for each answer.
  const result = (await db.raw(
    `with undoing as (
       select distinct on ((body ->> 'answer')::bigint) (body ->> 'answer')::bigint as answer, at, author
       from answer where region = :region and kind = 'undo' order by (body ->> 'answer')::bigint, no)
     select a.no, a.kind, a.subject, a.body, a.author, a.at,
       case when u.answer is null then null else json_build_object('at', u.at, 'author', u.author) end as undoing
     from answer a left join undoing u on u.answer = a.no
     where a.region = :region and a.subject = any(:subjects) and a.kind <> 'undo'
     order by a.no`,
    { region, subjects: [...subjects] },
  )) as { rows: (Answer & { no: string; undoing: { at: string; author: PersonId } | null })[] };
  return result.rows.map(({ undoing, ...row }) => ({
    ...row,
    no: Number(row.no),
    undone: undoing !== null,
    undoing: undoing === null ? null : { ...undoing, at: new Date(undoing.at) },
  }));
}
