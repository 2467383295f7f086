import { describe, expect, it } from 'vitest';
import { unsettledAttempts } from '../../src/db/attempts.js';
import { verify } from '../../src/journal/verify.js';
import { answer } from '../../src/runs/act.js';
import type { ApprovedRegion, RegionWanted } from '../support/approved-region.js';
import { TestClock } from '../support/clock.js';
import { copiesOf, type OpenCopy } from '../support/copies.js';
import { FrozenClient, type FreezePoint } from '../support/frozen-client.js';
import { untruths } from '../support/repository-truth.js';

/** One change, and a clock of the test's own: recovery waits for leases and lags without losing time. */
const CREATION = { creates: 1, attaches: 0 };
const ATTACHMENT = { creates: 0, attaches: 1 };

const copies = new Map([
  [CREATION, copiesOf(CREATION)],
  [ATTACHMENT, copiesOf(ATTACHMENT)],
]);
let region: ApprovedRegion;

async function open(wanted: RegionWanted, identifiers: 'server' | 'client' = 'server'): Promise<TestClock> {
  const clock = new TestClock();
  const copy = copies.get(wanted) as OpenCopy;
  region = await copy({ identifiers, clock, timeoutMs: 2_000, declaredLagMs: 5_000 });
  return clock;
}

/** Applies until the point, and stops there for good. */
async function crashAt(point: FreezePoint): Promise<FrozenClient> {
  const frozen = new FrozenClient(region.context().client, point);
  void region.apply({ client: frozen.client }).catch(() => undefined);
  await frozen.reached;
  return frozen;
}

async function expectConverged(wanted: RegionWanted): Promise<void> {
  expect((await region.changes()).map((change) => change.state)).toEqual(['applied']);
  expect(await untruths(region, wanted.attaches)).toEqual([]);
  expect(await unsettledAttempts(region.database.app, '28')).toEqual([]);
  expect((await verify(region.database.app)).fault).toBeNull();
  const applied = await region.database.app('journal').where({ kind: 'apply' });
  expect(applied).toHaveLength(1);
  const before = region.sandbox.requests.length;
  expect(await region.apply()).toEqual([]);
  expect(region.sandbox.requests).toHaveLength(before);
}

const CREATION_POINTS: readonly [string, FreezePoint, number][] = [
  ['before the last look', { call: 'search', moment: 'before' }, 0],
  ['before the request', { call: 'create', moment: 'before' }, 0],
  ['after the response, before the read-back', { call: 'create', moment: 'after' }, 1],
  ['after the read-back, before the record', { call: 'read', moment: 'after' }, 1],
];
const EDIT_POINTS: readonly [string, FreezePoint, number][] = [
  ['before the last look', { call: 'search', moment: 'before' }, 0],
  ['before the request', { call: 'patch', moment: 'before' }, 0],
  ['after the response, before the read-back', { call: 'patch', moment: 'after' }, 1],
  ['after the read-back, before the record', { call: 'read', moment: 'after' }, 1],
];

describe('a creation cut off', () => {
  describe.each(['server', 'client'] as const)('with identifiers by the %s', (identifiers) => {
    it.each(CREATION_POINTS)('%s ends as one offer', async (_where, point, written) => {
      await open(CREATION, identifiers);
      await crashAt(point);
      expect(region.sandbox.writes()).toHaveLength(written);
      await region.apply();
      expect(region.sandbox.writes()).toHaveLength(1);
      await expectConverged(CREATION);
    });
  });
});

describe('a patch cut off', () => {
  it.each(EDIT_POINTS)('%s is written once', async (_where, point, written) => {
    await open(ATTACHMENT);
    await crashAt(point);
    expect(region.sandbox.writes()).toHaveLength(written);
    await region.apply();
    expect(region.sandbox.writes()).toHaveLength(1);
    await expectConverged(ATTACHMENT);
  });
});

