import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordCircuit } from '../../src/db/circuits.js';
import { trialList } from '../support/region-run.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

let web: WebWorld;
let operator: Visitor;
let reader: Visitor;
beforeAll(async () => {
  web = await openWebWorld();
  operator = await web.visitor(['operator'], 'Opératrice d’essai');
  reader = await web.visitor(['reader'], 'Lecteur d’essai');
});
afterAll(() => web.close());

const DAY_MS = 86_400_000;
/** Wall clock of Paris in some days, as the form of a browser gives it. */
const inDays = (days: number): string => {
  const at = new Date(Date.now() + days * DAY_MS);
  return `${at.toLocaleDateString('sv-SE', { timeZone: 'Europe/Paris' })}T08:00`;
};

describe('the sources of a region', () => {
  it('say first that nothing came, then when and what the last delivery was', async () => {
    expect((await reader.get('/28/sources')).text).toMatch(/labelled-centres[\s\S]{1,300}jamais reçue/);
    await web.sync();
    const { text } = await reader.get('/28/sources');
    expect(text).toContain('Aucune source n’est périmée.');
    expect(text).toMatch(/labelled-centres[\s\S]{1,300}sans limite d’âge[\s\S]{1,500}centres\.csv/);
    expect(text).not.toContain('jamais reçue');
  });

  it('say which one made the last run fail and why, until a run ends well', async () => {
    const failed = /labelled-centres<\/th>[\s\S]{1,300}en échec[\s\S]{1,200}SRC_HTML : /;
    expect((await reader.get('/28/sources')).text).not.toMatch(failed);
    web.list('<!DOCTYPE html><html><body>Maintenance</body></html>');
    await expect(web.sync()).rejects.toMatchObject({ code: 'SRC_HTML' });
    expect((await reader.get('/28/sources')).text).toMatch(failed);
    web.list(trialList([{ number: 1 }]));
    await web.sync();
    expect((await reader.get('/28/sources')).text).not.toContain('en échec');
  });

  it('are paused with a reason and an end, by an operator, and taken up again', async () => {
    const form = { source: 'labelled-centres', raison: 'liste en cours de révision', jusqu: inDays(2) };
    expect((await reader.post('/28/sources/pause', form)).status).toBe(403);
    expect((await operator.post('/28/sources/pause', form)).status).toBe(303);
    const { text } = await operator.get('/28/sources');
    expect(text).toContain('la source labelled-centres. Ce qui est en cours continue.');
    expect(text).toMatch(/par\s+Opératrice d’essai : « liste en cours de révision »/);
    expect(text).toMatch(/labelled-centres<\/th>[\s\S]{1,120}en pause/);
    await operator.post('/28/sources/reprise', { source: 'labelled-centres' });
    expect((await operator.get('/28/sources')).text).toContain('Aucune pause en cours.');
    const kinds = await web.database
      .app('journal')
      .whereLike('kind', 'schedule.%')
      .orderBy('no')
      .pluck('kind');
    expect(kinds).toEqual(['schedule.paused', 'schedule.resumed']);
  });

  it.each([
    ['no reason', { raison: ' ', jusqu: inDays(2) }, 'Une pause dit pourquoi.'],
    ['an end that is past', { raison: 'essai', jusqu: '2020-01-01T08:00' }, 'Une pause finit plus tard'],
    ['a source that is not', { source: 'inconnue', raison: 'essai', jusqu: inDays(2) }, 'n’existe pas'],
  ])('are not paused with %s', async (_what, form, words) => {
    const { status, text } = await operator.post('/28/sources/pause', form);
    expect(status).toBe(400);
    expect(text).toContain(words);
  });

  it('show how the last set to download came out: written, or what to do', async () => {
    expect((await reader.get('/28/sources')).text).not.toContain('Dernier jeu');
    const slot = {
      ...{ region: '28', job: 'export', schedule: 'jeu', started_at: new Date(), ended_at: new Date() },
      due_at: new Date('2030-05-27T04:00:00Z'),
    };
    const set = { set: '28-public-essai', written: true, offers: 12, former: 0, departures: 0 };
    const outcome = { ...set, removed: [], strange: [] };
    await web.database.app('slot').insert({ ...slot, state: 'done', exit_code: 0, outcome });
    expect((await reader.get('/28/sources')).text).toMatch(
      /Dernier jeu à télécharger, 27\/05\/2030 à 06:00 :[\s\S]{1,60}fait[\s\S]{1,60}28-public-essai, 12 offres/,
    );
    const error = { code: 'EXPORT_FOLDER', message: 'Dossier d’essai absent.', remedy: 'créez-le.' };
    const later = { ...slot, due_at: new Date('2030-06-03T04:00:00Z') };
    await web.database.app('slot').insert({ ...later, state: 'failed', exit_code: 1, error });
    expect((await reader.get('/28/sources')).text).toMatch(
      /03\/06\/2030 à 06:00 :[\s\S]{1,60}en échec[\s\S]{1,60}Dossier d’essai absent. Que faire : créez-le\./,
    );
  });

  it('show what is due next, and servers that were left alone', async () => {
    await web.database.app('schedule').insert({
      region: '28',
      name: 'quotidien',
      kind: 'sync',
      cron: '30 5 * * *',
      time_zone: 'Europe/Paris',
      catch_up: 'last',
      bound: 1,
      built_in: false,
      created_at: new Date('2030-06-01T00:00:00Z'),
      seen_until: new Date('2030-06-01T00:00:00Z'),
      next_at: new Date('2030-06-01T03:30:00Z'),
    });
    await recordCircuit(web.database.app, '28', {
      host: 'ror.invalid',
      state: 'open',
      failuresInARow: 5,
      retryAt: new Date('2030-06-01T04:00:00Z'),
      changedAt: new Date('2030-06-01T03:00:00Z'),
      process: 'essai:1',
    });
    const { text } = await reader.get('/28/sources');
    expect(text).toMatch(/01\/06\/2030 à 05:30 :\s+synchronisation/);
    expect(text).toMatch(
      /laissé en repos[\s\S]{1,80}ror\.invalid, jusqu’au 01\/06\/2030 à 06:00, après 5 échecs de suite/,
    );
  });
});
