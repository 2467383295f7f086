import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Receipt } from '../../src/apply/context.js';
import { rehearse } from '../../src/apply/executor.js';
import type { RegionProfile } from '../../src/config/schema/region.js';
import { asksAgreement } from '../../src/config/schema/region.js';
import type { StoredChange } from '../../src/db/changes.js';
import type { Actor } from '../../src/db/people.js';
import { setRegionRules } from '../../src/db/runs.js';
import { recordAgreement, type GivenAgreement } from '../../src/followup/agree.js';
import { head } from '../../src/journal/head.js';
import { verify } from '../../src/journal/verify.js';
import { approve } from '../../src/review/decide.js';
import { answer } from '../../src/runs/act.js';
import { approvedTemplate, copyOfRegion, type ApprovedRegion } from '../support/approved-region.js';
import { namedReviewer } from '../support/named-reviewer.js';
import { insertAttempt } from '../support/raw-rows.js';
import { runFilror } from '../support/built.js';

const COMMON = { creates: 1, attaches: 0, until: 'proposed' } as const;

const AGREED: GivenAgreement = {
  verdict: 'agree',
  by: 'référent ROR, Hôpital d’essai',
  channel: 'email',
  on: '2026-03-12',
  document: { name: null, sha256: null, reference: 'courriel du 12/03/2026' },
  reason: null,
};
const REFUSED: GivenAgreement = { ...AGREED, verdict: 'refuse', document: null, reason: 'unité fermée' };
const UNDONE: GivenAgreement = { verdict: 'undo', reason: 'accord donné pour un autre site' };

let template: Awaited<ReturnType<typeof approvedTemplate>>;
let region: ApprovedRegion;
let creation: StoredChange;
let reviewer: Actor;

beforeAll(async () => {
  template = await approvedTemplate(COMMON);
});
afterAll(() => template.drop());
beforeEach(async () => {
  region = await copyOfRegion(template.name, COMMON);
  creation = (await region.changes())[0] as StoredChange;
  reviewer = await namedReviewer(region.database.app);
});
afterEach(() => region.close());

/** The same region once it is no sandbox any more: the agreement is asked for. */
const real = (): RegionProfile => ({ ...region.region, sandbox: false });

const say = (given: GivenAgreement, change = creation): Promise<void> =>
  recordAgreement(
    {
      db: region.database.app,
      region: real(),
      review: region.config.review,
      person: reviewer,
      now: new Date(),
    },
    [change],
    given,
  );

async function approveIt(change = creation): Promise<void> {
  const { config, database } = region;
  await approve(
    { db: database.app, region: '28', review: config.review, person: reviewer, now: new Date() },
    change,
  );
}

const applyReal = (): Promise<Receipt[]> => region.apply({ region: real(), actor: reviewer });

function insertAgreement(change: { readonly hash?: string } = {}): Promise<unknown> {
  return region.database.app('agreement').insert({
    region: '28',
    change_id: creation.id,
    hash: creation.hash,
    verdict: 'agree',
    given_by: 'référent ROR, Hôpital d’essai',
    channel: 'email',
    given_on: '2026-03-12',
    document_reference: 'courriel du 12/03/2026',
    recorded_by: reviewer.id,
    recorded_at: new Date(),
    ...change,
  });
}

describe('a rehearsal', () => {
  const rehearsed = async (): Promise<object> => {
    const { leaves, way, why } = await rehearse(
      region.context({ region: real(), actor: reviewer }),
      creation,
    );
    return { leaves, way, why };
  };

  it('says what would not leave for want of an agreement, as the apply does, and keeps nothing', async () => {
    await approveIt();
    expect(await rehearsed()).toMatchObject({ leaves: 'no', why: expect.stringMatching(/accord/) as string });
    expect((await applyReal()).map(({ result }) => result)).toEqual(['skipped']);
    await say(AGREED);
    expect(await rehearsed()).toEqual({ leaves: 'sent', way: 'post', why: null });
    expect(await region.database.app('apply_attempt')).toEqual([]);
    expect((await applyReal()).map(({ result }) => result)).toEqual(['applied']);
  });
});

