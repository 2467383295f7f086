import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { anomalies } from '../../src/db/anomalies.js';
import { changesInStates, type StoredChange } from '../../src/db/changes.js';
import type { Actor } from '../../src/db/people.js';
import type { JsonObject } from '../../src/domain/json.js';
import { draftAnomaly, type AnomalyDraft } from '../../src/followup/anomaly.js';
import { reportAnomaly, type AnomalyReceipt } from '../../src/followup/report-anomaly.js';
import { head } from '../../src/journal/head.js';
import { verify } from '../../src/journal/verify.js';
import { CodeBook } from '../../src/ror/codes.js';
import { encodeTask, type AnomalyFacts } from '../../src/ror/task.js';
import { validateTask } from '../../src/ror/validate-task.js';
import { replanNow } from '../../src/runs/act.js';
import { refreshMirror } from '../../src/runs/mirror.js';
import { sync } from '../../src/runs/sync.js';
import { approvedTemplate, copyOfRegion, type ApprovedRegion } from '../support/approved-region.js';
import { hasShared, rorValidator } from '../support/shared.js';
import { runFilror } from '../support/built.js';

const codes = new CodeBook(loadConfig().codes);
const R352 =
  'https://mos.esante.gouv.fr/NOS/TRE_R352-StatutMetierAnomalie/FHIR/TRE-R352-StatutMetierAnomalie';
/** FINESS 610000044, the only site of the creation's hospital. */
const SITE = { eg: '610000044', name: 'Hôpital d’essai', town: 'L’Aigle' };

const FACTS: AnomalyFacts = {
  action: 'COR',
  theme: '06',
  description: 'Offre d’essai : niveau d’expertise. [filror k3x7 aaaaaaaa offer]',
  focus: { type: 'HealthcareService', identifier: '28/ESSAI-0001' },
  path: 'HealthcareService.characteristic',
  errors: ['Niveau d’expertise : 10 Centre de référence labellisé'],
  proposals: ['Niveau d’expertise : 11 Centre de compétences labellisé'],
  requester: 'filror',
  at: new Date('2026-03-12T08:00:00Z'),
};

describe('the Task of an anomaly', () => {
  it('says action, theme, record, element and values as the profile asks', () => {
    const task = encodeTask(FACTS, codes);
    expect(task).toMatchObject({
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      businessStatus: { coding: [{ system: R352, code: '01', display: 'Créé' }] },
      code: { coding: [{ code: '06', display: 'Exactitude' }] },
      reasonCode: { coding: [{ code: 'COR', display: 'Correction' }] },
      focus: { type: 'HealthcareService', identifier: { value: '28/ESSAI-0001' } },
      authoredOn: '2026-03-12T08:00:00.000Z',
    });
    const inputs = (task['input'] as { type: { coding: { code: string }[] } }[]).map(
      ({ type }) => type.coding[0]?.code,
    );
    expect(inputs).toEqual(['systemRequester', 'pathElementError', 'errorValue', 'proposedValue']);
    expect(validateTask(task, codes)).toEqual([]);
  });

  const input = (code: string, value: JsonObject): JsonObject => ({
    type: {
      coding: [
        { system: 'https://interop.esante.gouv.fr/ig/fhir/ror/CodeSystem/input-task-ror-codesystem', code },
      ],
    },
    ...value,
  });
  it.each<[string, (task: JsonObject) => JsonObject, string]>([
    ['no code', ({ code: _, ...rest }) => rest, 'code'],
    ['no action', ({ reasonCode: _, ...rest }) => rest, 'reasonCode'],
    [
      'an unknown action',
      (task) => ({ ...task, reasonCode: { coding: [{ system: codes.url('TRE_R349'), code: 'XXX' }] } }),
      'reasonCode',
    ],
    [
      'a status of another list',
      (task) => ({ ...task, businessStatus: task['code'] as JsonObject }),
      'businessStatus',
    ],
    ['no record', ({ focus: _, ...rest }) => rest, 'focus'],
    ['a record without identifier', (task) => ({ ...task, focus: { type: 'Organization' } }), 'focus'],
    ['a day in the place of an instant', (task) => ({ ...task, authoredOn: '2026-03-12' }), 'authoredOn'],
    ['no last change', ({ lastModified: _, ...rest }) => rest, 'lastModified'],
    ['nobody who reports', (task) => ({ ...task, input: [] }), 'input[systemRequester]'],
    [
      'two who report',
      (task) => ({
        ...task,
        input: [...(task['input'] as JsonObject[]), input('systemRequester', { valueString: 'autre' })],
      }),
      'input[systemRequester]',
    ],
    [
      'an unknown input',
      (task) => ({
        ...task,
        input: [...(task['input'] as JsonObject[]), input('autre', { valueString: 'x' })],
      }),
      'input',
    ],
    [
      'a path that is no expression',
      (task) => ({
        ...task,
        input: [
          input('systemRequester', { valueString: 'filror' }),
          input('pathElementError', { valueString: 'x' }),
        ],
      }),
      'input[pathElementError]',
    ],
    [
      'an empty value',
      (task) => ({
        ...task,
        input: [...(task['input'] as JsonObject[]), input('errorValue', { valueString: ' ' })],
      }),
      'input[errorValue]',
    ],
    [
      'an element that filror never writes',
      (task) => ({ ...task, owner: { reference: 'Practitioner/x' } }),
      'owner',
    ],
    ['a state that it is not born with', (task) => ({ ...task, status: 'completed' }), 'status'],
    ['an empty description', (task) => ({ ...task, description: '' }), 'description'],
  ])('is not sent with %s', (_what, broken, element) => {
    const findings = validateTask(broken(encodeTask(FACTS, codes)), codes);
    expect(findings.map((finding) => finding.element)).toContain(element);
  });

  it.skipIf(!hasShared)(
    'raises neither error nor warning in the conformance kit, whatever its action',
    async () => {
      const validate = await rorValidator();
      for (const action of ['AJO', 'COR', 'SUP'] as const) {
        const task = encodeTask(
          { ...FACTS, action, ...(action === 'AJO' ? { path: null, errors: [] } : {}) },
          codes,
        );
        expect(validate(task).filter(({ severity }) => severity !== 'information')).toEqual([]);
      }
    },
  );
});

