import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAll } from '../../src/sources/contract.js';
import { filieresSource } from '../../src/sources/filieres/index.js';
import { labelledCentres } from '../../src/sources/labelled-centres/index.js';
import type { JsonObject } from '../../src/domain/json.js';
import { valuesOf } from '../../src/runs/configured-lists.js';
import { describedBy, type Described } from '../../src/runs/described.js';
import { trialOffer, type SiteFacts, type TrialOffer } from '../../src/sandbox/seed.js';
import { FAMILY_SKIN, LEVEL_COMPETENCE } from '../support/trial-region.js';
import { centresList, changeOf, openWorld, type CentreRow, type World } from '../scenarios/world.js';

const [DIEPPE, ARGENTAN] = ['760000018', '610000069'] as const;
const RARE = { code: '245', display: 'Centre expert en maladies rares' };
const REGION = ['--region', '28'] as const;
const alpha: CentreRow = {
  title: 'Centre d’essai Alpha',
  hospital: 'CH de Dieppe',
  town: 'Dieppe',
  departement: '76',
  public: 'adulte',
  label: 'CRMR constitutif',
};
const beta: CentreRow = {
  ...alpha,
  title: 'Centre d’essai Bêta',
  hospital: 'CH Lisieux',
  town: 'Lisieux',
  departement: '14',
};

const offer = (n: number, site: SiteFacts, said: Partial<TrialOffer>): JsonObject =>
  trialOffer({ id: `offre-${n}`, identifier: `28/ESSAI-000${n}`, label: `n° ${n}`, site, ...said });

let w: World;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'filror-decrit-'));
  w = await openWorld({
    list: centresList([alpha, beta]),
    offers: (site) => [
      offer(1, site(DIEPPE), { category: RARE, characteristics: [FAMILY_SKIN, LEVEL_COMPETENCE] }),
      offer(2, site(ARGENTAN), { category: RARE, characteristics: [FAMILY_SKIN, LEVEL_COMPETENCE] }),
      offer(3, site(ARGENTAN), { category: RARE, characteristics: [FAMILY_SKIN, LEVEL_COMPETENCE] }),
      // A consultation that says nothing of rare diseases.
      offer(4, site(ARGENTAN), {}),
    ],
  });
});
afterEach(async () => {
  await w.close();
  rmSync(folder, { recursive: true });
});

const read = async (): Promise<Described> => {
  expect((await w.filror('mirror', 'refresh', '--full', ...REGION)).stderr).toBe('');
  return await describedBy(w.context);
};
const told = ({ offers }: Described): Record<string, unknown> =>
  Object.fromEntries(
    offers.map(({ identifier, relation, centres }) => [identifier, [relation, centres.length]]),
  );

describe('what the repository already says of rare diseases', () => {
  it('is the first state of a region, before any list, and can be given back as the beginning of one', async () => {
    const never = await w.filror('mirror', 'offers', ...REGION);
    expect([never.code, never.stderr]).toEqual([1, expect.stringContaining('n’a jamais été lu')]);

    const first = await read();
    expect(told(first)).toEqual({
      '28/ESSAI-0001': ['unlisted', 0],
      '28/ESSAI-0002': ['unlisted', 0],
      '28/ESSAI-0003': ['unlisted', 0],
    });
    expect(first.missing).toBeNull();
    expect(first.alike).toEqual([['28/ESSAI-0002', '28/ESSAI-0003']]);

    const file = join(folder, 'a-completer.csv');
    const drafted = await w.filror('mirror', 'offers', '--draft', file, ...REGION);
    expect([drafted.code, drafted.stdout]).toEqual([0, expect.stringContaining('3 offres écrites')]);
    const again = await w.filror('mirror', 'offers', '--draft', file, ...REGION);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('n’est pas remplacé')]);

    // The reader of lists takes it back: what the ROR cannot say is missing, and is asked for row by row.
    const text = readFileSync(file, 'utf8');
    const outcomesOf = async (list: string) =>
      await readAll(labelledCentres(await valuesOf(w.context.config, 'filieres', () => filieresSource())), {
        fileName: 'a-completer.csv',
        bytes: async function* () {
          yield await Promise.resolve(Buffer.from(list));
        },
      });
    const complete = text
      .split('\r\n')
      .map((line) => line.split(';'))
      .map((cells, at) => (at === 0 || cells.length < 9 ? cells : cells.with(8, '2023').with(7, 'mixte')))
      .map((cells) => cells.join(';'))
      .join('\r\n');
    const rows = await outcomesOf(complete);
    expect(rows.map((row) => (row.kind === 'aside' ? row.message : row.kind))).toEqual(['row', 'row', 'row']);
    expect(rows.flatMap((row) => (row.kind === 'row' ? [row.value.finessEg] : []))).toEqual([
      DIEPPE,
      ARGENTAN,
      ARGENTAN,
    ]);
  });

  it('is tied to the lists once they are read: candidates, what lacks, what they say differently', async () => {
    await w.sync();
    const before = await describedBy(w.context);
    expect(told(before)).toMatchObject({ '28/ESSAI-0001': ['asked', 1], '28/ESSAI-0002': ['unlisted', 0] });
    expect(before.missing?.map(({ name }) => name)).toEqual(['Centre d’essai Bêta']);
    const [asked] = before.offers;
    expect(asked?.disagreements.map(({ about, offer: said, lists }) => [about, said, lists])).toEqual([
      ['level', 'niveau 11', 'niveau 10 (CRMR constitutif)'],
    ]);

    w.list(centresList([{ ...alpha, label: 'CCMR' }, beta]));
    const change = changeOf(await w.sync(), alpha.title);
    expect((await w.filror('attach', change.id, '28/ESSAI-0001', '--as', 'camille', ...REGION)).stderr).toBe(
      '',
    );
    const attached = (await w.open()).find(({ kind }) => kind === 'attach');
    await w.approve(w.dominique, attached?.id ?? '');
    await w.apply();
    expect(told(await read())['28/ESSAI-0001']).toEqual(['ours', 1]);

    const shown = await w.filror('mirror', 'offers', '--only', 'unlisted', ...REGION);
    expect(shown.stdout).toContain('3 offres de maladies rares, 1 décrit un centre des listes');
    expect(shown.stdout).toContain('28/ESSAI-0002 « ');
    expect(shown.stdout).not.toContain('28/ESSAI-0001 «');
    expect((await w.filror('mirror', 'offers', '--only', 'tout', ...REGION)).code).toBe(1);
    expect(w.sandbox.writes().length).toBe(1);
  });
});
