import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { authorsOf, type StoredChange } from '../../src/db/changes.js';
import { confirmGrant, type Actor } from '../../src/db/people.js';
import { identifyPerson } from '../../src/db/person.js';
import { changeHash } from '../../src/plan/offer-change.js';
import { approve, type ApprovalResult } from '../../src/review/decide.js';
import { answer } from '../../src/runs/act.js';
import { sync } from '../../src/runs/sync.js';
import { approveAll, type ApprovedRegion } from '../support/approved-region.js';
import { eachOnACopy } from '../support/copies.js';
import { FrozenClient } from '../support/frozen-client.js';
import * as rows from '../support/raw-rows.js';
import { asSuperuser } from '../support/test-server.js';

const COMMON = { creates: 1, attaches: 1, until: 'proposed' } as const;

let region: ApprovedRegion;
let creation: StoredChange;
let attachment: StoredChange;

eachOnACopy(COMMON, async (copy) => {
  region = copy;
  creation = await proposed('create');
  attachment = await proposed('attach');
});

async function proposed(kind: StoredChange['kind']): Promise<StoredChange> {
  const change = (await region.changes()).find((each) => each.kind === kind);
  if (change === undefined) throw new Error(`no change of kind ${kind}`);
  return change;
}

/** Rows as the application role would write them, had it no code of ours in front. */
const insertApproval = (change: StoredChange, person: Actor, hash = change.hash): Promise<unknown> =>
  rows.insertApproval(region.database.app, { ...change, hash }, person);
const insertAuthor = (change: StoredChange, person: Actor, why: string): Promise<unknown> =>
  rows.insertAuthor(region.database.app, change, person, why);
const insertAttempt = (change: StoredChange): Promise<unknown> =>
  rows.insertAttempt(region.database.app, change);

function setState(change: StoredChange, state: string): Promise<number> {
  return region.database.app('change').where({ id: change.id }).update({ state });
}

function approveAs(person: Actor, change: StoredChange): Promise<ApprovalResult> {
  const { database, config } = region;
  return approve({ db: database.app, region: '28', review: config.review, person, now: new Date() }, change);
}

const FOUR_EYES = /FILROR_FOUR_EYES/;
const NOT_APPROVED = /FILROR_NOT_APPROVED/;
const AUTHORS = [
  'completion',
  'override',
  'declaration',
  'import',
  'match',
  'site',
  'attachOrCreate',
  'continuity',
] as const;

describe('an author', () => {
  it.each(AUTHORS)('by %s cannot approve, whoever writes the row', async (why) => {
    await insertAuthor(creation, region.second, why);
    await expect(insertApproval(creation, region.second)).rejects.toThrow(FOUR_EYES);
    await expect(insertApproval(creation, region.approver)).resolves.toBeDefined();
  });

  it.each(AUTHORS)('by %s cannot be added once that person has approved', async (why) => {
    await insertApproval(creation, region.second);
    await expect(insertAuthor(creation, region.second, why)).rejects.toThrow(FOUR_EYES);
  });

  it('is whoever answered "rattacher ou créer ?", and is told in French', async () => {
    const authors = await authorsOf(region.database.app, '28', attachment.id);
    expect(authors).toEqual([{ person: region.author.id, why: 'attachOrCreate' }]);
    await expect(insertApproval(attachment, region.author)).rejects.toThrow(FOUR_EYES);
    await expect(approveAs(region.author, attachment)).rejects.toMatchObject({ code: 'FOUR_EYES' });
  });

  it('by import, is whoever handed the file over', async () => {
    const replaced = new Map([['labelled-centres', join(region.folder, 'centres.csv')]]);
    await sync(region.run(region.second), { replaced }, 'real');
    const change = await proposed('create');
    expect(await authorsOf(region.database.app, '28', change.id)).toContainEqual({
      person: region.second.id,
      why: 'import',
    });
    await expect(insertApproval(change, region.second)).rejects.toThrow(FOUR_EYES);
  });

  it('by site, is whoever chose the site of the hospital', async () => {
    // FINESS number of the only site of the creation's hospital: nothing else of the change moves.
    const body = { field: 'site', value: '610000044' };
    await answer(region.run(region.second), [{ kind: 'complete', subject: creation.centres[0] ?? '', body }]);
    const change = await proposed('create');
    expect(await authorsOf(region.database.app, '28', change.id)).toEqual([
      { person: region.second.id, why: 'site' },
    ]);
    await expect(insertApproval(change, region.second)).rejects.toThrow(FOUR_EYES);
  });

  it('by completion, is whoever completed a value', async () => {
    const subject = creation.centres[0] ?? '';
    const body = { field: 'public', value: 'adulte' };
    await answer(region.run(region.second), [{ kind: 'complete', subject, body }]);
    const change = (await region.changes()).find(
      (each) => each.kind === 'create' && each.state === 'proposed',
    ) as StoredChange;
    await expect(insertApproval(change, region.second)).rejects.toThrow(FOUR_EYES);
  });
});

