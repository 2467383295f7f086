import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servedExported, servedHistory } from '../../src/db/served-history.js';
import { pageStatement, type Condition, type Page } from '../../src/db/served-search.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

/** The hot queries of the read API go by their indexes: at 30,000 resources a view, none reads them all. */
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  const { owner } = database;
  await owner.raw(`insert into region_state (region) values ('28')`);
  await owner.raw(
    `insert into served_resource (region, view, type, id, no, version, at, content_hash, body, tokens, name, latitude, longitude)
     select '28', 'fhir.public', t.type, t.type || '-' || n, n, 1, now() + n * interval '1 second', 'h', '{}',
       array[t.type || '/specialty=' || n % 500, t.type || '/identifier=' || n, t.type || '/_tag=28'], 'centre ' || n,
       case when t.type = 'Location' then 48 + (n % 2000) / 1000.0 end, case when t.type = 'Location' then (n % 2000) / 1000.0 end
     from generate_series(1, 15000) n, unnest(array['HealthcareService', 'Location']) as t (type)`,
  );
  await owner.raw(
    `insert into served_value (region, view, type, id, param, text)
     select '28', 'fhir.public', 'HealthcareService', 'HealthcareService-' || n, 'name', 'centre ' || n
     from generate_series(1, 15000) n`,
  );
  await owner.raw(
    `insert into served_link (region, view, type, id, param, target_type, target_id)
     select '28', 'fhir.public', 'HealthcareService', 'HealthcareService-' || n, 'location', 'Location', 'Location-' || n
     from generate_series(1, 15000) n`,
  );
  // Three versions of each: the last one is told, and no reading passes over the others.
  await owner.raw(
    `insert into served_version (region, no, view, type, id, version, at, body)
     select '28', (v - 1) * 15000 + n, 'fhir.public', 'HealthcareService', 'HealthcareService-' || n, v,
       timestamptz '2026-01-01' + ((v - 1) * 15000 + n) * interval '1 second', repeat('x', 200)
     from generate_series(1, 15000) n, generate_series(1, 3) v`,
  );
  await owner.raw(
    `insert into served_last (region, view, type, id, no, version, at, gone, withheld, first_no)
     select region, view, type, id, no, version, at, n % 50 = 0, false, n from (
       select *, no - 30000 as n from served_version where version = 3) v`,
  );
  await owner.raw('analyze');
});
afterAll(() => database.drop());

const PLACE = { region: '28', view: 'fhir.public' };
const FIRST: Page = { sort: 'id', descending: false, after: null, limit: 21 };
const token = (type: string, value: string): Condition => ({
  kind: 'tokens',
  any: [`${type}/${value}`],
  not: false,
});

async function planOf(type: string, conditions: readonly Condition[], page: Page = FIRST): Promise<string> {
  const { text, bindings } = pageStatement(PLACE, type, conditions, page);
  const { rows } = (await database.app.raw(`explain ${text}`, bindings as never)) as {
    rows: Record<string, string>[];
  };
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

/** The plans of the statements that a reading sends. */
async function plansOf(reading: () => Promise<unknown>): Promise<string> {
  const sent: { sql: string; bindings: unknown[] }[] = [];
  const listen = (query: { sql: string; bindings: unknown[] }): void => void sent.push(query);
  database.app.on('query', listen);
  await reading();
  database.app.removeListener('query', listen);
  const plans = await Promise.all(
    sent.map(async ({ sql, bindings }) => {
      const { rows } = (await database.app.raw(
        `explain ${sql.replace(/\$\d+/g, '?')}`,
        bindings as never,
      )) as { rows: Record<string, string>[] };
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    }),
  );
  return plans.join('\n\n');
}

describe('the plan of a history and of an export', () => {
  const whole = { type: null, id: null, since: null };
  const page = { after: null, upTo: 45_000, limit: 51 };
  const of = { type: 'HealthcareService', upTo: 45_000, since: null, kind: 'resources' } as const;
  it.each([
    ['the newest of a base', () => servedHistory(database.app, PLACE, whole, { ...page, order: 'newest' })],
    ['the oldest of a base', () => servedHistory(database.app, PLACE, whole, { ...page, order: 'oldest' })],
    [
      'a type since an instant',
      () =>
        servedHistory(
          database.app,
          PLACE,
          { type: 'HealthcareService', id: null, since: new Date('2026-01-01T10:00:00Z') },
          { ...page, order: 'oldest', after: 44_000 },
        ),
    ],
    [
      'one resource',
      () =>
        servedHistory(
          database.app,
          PLACE,
          { type: 'HealthcareService', id: 'HealthcareService-7', since: null },
          { ...page, order: 'newest' },
        ),
    ],
    [
      'a page of an export',
      () => servedExported(database.app, PLACE, of, { after: 'HealthcareService-5', through: null }, 500),
    ],
  ])('%s goes by indexes, and reads no table whole', async (_, reading) => {
    expect((await reading()).length).toBeGreaterThan(0);
    const plan = await plansOf(reading);
    expect(plan).toMatch(/served_last/);
    expect(plan).not.toMatch(/Seq Scan/);
  });
});

describe('the plan of a search', () => {
  it.each([
    [
      'by a rare code',
      'HealthcareService',
      [token('HealthcareService', 'identifier=77')],
      FIRST,
      /tokens_idx/,
    ],
    [
      'by a code that every resource bears',
      'HealthcareService',
      [token('HealthcareService', '_tag=28')],
      FIRST,
      /pkey/,
    ],
    [
      'without a condition, on a further page',
      'HealthcareService',
      [],
      { ...FIRST, after: { value: '', id: 'HealthcareService-7' } },
      /pkey/,
    ],
    [
      'by last change',
      'HealthcareService',
      [],
      { ...FIRST, sort: 'at', after: { value: '2026-11-22T00:00:00Z', id: 'x' } } as Page,
      /at_id_idx/,
    ],
    [
      'by the beginning of a name',
      'HealthcareService',
      [{ kind: 'text', param: 'name', mode: 'start', any: ['centre 1499'] }] as Condition[],
      FIRST,
      /served_value_text/,
    ],
    [
      'around a point',
      'Location',
      [{ kind: 'near', any: [{ latitude: 48.5, longitude: 0.5, km: 1 }] }] as Condition[],
      FIRST,
      /latitude_idx/,
    ],
    [
      'by what its place says',
      'HealthcareService',
      [
        {
          kind: 'names',
          param: 'location',
          target: 'Location',
          above: false,
          conditions: [token('Location', 'identifier=9')],
        },
      ] as Condition[],
      FIRST,
      /served_link/,
    ],
  ])('%s uses an index and reads no table whole', async (_words, type, conditions, page, index) => {
    const plan = await planOf(type, conditions, page);
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(/Seq Scan on served_(resource|value|link)/);
  });
});
