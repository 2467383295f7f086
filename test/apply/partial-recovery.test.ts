import { beforeEach, describe, expect, it } from 'vitest';
import { appliedElements } from '../../src/db/applied.js';
import { centreLinks } from '../../src/db/centres.js';
import type { StoredChange } from '../../src/db/changes.js';
import { answer } from '../../src/runs/act.js';
import { sync } from '../../src/runs/sync.js';
import { bodiesOf } from '../../src/sandbox/body.js';
import { approveAll, type ApprovedRegion } from '../support/approved-region.js';
import { TestClock } from '../support/clock.js';
import { copiesOf } from '../support/copies.js';

/** A patch that arrived, whose answer was lost, and that somebody changed in part before we looked again (rule 6). */
const COMMON = { creates: 0, attaches: 1, ways: ['patch', 'post'], timeoutMs: 500, declaredLagMs: 5_000 };
const OFFER = '28/ESSAI-0001';
const FAMILY = 'characteristic[takingCareSpeciality]';
const LEVEL = 'characteristic[expertiseLevel]#11';

const copy = copiesOf(COMMON);
let region: ApprovedRegion;
let change: StoredChange;
let block: string;

beforeEach(async () => {
  region = await copy({ clock: new TestClock() });
  change = (await region.changes()).find((each) => each.target === `offer:${OFFER}`) as StoredChange;
  block = `comment[${change.centres[0] ?? ''}]`;
});

function hospitalDropsTheFamily(): void {
  region.sandbox.edit('HealthcareService', 'essai-1', (body) => {
    body['characteristic'] = bodiesOf(body['characteristic']).filter(
      (each) => !JSON.stringify(each).includes('TRE_R245'),
    );
  });
}

async function landedAndChanged(): Promise<void> {
  region.sandbox.faults.next('patch', { kind: 'drop', when: 'after' });
  expect(await region.apply()).toMatchObject([{ result: 'uncertain' }]);
  hospitalDropsTheFamily();
}

describe('a patch that landed and was changed in part before recovery', () => {
  it('leaves as our base what still stands, links the centre, and names only what others changed', async () => {
    await landedAndChanged();
    const [told] = await region.apply();
    expect(told).toMatchObject({ result: 'conflict', offer: OFFER });
    expect(told?.message).toContain(FAMILY);
    expect(told?.message).not.toContain(LEVEL);
    expect(told?.message).toContain('Que faire :');
    const base = (await appliedElements(region.database.app, '28')).get(OFFER);
    expect(base?.get(LEVEL)?.readBack).not.toBeNull();
    expect(base?.get(block)?.readBack).not.toBeNull();
    expect([...(base?.keys() ?? [])].filter((key) => key.startsWith(FAMILY))).toEqual([]);
    expect(await centreLinks(region.database.app, '28')).toMatchObject([{ identifier: OFFER }]);
    expect(region.sandbox.writes()).toHaveLength(1);
    const [entry] = await region.database.app('journal').where({ kind: 'applyRefused' });
    expect((entry as { subject: string }).subject).toBe(`offer:${OFFER}`);
  });

  it('can be withdrawn later: nothing of ours stays behind', async () => {
    await landedAndChanged();
    await region.apply();
    await sync(region.run(null), { replaced: new Map() }, 'real');
    const body = { proof: 'acte d’essai', date: '2026-01-01' };
    const subject = change.centres[0] ?? '';
    await answer(region.run(region.author), [{ kind: 'withdraw', subject, body }]);
    await approveAll(region, region.approver);
    await approveAll(region, region.second);
    expect(await region.apply()).toMatchObject([{ result: 'applied', offer: OFFER }]);
    const text = region.sandbox.text('HealthcareService', 'essai-1') ?? '';
    expect(text).not.toContain('Maladies rares');
    expect(text).not.toContain('TRE_R344');
  });

  it('is a conflict without anything of ours when the patch never landed and the offer moved', async () => {
    region.sandbox.faults.next('patch', { kind: 'drop', when: 'before' });
    await region.apply();
    region.sandbox.edit('HealthcareService', 'essai-1', (body) => {
      const level = change.elements.find((element) => element.key === LEVEL)?.after as { coding: object[] };
      // Another label of the code alone would say the same; a text of their own does not.
      const theirs = { coding: [level.coding[0]], text: 'Niveau selon l’hôpital' };
      body['characteristic'] = [...bodiesOf(body['characteristic']), theirs as never];
    });
    const [told] = await region.apply();
    expect(told).toMatchObject({ result: 'conflict' });
    expect((await appliedElements(region.database.app, '28')).size).toBe(0);
    expect(await centreLinks(region.database.app, '28')).toEqual([]);
  });
});
