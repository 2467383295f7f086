import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { trialDirectory } from '../support/fhir-directory.js';
import { openFhirWorld, type FhirWorld } from '../support/fhir-world.js';

/** What a history refuses, and what it warns of; that copies stay in step has its own file. */
let world: FhirWorld;

beforeAll(async () => {
  world = await openFhirWorld();
  await world.mirror(...trialDirectory());
  await world.publish();
});
afterAll(() => world.close());

const nextOf = (body: JsonObject): string | undefined =>
  (body['link'] as { relation: string; url: string }[]).find(({ relation }) => relation === 'next')?.url;

describe('a history', () => {
  it('refuses _at, and does not name it among what it knows', async () => {
    const answer = await world.get('/fhir/28/_history?_at=2026-01-01');
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ issue: [{ code: 'not-supported', expression: ['_at'] }] });
    expect(answer.text).toContain('_since');
    const unknown = await world.get('/fhir/28/_history?couleur=bleu');
    expect(unknown.status).toBe(400);
    expect(unknown.text).toContain('_since, _count, _sort, _format');
    expect(unknown.text).not.toContain('_at');
  });

  it('takes its own links, and none that points beyond what was published', async () => {
    for (const sort of ['_lastUpdated', '-_lastUpdated']) {
      const first = await world.get(`/fhir/28/_history?_count=2&_sort=${sort}`);
      const next = nextOf(first.body) ?? '';
      expect((await world.get(next)).status).toBe(200);
      for (const forged of ['999999.1', '1.999999', '0.5']) {
        const answer = await world.get(next.replace(/_cursor=[^&]+/, `_cursor=${forged}`));
        expect(answer.status, forged).toBe(400);
        expect(answer.body).toMatchObject({ issue: [{ expression: ['_cursor'] }] });
      }
    }
  });

  it('warns of an instant that is still to come', async () => {
    const { status, body } = await world.get('/fhir/28/_history?_since=2099-01-01');
    expect(status).toBe(200);
    expect(body['entry']).toMatchObject([
      {
        request: { method: 'GET' },
        response: {
          status: '200',
          outcome: {
            resourceType: 'OperationOutcome',
            issue: [{ severity: 'warning', expression: ['_since'] }],
          },
        },
      },
    ]);
    // What the last reading gave is never in the future.
    const last = String((body['meta'] as JsonObject)['lastUpdated']);
    const quiet = await world.get(`/fhir/28/_history?_since=${last}`);
    expect(quiet.text).not.toContain('OperationOutcome');
  });
});
