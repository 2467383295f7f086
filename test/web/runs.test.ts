import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trialList } from '../support/region-run.js';
import { csvText } from '../../src/domain/csv.js';
import { openWebWorld, type Shown, type Visitor, type WebWorld } from '../support/web-world.js';

let web: WebWorld;
let operator: Visitor;
let reader: Visitor;
beforeAll(async () => {
  // The second row has no label that exists: it is set aside, and what it holds would calculate in a spreadsheet.
  web = await openWebWorld({ list: trialList([{ number: 1 }, { number: 2, label: '=1+1' }]) });
  operator = await web.visitor(['operator'], 'Opératrice d’essai');
  reader = await web.visitor(['reader'], 'Lecteur d’essai');
});
afterAll(() => web.close());

/** Asks for a run, and waits until it is over: one that is short is told with its end, a longer one goes on. */
async function begin(): Promise<Shown> {
  const asked = await operator.post('/28/passages', { essai: 'non' });
  while ((await runs()).some(({ state }) => state === 'running')) await sleep(20);
  return asked;
}

const runs = async (): Promise<{ id: string; state: string }[]> =>
  await web.database.app('run').orderBy('no');

describe('the page of the runs', () => {
  it('says that nothing was collected yet, and lets only an operator begin', async () => {
    expect((await reader.get('/28/passages')).text).toContain('Aucun passage encore');
    expect((await reader.get('/28/passages')).text).toContain(
      'Lancer un passage demande le droit d’opérateur.',
    );
    expect((await reader.post('/28/passages', { essai: 'non' })).status).toBe(403);
  });

  it('shows in a dry run what would change, and keeps nothing', async () => {
    const { status, text } = await operator.post('/28/passages', { essai: 'oui' });
    expect(status).toBe(200);
    expect(text).toContain('<h1>Essai à blanc</h1>');
    expect(text).toContain('Rien n’a été gardé.');
    expect(text).toContain('1 à créer');
    expect(await runs()).toEqual([]);
    expect(await web.open()).toEqual([]);
  });

  it('starts a synchronisation as the scheduler does, and leads to its page', async () => {
    const { status, headers } = await begin();
    const [run] = await runs();
    expect([status, headers.get('location')]).toEqual([303, `/28/passages/${run?.id ?? ''}`]);
    expect(run?.state).toBe('done');
    const slots = (await web.database.app('slot').where({ job: 'sync' })) as {
      state: string;
      run_id: string;
    }[];
    expect(slots.map((slot) => [slot.state, slot.run_id])).toEqual([['done', run?.id]]);
    const asked = await web.database.app('journal').where({ kind: 'slot.asked' });
    expect(asked).toHaveLength(1);
    const { text } = await operator.get(`/28/passages/${run?.id ?? ''}`);
    expect(text).toMatch(/Passage (terminé\.|commencé :)/);
    expect(text).toContain('1 ligne mise à part');
    expect(text).toContain('centres.csv, ligne 3');
    expect(text).toContain('<strong>lecture des listes</strong>');
  });

  it('lists the newest first: the same again is « rien de nouveau »', async () => {
    await begin();
    const [first, second] = await runs();
    expect(second?.state).toBe('unchanged');
    const { text } = await reader.get('/28/passages');
    expect(text.indexOf(second?.id ?? '?')).toBeLessThan(text.indexOf(first?.id ?? '?'));
    expect(text).toContain('rien de nouveau');
    expect(text).toContain('2 passages');
    const page = await reader.get(`/28/passages/${second?.id ?? ''}`);
    expect(page.text).toContain(`le résultat est celui du passage <a href="/28/passages/${first?.id ?? ''}"`);
  });

  it('refuses to begin while another one is under way', async () => {
    const at = new Date();
    await web.database.owner('slot').insert({
      region: '28',
      job: 'sync',
      due_at: at,
      state: 'running',
      starts: 1,
      fence: 1,
      worker: 'ailleurs:1',
      lease_until: new Date(at.getTime() + 600_000),
      run_id: 'run_ailleurs',
      schedule: 'essai',
    });
    const { status, text } = await operator.post('/28/passages', { essai: 'non' });
    expect(status).toBe(409);
    expect(text).toContain('Un passage (sync) est déjà en cours');
    expect(await runs()).toHaveLength(2);
    await web.database.owner('slot').where({ run_id: 'run_ailleurs' }).update({
      state: 'failed',
      exit_code: 1,
      ended_at: new Date(),
      worker: null,
      lease_until: null,
    });
  });

  it('tells a run that failed with what to do', async () => {
    web.list('');
    const { headers } = await begin();
    const { text } = await reader.get(headers.get('location') ?? '');
    expect(text).toContain('en échec');
    expect(text).toContain('Que faire :');
    expect(text).toContain('Rien n’a été changé par ce passage.');
  });

  it('knows no run of another region, nor one that never was', async () => {
    expect((await reader.get('/28/passages/run_inconnu')).status).toBe(404);
  });
});

describe('the file of the rows set aside', () => {
  it('opens in a spreadsheet and calculates nothing', async () => {
    const [first] = await runs();
    const { headers, text } = await reader.get(`/28/passages/${first?.id ?? ''}/mises-a-part`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="mises-a-part-${first?.id ?? ''}.csv"`,
    );
    const [head, row] = text.split('\r\n');
    expect(head).toContain('source;endroit;code;champ;valeur;constat;que faire');
    expect(row).toMatch(/^labelled-centres;centres\.csv, ligne 3;[^;]+;label;'=1\+1;/);
  });

  it.each(['=1+1', '+33', '-2', '@SUM(A1)', '\t=1', '  =1', '\r=1', '|cmd'])(
    'makes « %s » harmless',
    (text) => {
      expect(csvText([[text]])).toContain(`'${text}`);
    },
  );

  it('quotes what holds a separator, a quote or a line break, and leaves the rest', () => {
    expect(csvText([['a;b', 'c"d', 'e\nf', 'CHU de Rouen']])).toBe(
      '\uFEFF"a;b";"c""d";"e\nf";CHU de Rouen\r\n',
    );
  });
});
