import { afterEach, describe, expect, it } from 'vitest';
import { mirrorText } from '../../src/cli/mirror.js';
import { openExport } from '../../src/db/mirror-export.js';
import type { FilrorError } from '../../src/domain/errors.js';
import { recordRemote } from '../../src/db/remote.js';
import { FULL_EVERY_MS } from '../../src/mirror/mode.js';
import { presentState } from '../../src/mirror/present.js';
import { recordStaged, stageMirror } from '../../src/mirror/refresh.js';
import { duplicatesOf } from '../../src/runs/duplicates.js';
import { bodiesOf, type Body } from '../../src/sandbox/body.js';
import { mirrorTrial, type MirrorTrial } from '../support/mirror-trial.js';

let trial: MirrorTrial;
afterEach(() => trial.close());

const HOUR = 3_600_000;
const say = (comment: string) => (body: Body) => void (body['comment'] = comment);
const paths = (from: number) =>
  trial.sandbox.requests.slice(from).map(({ path }) => decodeURIComponent(path.replaceAll('+', ' ')));
const readings = async () =>
  (await trial.database.owner('mirror_reading').orderBy('no').pluck('mode')) as string[];

describe('the choice between a delta and a full reading', () => {
  it('is full at first, a delta for the week after it, then full again', async () => {
    trial = await mirrorTrial();
    expect((await trial.refresh()).mode).toBe('full');
    expect((await trial.refresh()).mode).toBe('delta');
    trial.clock.advance(FULL_EVERY_MS - HOUR);
    expect((await trial.refresh()).mode).toBe('delta');
    trial.clock.advance(HOUR);
    expect((await trial.refresh()).mode).toBe('full');
    expect(FULL_EVERY_MS).toBeLessThan(7 * 24 * HOUR);
  });

  it('is full for another repository or other rights, and when the clock was put back', async () => {
    trial = await mirrorTrial();
    await trial.refresh();
    const other = { ...trial.context, repository: `${trial.context.repository} bis` };
    expect((await stageMirror(other, 'auto')).mode).toBe('full');
    trial.clock.advance(-HOUR);
    expect((await trial.refresh()).mode).toBe('full');
  });

  it('becomes an export when a search is cut by the server', async () => {
    trial = await mirrorTrial({
      offers: 8,
      profile: { searchLimit: 6 },
      sandbox: { searchLimit: 6, export: { readyMs: 1_000, recordsPerFile: 3 } },
    });
    expect((await trial.refresh()).mode).toBe('export');
    expect(await trial.mirror()).toEqual(trial.repository());
  });
});

describe('a delta', () => {
  it('asks from the server’s own last instant less lag and overlap, and takes what changed', async () => {
    trial = await mirrorTrial();
    await trial.refresh();
    trial.clock.advance(2 * HOUR);
    trial.sandbox.edit('HealthcareService', 'essai-2', say('un'));
    await trial.refresh();
    trial.clock.advance(HOUR);
    trial.sandbox.edit('HealthcareService', 'essai-4', say('deux'));
    const from = trial.sandbox.requests.length;
    expect(await trial.refresh()).toEqual({ mode: 'delta', moved: 1, gone: 0 });
    // 10:00 is the server's instant of the last change seen; 15 minutes of overlap, 10 seconds of declared lag.
    expect(
      paths(from).filter((path) => path.includes('_lastUpdated=ge2026-03-12T09:44:50.000Z')),
    ).toHaveLength(3);
    expect(await trial.mirror()).toEqual(trial.repository());
  });

  it('that finds nothing writes nothing', async () => {
    trial = await mirrorTrial();
    await trial.refresh();
    expect(await trial.refresh()).toEqual({ mode: 'delta', moved: 0, gone: 0 });
    expect(await readings()).toEqual(['full']);
  });

  it('sees what was written just before the last reading and found by searches only after it', async () => {
    trial = await mirrorTrial();
    await trial.refresh();
    trial.clock.advance(HOUR);
    trial.sandbox.edit('HealthcareService', 'essai-1', say('écrite'));
    trial.sandbox.hideFromSearch(
      'HealthcareService',
      'essai-1',
      new Date(trial.clock.now().getTime() + 10_000),
    );
    trial.sandbox.edit('HealthcareService', 'essai-2', say('vue'));
    expect(await trial.refresh()).toMatchObject({ moved: 1 });
    trial.clock.advance(10_000);
    expect(await trial.refresh()).toMatchObject({ mode: 'delta', moved: 1 });
    expect(await trial.mirror()).toEqual(trial.repository());
  });

  it('never concludes that something disappeared; the full reading does, and marks it', async () => {
    trial = await mirrorTrial();
    await trial.refresh();
    trial.clock.advance(HOUR);
    trial.sandbox.remove('HealthcareService', 'essai-1');
    expect(await trial.refresh()).toEqual({ mode: 'delta', moved: 0, gone: 0 });
    expect((await trial.mirror()).has('HealthcareService/essai-1')).toBe(true);
    expect(await trial.refresh('full')).toEqual({ mode: 'full', moved: 0, gone: 1 });
    const last = await trial.database
      .owner('remote_version')
      .orderBy('no', 'desc')
      .first('remote_id', 'gone');
    expect(last).toEqual({ remote_id: 'essai-1', gone: true });
  });

  it('is not blinded by one instant of the server that lies in the future', async () => {
    trial = await mirrorTrial();
    trial.clock.advance(1_000 * HOUR);
    trial.sandbox.edit('HealthcareService', 'essai-1', say('du futur'));
    trial.clock.advance(-1_000 * HOUR);
    await trial.refresh();
    const [row] = (await trial.database.owner('mirror_reading').select('seen_until')) as {
      seen_until: Date;
    }[];
    expect(row?.seen_until.getTime()).toBeLessThanOrEqual(trial.clock.now().getTime());
  });
});

