import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FilrorConfig } from '../../src/config/load.js';
import type { SourceConfig } from '../../src/config/schema/sources.js';
import { demoFolder } from '../../src/demo/run.js';
import { SourceError } from '../../src/domain/errors.js';
import type { GateResult } from '../../src/domain/gates.js';
import type { SyncOutput } from '../../src/runs/report.js';
import { sync } from '../../src/runs/sync.js';
import { startLocalServer, type LocalServer } from '../support/local-server.js';
import {
  regionRun,
  tableChecksums,
  trialList,
  type RegionRun,
  type TrialRow,
} from '../support/region-run.js';

const ROWS: readonly TrialRow[] = [
  { number: 1, hospital: 'CH Falaise', town: 'Falaise' },
  { number: 2, hospital: 'CH de Coutances', town: 'Coutances' },
  { number: 3, hospital: 'CH Argentan', town: 'Argentan' },
];
const START = Date.UTC(2026, 2, 2, 5);

/** Monday 2 March 2026, 05:00, and so many days after. */
function day(count: number): Date {
  return new Date(START + count * 24 * 3600 * 1000);
}

describe('X14, runs on a content that stands still', () => {
  let run: RegionRun;
  let server: LocalServer;
  let served: string;
  let register: string;

  beforeEach(async () => {
    run = await regionRun();
    served = trialList(ROWS);
    register = readFileSync(join(demoFolder, 'finess.csv'), 'latin1');
    server = await startLocalServer((request, response) => {
      const text = request.url === '/finess.csv' ? Buffer.from(register, 'latin1') : served;
      const tag = `"${String(text.length)}"`;
      if (request.headers['if-none-match'] === tag) response.writeHead(304).end();
      else response.writeHead(200, { ETag: tag }).end(text);
    });
  });
  afterEach(async () => {
    await server.close();
    await run.close();
  });

  function configured(changes: Readonly<Record<string, Partial<SourceConfig>>>): FilrorConfig {
    const sources = { ...run.config.sources };
    for (const [name, change] of Object.entries(changes)) {
      sources[name] = { ...(sources[name] as SourceConfig), ...change };
    }
    return { ...run.config, sources };
  }

  /** The list comes from an address and is renewed every week, unless said otherwise. */
  async function syncOn(
    now: Date,
    change: Partial<SourceConfig> = {},
    replaced: Readonly<Record<string, string>> = {},
  ): Promise<SyncOutput> {
    const weekly = { place: `${server.url}/centres.csv`, cadence: 'weekly' as const, ...change };
    const config = configured({ 'labelled-centres': weekly });
    const context = { ...run.context, config, now: () => now };
    return await sync(context, { replaced: new Map(Object.entries(replaced)) }, 'real');
  }

  const x14 = (output: SyncOutput): GateResult[] => output.gates.filter((gate) => gate.code === 'X14');

  it('the same weekly list is no fault for six weeks, then stops the run in French with nothing changed', async () => {
    expect(x14(await syncOn(day(0)))).toMatchObject([{ ok: true, found: 0 }]);
    const quiet = await syncOn(day(42));
    expect([quiet.unchanged, quiet.sources.map((source) => source.status)]).toEqual([
      true,
      expect.arrayContaining(['notModified']),
    ]);
    expect(x14(quiet)).toMatchObject([{ level: 'B', ok: true, expected: 42, found: 42 }]);
    const before = await tableChecksums(run.database.owner);
    const stopped = await syncOn(day(43)).catch((error: unknown) => error);
    expect(stopped).toBeInstanceOf(SourceError);
    expect(stopped).toMatchObject({
      code: 'GATE_X14',
      message:
        'Le contenu ne bouge plus : « labelled-centres » : rien de nouveau depuis le 02/03/2026, il y a 43 jours, pour 42 jours admis. Rien n’est changé.',
      place: `${server.url}/centres.csv`,
      remedy: expect.stringContaining('labelled-centres.maxAgeDays') as string,
    });
    const after = await tableChecksums(run.database.owner);
    expect(Object.keys(after).filter((table) => after[table] !== before[table])).toEqual(['run']);
  });

  it('a list that says something else starts again from that day', async () => {
    await syncOn(day(0));
    served = trialList([...ROWS, { number: 4, hospital: 'CH de Dieppe', town: 'Dieppe' }]);
    expect(x14(await syncOn(day(100)))).toMatchObject([{ ok: true, found: 0 }]);
    expect(x14(await syncOn(day(142)))).toMatchObject([{ ok: true, found: 42 }]);
  });

  it('the same rows in other bytes are not news', async () => {
    await syncOn(day(0));
    served = trialList([...ROWS].reverse(), '\r\n');
    const again = await syncOn(day(30));
    expect(again.sources.find((source) => source.source === 'labelled-centres')?.status).toBe('new');
    expect(x14(again)).toMatchObject([{ ok: true, found: 30 }]);
    await expect(syncOn(day(43))).rejects.toMatchObject({ code: 'GATE_X14' });
  });

  it('a list known to be yearly, or given an age of its own, may stay the same for so long', async () => {
    await syncOn(day(0), { cadence: 'yearly' });
    expect(x14(await syncOn(day(400), { cadence: 'yearly' }))).toMatchObject([{ ok: true, expected: 500 }]);
    expect(x14(await syncOn(day(600), { maxAgeDays: 1_900 }))).toMatchObject([{ ok: true, expected: 1_900 }]);
  });

  it('a file handed over is never refused for its age: it is told, on quiet runs too', async () => {
    const file = { 'labelled-centres': run.write('centres.csv', trialList(ROWS)) };
    await syncOn(day(0), {}, file);
    const quiet = await syncOn(day(50), {}, file);
    expect(quiet.unchanged).toBe(true);
    expect(x14(quiet)).toMatchObject([{ level: 'A', ok: false, found: 50, place: file['labelled-centres'] }]);
    await expect(syncOn(day(50), { maxAgeDays: 42 }, file)).rejects.toMatchObject({ code: 'GATE_X14' });
  });

  it('a register is as old as the date it states, from its first visit on', async () => {
    const monthly = { place: `${server.url}/finess.csv`, cadence: 'monthly' as const };
    const list = { place: `${server.url}/centres.csv`, cadence: 'weekly' as const };
    const syncRegister = (now: Date, change: Partial<SourceConfig>): Promise<SyncOutput> => {
      const config = configured({
        'labelled-centres': list,
        'finess-etalab': { ...monthly, ...change },
      });
      return sync({ ...run.context, config, now: () => now }, { replaced: new Map() }, 'real');
    };
    // The register of the demonstration is of 08/01/2021: 92 days later is 10/04/2021.
    await expect(syncRegister(new Date('2021-04-11T05:00:00Z'), {})).rejects.toMatchObject({
      code: 'GATE_X14',
      message: expect.stringContaining('contenu daté du 08/01/2021, il y a 93 jours') as string,
    });
    expect(await run.database.app('delivery').count()).toEqual([{ count: 0 }]);
    const output = await syncRegister(new Date('2021-04-10T05:00:00Z'), {});
    expect(x14(output).map((gate) => [gate.ok, gate.found])).toEqual(
      expect.arrayContaining([
        [true, 92],
        [true, 0],
      ]),
    );
    const file = await syncRegister(new Date('2021-04-11T05:00:00Z'), {
      place: join(demoFolder, 'finess.csv'),
    });
    expect(x14(file).find((gate) => gate.message.includes('finess-etalab'))).toMatchObject({
      level: 'A',
      ok: false,
      found: 93,
    });
  });

  it('a register whose bytes change each time under a date that stands still is as old as that date', async () => {
    const monthly = { place: `${server.url}/finess.csv`, cadence: 'monthly' as const };
    const on = (now: Date): Promise<SyncOutput> => {
      const config = configured({ 'labelled-centres': {}, 'finess-etalab': monthly });
      const list = new Map([['labelled-centres', run.write('centres.csv', trialList(ROWS))]]);
      return sync({ ...run.context, config, now: () => now }, { replaced: list }, 'real');
    };
    await on(new Date('2021-04-01T05:00:00Z'));
    register = register.replace('CENTRE HOSPITALIER DE LISIEUX', 'CENTRE HOSPITALIER ROBERT BISSON');
    const later = await on(new Date('2021-04-10T05:00:00Z'));
    expect(later.sources.find(({ source }) => source === 'finess-etalab')).toMatchObject({
      status: 'new',
      changed: { opened: 1, closed: 1 },
    });
    register = register.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n');
    await expect(on(new Date('2021-04-11T05:00:00Z'))).rejects.toMatchObject({
      code: 'GATE_X14',
      message: expect.stringContaining('contenu daté du 08/01/2021, il y a 93 jours') as string,
    });
  });
});