describe('an approval', () => {
  it.each([
    'toComplete',
    'toReconfirm',
    'question',
    'rejected',
    'conflict',
    'transmitted',
    'uncertain',
    'applied',
    'superseded',
    'expired',
  ])('is refused by the database in the state %s', async (state) => {
    await setState(creation, state);
    await expect(insertApproval(creation, region.approver)).rejects.toThrow(/FILROR_NOT_APPROVABLE/);
  });

  it('is worth for the form shown and no other', async () => {
    await expect(insertApproval(creation, region.approver, 'f'.repeat(64))).rejects.toThrow(/foreign key/);
  });

  it('counts once for one person', async () => {
    await insertApproval(creation, region.approver);
    await expect(insertApproval(creation, region.approver)).rejects.toThrow(/decision_once/);
  });

  it('of two people at once, where one is enough, is recorded once, and the change is sent once', async () => {
    const ends = await Promise.allSettled([
      approveAs(region.approver, creation),
      approveAs(region.second, creation),
    ]);
    expect(ends.filter((end) => end.status === 'rejected')).toMatchObject([
      { reason: { code: 'APPROVED_ENOUGH' } },
    ]);
    expect(await region.database.app('decision').where({ change_id: creation.id })).toHaveLength(1);
    // Whichever of the two comes first has the receipt; the other finds it held, or done.
    const receipts = await Promise.all([region.apply(), region.apply()]);
    expect(receipts.map(({ length }) => length).sort()).toEqual(expect.arrayContaining([1]));
    expect(region.sandbox.writes()).toHaveLength(1);
  });

  it('given twice at once by one person is refused once, in French', async () => {
    const ends = await Promise.allSettled([
      approveAs(region.approver, creation),
      approveAs(region.approver, creation),
    ]);
    const refused = ends.filter((end) => end.status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'ALREADY_DECIDED' } }]);
  });
});

describe('an attempt to send', () => {
  it('is refused by the database without any approval', async () => {
    await expect(insertAttempt(creation)).rejects.toThrow(NOT_APPROVED);
    await setState(creation, 'approved');
    await expect(insertAttempt(creation)).rejects.toThrow(NOT_APPROVED);
  });

  it('is refused when the one who approved never had the right', async () => {
    const id = await identifyPerson(region.database.app, {
      issuer: 'essai',
      subject: 'passant',
      displayName: 'Passant (essai)',
    });
    await insertApproval(creation, { id, displayName: 'Passant (essai)' });
    await setState(creation, 'approved');
    await expect(insertAttempt(creation)).rejects.toThrow(NOT_APPROVED);
  });

  it('is refused when the right was taken back', async () => {
    await approveAs(region.approver, creation);
    await region.database
      .app('person_grant')
      .where({ person: region.approver.id })
      .update({ revoked_at: new Date() });
    await expect(insertAttempt(creation)).rejects.toThrow(NOT_APPROVED);
  });

  it('is refused with one approval of two', async () => {
    await asSuperuser(region.database.superuserUrl, (client) =>
      client.query('update change set quorum = 2 where id = $1', [creation.id]),
    );
    await insertApproval(creation, region.approver);
    await setState(creation, 'approved');
    await expect(insertAttempt(creation)).rejects.toThrow(NOT_APPROVED);
    await insertApproval(creation, region.second);
    await expect(insertAttempt(creation)).resolves.toBeDefined();
  });

  it('is refused while another one is open for the same offer', async () => {
    await approveAs(region.approver, creation);
    await insertAttempt(creation);
    await expect(insertAttempt(creation)).rejects.toThrow(/apply_attempt_open/);
  });
});

const DENIED = /permission denied/;
const APPEND_ONLY = [
  'agreement',
  'anomaly_status',
  'answer',
  'applied_element',
  'centre',
  'centre_key',
  'centre_offer',
  'change_author',
  'decision',
  'delivery',
  'field_change',
  'followup_event',
  'journal',
  'journal_head',
  'mirror_reading',
  'offer',
  'order_decision',
  'order_draft',
  'order_line',
  'plan_input',
  'reader_report',
  'reader_report_end',
  'rejected_row',
  'remote_version',
  'served_version',
  'snapshot',
  'snapshot_chunk',
];