describe('a whole reading that lost much', () => {
  it('is refused, with a way out for who knows that it is right', async () => {
    trial = await mirrorTrial({ offers: 30 });
    await trial.refresh();
    const before = await trial.mirror();
    for (let n = 1; n <= 21; n++) trial.sandbox.remove('HealthcareService', `essai-${n}`);
    const error: unknown = await trial.refresh('full').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'MIRROR_SHRUNK' });
    expect((error as Error).message).toContain('21 offres sur 30');
    expect((error as { remedy: string }).remedy).toContain('--accept-shrink');
    expect(await trial.mirror()).toEqual(before);
    expect(await trial.refresh('full', 'accept')).toEqual({ mode: 'full', moved: 0, gone: 21 });
    expect(await trial.mirror()).toEqual(trial.repository());
  });
});

describe('a reading during which we write', () => {
  it('does not put an older sight over what was read back meanwhile', async () => {
    trial = await mirrorTrial();
    await trial.refresh();
    trial.sandbox.edit('HealthcareService', 'essai-1', say('lue par le miroir'));
    const staged = await stageMirror(trial.context, 'full');
    trial.sandbox.edit('HealthcareService', 'essai-1', say('relue par l’envoi'));
    const body = trial.sandbox.text('HealthcareService', 'essai-1') ?? '';
    await recordRemote(trial.database.app, '28', trial.clock.now(), [
      { type: 'HealthcareService', remoteId: 'essai-1', identifier: '28/ESSAI-1', versionId: '3', body },
    ]);
    await recordStaged(trial.database.app, '28', staged, trial.clock.now());
    expect((await trial.mirror()).get('HealthcareService/essai-1')).toBe(body);
  });
});

