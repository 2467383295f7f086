import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../support/database.js';

/** Two regions in one database never share a row (DESIGN 5). */
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  const { app } = database;
  for (const region of ['28', '53']) {
    await app('region_state').insert({ region });
    const at = new Date(0);
    await app('run').insert({ region, id: `run_${region}`, kind: 'sync', state: 'done', started_at: at });
  }
  await app('snapshot').insert({ sha256: 'a'.repeat(64), bytes: 1, stored_at: new Date(0) });
  await app('delivery').insert({
    region: '28',
    source: 's',
    sha256: 'a'.repeat(64),
    run_id: 'run_28',
    file_name: 'f',
    origin: 'o',
    fetched_at: new Date(0),
    rows_read: 0,
    rows_aside: 0,
    counts: '{}',
  });
});
afterAll(() => database.drop());

/** Tables whose rows belong to no region, or to the whole server; a pause may hold every region. */
const OF_NO_REGION = [
  'journal',
  'journal_head',
  'migration',
  'pause',
  'person',
  'snapshot',
  'snapshot_chunk',
  'web_session',
  'web_sign_in',
];

describe('a row of one region', () => {
  const CENTRE = 'cmr_abcdefghijkl2345';
  const what = { content_hash: 'h', content: '{}' };
  const rows: readonly [string, object][] = [
    ['rejected_row', { position: 0, code: 'c', locator: '{}', message: 'm', remedy: 'r', delivery_no: 1 }],
    ['observation', { source: 's', key: 'k', locator: '{}', ...what, first_delivery: 1 }],
    ['establishment', { eg: 'e', ej: 'j', aggregate: 'a', departement: '14', ...what, first_delivery: 1 }],
    ['establishment_point', { eg: 'e', ...what, first_delivery: 1 }],
    ['centre', { id: CENTRE, run_id: 'run_28' }],
  ];

  it.each(rows)('refers to nothing of another region: %s', async (table, row) => {
    const refused = database.app(table).insert({ region: '53', ...row });
    await expect(refused).rejects.toThrow(/foreign key/);
    await expect(database.app(table).insert({ region: '28', ...row })).resolves.toBeDefined();
  });

  it('is not closed by a delivery of another region', async () => {
    await database.app('region_state').select();
    const closed = database.app('observation').where({ region: '28' }).update({ closed_delivery: 99 });
    await expect(closed).rejects.toThrow(/foreign key/);
  });

  it.each(['centre_offer', 'applied_element'])(
    'names its attempt together with the region: %s',
    async (table) => {
      const { rows: keys } = await database.app.raw<{ rows: { columns: string }[] }>(
        `select pg_get_constraintdef(oid) as columns from pg_constraint
       where conrelid = ?::regclass and confrelid = 'apply_attempt'::regclass`,
        [table],
      );
      expect(keys.map(({ columns }) => columns)).toEqual([
        'FOREIGN KEY (region, attempt) REFERENCES apply_attempt(region, no)',
      ]);
    },
  );
});

describe('every key', () => {
  it('of a table that has a region begins with it, and so does every reference between two of them', async () => {
    const { rows: wrong } = await database.app.raw<{ rows: { name: string }[] }>(
      `select c.conrelid::regclass || '.' || c.conname as name from pg_constraint c
       join pg_class t on t.oid = c.conrelid
       join pg_attribute region on region.attrelid = t.oid and region.attname = 'region'
       where t.relnamespace = 'public'::regnamespace and t.relname <> all (?)
         and (c.contype in ('p', 'u') or c.contype = 'f' and exists (
           select 1 from pg_attribute a where a.attrelid = c.confrelid and a.attname = 'region'))
         and c.conkey[1] <> region.attnum`,
      [OF_NO_REGION],
    );
    expect(wrong).toEqual([]);
  });
});
