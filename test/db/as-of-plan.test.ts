import { expect, it } from 'vitest';
import { testDatabase } from '../support/database.js';
import { asSuperuser } from '../support/test-server.js';

it('the attempts of a change are found without reading those of its region', async () => {
  const database = await testDatabase();
  try {
    await asSuperuser(database.superuserUrl, async (client) => {
      // Rows that no rule would let in: only how they are found is looked at.
      await client.query('set session_replication_role = replica');
      await client.query(
        `insert into apply_attempt (region, change_id, hash, target, way, identifier, request_path, request_body, state, lease_until)
         select '28', 'essai-' || at, repeat('e', 64), 'essai', 'patch', '28/' || at, '', '', 'done', now()
         from generate_series(1, 20000) as at`,
      );
      await client.query('analyze apply_attempt');
      const planOf = async (condition: string): Promise<string> => {
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(
          `explain (costs off) select no from apply_attempt where region = '28' and ${condition}`,
        );
        return rows.map((row) => row['QUERY PLAN']).join('\n');
      };
      expect(await planOf(`change_id = any(array['essai-7', 'essai-9'])`)).toContain('apply_attempt_change');
      expect(await planOf(`identifier = '28/7'`)).toContain('apply_attempt_identifier');
    });
  } finally {
    await database.drop();
  }
});
