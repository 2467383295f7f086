import { describe, expect, it } from 'vitest';
import { unsettledAttempts } from '../../src/db/attempts.js';
import type { StoredChange } from '../../src/db/changes.js';
import { centreLinks } from '../../src/db/centres.js';
import type { JsonObject } from '../../src/domain/json.js';
import { verify } from '../../src/journal/verify.js';
import { bodiesOf, type Body } from '../../src/sandbox/body.js';
import type { FaultTarget, ScriptedFault } from '../../src/sandbox/faults.js';
import type { ApprovedRegion, RegionWanted } from '../support/approved-region.js';
import { TestClock } from '../support/clock.js';
import { copiesOf } from '../support/copies.js';
import { untruths } from '../support/repository-truth.js';
import { afterWrite } from '../support/tapped-client.js';

const CREATES = 6;
const ATTACHES = 3;
const COMMON = { creates: CREATES, attaches: ATTACHES, ways: ['patch', 'post'] };

const copy = copiesOf(COMMON);
let region: ApprovedRegion;

async function open(wanted: Partial<RegionWanted> = {}): Promise<TestClock> {
  const clock = wanted.clock ?? new TestClock();
  region = await copy({ declaredLagMs: 5_000, clock, ...wanted });
  return clock;
}

async function states(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { state } of await region.changes()) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

async function changeOn(target: string): Promise<StoredChange> {
  const change = (await region.changes()).find((each) => each.target === target);
  if (change === undefined) throw new Error(`no change on ${target}`);
  return change;
}

/** Everything applied, once, as approved; nothing left to send. */
async function expectAllApplied(): Promise<void> {
  expect(await states()).toEqual({ applied: CREATES + ATTACHES });
  expect(await untruths(region, ATTACHES)).toEqual([]);
  expect(await unsettledAttempts(region.database.app, '28')).toEqual([]);
  expect((await verify(region.database.app)).fault).toBeNull();
  expect(region.sandbox.faults.pending).toBe(0);
  const before = region.sandbox.requests.length;
  expect(await region.apply()).toEqual([]);
  expect(region.sandbox.requests).toHaveLength(before);
}

const UNKNOWN: readonly [string, FaultTarget, ScriptedFault][] = [
  ['a creation answered 500 after it was committed', 'create', { kind: 'error', status: 500, when: 'after' }],
  [
    'a creation answered 500 before it was committed',
    'create',
    { kind: 'error', status: 500, when: 'before' },
  ],
  ['a creation cut off after it was committed', 'create', { kind: 'drop', when: 'after' }],
  ['a creation cut off before it was committed', 'create', { kind: 'drop', when: 'before' }],
  ['a creation committed and never answered', 'create', { kind: 'delay', ms: 900, when: 'after' }],
  ['a patch answered 502 after it was committed', 'patch', { kind: 'error', status: 502, when: 'after' }],
  ['a patch cut off after it was committed', 'patch', { kind: 'drop', when: 'after' }],
  ['a patch cut off before it was committed', 'patch', { kind: 'drop', when: 'before' }],
];

