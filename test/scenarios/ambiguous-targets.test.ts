import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import type { ChangeOutput, SyncOutput } from '../../src/runs/report.js';
import type { Body } from '../../src/sandbox/body.js';
import { trialOffer, type SiteFacts, type TrialOffer } from '../../src/sandbox/seed.js';
import { FAMILY_SKIN, LEVEL_COMPETENCE, SYSTEM } from '../support/trial-region.js';
import {
  blocking,
  centreIdOf,
  centresList,
  changeOf,
  openWorld,
  type CentreRow,
  type World,
} from './world.js';

/** Never "first hit" (DESIGN 7, issue 2 part 4): several offers that may be the centre's are a question to a person. */
const ALPHA = 'Centre d’essai Alpha';
const BETA = 'Centre d’essai Bêta';
const alpha: CentreRow = {
  title: ALPHA,
  hospital: 'CH de Dieppe',
  town: 'Dieppe',
  departement: '76',
  public: 'adulte',
};
const beta: CentreRow = {
  ...alpha,
  title: BETA,
  hospital: 'CH Argentan',
  town: 'Argentan',
  departement: '61',
};
const [DIEPPE, ARGENTAN] = ['760000018', '610000069'] as const;
const CARDIOLOGY = { code: '013', display: 'Cardiologie' };
const UNIT = { code: '151', display: 'Unité hospitalière de cardiologie' };
const act = (code: string, display: string) => ({ system: 'TRE_R210-ActeSpecifique', code, display });

let w: World;
afterEach(() => w.close());

/** An offer of the hospital of another specialty: nothing but what is given makes it a candidate. */
const other = (n: number, site: SiteFacts, said: Partial<TrialOffer> = {}): JsonObject =>
  trialOffer({
    id: `offre-${n}`,
    identifier: `28/ESSAI-000${n}`,
    label: `n° ${n}`,
    site,
    activity: CARDIOLOGY,
    category: UNIT,
    ...said,
  });

async function planned(
  offers: (site: (eg: string) => SiteFacts) => readonly JsonObject[],
  rows: readonly CentreRow[] = [alpha],
): Promise<SyncOutput> {
  w = await openWorld({ list: centresList(rows), offers });
  return await w.sync();
}

const candidates = (change: ChangeOutput): (readonly [string, string])[] =>
  change.reasons
    .filter((reason) => reason.code === 'attachOrCreate')
    .flatMap((reason) => reason.candidates ?? [])
    .map(({ value, label }) => [value, /\(([^()]*(?:\([^()]*\)[^()]*)*)\)$/.exec(label)?.[1] ?? ''] as const);
const stored = (n: number): string => w.sandbox.text('HealthcareService', `offre-${n}`) ?? '';
const asCamille = ['--region', '28', '--as', 'camille'] as const;

async function nothingCanLeave(change: ChangeOutput): Promise<void> {
  await expect(w.approve(w.dominique, change.id)).rejects.toMatchObject({ code: 'NOT_APPROVABLE' });
  expect(await w.apply()).toEqual([]);
  expect(w.sandbox.writes()).toEqual([]);
}

