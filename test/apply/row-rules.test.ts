import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import { approvedTemplate, copyOfRegion, type ApprovedRegion } from '../support/approved-region.js';

/** Rules that the rows themselves keep, whoever writes them with the application's account. */
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
