import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import { approvedTemplate, copyOfRegion, type ApprovedRegion } from '../support/approved-region.js';
import { insertApproval, insertAttempt, insertAuthor } from '../support/raw-rows.js';

/** What somebody with the application's account could prepare in a session before writing the rows (DESIGN 5, 6). */
const COMMON = { creates: 1, attaches: 1, until: 'proposed' } as const;

let template: Awaited<ReturnType<typeof approvedTemplate>>;
let region: ApprovedRegion;
let creation: StoredChange;

beforeAll(async () => {
  template = await approvedTemplate(COMMON);
});
afterAll(() => template.drop());
beforeEach(async () => {
  region = await copyOfRegion(template.name, COMMON);
  creation = (await region.changes()).find((change) => change.kind === 'create') as StoredChange;
});
afterEach(() => region.close());

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
