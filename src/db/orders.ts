import type { PersonId } from '../domain/ids.js';
import type { Db } from './types.js';

/** A labelling order as it was read once: its lines are proposals. */
export interface OrderDraft {
  readonly id: string;
  readonly sha256: string;
  readonly fileName: string;
  /** Year. */
  readonly campaign: string;
  readonly pages: number;
  readonly textless: readonly number[];
  readonly outside: readonly number[];
  readonly readBy: PersonId;
  readonly readAt: Date;
}

export type OrderDecisionKind = 'validate' | 'discard' | 'undo';

/** One line of a draft, with what was last decided of it; `undo` puts it back to nothing. */
export interface OrderLineRow {
  readonly draft: string;
  readonly line: number;
  readonly page: number;
  /** As read, by column (labelled-centres), the head apart. */
  readonly cells: Readonly<Record<string, string>>;
  readonly doubts: readonly string[];
  readonly head: string;
  /** What was read beside the known columns, or all there is of a line that was not understood. */
  readonly other: string;
  readonly decided: {
    readonly kind: Exclude<OrderDecisionKind, 'undo'>;
    /** By column, the head too. */
    readonly corrections: Readonly<Record<string, string>>;
    readonly reason: string | null;
    readonly person: PersonId;
    readonly at: Date;
  } | null;
}

export type NewOrderLine = Pick<OrderLineRow, 'line' | 'page' | 'cells' | 'doubts' | 'head' | 'other'>;

interface DraftRow {
  readonly id: string;
  readonly sha256: string;
  readonly file_name: string;
  readonly campaign: string;
  readonly pages: number;
  readonly textless: number[];
  readonly outside: number[];
  readonly read_by: PersonId;
  readonly read_at: Date;
}

export async function addOrderDraft(
  db: Db,
  region: string,
  { fileName, readBy, readAt, textless, outside, ...draft }: OrderDraft & { readonly codeVersion: string },
  lines: readonly NewOrderLine[],
): Promise<void> {
  const { codeVersion, ...kept } = draft;
  await db('order_draft').insert({
    region,
    ...kept,
    file_name: fileName,
    textless: JSON.stringify(textless),
    outside: JSON.stringify(outside),
    code_version: codeVersion,
    read_by: readBy,
    read_at: readAt,
  });
  const key = { region, draft: draft.id };
  await db.batchInsert(
    'order_line',
    lines.map(({ line, page, cells, doubts }) => ({
      ...key,
      line,
      page,
      cells: JSON.stringify(cells),
      doubts: JSON.stringify(doubts),
    })),
    500,
  );
  await db.batchInsert(
    'order_line_words',
    lines.map(({ line, head, other }) => ({ ...key, line, head, other })),
    500,
  );
}

/** The drafts of a region, the newest first. */
export async function orderDrafts(db: Db, region: string): Promise<OrderDraft[]> {
  const rows = (await db('order_draft')
    .where({ region })
    .orderBy([{ column: 'read_at', order: 'desc' }, 'id'])) as DraftRow[];
  return rows.map(({ file_name: fileName, read_by: readBy, read_at: readAt, ...row }) => ({
    id: row.id,
    sha256: row.sha256,
    fileName,
    campaign: row.campaign,
    pages: row.pages,
    textless: row.textless,
    outside: row.outside,
    readBy,
    readAt,
  }));
}

/** Lines with what holds of them. @param draft one of them, or every draft of the region */
export async function orderLines(db: Db, region: string, draft: string | null): Promise<OrderLineRow[]> {
  const { rows } = await db.raw<{
    rows: (Omit<OrderLineRow, 'decided'> & {
      kind: OrderDecisionKind | null;
      corrections: Record<string, string>;
      typed: string | null;
      reason: string | null;
      person: PersonId;
      at: Date;
    })[];
  }>(
    `select l.draft, l.line, l.page, l.cells, l.doubts, coalesce(w.head, '') as head, coalesce(w.other, '') as other,
       d.kind, d.corrections, dw.head as typed, d.reason, d.person, d.at
     from order_line l
     left join order_line_words w using (region, draft, line)
     left join lateral (
       select no, kind, corrections, reason, person, at from order_decision d
       where d.region = l.region and d.draft = l.draft and d.line = l.line order by d.no desc limit 1
     ) d on true
     left join order_decision_words dw on dw.region = l.region and dw.no = d.no
     where l.region = ? and (?::text is null or l.draft = ?)
     order by l.draft, l.line`,
    [region, draft, draft],
  );
  return rows.map(({ kind, corrections, typed, reason, person, at, ...line }) => ({
    ...line,
    decided:
      kind === null || kind === 'undo'
        ? null
        : { kind, corrections: withHead(corrections, typed), reason, person, at },
  }));
}

