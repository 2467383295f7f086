import { afterAll, beforeAll, expect, it } from 'vitest';
import { mailContext } from '../../src/cli/mail-context.js';
import { mailRound } from '../../src/mail/round.js';
import { silentLogger } from '../../src/observe/logger.js';
import { openWorld, type World } from '../scenarios/world.js';
import { startCatcher, type MailCatcher } from '../support/mail-catcher.js';
import { OPERATOR } from '../support/mail-region.js';
import { trialList } from '../support/region-run.js';

/** The product's own runs: a list that is replaced by an HTML page, then by itself again. */
let world: World;
let catcher: MailCatcher;
const list = trialList([{ number: 1 }]);

beforeAll(async () => {
  catcher = await startCatcher();
  const mail = {
    server: { host: '127.0.0.1', port: catcher.port, security: 'none' },
    from: 'filror@region.exemple.fr',
    // No digest comes in between, whenever the test runs.
    digestTime: '23:59',
    regions: { '28': { operators: [OPERATOR] } },
  };
  world = await openWorld({
    list,
    config: {
      'mail.yaml': JSON.stringify(mail),
      'web.yaml': JSON.stringify({ publicUrl: 'https://filror.exemple.fr' }),
    },
  });
  await world.sync();
});
afterAll(async () => {
  await catcher.close();
  await world.close();
});

async function round(): Promise<string[]> {
  const before = catcher.caught.length;
  const context = mailContext(world.context.config, {}, silentLogger, world.database.app);
  await mailRound(context, world.context.region, 'due');
  return catcher.caught.slice(before).map(({ headers }) => headers.get('subject') ?? '');
}

it('a source that fails in a run of its own is named, and closed by the run that reads it again unchanged', async () => {
  expect(await round()).toEqual([]);
  world.list('<!doctype html><html><body>Maintenance</body></html>');
  await expect(world.sync()).rejects.toThrow();
  expect(await round()).toEqual(['[filror 28] Source « labelled-centres » en échec']);
  world.list(list);
  const { unchanged } = await world.sync();
  expect(unchanged).toBe(true);
  expect(await round()).toEqual(['[filror 28] Source « labelled-centres » en échec']);
  expect(catcher.caught.at(-1)?.text).toContain(
    'Rétabli : la source « labelled-centres » est de nouveau collectée',
  );
  expect(await round()).toEqual([]);
});