describe('several offers of the site that may be the centre’s', () => {
  const three = (site: (eg: string) => SiteFacts): JsonObject[] => [
    other(1, site(DIEPPE), { characteristics: [FAMILY_SKIN, LEVEL_COMPETENCE] }),
    other(2, site(DIEPPE), {
      characteristics: [act('0284', 'Maladie rare'), act('0986', 'Centre de compétence labellisé')],
    }),
    other(3, site(DIEPPE), { category: null, characteristics: [LEVEL_COMPETENCE] }),
    other(4, site(DIEPPE)),
    other(5, site(ARGENTAN), { characteristics: [FAMILY_SKIN] }),
  ];

  it('are all shown with their signs, today’s and the older ways, and nothing can be approved', async () => {
    const change = changeOf(await planned(three), ALPHA);
    expect([change.kind, change.state, blocking(change)]).toEqual([
      'create',
      'question',
      ['attachOrCreate:offer'],
    ]);
    expect(candidates(change)).toEqual([
      ['28/ESSAI-0001', 'porte la famille de maladies rares 49'],
      ['28/ESSAI-0002', 'acte 0284 (maladie rare), acte 0986 (centre de compétence)'],
      ['28/ESSAI-0003', 'niveau 11 sans type d’offre, sujet inconnu (activité 013)'],
    ]);
    await nothingCanLeave(change);
  });

  it('wait for the person, who takes one of them and no other: only that one is written', async () => {
    const change = changeOf(await planned(three), ALPHA);
    const centre = centreIdOf(change);
    const wrong = await w.filror('attach', change.id, '28/ESSAI-0005', ...asCamille);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('n’est pas candidate')]);
    expect((await w.filror('attach', change.id, '28/ESSAI-0002', ...asCamille)).stderr).toBe('');
    const [proposed, ...more] = await w.open();
    expect([proposed?.kind, proposed?.state, proposed?.target, more]).toEqual([
      'attach',
      'proposed',
      'offer:28/ESSAI-0002',
      [],
    ]);
    await expect(w.approve(w.camille, proposed?.id ?? '')).rejects.toMatchObject({ code: 'FOUR_EYES' });
    const before = [1, 3, 4, 5].map(stored);
    await w.approve(w.dominique, proposed?.id ?? '');
    expect((await w.apply()).map((receipt) => receipt.result)).toEqual(['applied']);
    expect(stored(2)).toContain(`id=${centre}]`);
    expect(stored(2)).toContain('"code":"0986"');
    expect([1, 3, 4, 5].map(stored)).toEqual(before);
    expect((await w.sync()).changes).toEqual([]);
  });

  it('remember the target that was refused, until a person names another', async () => {
    const change = changeOf(await planned(three), ALPHA);
    const subject = centreIdOf(change);
    await w.answer(w.camille, { kind: 'attach', subject, body: { offer: '28/ESSAI-0001' } });
    await w.reject(w.dominique, (await w.open())[0]?.id ?? '', 'ce n’est pas cette unité');
    expect((await w.sync()).changes).toEqual([]);
    w.sandbox.edit('HealthcareService', 'offre-1', (body) => void (body['comment'] = 'Nouvel accueil.'));
    expect((await w.sync()).changes).toEqual([]);
    await w.answer(w.camille, { kind: 'attach', subject, body: { offer: '28/ESSAI-0003' } });
    expect((await w.open()).map((each) => [each.target, each.state])).toEqual([
      ['offer:28/ESSAI-0003', 'proposed'],
    ]);
    await w.answer(w.camille, { kind: 'attach', subject, body: { offer: '28/ESSAI-0001' } });
    expect(await w.open()).toEqual([]);
  });

  it('ask again when the one that was chosen is gone', async () => {
    const change = changeOf(await planned(three), ALPHA);
    const subject = centreIdOf(change);
    await w.answer(w.camille, { kind: 'attach', subject, body: { offer: '28/ESSAI-0001' } });
    w.sandbox.edit('HealthcareService', 'offre-1', (body) => renumber(body, '28/ESSAI-0009'));
    const again = changeOf(await w.sync(), ALPHA);
    expect([again.kind, again.state, blocking(again)]).toEqual([
      'create',
      'question',
      ['attachOrCreate:offer'],
    ]);
    expect(candidates(again).map(([offer]) => offer)).toEqual([
      '28/ESSAI-0002',
      '28/ESSAI-0003',
      '28/ESSAI-0009',
    ]);
    await nothingCanLeave(again);
  });
});

describe('two offers that carry the block of one centre', () => {
  /** Typed by hand twice from one sheet. */
  async function typedTwice(): Promise<{ change: ChangeOutput; centre: string }> {
    const first = await planned((site) => [other(1, site(DIEPPE)), other(2, site(DIEPPE))]);
    const centre = centreIdOf(changeOf(first, ALPHA));
    expect(changeOf(first, ALPHA).state).toBe('proposed');
    for (const id of ['offre-1', 'offre-2']) {
      w.sandbox.edit('HealthcareService', id, (body) => {
        body['comment'] =
          `Saisi à la main.\n[Maladies rares | filière=FIMARAD | label=CCMR | campagne=2023 | id=${centre}]`;
      });
    }
    return { change: changeOf(await w.sync(), ALPHA), centre };
  }

  it('are a question with both, and nothing is created nor attached meanwhile', async () => {
    const { change } = await typedTwice();
    expect([change.kind, change.state]).toEqual(['create', 'question']);
    expect(candidates(change)).toEqual([
      ['28/ESSAI-0001', 'porte notre bloc'],
      ['28/ESSAI-0002', 'porte notre bloc'],
    ]);
    await nothingCanLeave(change);
  });

  it('stay told once a person chose one: the other one still carries a block that is not its own', async () => {
    const { change, centre } = await typedTwice();
    expect((await w.filror('attach', change.id, '28/ESSAI-0002', ...asCamille)).stderr).toBe('');
    await w.approve(w.dominique, (await w.open())[0]?.id ?? '');
    const before = stored(1);
    expect((await w.apply()).map((receipt) => receipt.result)).toEqual(['applied']);
    expect(stored(2).split(`id=${centre}]`).length - 1).toBe(1);
    expect(stored(1)).toBe(before);
    const { alerts, changes } = await w.sync();
    expect(changes).toEqual([]);
    expect(alerts.map((alert) => [alert.code, alert.message])).toEqual([
      ['DUPLICATE_BLOCK', expect.stringContaining('28/ESSAI-0001') as string],
    ]);
    expect(alerts[0]?.message).toContain('28/ESSAI-0002');
    expect(alerts[0]?.remedy).toContain('GRADeS');
  });
});