describe('the append-only tables', () => {
  it('are those that carry the trigger', async () => {
    const { rows } = await region.database.app.raw<{ rows: { name: string }[] }>(
      `select distinct tgrelid::regclass::text as name from pg_trigger where tgname = 'append_only' order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual(APPEND_ONLY);
  });

  it.each(APPEND_ONLY)('let the application neither change, delete nor truncate %s', async (table) => {
    const { app, owner } = region.database;
    for (const column of await columnsOf(table)) {
      await expect(app.raw('update ?? set ?? = ??', [table, column, column])).rejects.toThrow(DENIED);
    }
    await expect(app(table).delete()).rejects.toThrow(DENIED);
    await expect(app.raw('truncate ?? cascade', [table])).rejects.toThrow(DENIED);
    await expect(owner(table).delete()).rejects.toThrow(/n'accepte que des ajouts/);
    await expect(owner.raw('truncate ?? cascade', [table])).rejects.toThrow(/n'accepte que des ajouts/);
  });

  it.each(['change', 'apply_attempt', 'person_grant', 'run'])(
    'are joined by %s, whose rows change and never leave',
    async (table) => {
      const { app } = region.database;
      await expect(app(table).delete()).rejects.toThrow(DENIED);
      await expect(app.raw('truncate ?? cascade', [table])).rejects.toThrow(DENIED);
    },
  );

  it.each(['hash', 'quorum', 'kind', 'target', 'centres'])(
    'do not let the application rewrite what a change proposes: %s',
    async (column) => {
      const { app } = region.database;
      await expect(app.raw('update change set ?? = ??', [column, column])).rejects.toThrow(
        /permission denied/,
      );
    },
  );
});

/** Every column that a statement may name at all: PostgreSQL refuses to set an identity before it looks at rights. */
async function columnsOf(table: string): Promise<string[]> {
  const { rows } = await region.database.owner.raw<{ rows: { name: string }[] }>(
    `select attname as name from pg_attribute
     where attrelid = ?::regclass and attnum > 0 and attidentity = '' and not attisdropped`,
    [table],
  );
  return rows.map(({ name }) => name);
}

/** As somebody with every right on the database would, triggers off. */
async function tamper(statement: string, values: readonly unknown[]): Promise<void> {
  await asSuperuser(region.database.superuserUrl, async (client) => {
    await client.query('set session_replication_role = replica');
    const { rowCount } = await client.query(statement, [...values]);
    expect(rowCount).toBeGreaterThan(0);
  });
}

function editBody(): Promise<void> {
  return tamper(`update field_change set after = $2 where change_id = $1 and key = 'name'`, [
    creation.id,
    '"Centre d\'essai jamais approuvé"',
  ]);
}

function revoke(): Promise<number> {
  return region.database
    .app('person_grant')
    .where({ person: region.approver.id, role: 'reviewer' })
    .update({ revoked_at: new Date() });
}

describe('between the approval and the push', () => {
  beforeEach(async () => {
    await approveAs(region.approver, creation);
  });

  async function expectNothingSent(why: RegExp): Promise<void> {
    const receipts = await region.apply();
    expect(receipts).toMatchObject([{ change: creation.id, result: 'skipped' }]);
    expect(receipts[0]?.message).toMatch(why);
    expect(region.sandbox.requests).toEqual([]);
    expect(await region.database.app('apply_attempt')).toEqual([]);
  }

  it('a body that was edited sends nothing, and it says so', async () => {
    await editBody();
    await expectNothingSent(/modifié après l’approbation.*filror journal verify/);
  });

  it.each([
    [
      'the approver was shown another value',
      `update field_change set before = '"x"' where change_id = $1 and key = 'name'`,
    ],
    ['the base is another', `update field_change set base = '"x"' where change_id = $1 and key = 'name'`],
    [
      'an assumed value is no longer marked so',
      `update field_change set assumed = not assumed where change_id = $1`,
    ],
    ['an element left', `delete from field_change where change_id = $1 and key = 'name'`],
    ['the target is another', `update change set target = 'offer:28/ESSAI-0009' where id = $1`],
    ['the kind is another', `update change set kind = 'modify' where id = $1`],
    ['the centres are others', `update change set centres = '{}' where id = $1`],
  ])('a change sends nothing when %s', async (_what, statement) => {
    await tamper(statement, [creation.id]);
    await expectNothingSent(/modifié après l’approbation/);
  });

  it('a body to which the application itself added an element sends nothing', async () => {
    await region.database.app('field_change').insert({
      region: '28',
      change_id: creation.id,
      position: 999,
      key: 'appointmentRequired',
      path: 'HealthcareService.appointmentRequired',
      operation: 'add',
      after: 'true',
      conflict: false,
      channel: 'ror',
      assumed: false,
      text: '',
      provenance: '[]',
    });
    await expectNothingSent(/modifié après l’approbation/);
  });

  it('a body edited together with its hash has no approval left', async () => {
    await editBody();
    const edited = await proposed('create');
    await tamper('update change set hash = $2 where id = $1', [creation.id, changeHash(edited)]);
    await expectNothingSent(/0 approbation\(s\) valable\(s\) sur 1/);
  });

  it('a right that was taken back sends nothing', async () => {
    await revoke();
    await expectNothingSent(/0 approbation\(s\) valable\(s\) sur 1/);
  });

  it('a right that was not confirmed for too long sends nothing', async () => {
    const days = region.config.review.grantMaxAgeDays + 1;
    await region.database
      .app('person_grant')
      .where({ person: region.approver.id })
      .update({ confirmed_at: new Date(Date.now() - days * 86_400_000) });
    await expectNothingSent(/0 approbation\(s\) valable\(s\) sur 1/);
    await confirmGrant(region.database.app, {
      person: region.approver.id,
      role: 'reviewer',
      region: '28',
      at: new Date(),
    });
    expect(await region.apply()).toMatchObject([{ result: 'applied' }]);
  });

  it.each([
    ['a body edited', editBody, /modifié après l’approbation/],
    ['a right taken back', revoke, /0 approbation/],
    ['a rejection', () => setState(creation, 'rejected'), /« rejeté/],
  ] as const)('%s during the last look sends no write', async (_what, happens, why) => {
    const frozen = new FrozenClient(region.context().client, { call: 'search', moment: 'after' });
    const applying = region.apply({ client: frozen.client });
    await frozen.reached;
    await happens();
    frozen.thaw();
    const [told] = await applying;
    expect(told).toMatchObject({ result: 'skipped' });
    expect(told?.message).toMatch(why);
    expect(region.sandbox.writes()).toEqual([]);
  });
});

describe('two people', () => {
  it('must approve a withdrawal before anything is sent', async () => {
    await approveAll(region, region.approver);
    await region.apply();
    const subject = creation.centres[0] ?? '';
    const body = { proof: 'acte d’essai', date: '2026-01-01' };
    await answer(region.run(region.author), [{ kind: 'withdraw', subject, body }]);
    await expectTwoNeeded(await proposed('withdraw'));
  });

  it('must approve another level of a label before anything is sent', async () => {
    await approveAll(region, region.approver);
    await region.apply();
    const file = join(region.folder, 'centres.csv');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\nCCMR;', '\nCRMR constitutif;'));
    await sync(region.run(null), { replaced: new Map() }, 'real');
    const modification = (await region.changes()).find(
      (change) => change.kind === 'modify' && change.centres[0] === creation.centres[0],
    );
    expect(modification?.elements.map((element) => element.key)).toContain(
      'characteristic[expertiseLevel]#10',
    );
    await expectTwoNeeded(modification as StoredChange);
  });

  it('must approve a constitutif that becomes coordonnateur, though the code of the ROR stays', async () => {
    const file = join(region.folder, 'centres.csv');
    const relabel = async (was: string, is: string): Promise<void> => {
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll(`\n${was};`, `\n${is};`));
      await sync(region.run(null), { replaced: new Map() }, 'real');
    };
    await relabel('CCMR', 'CRMR constitutif');
    await approveAll(region, region.approver);
    await region.apply();
    await relabel('CRMR constitutif', 'CRMR coordonnateur');
    const modifications = (await region.changes()).filter((change) => change.state === 'proposed');
    expect(modifications.map((change) => change.quorum)).toEqual([2, 2]);
    const keys = modifications.flatMap((change) => change.elements.map((element) => element.key));
    expect(keys.filter((key) => key.startsWith('characteristic[expertiseLevel]'))).toEqual([]);
  });

  async function expectTwoNeeded(change: StoredChange): Promise<void> {
    expect(change).toMatchObject({ state: 'proposed', quorum: 2 });
    const before = region.sandbox.requests.length;
    expect(await approveAs(region.approver, change)).toMatchObject({ approvals: 1, approved: false });
    expect(await region.apply()).toEqual([]);
    // Nor by a state written by hand.
    await setState(change, 'approved');
    expect(await region.apply()).toMatchObject([{ result: 'skipped' }]);
    expect(region.sandbox.requests).toHaveLength(before);
    expect(await approveAs(region.second, change)).toMatchObject({ approvals: 2, approved: true });
    expect(await region.apply()).toMatchObject([{ change: change.id, result: 'applied' }]);
  }

  it('at once make the quorum of two', async () => {
    await asSuperuser(region.database.superuserUrl, (client) =>
      client.query('update change set quorum = 2 where id = $1', [creation.id]),
    );
    const shown = { ...creation, quorum: 2 };
    const ends = await Promise.all([approveAs(region.approver, shown), approveAs(region.second, shown)]);
    expect(ends.map((end) => end.approved).sort()).toEqual([false, true]);
    expect(await region.apply()).toMatchObject([{ result: 'applied' }]);
  });
});