describe('an outcome that nobody knows', () => {
  it.each(UNKNOWN)('%s is uncertain, then settled, and written once', async (_what, target, fault) => {
    await open({ timeoutMs: 500 });
    region.sandbox.faults.next(target, fault);
    const receipts = await region.apply();
    expect(receipts.filter((receipt) => receipt.result === 'uncertain')).toHaveLength(1);
    expect(await states()).toEqual({ applied: CREATES + ATTACHES - 1, uncertain: 1 });
    await region.apply();
    await expectAllApplied();
  });

  it('is not sent again before time-outs and lag are over and two searches agree', async () => {
    const clock = await open();
    region.sandbox.faults.next('create', { kind: 'drop', when: 'before' });
    await region.apply();
    const [attempt] = await unsettledAttempts(region.database.app, '28');
    const from = region.sandbox.requests.length;
    await region.apply();
    const later = region.sandbox.requests.slice(from).filter(({ path }) => path.startsWith('/fhir/'));
    const { timeoutMs, declaredLagMs } = region.region.repository;
    const safeAt = (attempt?.sentAt?.getTime() ?? 0) + 2 * timeoutMs + declaredLagMs;
    const write = later.findIndex(({ method }) => method === 'POST');
    expect(Date.parse(later[write]?.at ?? '')).toBeGreaterThanOrEqual(safeAt);
    const agreeing = later.slice(0, write).filter(({ at }) => Date.parse(at) >= safeAt);
    expect(agreeing.length).toBeGreaterThanOrEqual(2);
    expect(clock.slept.length).toBeGreaterThan(0);
    await expectAllApplied();
  });

  it('that lands after we gave up, within the declared lag, is found and not sent again', async () => {
    region = await copy({ timeoutMs: 400, declaredLagMs: 800 });
    region.sandbox.faults.next('create', { kind: 'delay', ms: 900, when: 'before' });
    await region.apply();
    expect(await states()).toEqual({ applied: CREATES + ATTACHES - 1, uncertain: 1 });
    await region.apply();
    await expectAllApplied();
  });

  it('stays uncertain while the repository cannot be searched', async () => {
    await open();
    region.sandbox.faults.next('create', { kind: 'drop', when: 'after' });
    await region.apply();
    region.sandbox.faults.next('search', { kind: 'error', status: 503, when: 'before' }, 4);
    const receipts = await region.apply();
    expect(receipts).toMatchObject([{ result: 'uncertain' }]);
    expect(receipts[0]?.message).toContain('Que faire :');
    expect(region.sandbox.writes()).toHaveLength(CREATES + ATTACHES);
    // The lease of that look has to end before the next one.
    await region.apply();
    await expectAllApplied();
  });

  it('is what a write is whose read-back fails, though it was accepted', async () => {
    await open();
    // A read is tried four times.
    const reads = (CREATES + ATTACHES) * 4;
    region.sandbox.faults.next('read', { kind: 'error', status: 500, when: 'before' }, reads);
    const receipts = await region.apply();
    expect(receipts.map((receipt) => receipt.result)).toEqual(receipts.map(() => 'uncertain'));
    expect(receipts[0]?.message).toContain('la relecture a échoué');
    expect(await states()).toEqual({ uncertain: CREATES + ATTACHES });
    await region.apply();
    await expectAllApplied();
  });
});