describe('two offers that bear one number', () => {
  it('hold back what was to be attached there, until the number is corrected', async () => {
    const first = await planned((site) => [
      other(1, site(DIEPPE), { characteristics: [FAMILY_SKIN] }),
      other(2, site(DIEPPE)),
    ]);
    const subject = centreIdOf(changeOf(first, ALPHA));
    await w.answer(w.camille, { kind: 'attach', subject, body: { offer: '28/ESSAI-0001' } });
    await w.approve(w.dominique, (await w.open())[0]?.id ?? '');
    w.sandbox.edit('HealthcareService', 'offre-2', (body) => renumber(body, '28/ESSAI-0001'));
    const doubled = await w.sync();
    expect(doubled.alerts.map((alert) => alert.code)).toEqual(['DUPLICATE']);
    const held = changeOf(doubled, ALPHA);
    expect([held.state, blocking(held)]).toEqual(['question', ['duplicateOffer:offer']]);
    const told = held.reasons.find((reason) => reason.code === 'duplicateOffer')?.message ?? '';
    for (const id of ['offre-1', 'offre-2']) expect(told).toContain(id);
    await nothingCanLeave(held);
    w.sandbox.edit('HealthcareService', 'offre-2', (body) => renumber(body, '28/ESSAI-0002'));
    const corrected = changeOf(await w.sync(), ALPHA);
    expect([corrected.kind, corrected.state, corrected.offer]).toEqual([
      'attach',
      'proposed',
      '28/ESSAI-0001',
    ]);
    await w.approve(w.dominique, corrected.id);
    expect((await w.apply()).map((receipt) => receipt.result)).toEqual(['applied']);
    expect(stored(1)).toContain(`id=${subject}]`);
  });
});

describe('an item of a plan that goes stale', () => {
  it('leaves the approvals of the others as they are, and they are sent', async () => {
    const first = await planned(
      (site) => [
        other(1, site(DIEPPE), { characteristics: [FAMILY_SKIN] }),
        other(2, site(ARGENTAN), { characteristics: [FAMILY_SKIN] }),
      ],
      [alpha, beta],
    );
    const [a, b] = [centreIdOf(changeOf(first, ALPHA)), centreIdOf(changeOf(first, BETA))];
    await w.answer(
      w.camille,
      { kind: 'attach', subject: a, body: { offer: '28/ESSAI-0001' } },
      { kind: 'attach', subject: b, body: { offer: '28/ESSAI-0002' } },
    );
    const idOf = async (target: string): Promise<string> =>
      (await w.open()).find((each) => each.target === target)?.id ?? '';
    const [stale, untouched] = [await idOf('offer:28/ESSAI-0001'), await idOf('offer:28/ESSAI-0002')];
    for (const id of [stale, untouched]) await w.approve(w.dominique, id);
    w.sandbox.edit('HealthcareService', 'offre-1', (body) => {
      body['characteristic'] = [...(body['characteristic'] as Body[]), levelItem()];
    });
    await w.sync();
    expect((await w.open()).map((each) => [each.target, each.state]).sort()).toEqual([
      ['offer:28/ESSAI-0001', 'proposed'],
      ['offer:28/ESSAI-0002', 'approved'],
    ]);
    expect(await idOf('offer:28/ESSAI-0001')).not.toBe(stale);
    expect(await idOf('offer:28/ESSAI-0002')).toBe(untouched);
    expect((await w.apply()).map((receipt) => [receipt.change, receipt.result])).toEqual([
      [untouched, 'applied'],
    ]);
  });
});

/** The level that we would add, in words of the hospital. */
function levelItem(): Body {
  const { system, code } = LEVEL_COMPETENCE;
  return { coding: [{ system: SYSTEM(system), code, display: 'Libellé de l’hôpital d’essai' }] };
}

function renumber(body: Body, number: string): void {
  for (const identifier of body['identifier'] as Body[]) identifier['value'] = number;
}