describe('an export that stops half-way', () => {
  const FILES = { readyMs: 1_000, keptMs: 6 * HOUR, recordsPerFile: 2 };
  const fail = () =>
    trial.sandbox.faults.next({ action: 'file', path: /\/2$/ }, { kind: 'resetBody', share: 0.5 });

  it('goes on with its next file, and asks for no other export', async () => {
    trial = await mirrorTrial({ offers: 9, sandbox: { export: FILES } });
    fail();
    await expect(trial.refresh('export')).rejects.toMatchObject({ code: 'HTTP_CUT', transient: true });
    expect((await openExport(trial.database.app, '28'))?.filesDone).toBe(2);
    expect(await trial.mirror()).toEqual(new Map());
    const from = trial.sandbox.requests.length;
    expect((await trial.refresh()).mode).toBe('export');
    const asked = paths(from);
    expect(asked.filter((path) => path.includes('$export'))).toEqual([]);
    expect(asked.filter((path) => /_export\/[^/]+\/[01]$/.test(path))).toEqual([]);
    expect(asked.filter((path) => /_export\/[^/]+\/2$/.test(path))).toHaveLength(1);
    expect(await trial.mirror()).toEqual(trial.repository());
    expect(await openExport(trial.database.app, '28')).toBeNull();
  });

  it('begins again when the server has forgotten it', async () => {
    trial = await mirrorTrial({ offers: 9, sandbox: { export: FILES } });
    fail();
    await expect(trial.refresh('export')).rejects.toThrow();
    trial.clock.advance(6 * HOUR);
    const from = trial.sandbox.requests.length;
    expect((await trial.refresh('export')).mode).toBe('export');
    expect(paths(from).filter((path) => path.startsWith('/fhir/$export?'))).toHaveLength(1);
    expect(await trial.mirror()).toEqual(trial.repository());
  });

  describe('at the same file again and again', () => {
    const spoilt = { action: 'file', path: /\/2$/ } as const;
    const failure = async (wish: 'export' | 'auto' | 'reconcile' | 'full'): Promise<FilrorError> =>
      (await trial.refresh(wish).catch((error: unknown) => error)) as FilrorError;
    const open = () => openExport(trial.database.app, '28');

    it('is let go after the second failure, in words; the next full reading is a search', async () => {
      trial = await mirrorTrial({ offers: 9, sandbox: { export: FILES } });
      trial.sandbox.faults.always(spoilt, { kind: 'resetBody', share: 0.5 });
      const first = await failure('export');
      expect(first.message).not.toContain('abandonné');
      expect((await open())?.filesDone).toBe(2);
      const second = await failure('reconcile');
      expect(second).toMatchObject({ code: 'HTTP_CUT', transient: true });
      expect(second.message).toMatch(/L’export commencé le .* est abandonné/);
      expect(second.remedy).toContain('--full');
      expect(await open()).toBeNull();
      expect(await staged()).toBe(0);
      expect((await trial.refresh('reconcile')).mode).toBe('full');
      expect(await trial.mirror()).toEqual(trial.repository());
    });

    it('is kept while it fails at one file after another', async () => {
      trial = await mirrorTrial({ offers: 9, sandbox: { export: FILES } });
      for (const file of [/\/1$/, /\/2$/, /\/3$/]) {
        trial.sandbox.faults.next({ action: 'file', path: file }, { kind: 'resetBody', share: 0.5 });
        expect((await failure('export')).message).not.toContain('abandonné');
      }
      expect((await trial.refresh('auto')).mode).toBe('export');
      expect(await trial.mirror()).toEqual(trial.repository());
    });

    it('is let go at once when a file cannot be read', async () => {
      trial = await mirrorTrial({ offers: 9, sandbox: { export: FILES } });
      const garbled = trial.context.client;
      const download = garbled.download.bind(garbled);
      garbled.download = async (path, maxBytes) =>
        path.endsWith('/2')
          ? (async function* () {
              yield Buffer.from([0x7b, 0xff, 0x7d]);
            })()
          : await download(path, maxBytes);
      const error = await failure('export');
      expect(error).toMatchObject({ code: 'ROR_UNREADABLE' });
      expect(error.message).toContain('abandonné');
      expect(await open()).toBeNull();
    });

    it('is let go by the person who asks for a full search, who is told', async () => {
      trial = await mirrorTrial({ offers: 9, sandbox: { export: FILES } });
      trial.sandbox.faults.always(spoilt, { kind: 'resetBody', share: 0.5 });
      const begun = trial.clock.now();
      await failure('export');
      const read = await stageMirror(trial.context, 'full');
      expect([read.mode, read.letGo]).toEqual(['full', begun]);
      expect(await open()).toBeNull();
      const told = { ...read, moved: 1, gone: 0, offers: 1, duplicates: [], followed: [], alerts: [] };
      const rareDisease = { present: 0, older: 0, doubtful: 0 };
      expect(mirrorText({ ...told, rareDisease }, 'Essai')).toMatch(
        /L’export commencé le .* a été abandonné/,
      );
    });

    const staged = async (): Promise<number> =>
      (await trial.database.owner('mirror_stage').pluck('remote_id')).length;
  });

  it('is recorded once when two processes end it together', async () => {
    trial = await mirrorTrial({ offers: 9, sandbox: { export: FILES } });
    fail();
    await expect(trial.refresh('export')).rejects.toThrow();
    const [one, two] = [
      await stageMirror(trial.context, 'export'),
      await stageMirror(trial.context, 'export'),
    ];
    expect(one.reading).toBe(two.reading);
    await recordStaged(trial.database.app, '28', one, trial.clock.now());
    expect(await recordStaged(trial.database.app, '28', two, trial.clock.now())).toEqual({
      moved: 0,
      gone: 0,
    });
    expect(await trial.mirror()).toEqual(trial.repository());
    expect(await readings()).toEqual(['export']);
  });

  it.each(['array', 'ndjson'] as const)('reads files given as %s', async (shape) => {
    trial = await mirrorTrial({ sandbox: { export: { ...FILES, shape } } });
    expect((await trial.refresh('export')).mode).toBe('export');
    expect(await trial.mirror()).toEqual(trial.repository());
  });
});

describe('numbers that several resources bear', () => {
  it('are told, and lead to no offer and no carrier by chance', async () => {
    trial = await mirrorTrial();
    trial.sandbox.edit('HealthcareService', 'essai-2', (body) => {
      body['identifier'] = bodiesOf(body['identifier']).map((each) => ({ ...each, value: '28/ESSAI-1' }));
    });
    trial.sandbox.edit('Organization', 'eg-760000158', (body) => {
      body['identifier'] = bodiesOf(body['identifier']).map((each) => ({
        ...each,
        value: String(each['value']).replace('760000158', '140000209'),
      }));
    });
    await trial.refresh();
    const state = await presentState(trial.database.app, '28');
    expect(duplicatesOf(state)).toEqual([
      { kind: 'offer', number: '28/ESSAI-1', ids: ['essai-1', 'essai-2'] },
      {
        kind: 'organization',
        number: '140000209',
        ids: ['Organization/eg-140000209', 'Organization/eg-760000158'],
      },
    ]);
    expect(state.providers.has('140000209')).toBe(false);
  });
});