describe('a repository that refuses for now', () => {
  it('gives another token when the first one is refused in the middle of a run', async () => {
    await open();
    region.sandbox.faults.next('create', { kind: 'unauthorized' });
    region.sandbox.faults.next('patch', { kind: 'unauthorized' });
    await region.apply();
    expect(region.sandbox.requests.filter(({ path }) => path.includes('token')).length).toBeGreaterThan(1);
    await expectAllApplied();
  });

  it('loses nothing approved when every token is refused', async () => {
    await open();
    region.sandbox.faults.next('create', { kind: 'unauthorized' }, CREATES * 2);
    const receipts = await region.apply();
    expect(receipts.filter((receipt) => receipt.status === 401)).toHaveLength(CREATES);
    expect(await states()).toEqual({ approved: CREATES, applied: ATTACHES });
    await region.apply();
    await expectAllApplied();
  });

  it.each([
    ['in seconds', () => '7'],
    ['as a date', (clock: TestClock) => new Date(clock.now().getTime() + 7_000).toUTCString()],
  ])('with 429 and a delay %s is obeyed, by all writes, and then asked again', async (_form, after) => {
    // Longer than the jump of the clock, so that a write in flight meanwhile is not given up as late.
    const clock = await open({ timeoutMs: 20_000 });
    const start = clock.now().getTime();
    region.sandbox.faults.next('create', { kind: 'tooMany', retryAfter: after(clock) });
    await region.apply();
    const times = region.sandbox.writes().map(({ at }) => Date.parse(at) - start);
    // Four are in flight when the answer comes; the others and the second try wait.
    expect(times.filter((ms) => ms < 5_900).length).toBeLessThanOrEqual(4);
    expect(times.filter((ms) => ms >= 5_900).length).toBeGreaterThanOrEqual(CREATES + ATTACHES + 1 - 4);
    await expectAllApplied();
  });

  it('with 503 and a delay is obeyed by the other writes', async () => {
    const clock = await open({ timeoutMs: 20_000 });
    const start = clock.now().getTime();
    region.sandbox.faults.next('create', { kind: 'error', status: 503, when: 'before', retryAfter: '7' });
    await region.apply();
    const times = region.sandbox.writes().map(({ at }) => Date.parse(at) - start);
    // Four are in flight when the answer comes.
    expect(times.filter((ms) => ms < 7_000).length).toBeLessThanOrEqual(4);
    expect(times.filter((ms) => ms >= 7_000).length).toBeGreaterThanOrEqual(CREATES + ATTACHES - 4);
    clock.advance(120_000);
    await region.apply();
    await expectAllApplied();
  });

  it('for longer than a minute is not waited for, and not asked again in this run', async () => {
    const clock = await open();
    region.sandbox.faults.next('create', { kind: 'tooMany', retryAfter: '86400' }, 4);
    const receipts = await region.apply();
    const waiting = receipts.filter((receipt) => receipt.result === 'waiting');
    expect(waiting.length).toBeGreaterThanOrEqual(CREATES + ATTACHES - 4);
    expect(waiting[0]?.message).toContain('86400 s');
    expect(region.sandbox.writes().length).toBeLessThanOrEqual(4);
    expect(Math.max(0, ...clock.slept)).toBeLessThan(60_000);
    while (region.sandbox.faults.pending > 0) await region.apply();
    await region.apply();
    await expectAllApplied();
  });

  it('that is away leaves every change approved, and says what to do', async () => {
    await open();
    const { sandbox } = region;
    await sandbox.close();
    const receipts = await region.apply();
    expect(receipts.every((receipt) => receipt.result === 'waiting')).toBe(true);
    expect(receipts[0]?.message).toMatch(/rien n’est parti : .*Que faire : /s);
    expect(await states()).toEqual({ approved: CREATES + ATTACHES });
    expect(await unsettledAttempts(region.database.app, '28')).toEqual([]);
  });
});

const LEVEL_11 = {
  coding: [
    {
      system: 'https://mos.esante.gouv.fr/NOS/TRE_R344-NiveauExpertise/FHIR/TRE-R344-NiveauExpertise',
      code: '11',
      display: 'Libellé de l’hôpital',
    },
  ],
};