/** How far the reading again of a draft is. */
export interface OrderProgress {
  readonly lines: number;
  /** Validated or discarded. */
  readonly decided: number;
  /** How many lines stand before the first that waits; 0 when none waits. */
  readonly before: number;
}

const UNREAD: OrderProgress = { lines: 0, decided: 0, before: 0 };

/** @returns what is counted of a draft, by its id; zeros for one without a line */
export async function orderProgress(db: Db, region: string): Promise<(draft: string) => OrderProgress> {
  const { rows } = await db.raw<{ rows: ({ readonly draft: string } & OrderProgress)[] }>(
    `select draft, count(*)::integer as lines, (count(*) filter (where decided))::integer as decided,
       coalesce(min(rank) filter (where not decided), 0)::integer as before
     from (
       select l.draft, row_number() over (partition by l.draft order by l.line) - 1 as rank,
         coalesce(d.kind <> 'undo', false) as decided
       from order_line l
       left join lateral (
         select kind from order_decision d
         where d.region = l.region and d.draft = l.draft and d.line = l.line order by d.no desc limit 1
       ) d on true
       where l.region = ?
     ) line
     group by draft`,
    [region],
  );
  const counted = new Map(rows.map(({ draft, ...progress }) => [draft, progress]));
  return (draft) => counted.get(draft) ?? UNREAD;
}

/** Lines of a region that nobody decided yet, and whether any was ever decided. */
export async function orderWaiting(db: Db, region: string): Promise<{ waiting: number; decided: boolean }> {
  const lines = await db('order_line as l')
    .where({ region })
    .whereNotExists(
      db('order_decision as d')
        .whereRaw('d.region = l.region and d.draft = l.draft and d.line = l.line')
        .whereRaw(
          `d.kind <> 'undo' and d.no = (select max(no) from order_decision e
             where e.region = l.region and e.draft = l.draft and e.line = l.line)`,
        )
        .select(db.raw('1')),
    )
    .count<{ count: string }[]>('*');
  const decision = await db('order_decision')
    .where({ region, kind: 'validate' })
    .first<object | undefined>('no');
  return { waiting: Number(lines[0]?.count ?? 0), decided: decision !== undefined };
}

const withHead = (
  corrections: Readonly<Record<string, string>>,
  head: string | null,
): Record<string, string> => (head === null ? { ...corrections } : { ...corrections, head });

/** The name of a head can be erased: as a person typed it, it stands beside the decision, which only is added to. */
export async function addOrderDecisions(
  db: Db,
  region: string,
  draft: string,
  decisions: readonly {
    readonly line: number;
    readonly kind: OrderDecisionKind;
    /** By column, the head too. */
    readonly corrections: Readonly<Record<string, string>>;
    readonly reason: string | null;
    readonly person: PersonId;
    readonly at: Date;
  }[],
): Promise<void> {
  const typed = new Map<number, string>();
  const rows = decisions.map(({ corrections: { head, ...corrections }, ...one }) => {
    if (head !== undefined) typed.set(one.line, head);
    return { region, draft, ...one, corrections: JSON.stringify(corrections) };
  });
  const added = (await db('order_decision').insert(rows).returning(['no', 'line'])) as {
    readonly no: string;
    readonly line: number;
  }[];
  const words = added.flatMap(({ no, line }) => {
    const head = typed.get(line);
    return head === undefined ? [] : [{ region, no, head }];
  });
  if (words.length > 0) await db('order_decision_words').insert(words);
}