const COMMON = { creates: 1, attaches: 1, ways: ['task'] } as const;

let template: Awaited<ReturnType<typeof approvedTemplate>>;
let region: ApprovedRegion;
let attachment: StoredChange;
let creation: StoredChange;

beforeAll(async () => {
  template = await approvedTemplate(COMMON);
});
afterAll(() => template.drop());
beforeEach(async () => {
  region = await copyOfRegion(template.name, COMMON);
  const approved = await changesInStates(region.database.app, '28', ['approved']);
  attachment = approved.find(({ kind }) => kind === 'attach') as StoredChange;
  creation = approved.find(({ kind }) => kind === 'create') as StoredChange;
});
afterEach(() => region.close());

const draftOf = (change: StoredChange): AnomalyDraft =>
  draftAnomaly({ region: region.region, codes, requester: 'filror', at: new Date() }, change, SITE);
const report = (change: StoredChange, who: Actor = region.approver): Promise<AnomalyReceipt> =>
  reportAnomaly(region.context({ actor: who }), who, change, draftOf(change));
const tasks = (): readonly JsonObject[] => region.sandbox.list('Task') as unknown as JsonObject[];
const stateOf = async (change: StoredChange): Promise<string> =>
  ((await region.database.app('change').where({ id: change.id }).first('state')) as { state: string }).state;

function answerTask(code: string): void {
  const [task] = tasks();
  region.sandbox.edit('Task', String(task?.['id']), (body) => {
    (body as Record<string, unknown>)['businessStatus'] = { coding: [{ system: R352, code }] };
  });
}