describe('a repository that moved since the approval', () => {
  it('refuses the push with three values and lets the other changes through', async () => {
    await open();
    const key = 'characteristic[expertiseLevel]#11';
    region.sandbox.edit('HealthcareService', 'essai-1', (body) => {
      body['characteristic'] = [...bodiesOf(body['characteristic']), LEVEL_11];
    });
    const before = region.sandbox.text('HealthcareService', 'essai-1');
    const receipts = await region.apply();
    const change = await changeOn('offer:28/ESSAI-0001');
    expect(change.state).toBe('conflict');
    expect(await states()).toEqual({ conflict: 1, applied: CREATES + ATTACHES - 1 });
    const told = receipts.find((receipt) => receipt.change === change.id);
    expect(told?.message).toContain(
      'Niveau d’expertise (characteristic[expertiseLevel]#11) : montré rien | ROR 11 Centre de compétences labellisé [',
    );
    // The same code under another label: only its JSON tells the two apart.
    expect(told?.message).toMatch(
      /ROR .*"Libellé de l’hôpital".* \| demandé 11 Centre de compétences labellisé \[/,
    );
    expect(region.sandbox.text('HealthcareService', 'essai-1')).toBe(before);
    expect(region.sandbox.writes().some(({ path }) => path.endsWith('/essai-1'))).toBe(false);
    const entry = await region.database
      .app('journal')
      .where({ kind: 'applyConflict' })
      .first<{ body: string }>('body');
    const { moved } = JSON.parse(entry.body) as { moved: JsonObject[] };
    expect(moved).toMatchObject([{ key, shown: null }]);
    expect(moved[0]?.['now']).not.toBeNull();
    expect(moved[0]?.['wanted']).not.toBeNull();
  });

  it('refuses the push when others put the contradicting level beside ours', async () => {
    await open();
    region.sandbox.edit('HealthcareService', 'essai-1', (body) => {
      const ten = {
        coding: [{ ...LEVEL_11.coding[0], code: '10', display: 'Centre de référence labellisé' }],
      };
      body['characteristic'] = [...bodiesOf(body['characteristic']), ten];
    });
    await region.apply();
    expect((await changeOn('offer:28/ESSAI-0001')).state).toBe('conflict');
    expect(region.sandbox.writes().some(({ path }) => path.endsWith('/essai-1'))).toBe(false);
  });

  it('keeps what the hospital wrote elsewhere in the offer, also in the comment around our block', async () => {
    await open();
    region.sandbox.edit('HealthcareService', 'essai-1', (body) => {
      body['comment'] = 'Nouvel accueil, entrée B.';
      body['name'] = 'Offre d’essai renommée par l’hôpital';
    });
    await region.apply();
    expect((await changeOn('offer:28/ESSAI-0001')).state).toBe('applied');
    const text = region.sandbox.text('HealthcareService', 'essai-1') ?? '';
    expect(text).toContain('Nouvel accueil, entrée B.\\n[Maladies rares');
    expect(text).toContain('Offre d’essai renommée par l’hôpital');
  });

  it('sends nothing for an offer that is gone', async () => {
    await open();
    region.sandbox.remove('HealthcareService', 'essai-2');
    const receipts = await region.apply();
    const change = await changeOn('offer:28/ESSAI-0002');
    expect(change.state).toBe('conflict');
    expect(receipts.find((receipt) => receipt.change === change.id)?.message).toContain('0 offre(s)');
    expect(await states()).toEqual({ conflict: 1, applied: CREATES + ATTACHES - 1 });
  });

  it('sends nothing when two offers bear one identifier', async () => {
    await open();
    region.sandbox.edit('HealthcareService', 'essai-2', (body) => renumber(body, '28/ESSAI-0001'));
    const receipts = await region.apply();
    expect(await states()).toEqual({ conflict: 2, applied: CREATES + ATTACHES - 2 });
    const change = await changeOn('offer:28/ESSAI-0001');
    expect(receipts.find((receipt) => receipt.change === change.id)?.message).toContain('2 offre(s)');
    expect(region.sandbox.writes().some(({ path }) => /essai-[12]$/.test(path))).toBe(false);
  });

  it('creates no second offer beside one that carries our block already', async () => {
    await open();
    const creation = (await region.changes()).find((change) => change.kind === 'create');
    const organization = (creation?.elements.find((each) => each.key === 'providedBy')?.after ?? {}) as Body;
    region.sandbox.edit('HealthcareService', 'essai-3', (body) => {
      body['providedBy'] = organization;
      body['comment'] = `Saisie à la main, ${creation?.centres[0] ?? ''}`;
    });
    const receipts = await region.apply();
    const told = receipts.find((receipt) => receipt.change === creation?.id);
    expect(told).toMatchObject({ result: 'conflict', offer: '28/ESSAI-0003' });
    expect(told?.message).toContain('filror sync');
    expect(region.sandbox.writes().filter(({ method }) => method === 'POST')).toHaveLength(CREATES - 1);
  });

  it('takes the next number of the range when one is already in use', async () => {
    await open({ identifiers: 'client' });
    region.sandbox.edit('HealthcareService', 'essai-3', (body) => renumber(body, '28/9000001'));
    const receipts = await region.apply();
    expect(receipts.filter((receipt) => receipt.status === 409)).toHaveLength(1);
    await region.apply();
    const created = (await region.changes()).filter((change) => change.kind === 'create');
    expect(created.every((change) => change.state === 'applied')).toBe(true);
    const links = await centreLinks(region.database.app, '28');
    const numbers = links.filter((link) => link.createdByUs).map((link) => link.identifier);
    expect(new Set(numbers).size).toBe(CREATES);
    expect(numbers).not.toContain('28/9000001');
  });
});

function renumber(body: Body, value: string): void {
  body['identifier'] = bodiesOf(body['identifier']).map((each) => ({ ...each, value }));
}

describe('the read-back', () => {
  it('catches a patch that was accepted and silently ignored', async () => {
    await open();
    region.sandbox.faults.next('patch', { kind: 'ignorePatch' });
    const receipts = await region.apply();
    const caught = receipts.filter((receipt) => receipt.result === 'conflict');
    expect(caught).toHaveLength(1);
    expect(caught[0]?.message).toContain('la relecture ne montre pas');
    expect(caught[0]?.message).toContain('characteristic[expertiseLevel]#11');
    expect(await states()).toEqual({ conflict: 1, applied: CREATES + ATTACHES - 1 });
    expect(await untruths(region, ATTACHES)).toEqual([]);
    const links = await centreLinks(region.database.app, '28');
    expect(links).toHaveLength(CREATES + ATTACHES - 1);
  });

  it('keeps as ours, linked and journalled, an offer that was created without all that was sent', async () => {
    await open();
    let done = false;
    const client = afterWrite(region.context().client, () => {
      const created = region.sandbox
        .list('HealthcareService')
        .find((body) => /^\d+$/.test(String(body['id'])));
      if (done || created === undefined) return;
      done = true;
      region.sandbox.edit(
        'HealthcareService',
        String(created['id']),
        (body) => void delete body['specialty'],
      );
    });
    const receipts = await region.apply({ client });
    const partly = receipts.find((receipt) => receipt.result === 'conflict');
    expect(partly?.message).toContain('specialty[operationalActivity]');
    const links = await centreLinks(region.database.app, '28');
    expect(links.find((link) => link.identifier === partly?.offer)?.createdByUs).toBe(true);
    const base = await region.database
      .app('applied_element')
      .where({ identifier: partly?.offer })
      .select<{ key: string }[]>('key');
    expect(base.map(({ key }) => key)).toContain('name');
    expect(base.map(({ key }) => key)).not.toContain('specialty[operationalActivity]');
    const entry = await region.database
      .app('journal')
      .where({ kind: 'applyRefused', subject: `offer:${partly?.offer ?? ''}` })
      .first<{ body: string }>('body');
    const { elements } = JSON.parse(entry.body) as { elements: JsonObject[] };
    const lost = elements.find((each) => each['key'] === 'specialty[operationalActivity]');
    expect(lost?.['sent']).not.toBeNull();
    expect(lost?.['readBack']).toBeNull();
  });
});

describe('a profile that allows no writing', () => {
  it('sends nothing, names the ways allowed, and leaves the changes approved', async () => {
    await open({ ways: ['task'] });
    const receipts = await region.apply();
    expect(receipts.map((receipt) => receipt.result)).toEqual(receipts.map(() => 'skipped'));
    expect(receipts[0]?.message).toContain('voies admises task');
    expect(region.sandbox.requests).toEqual([]);
    expect(await states()).toEqual({ approved: CREATES + ATTACHES });
  });
});

describe('several processes that apply at once', () => {
  it('write each offer once, from inside one process', async () => {
    region = await copy({ timeoutMs: 3_000, declaredLagMs: 100 });
    const all = await Promise.all([region.apply(), region.apply(), region.apply()]);
    const applied = all.flat().filter((receipt) => receipt.result === 'applied');
    expect(new Set(applied.map((receipt) => receipt.change)).size).toBe(CREATES + ATTACHES);
    expect(applied).toHaveLength(CREATES + ATTACHES);
    expect(region.sandbox.writes()).toHaveLength(CREATES + ATTACHES);
    await expectAllApplied();
  });
});
