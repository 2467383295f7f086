import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changesInStates } from '../../src/db/changes.js';
import { draftAnomaly } from '../../src/followup/anomaly.js';
import { reportAnomaly } from '../../src/followup/report-anomaly.js';
import { findVisible } from '../../src/followup/visible.js';
import { RorClient } from '../../src/ror/client.js';
import { CodeBook } from '../../src/ror/codes.js';
import { checkRegion } from '../../src/ror/region-check.js';
import { expectedCentres } from '../../src/runs/expected.js';
import { refreshMirror } from '../../src/runs/mirror.js';
import { sync } from '../../src/runs/sync.js';
import { approvedRegion, TRIAL_SECRET, type ApprovedRegion } from '../support/approved-region.js';
import { TestClock } from '../support/clock.js';
import { shapeOf, undeclaredIn } from '../support/declared-search.js';

/** Every search of a region's life: readings, writes, recovery, reports, visibility, check. */
describe('what filror asks of a repository', () => {
  let region: ApprovedRegion;
  let searches: readonly string[];

  beforeAll(async () => {
    const clock = new TestClock();
    region = await approvedRegion({
      creates: 2,
      attaches: 2,
      identifiers: 'client',
      ways: ['patch', 'post', 'task'],
      clock,
    });
    const { database, approver } = region;
    const run = { ...region.run(null), sleep: clock.sleep };
    const context = region.context();
    const client = run.repository as RorClient;

    const [reported] = (await changesInStates(database.app, '28', ['approved'])).filter(
      ({ kind }) => kind === 'attach',
    );
    if (reported === undefined) throw new Error('no attachment');
    const site = { eg: '760000018', name: 'Hôpital d’essai', town: 'Dieppe' };
    const drafted = draftAnomaly(
      { region: region.region, codes: context.codes, requester: 'filror', at: run.now() },
      reported,
      site,
    );
    region.sandbox.faults.next('create', { kind: 'drop', when: 'after' });
    for (const end of ['uncertain', 'sent'])
      expect(await reportAnomaly(context, approver, reported, drafted)).toMatchObject({ result: end });

    // One creation whose answer is lost, and that the next apply looks for.
    region.sandbox.faults.next('create', { kind: 'drop', when: 'before' });
    expect((await region.apply()).map(({ result }) => result)).toContain('uncertain');
    clock.advance(60_000);
    await region.apply();
    expect(await changesInStates(database.app, '28', ['approved', 'uncertain'])).toEqual([]);

    await sync(run, { replaced: new Map() }, 'real');
    await refreshMirror(run, 'full', 'refuse');
    await refreshMirror(run, 'export', 'refuse');
    const sought = await expectedCentres(run);
    await findVisible(sought, [{ name: 'filror', accessProfile: 1, client }], new CodeBook(run.config.codes));
    await checkRegion({
      profile: region.region,
      env: { FILROR_ROR_SECRET: TRIAL_SECRET },
      now: run.now,
      connect: () => new RorClient(region.region, { env: { FILROR_ROR_SECRET: TRIAL_SECRET }, now: run.now }),
    });
    searches = region.sandbox.requests
      .filter(({ method, path }) => method === 'GET' && undeclaredIn(path) !== null)
      .map(({ path }) => path);
  });
  afterAll(() => region.close());

  it('uses no search parameter that the ROR does not declare for that type', () => {
    expect(searches.map((path) => [shapeOf(path), undeclaredIn(path)])).toEqual(
      searches.map((path) => [shapeOf(path), []]),
    );
  });

  it('asks each of its kinds of questions here', () => {
    expect([...new Set(searches.map(shapeOf))].sort()).toEqual([
      '$export?_outputFormat&_type&_typeFilter&includeAssociatedData',
      'HealthcareService?_count',
      'HealthcareService?_count&_lastUpdated&_sort&_tag',
      'HealthcareService?_count&_sort&_tag',
      'HealthcareService?_count&characteristic',
      'HealthcareService?_count&characteristic&specialty',
      'HealthcareService?_count&identifier',
      'HealthcareService?_count&organization._id',
      'Location?_count&_lastUpdated&_sort&_tag',
      'Location?_count&_sort&_tag',
      'Organization?_count&_lastUpdated&_sort&_tag',
      'Organization?_count&_sort&_tag',
      'Task?_content&_count',
    ]);
  });

  it.each([
    ['/fhir/HealthcareService?organization=Organization/1', ['organization']],
    ['/fhir/HealthcareService?organization.partof=1&_count=1', ['organization.partof']],
    ['/fhir/Organization?organization._id=1', ['organization._id']],
    ['/fhir/Task?identifier=1', ['identifier']],
    ['/fhir/$export?_since=2026', ['_since', '_typeFilter=']],
    ['/fhir/HealthcareService?organization.identifier:above=1&characteristic:not=2', []],
  ] as const)('the table that judges %s finds %j', (path, undeclared) => {
    expect(undeclaredIn(path)).toEqual(undeclared);
  });
});