describe('recovery', () => {
  it('sends nothing before the lease, the longest sending, the lag and two agreeing looks', async () => {
    const clock = await open(CREATION);
    const intended = clock.now().getTime();
    await crashAt({ call: 'create', moment: 'before' });
    await region.apply();
    const requests = region.sandbox.requests.filter(({ path }) => path.startsWith('/fhir/'));
    const write = requests.findIndex(({ method }) => method === 'POST');
    const looks = requests.slice(0, write).filter(({ path }) => path.includes('organization._id='));
    const { timeoutMs, declaredLagMs } = region.region.repository;
    const safeAt = intended + 2 * timeoutMs + declaredLagMs;
    const since = (request: { at: string } | undefined): number => Date.parse(request?.at ?? '') - safeAt;
    expect(since(requests[write])).toBeGreaterThanOrEqual(0);
    // The last look before the request is the creation's own; the two before it are the recovery's that agree.
    expect(
      looks
        .slice(-3, -1)
        .map(since)
        .every((ms) => ms >= 0),
    ).toBe(true);
    expect(since(looks.at(-2)) - since(looks.at(-3))).toBeGreaterThan(0);
  });

  it('finds a creation that arrived after the process died and before the lag was over', async () => {
    const clock = await open(CREATION);
    const frozen = await crashAt({ call: 'create', moment: 'before' });
    let arrived = false;
    await region.apply({
      sleep: async (ms) => {
        // The dead process's request was on its way: it lands while the recovery waits.
        if (!arrived) {
          arrived = true;
          const sent = await region.database
            .app('apply_attempt')
            .first<{ request_body: string }>('request_body');
          await region.context().client.create('HealthcareService', sent.request_body);
        }
        await clock.sleep(ms);
      },
    });
    expect(region.sandbox.writes()).toHaveLength(1);
    await expectConverged(CREATION);
    frozen.thaw();
  });

  it('keeps a process that was only paused from writing or recording once it was taken over', async () => {
    const clock = await open(CREATION);
    const frozen = new FrozenClient(region.context().client, { call: 'create', moment: 'before' });
    const paused = region.apply({ client: frozen.client });
    await frozen.reached;
    await region.apply();
    await expectConverged(CREATION);
    clock.advance(1);
    frozen.thaw();
    const [told] = await paused;
    expect(told?.result).toBe('waiting');
    expect(region.sandbox.writes()).toHaveLength(1);
    expect(await untruths(region, 0)).toEqual([]);
    expect(await region.database.app('journal').where({ kind: 'apply' })).toHaveLength(1);
  });

  it('keeps a process that was paused after its request from recording what another one recorded', async () => {
    await open(CREATION);
    const frozen = new FrozenClient(region.context().client, { call: 'read', moment: 'after' });
    const paused = region.apply({ client: frozen.client });
    await frozen.reached;
    await region.apply();
    frozen.thaw();
    expect(await paused).toMatchObject([{ result: 'waiting' }]);
    await expectConverged(CREATION);
  });

  it('leaves an attempt alone as long as its process may be alive', async () => {
    const clock = await open(CREATION);
    const frozen = new FrozenClient(region.context().client, { call: 'create', moment: 'after' });
    const alive = region.apply({ client: frozen.client });
    await frozen.reached;
    const other = region.apply({
      sleep: async (ms) => {
        // While the other waits for the lease, the first one ends its work.
        frozen.thaw();
        await alive;
        await clock.sleep(ms);
      },
    });
    expect((await alive).map((receipt) => receipt.result)).toEqual(['applied']);
    expect(await other).toEqual([]);
    await expectConverged(CREATION);
  });

  it('does not bring a change back that was rejected while its process lay dead', async () => {
    await open(CREATION);
    await crashAt({ call: 'search', moment: 'before' });
    const [change] = await region.changes();
    await region.database.app('change').where({ id: change?.id }).update({ state: 'rejected' });
    await region.apply();
    expect((await region.changes()).map((each) => each.state)).toEqual(['rejected']);
    expect(region.sandbox.writes()).toEqual([]);
    expect(await unsettledAttempts(region.database.app, '28')).toEqual([]);
  });

  it('finds its change as it was, though a new plan was made while its process lay dead', async () => {
    await open(CREATION);
    await crashAt({ call: 'create', moment: 'before' });
    const subject = (await region.changes())[0]?.centres[0] ?? '';
    const body = { field: 'public', value: 'adulte' };
    await answer(region.run(region.author), [{ kind: 'complete', subject, body }]);
    expect((await region.changes()).map((change) => change.state)).toEqual(['approved']);
    await region.apply();
    await expectConverged(CREATION);
  });

  it('says so, and writes nothing, when two offers carry the block of the centre', async () => {
    await open(CREATION);
    await crashAt({ call: 'create', moment: 'after' });
    const sent = await region.database.app('apply_attempt').first<{ request_body: string }>('request_body');
    await region.context().client.create('HealthcareService', sent.request_body);
    const [told] = await region.apply();
    expect(told).toMatchObject({ result: 'conflict' });
    expect(told?.message).toContain('2 offres portent le bloc du centre');
    expect(region.sandbox.writes()).toHaveLength(2);
  });
});
