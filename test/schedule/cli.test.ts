import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scheduleClock, type ScheduleClock } from '../support/schedule-clock.js';
import {
  scheduledTemplate,
  type ScheduledRegion,
  type ScheduledTemplate,
} from '../support/scheduled-region.js';
import { runFilror } from '../support/built.js';
import type { Finished } from '../support/node-process.js';

let template: ScheduledTemplate;
let region: ScheduledRegion;
let clock: ScheduleClock;

beforeAll(async () => {
  template = await scheduledTemplate();
  region = await template.copy();
  clock = await scheduleClock(region.database.owner, '2026-11-23T12:00:00Z');
});
afterAll(async () => {
  await region.close();
  await template.drop();
});

function schedule(...args: readonly string[]): Promise<Finished> {
  return runFilror(['schedule', ...args], { ...region.env, FILROR_REGION: '28' });
}

describe('filror schedule', () => {
  it('adds, lists, does what is due once, pauses, resumes, removes', async () => {
    const dry = await schedule('add', 'quotidien', '--region', '28', '--cron', '30 5 * * *', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toContain('Essai à blanc : rien n’a été gardé.');
    expect(await region.database.app('schedule')).toEqual([]);

    const added = await schedule('add', 'quotidien', '--region', '28', '--cron', '30 5 * * *');
    expect(added.stdout).toContain(
      'quotidien        synchronisation, « 30 5 * * * » Europe/Paris, rattrapage : la dernière, prochaine : 24/11/2026 05:30',
    );
    const listed = await schedule('list', '--region', '28');
    expect(listed.stdout).toContain(
      'relecture        relecture complète (toujours présente), « 10 3 * * 0 » Europe/Paris, rattrapage : la dernière, prochaine : 29/11/2026 03:10',
    );
    expect(await schedule('run', '--due')).toMatchObject({ code: 0, stdout: 'Rien n’est dû.\n' });

    await clock.set('2026-11-24T04:31:00Z');
    const preview = await schedule('run', '--due', '--dry-run');
    expect(preview).toMatchObject({ code: 2 });
    expect(preview.stdout).toContain('24/11/2026 05:30  sync         · due');
    expect(region.list.seen).toHaveLength(0);

    const ran = await schedule('run', '--due', '--output', 'json');
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.stdout)).toMatchObject([
      { job: 'sync', dueAt: '2026-11-24T04:30:00.000Z', ended: { state: 'done', exitCode: 2 } },
    ]);
    expect(await schedule('run', '--due')).toMatchObject({ code: 0, stdout: 'Rien n’est dû.\n' });
    expect(region.list.seen).toHaveLength(1);

    const paused = await schedule('pause', '--until', '2026-12-01T08:00', '--reason', 'maintenance');
    expect(paused.stdout).toMatch(
      /en pause \(région 28\) jusqu’au 01\/12\/2026 08:00, par \S+ : maintenance/,
    );
    const refused = await schedule('run', 'quotidien');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Erreur PAUSED');
    expect(refused.stderr).toContain('Que faire : ');
    expect((await schedule('list', '--output', 'json')).stdout).toContain('"reason":"maintenance"');
    expect((await schedule('resume')).stdout).toBe('1 pause(s) levée(s).\n');
    expect((await schedule('resume')).stdout).toMatch(/^Aucun changement\./);

    const byHand = await schedule('run', 'quotidien');
    expect(byHand.code).toBe(2);
    expect(region.list.seen).toHaveLength(2);
    expect((await schedule('remove', 'quotidien')).stdout).toContain('Ôtée :');
    expect((await schedule('remove', 'relecture')).stderr).toContain('Erreur SCHEDULE_BUILT_IN');
    const kinds: string[] = await region.database.app('journal').where('kind', 'like', 's%').pluck('kind');
    expect(kinds).toEqual([
      'schedule.added',
      'schedule.added',
      'schedule.paused',
      'schedule.resumed',
      'slot.asked',
      'schedule.removed',
    ]);
  });

  it('records a failure on the slot, with code and remedy, and says it with exit code 1', async () => {
    await schedule('add', 'seule', '--cron', '0 6 * * *', '--source', 'labelled-centres');
    await region.list.close();
    const failed = await schedule('run', 'seule');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('sync:labelled-centres ! en échec');
    const [slot] = await region.database.app('slot').where({ state: 'failed' });
    expect(slot).toMatchObject({ exit_code: 1, error: { code: expect.any(String) as string } });
    const run = (await region.runs()).at(-1);
    expect(run).toMatchObject({ id: slot.run_id, state: 'failed', error: { code: slot.error.code } });
  });

  it.each([
    [['add', 'quotidien', '--cron', '5 heures'], 'CRON_INVALID'],
    [['add', 'Quotidien'], 'SCHEDULE_NAME'],
    [['add', 'q', '--source', 'inconnue'], 'SOURCE_UNKNOWN'],
    [['add', 'q', '--kind', 'apply', '--source', 'filieres'], 'SCHEDULE_SOURCE'],
    [['remove', 'absente'], 'SCHEDULE_UNKNOWN'],
    [['pause', '--reason', 'essai'], 'PAUSE_EXPIRY'],
    [['run'], 'RUN_WHAT'],
  ])('%j is refused as %s, in French with a remedy', async (args, code) => {
    const { code: exit, stderr } = await schedule(...args);
    expect(exit).toBe(1);
    expect(stderr).toContain(`Erreur ${code} : `);
    expect(stderr).toContain('Que faire : ');
  });
});