describe('a region where an approved change can only be reported', () => {
  it('writes nothing by apply, and says how to report', async () => {
    const [told] = await region.apply();
    expect(told).toMatchObject({ result: 'skipped' });
    expect(told?.message).toContain('filror task send');
    expect(region.sandbox.writes()).toEqual([]);
  });

  it('creates one Task, reads it again, and hands the change over', async () => {
    const receipt = await report(attachment);
    const [task, ...others] = tasks();
    expect(others).toEqual([]);
    expect(receipt).toMatchObject({ result: 'sent', task: task?.['id'] });
    expect(receipt.message).toContain('relu identique');
    expect(task).toMatchObject({
      reasonCode: { coding: [{ code: 'AJO' }] },
      code: { coding: [{ code: '01' }] },
      focus: { type: 'HealthcareService', identifier: { value: '28/ESSAI-0001' } },
    });
    const said = JSON.stringify(task);
    expect(said).toContain('Niveau d’expertise : 11 Centre de compétences labellisé');
    expect(said).toContain(`id=${attachment.centres[0] ?? ''}]`);
    expect(said).not.toContain(region.approver.displayName);
    expect(await stateOf(attachment)).toBe('transmitted');
    expect(region.sandbox.writes().map(({ method, path }) => [method, path])).toEqual([
      ['POST', '/fhir/Task'],
    ]);
    const kinds = (await region.database.app('journal').orderBy('no').pluck('kind')) as string[];
    expect(kinds.slice(-3)).toEqual(['anomaly.intent', 'anomaly.sent', 'transmit']);
  });

  it('reports once: not again while the first one stands, nor by two people at once', async () => {
    const ends = await Promise.allSettled([report(attachment), report(attachment, region.second)]);
    expect(ends.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    expect(tasks().length).toBeLessThanOrEqual(1);
    if (tasks().length === 0) await report(attachment);
    await expect(report(attachment)).rejects.toMatchObject({ code: 'ALREADY_REPORTED' });
    expect(tasks()).toHaveLength(1);
  });

  it('reports nothing on behalf of an author, nor what is not approved', async () => {
    await expect(report(attachment, region.author)).rejects.toMatchObject({ code: 'FOUR_EYES' });
    await region.database.app('change').where({ id: creation.id }).update({ state: 'proposed' });
    await expect(report(creation)).rejects.toMatchObject({ code: 'NOT_REPORTABLE' });
    expect(region.sandbox.writes()).toEqual([]);
    const raw = region.database.app('anomaly').insert({
      ...{ region: '28', change_id: creation.id, hash: creation.hash, about: 'offer', action: 'AJO' },
      ...{
        mark: 'x',
        body: '{}',
        sent_by: region.approver.id,
        lease_until: new Date(),
        created_at: new Date(),
      },
    });
    await expect(raw).rejects.toThrow(/FILROR_NOT_APPROVED/);
  });

  it('asks the repository that carries no such way for nothing', async () => {
    const closed = {
      ...region.region,
      repository: { ...region.region.repository, ways: ['sheet' as const] },
    };
    await expect(
      reportAnomaly(region.context({ region: closed }), region.approver, attachment, draftOf(attachment)),
    ).rejects.toMatchObject({ code: 'NO_TASK_WAY' });
    expect(region.sandbox.requests).toEqual([]);
  });
});

describe('when the answer is lost', () => {
  it('finds the Task that was created, and makes no second one', async () => {
    region.sandbox.faults.next('create', { kind: 'drop', when: 'after' });
    expect(await report(attachment)).toMatchObject({ result: 'uncertain' });
    expect((await anomalies(region.database.app, '28')).map(({ state }) => state)).toEqual(['uncertain']);
    expect(await report(attachment)).toMatchObject({ result: 'sent' });
    expect(tasks()).toHaveLength(1);
    expect(await stateOf(attachment)).toBe('transmitted');
  });

  it('makes it again once two searches agree that it is not there', async () => {
    region.sandbox.faults.next('create', { kind: 'drop', when: 'before' });
    expect(await report(attachment)).toMatchObject({ result: 'uncertain' });
    expect(tasks()).toEqual([]);
    const slept: number[] = [];
    const again = await reportAnomaly(
      region.context({ sleep: (ms) => Promise.resolve(void slept.push(ms)) }),
      region.approver,
      attachment,
      draftOf(attachment),
    );
    expect(again).toMatchObject({ result: 'sent' });
    // Until nothing can arrive any more, then once more before the second of the looks that must agree (rule 6).
    const { timeoutMs, declaredLagMs } = region.region.repository;
    expect(slept).toHaveLength(2);
    expect(slept[0]).toBeGreaterThan(timeoutMs);
    expect(slept[1]).toBe(declaredLagMs);
    expect(tasks()).toHaveLength(1);
    const states = (await anomalies(region.database.app, '28')).map(({ state }) => state);
    expect(states).toEqual(['abandoned', 'sent']);
  });

  it('a refusal is told in French and the change stays approved', async () => {
    region.sandbox.faults.next('create', { kind: 'error', status: 403, when: 'before' });
    const receipt = await report(attachment);
    expect(receipt.result).toBe('refused');
    expect(receipt.message).toContain('Que faire :');
    expect(await stateOf(attachment)).toBe('approved');
  });
});

describe('the status of a report', () => {
  it('is followed at each reading, recorded when it moves, and asks for nothing once it ended', async () => {
    await report(attachment);
    answerTask('02');
    await refreshMirror(region.run(null), 'auto', 'refuse');
    await refreshMirror(region.run(null), 'auto', 'refuse');
    answerTask('08');
    await refreshMirror(region.run(null), 'auto', 'refuse');
    const read = (): number =>
      region.sandbox.requests.filter(({ path }) => path.startsWith('/fhir/Task/')).length;
    const before = read();
    await refreshMirror(region.run(null), 'auto', 'refuse');
    expect(read()).toBe(before);
    const seen = (await region.database.app('anomaly_status').orderBy('no').pluck('code')) as string[];
    expect(seen).toEqual(['01', '02', '08']);
    expect(await stateOf(attachment)).toBe('transmitted');
    const { app } = region.database;
    expect((await verify(app, await head(app))).fault).toBeNull();
  });

  it.each([403, 500, 404])(
    'that answers %i is told with what to do, by each reading, and stops none',
    async (code) => {
      await report(attachment);
      const task = String(tasks()[0]?.['id']);
      region.sandbox.faults.always(
        { action: 'read', path: /\/Task\// },
        { kind: 'error', status: code, when: 'before' },
      );
      const told = {
        code: 'TASK_UNREAD',
        message: expect.stringContaining(`Task/${task} (changement ${attachment.id})`) as string,
        remedy: expect.stringMatching(
          code === 403 ? /profil d’accès/ : code === 500 ? /relancez plus tard/ : /GRADeS/,
        ) as string,
      };
      expect((await refreshMirror(region.run(null), 'auto', 'refuse')).alerts).toEqual([told]);
      for (let turn = 0; turn < 2; turn++) {
        const output = await sync(region.run(null), { replaced: new Map() }, 'real');
        expect(output.mirror.state).toBe('fresh');
        expect(output.alerts.filter((alert) => alert.code === 'TASK_UNREAD')).toEqual([told]);
      }
      region.sandbox.faults.end();
      expect((await refreshMirror(region.run(null), 'auto', 'refuse')).alerts).toEqual([]);
    },
  );

  it('declined, opens the change to people again', async () => {
    await report(attachment);
    answerTask('09');
    const output = await sync(region.run(null), { replaced: new Map() }, 'real');
    expect(output.followed).toMatchObject([{ change: attachment.id, end: 'refused' }]);
    expect(output.changes.find(({ kind }) => kind === 'attach')).toMatchObject({ state: 'proposed' });
    expect(output.changes.map(({ id }) => id)).not.toContain(attachment.id);
  });
});

describe('an establishment that is missing in the repository', () => {
  /** The creation's site is gone from the repository: its change is held back. */
  async function withoutCarrier(): Promise<StoredChange> {
    const provider = creation.elements.find(({ key }) => key === 'providedBy')?.after as {
      reference: string;
    };
    const id = provider.reference.slice('Organization/'.length);
    region.sandbox.remove('Organization', id);
    await refreshMirror(region.run(null), 'full', 'accept');
    const { changes } = await replanNow(region.run(null));
    return changes.find((change) => change.kind === 'create') as StoredChange;
  }

  it('is listed as to be reported, and reported by AJO on the national number of the site', async () => {
    const held = await withoutCarrier();
    expect(held.reasons.filter(({ blocking }) => blocking).map(({ code }) => code)).toEqual([
      'providerAbsent',
    ]);
    const filror = (...args: string[]) =>
      runFilror(['task', ...args, '--region', '28', '--as', 'dominique'], region.env);
    const listed = await filror('list');
    expect([listed.code, listed.stderr]).toEqual([2, '']);
    expect(listed.stdout).toContain(
      `L’établissement n’est pas dans le ROR. Que faire : « filror task send ${held.id} »`,
    );
    expect(listed.stdout).toContain(
      `la région n’a pas d’autre voie. Que faire : « filror task send ${attachment.id} »`,
    );
    const trial = await filror('send', held.id, '--dry-run');
    expect(trial.stdout).toContain('Essai à blanc : rien n’a été envoyé.');
    expect(tasks()).toEqual([]);
    const sent = await filror('send', held.id);
    expect(sent.code, sent.stderr).toBe(0);
    expect(tasks()).toMatchObject([
      {
        reasonCode: { coding: [{ code: 'AJO' }] },
        code: { coding: [{ code: '02' }] },
        focus: { type: 'Organization', identifier: { value: '1610000044' } },
      },
    ]);
    // The change itself still waits for its establishment: nothing of it was handed over.
    expect(await stateOf(held)).toBe(held.state);
    const after = await filror('list');
    expect(after.stdout).toMatch(/envoyé +AJO .*01 Créé/);
    expect(after.stdout).not.toContain(`filror task send ${held.id}`);
  });
});
