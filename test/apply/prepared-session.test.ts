import { describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import type { Db, Trx } from '../../src/db/types.js';
import type { ApprovedRegion } from '../support/approved-region.js';
import { eachOnACopy } from '../support/copies.js';
import { insertApproval, insertAttempt, insertAuthor } from '../support/raw-rows.js';

/** What somebody with the application's account could prepare in a session before writing the rows (DESIGN 5, 6). */
const COMMON = { creates: 1, attaches: 1, until: 'proposed' } as const;

let region: ApprovedRegion;
let creation: StoredChange;

eachOnACopy(COMMON, async (copy) => {
  region = copy;
  creation = (await region.changes()).find((change) => change.kind === 'create') as StoredChange;
});

describe('a temporary table of the same name', () => {
  it('does not hide that the approver is an author', async () => {
    const attachment = (await region.changes()).find((change) => change.kind === 'attach') as StoredChange;
    const approving = region.database.app.transaction(async (trx) => {
      await trx.raw('create temp table change_author (like public.change_author)');
      await insertApproval(trx, attachment, region.author);
    });
    await expect(approving).rejects.toThrow(/FILROR_FOUR_EYES/);
  });

  it('does not make a change approvable', async () => {
    await region.database.app('change').where({ id: creation.id }).update({ state: 'question' });
    const approving = region.database.app.transaction(async (trx) => {
      await trx.raw('create temp table change (like public.change)');
      await trx.raw('insert into pg_temp.change select * from public.change');
      await trx.raw(`update pg_temp.change set state = 'proposed'`);
      await insertApproval(trx, creation, region.approver);
    });
    await expect(approving).rejects.toThrow(/FILROR_NOT_APPROVABLE/);
  });

  it('does not hide that the author has approved', async () => {
    await insertApproval(region.database.app, creation, region.second);
    const joining = region.database.app.transaction(async (trx) => {
      await trx.raw('create temp table decision (like public.decision)');
      await insertAuthor(trx, creation, region.second, 'completion');
    });
    await expect(joining).rejects.toThrow(/FILROR_FOUR_EYES/);
  });

  it.each([
    ['the change', 'change', `update pg_temp.change set state = 'approved'`],
    ['the decisions', 'decision', undefined],
    ['the rights', 'person_grant', undefined],
  ])('does not stand in for %s when a request is about to be sent', async (_what, table, edit) => {
    const { app } = region.database;
    if (table === 'person_grant') {
      await insertApproval(app, creation, region.approver);
      await app('person_grant').where({ person: region.approver.id }).update({ revoked_at: new Date() });
    }
    if (table === 'change') await insertApproval(app, creation, region.approver);
    else await app('change').where({ id: creation.id }).update({ state: 'approved' });
    const sending = app.transaction(async (trx) => {
      await trx.raw('create temp table ?? (like public.??)', [table, table]);
      await trx.raw('insert into pg_temp.?? select * from public.??', [table, table]);
      if (table === 'decision') {
        await trx.raw(
          `insert into pg_temp.decision (no, region, change_id, hash, verdict, person, at)
           values (1, '28', ?, ?, 'approve', ?, now())`,
          [creation.id, creation.hash, region.approver.id],
        );
      }
      if (table === 'person_grant') await trx.raw('update pg_temp.person_grant set revoked_at = null');
      if (edit !== undefined) await trx.raw(edit);
      await insertAttempt(trx, creation);
    });
    await expect(sending).rejects.toThrow(/FILROR_NOT_APPROVED/);
  });
});

/** The session opens its view of the database; then `meanwhile` is committed by somebody else; then it writes. */
async function withOldView(
  isolationLevel: 'repeatable read' | 'serializable',
  meanwhile: () => Promise<unknown>,
  write: (trx: Trx) => Promise<unknown>,
): Promise<void> {
  await region.database.app.transaction(
    async (trx) => {
      await trx.raw('select 1 from public.change limit 1');
      await meanwhile();
      await write(trx);
    },
    { isolationLevel },
  );
}

const OLD_VIEW = /FILROR_OLD_VIEW/;

describe.each(['repeatable read', 'serializable'] as const)('a transaction in %s', (isolation) => {
  it('cannot approve: it would not see an author who joined meanwhile', async () => {
    const { app } = region.database;
    const approving = withOldView(
      isolation,
      () => insertAuthor(app, creation, region.second, 'completion'),
      (trx) => insertApproval(trx, creation, region.second),
    );
    await expect(approving).rejects.toThrow(OLD_VIEW);
    expect(await app('decision')).toEqual([]);
  });

  it('cannot add an author: it would not see that the person approved meanwhile', async () => {
    const { app } = region.database;
    const joining = withOldView(
      isolation,
      () => insertApproval(app, creation, region.second),
      (trx) => insertAuthor(trx, creation, region.second, 'completion'),
    );
    await expect(joining).rejects.toThrow(OLD_VIEW);
    expect(await app('change_author').where({ change_id: creation.id })).toEqual([]);
  });

  it('cannot open an attempt: it would not see that the right was taken back meanwhile', async () => {
    const { app } = region.database;
    await insertApproval(app, creation, region.approver);
    await app('change').where({ id: creation.id }).update({ state: 'approved' });
    const sending = withOldView(
      isolation,
      () => app('person_grant').where({ person: region.approver.id }).update({ revoked_at: new Date() }),
      (trx) => insertAttempt(trx, creation),
    );
    await expect(sending).rejects.toThrow(OLD_VIEW);
  });
});

describe('two transactions on one change', () => {
  /** Starts `second` while `first` is written and not committed; tells whether it waited, and how it ended. */
  async function overlapping(
    first: (trx: Trx) => Promise<unknown>,
    second: (db: Db) => Promise<unknown>,
  ): Promise<{ readonly waited: boolean; readonly end: PromiseSettledResult<unknown> }> {
    const { app, owner } = region.database;
    const held = await app.transaction();
    await first(held);
    let over = false;
    const ending = Promise.allSettled([second(app)]).then(([end]) => {
      over = true;
      return end as PromiseSettledResult<unknown>;
    });
    let waited = false;
    while (!over && !waited) {
      const { rows } = await owner.raw<{ rows: unknown[] }>(
        `select 1 from pg_locks l join pg_stat_activity a using (pid) where a.datname = current_database() and not l.granted`,
      );
      waited = rows.length > 0;
    }
    await held.commit();
    return { waited, end: await ending };
  }

  it('that of the approver waits for that of the author, and is refused', async () => {
    const { waited, end } = await overlapping(
      (trx) => insertAuthor(trx, creation, region.second, 'completion'),
      (db) => insertApproval(db, creation, region.second),
    );
    expect(waited).toBe(true);
    expect(end).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringContaining('FILROR_FOUR_EYES') as string },
    });
  });

  it('that of the author waits for that of the approver, and is refused', async () => {
    const { waited, end } = await overlapping(
      (trx) => insertApproval(trx, creation, region.second),
      (db) => insertAuthor(db, creation, region.second, 'completion'),
    );
    expect(waited).toBe(true);
    expect(end).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringContaining('FILROR_FOUR_EYES') as string },
    });
  });
});