describe('the row of an agreement', () => {
  it('is refused for another hash than the one shown, whoever writes it', async () => {
    await expect(insertAgreement({ hash: 'f'.repeat(64) })).rejects.toThrow(
      /FILROR_AGREEMENT_LATE|foreign key/,
    );
    await region.database.owner.raw('alter table agreement disable trigger agreement_in_time');
    await expect(insertAgreement({ hash: 'f'.repeat(64) })).rejects.toThrow(/foreign key/);
    await region.database.owner.raw('alter table agreement enable trigger agreement_in_time');
    await expect(insertAgreement()).resolves.toBeDefined();
  });

  it('is neither changed, deleted nor truncated by the application', async () => {
    await insertAgreement();
    const { app, owner } = region.database;
    await expect(app('agreement').update({ given_by: 'autre' })).rejects.toThrow(/permission denied/);
    await expect(app('agreement').delete()).rejects.toThrow(/permission denied/);
    await expect(app.raw('truncate agreement')).rejects.toThrow(/permission denied/);
    await expect(owner('agreement').delete()).rejects.toThrow(/n'accepte que des ajouts/);
  });

  it.each([
    ['who', { given_by: null }],
    ['how', { channel: null }],
    ['when', { given_on: null }],
    ['its proof', { document_reference: null }],
    ['the hash of its file', { document_name: 'accord.pdf' }],
  ])('does not go without %s', async (_what, lacking) => {
    await expect(insertAgreement(lacking as object)).rejects.toThrow(/check constraint/);
  });

  it.each([{ verdict: 'refuse' }, { verdict: 'undo' }])(
    'does not go without a reason: $verdict',
    async (row) => {
      await insertAgreement();
      await expect(insertAgreement({ ...row, reason: ' ' } as object)).rejects.toThrow(/check constraint/);
    },
  );

  it('keeps names of people out: only the key of who recorded it', async () => {
    await say(AGREED);
    const row = (await region.database.app('agreement').first()) as Record<string, unknown>;
    expect(row['recorded_by']).toBe(reviewer.id);
    expect(JSON.stringify(row)).not.toContain(reviewer.displayName);
    const entry = (await region.database.app('journal').where({ kind: 'agreement.agree' }).first()) as {
      body: string;
      actor: string;
    };
    expect(entry.actor).toBe(reviewer.id);
    expect(entry.body).not.toContain(reviewer.displayName);
    expect(JSON.parse(entry.body)).toMatchObject({
      change: creation.id,
      hash: creation.hash,
      givenBy: 'référent ROR, Hôpital d’essai',
      givenOn: '2026-03-12',
      channel: 'email',
    });
  });
});

describe('where the agreement is asked for', () => {
  it('is everywhere but in a sandbox, unless the profile says otherwise', () => {
    const told = (sandbox: boolean, agreement: RegionProfile['agreement']): boolean =>
      asksAgreement({ sandbox, agreement });
    expect([told(true, null), told(false, null)]).toEqual([false, true]);
    expect([told(true, 'asked'), told(false, 'none')]).toEqual([true, false]);
  });

  it('an approved change is sent once the establishment agreed, and not before', async () => {
    await approveIt();
    expect(await applyReal()).toMatchObject([{ result: 'skipped' }]);
    expect(region.sandbox.requests).toEqual([]);
    await say(AGREED);
    expect(await applyReal()).toMatchObject([{ result: 'applied' }]);
  });

  it('an agreement replaces no approval', async () => {
    await say(AGREED);
    expect(await applyReal()).toEqual([]);
    await region.database.app('change').where({ id: creation.id }).update({ state: 'approved' });
    const [told] = await applyReal();
    expect(told).toMatchObject({ result: 'skipped' });
    expect(told?.message).toContain('0 approbation(s) valable(s) sur 1');
    expect(region.sandbox.requests).toEqual([]);
  });

  it('a refusal blocks, and says in French what to do', async () => {
    await approveIt();
    await say(REFUSED);
    const [told] = await applyReal();
    expect(told).toMatchObject({ result: 'skipped' });
    expect(told?.message).toMatch(/a refusé le changement .*\(unité fermée\).*Que faire : rejetez-le/);
    expect(region.sandbox.requests).toEqual([]);
    await say(AGREED);
    expect(await applyReal()).toMatchObject([{ result: 'applied' }]);
  });

  it('an agreement to another form does not count, and it says so', async () => {
    await approveIt();
    await say(AGREED);
    const [subject = ''] = creation.centres;
    await answer(region.run(region.second), [
      { kind: 'complete', subject, body: { field: 'public', value: 'adulte' } },
    ]);
    const other = (await region.changes()).find((change) => change.state === 'proposed') as StoredChange;
    expect(other.hash).not.toBe(creation.hash);
    await approveIt(other);
    const [told] = await applyReal();
    expect(told).toMatchObject({ change: other.id, result: 'skipped' });
    expect(told?.message).toContain('une forme antérieure : il ne vaut plus');
    await expect(say(AGREED, creation)).rejects.toMatchObject({ code: 'AGREEMENT_LATE' });
    await expect(say(AGREED, { ...other, hash: creation.hash })).rejects.toMatchObject({
      code: 'NOT_AS_SHOWN',
    });
  });

  it('is taken back only as long as nothing was sent', async () => {
    await expect(say(UNDONE)).rejects.toMatchObject({ code: 'AGREEMENT_NONE' });
    await approveIt();
    await say(AGREED);
    await expect(say(AGREED)).rejects.toMatchObject({ code: 'ALREADY_AGREED' });
    await say(UNDONE);
    expect(await applyReal()).toMatchObject([{ result: 'skipped' }]);
    await say(AGREED);
    expect(await applyReal()).toMatchObject([{ result: 'applied' }]);
    await expect(say(UNDONE)).rejects.toMatchObject({ code: 'AGREEMENT_LATE' });
    await expect(insertAgreement({ verdict: 'undo', reason: 'trop tard' } as object)).rejects.toThrow(
      /FILROR_AGREEMENT_LATE/,
    );
  });

  it('the database itself refuses to send without it', async () => {
    await approveIt();
    await setRegionRules(region.database.app, '28', { sandbox: false });
    await expect(insertAttempt(region.database.app, creation)).rejects.toThrow(/FILROR_NOT_AGREED/);
    await insertAgreement();
    await insertAgreement({ verdict: 'refuse', reason: 'unité fermée' } as object);
    await expect(insertAttempt(region.database.app, creation)).rejects.toThrow(/FILROR_NOT_AGREED/);
    await insertAgreement();
    await expect(insertAttempt(region.database.app, creation)).resolves.toBeDefined();
    await expect(insertAgreement()).rejects.toThrow(/FILROR_AGREEMENT_LATE/);
  });

  it('leaves a journal that verifies', async () => {
    await say(REFUSED);
    await say(AGREED);
    const { app } = region.database;
    expect((await verify(app, await head(app))).fault).toBeNull();
    const kinds = (await app('journal')
      .whereLike('kind', 'agreement.%')
      .orderBy('no')
      .pluck('kind')) as string[];
    expect(kinds).toEqual(['agreement.refuse', 'agreement.agree']);
  });
});

describe('what is typed', () => {
  it.each([
    ['an e-mail', { by: 'prenom.nom@hopital.example' }, 'TEXT_PERSONAL'],
    ['a phone number', { by: 'référente, 02 31 00 00 00' }, 'TEXT_PERSONAL'],
    ['nothing', { by: '  ' }, 'TEXT_EMPTY'],
    ['a day to come', { on: '2999-01-01' }, 'AGREEMENT_DATE'],
    ['a day that does not exist', { on: '2026-02-30' }, 'AGREEMENT_DATE'],
  ])('is refused with %s', async (_what, change, code) => {
    await expect(say({ ...AGREED, ...change } as GivenAgreement)).rejects.toMatchObject({ code });
    expect(await region.database.app('agreement')).toEqual([]);
  });

  it('is refused with coordinates in the reason of a refusal, and in its proof', async () => {
    const reason = 'rappeler le 02 31 00 00 00';
    await expect(say({ ...REFUSED, reason } as GivenAgreement)).rejects.toMatchObject({
      code: 'TEXT_PERSONAL',
    });
    const document = {
      name: 'accord prenom.nom@hopital.example.pdf',
      sha256: 'a'.repeat(64),
      reference: null,
    };
    await say({ ...AGREED, document } as GivenAgreement);
    expect(JSON.stringify(await region.database.app('agreement'))).toContain('accord ….pdf');
  });

  it('by command keeps the name and the hash of a file, never its bytes; a trial keeps nothing', async () => {
    const file = join(region.folder, 'accord.txt');
    writeFileSync(file, 'Accord d’essai');
    const args = ['agree', creation.id, '--region', '28', '--as', 'camille', '--how', 'Reunion'];
    const given = [
      ...args,
      '--by',
      'référent ROR, Hôpital d’essai',
      '--date',
      '2026-03-12',
      '--document',
      file,
    ];
    const trial = await runFilror([...given, '--dry-run'], region.env);
    expect([trial.code, trial.stdout]).toEqual([
      0,
      `Accord enregistré : ${creation.id}.\nEssai à blanc : rien n’a été gardé.\n`,
    ]);
    expect(await region.database.app('agreement')).toEqual([]);
    const done = await runFilror(given, region.env);
    expect(done.code, done.stderr).toBe(0);
    expect(await region.database.app('agreement').first()).toMatchObject({
      channel: 'meeting',
      document_name: 'accord.txt',
      document_sha256: createHash('sha256').update('Accord d’essai').digest('hex'),
      document_reference: null,
    });
    const lacking = await runFilror(args, region.env);
    expect(lacking.code).toBe(1);
    expect(lacking.stderr).toMatch(/L’option --by manque.*Que faire :/s);
  });
});
