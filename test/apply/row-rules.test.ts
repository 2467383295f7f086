import { describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import { approveAll, type ApprovedRegion } from '../support/approved-region.js';
import { eachOnACopy } from '../support/copies.js';
import { insertAttempt } from '../support/raw-rows.js';

/** Rules that the rows themselves keep, whoever writes them with the application's account. */
const COMMON = { creates: 1, attaches: 1, until: 'proposed' } as const;

let region: ApprovedRegion;
let creation: StoredChange;

eachOnACopy(COMMON, async (copy) => {
  region = copy;
  creation = (await region.changes()).find((change) => change.kind === 'create') as StoredChange;
});

describe('a change', () => {
  function insertChange(kind: string, quorum: number): Promise<unknown> {
    return region.database.app('change').insert({
      region: '28',
      id: `essai-${kind}`,
      run_id: creation.runId,
      kind,
      state: 'proposed',
      target: 'offer:28/ESSAI-0009',
      centres: [],
      hash: 'a'.repeat(64),
      reasons: '[]',
      quorum,
      opened_at: new Date(),
    });
  }

  it.each(['withdraw', 'close'])('of kind %s asks for two people or is not stored', async (kind) => {
    await expect(insertChange(kind, 1)).rejects.toThrow(/change_two_people/);
    await expect(insertChange(kind, 2)).resolves.toBeDefined();
  });
});

describe('an attempt', () => {
  const set = (values: Record<string, unknown>): Promise<number> =>
    region.database.app('apply_attempt').update(values);

  it.each(['done', 'refused', 'abandoned'])('that is %s is not rewritten in any way', async (state) => {
    await approveAll(region, region.approver);
    await insertAttempt(region.database.app, creation);
    await set({ state });
    for (const values of [
      { request_body: 'falsifié' },
      { state: 'open' },
      { outcome: null },
      { remote_id: 'x' },
      { fence: 9 },
      { ended_at: new Date(0) },
    ]) {
      await expect(set(values)).rejects.toThrow(/FILROR_SETTLED/);
    }
  });

  it('whose request has left keeps that request, and its fence never goes back', async () => {
    await approveAll(region, region.approver);
    await insertAttempt(region.database.app, creation);
    await set({ request_body: '{"a":1}', sent_at: new Date(), fence: 2 });
    await expect(set({ request_body: '{"a":2}' })).rejects.toThrow(/FILROR_SENT/);
    await expect(set({ request_path: 'Organization' })).rejects.toThrow(/FILROR_SENT/);
    await expect(set({ sent_at: null })).rejects.toThrow(/FILROR_SENT/);
    await expect(set({ fence: 1 })).rejects.toThrow(/FILROR_FENCE/);
  });

  it.each(['region', 'change_id', 'hash', 'target', 'way', 'identifier'])(
    'never changes what it is about: %s',
    async (column) => {
      await expect(
        region.database.app.raw('update apply_attempt set ?? = ??', [column, column]),
      ).rejects.toThrow(/permission denied/);
    },
  );
});

describe('the range of offer numbers', () => {
  it('only grows', async () => {
    const { app } = region.database;
    await app('identifier_range').insert({ region: '28', first: 9_000_001, next: 9_000_010 });
    await app('identifier_range').update({ next: 9_000_011 });
    await expect(app('identifier_range').update({ next: 9_000_010 })).rejects.toThrow(/FILROR_RANGE/);
    await expect(app('identifier_range').update({ region: '53' })).rejects.toThrow(/permission denied/);
  });
});
