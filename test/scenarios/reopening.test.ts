import { afterEach, describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import type { Actor } from '../../src/db/people.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import {
  centreIdOf,
  centresList,
  changeOf,
  complete,
  openWorld,
  type CentreRow,
  type World,
} from './world.js';

/** Rule 3, the way back: never a second offer, never DELETE, never because a list is old, empty or short. */
const ALPHA = 'Centre d’essai Alpha';
const alpha: CentreRow = {
  title: ALPHA,
  hospital: 'CH de Dieppe',
  town: 'Dieppe',
  departement: '76',
  public: 'adulte',
};
const OFFER = '28/ESSAI-0001';
const PROOF = 'courrier d’essai du 02/09/2026';

let w: World;
afterEach(() => w.close());

/** Rows that wait for their public: the list keeps the size of a list when ours leaves it. */
const waiting = (count = 20): CentreRow[] =>
  Array.from({ length: count }, (_, i) => ({
    title: `Centre d’essai ${i + 1} en attente`,
    filiere: 'FILFOIE',
    hospital: 'CH de Coutances',
    town: 'Coutances',
    departement: '50',
  }));
const listOf = (...rows: readonly CentreRow[]): string => centresList([...rows, ...waiting()]);

interface Offer {
  readonly id: string;
  readonly name: string;
  readonly comment?: string;
  readonly notAvailable?: readonly unknown[];
  readonly category?: readonly unknown[];
}
const offers = (): Offer[] => w.sandbox.list('HealthcareService') as unknown as Offer[];
const stored = (id: string): string => w.sandbox.text('HealthcareService', id) ?? '';
const said = (text: string): unknown => ({ ...(JSON.parse(text) as object), meta: null });

async function about(centre: string): Promise<StoredChange[]> {
  return (await w.open()).filter((change) => change.centres.some((id) => id === centre));
}

async function applied(centre: string, people: readonly Actor[]): Promise<StoredChange> {
  const [change, ...more] = await about(centre);
  if (change === undefined || more.length > 0) throw new Error(`${more.length} changes for ${centre}`);
  expect(change.quorum).toBe(people.length);
  for (const person of people) await w.approve(person, change.id);
  expect((await w.apply()).map((receipt) => receipt.result)).toEqual(['applied']);
  expect(await about(centre)).toEqual([]);
  return change;
}

/** An offer of ours, created, then closed or withdrawn as people declared. */
async function created(): Promise<{ centre: string; id: string; open: string }> {
  w = await openWorld({ list: listOf(alpha) });
  const centre = centreIdOf(changeOf(await w.sync(), ALPHA));
  await applied(centre, [w.dominique]);
  const id = offers()[0]?.id ?? '';
  return { centre, id, open: stored(id) };
}

async function declare(kind: 'withdraw' | 'close' | 'reopen', centre: string, date: string): Promise<void> {
  await w.answer(w.camille, { kind, subject: centre, body: { proof: PROOF, date } });
}

const ror = (change: StoredChange): string[] =>
  change.elements.filter((each) => each.channel === 'ror').map((each) => `${each.operation} ${each.key}`);

describe('an offer of ours that was closed', () => {
  async function closed(): Promise<{ centre: string; id: string; open: string }> {
    const made = await created();
    await declare('close', made.centre, '2026-06-30');
    const change = await applied(made.centre, [w.dominique, w.eloi]);
    expect([change.kind, ror(change)]).toEqual([
      'close',
      ['add characteristic[temporalityStopService]', 'add notAvailable[closingReopeningDate]'],
    ]);
    return made;
  }

  it('stays closed, in silence, as long as the same list goes on saying it', async () => {
    const { centre, id } = await closed();
    const shut = stored(id);
    const { changes, alerts } = await w.sync();
    expect(changes.some((change) => change.centres.some((each) => each.id === centre))).toBe(false);
    expect(alerts).toEqual([]);
    expect(stored(id)).toBe(shut);
  });

  it('opens again once a person declares it: by value, with reason, proof and date, on the same offer', async () => {
    const { centre, id, open } = await closed();
    const writes = w.sandbox.writes().length;
    const refused = await w.filror(
      'reopen',
      'cmr_abcdefghijklmnop',
      '--proof',
      'x',
      '--date',
      '2026-09-02',
      ...asCamille,
    );
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('n’a quitté aucune offre')]);
    const done = await w.filror('reopen', centre, '--proof', PROOF, '--date', '2026-09-02', ...asCamille);
    expect([done.code, done.stderr]).toEqual([0, '']);
    const [proposed] = await about(centre);
    expect([proposed?.kind, proposed?.state, ror(proposed as StoredChange)]).toEqual([
      'modify',
      'proposed',
      ['delete characteristic[temporalityStopService]', 'delete notAvailable[closingReopeningDate]'],
    ]);
    expect(proposed?.reasons.map((reason) => reason.message)).toContain(
      `Retour déclaré au 2026-09-02, preuve : ${PROOF}.`,
    );
    for (const element of proposed?.elements.filter((each) => each.channel === 'ror') ?? [])
      expect(element.provenance.map(({ kind }) => kind)).toEqual(['decision']);
    await expect(w.approve(w.camille, proposed?.id ?? '')).rejects.toMatchObject({ code: 'FOUR_EYES' });
    await applied(centre, [w.dominique]);
    expect(said(stored(id))).toEqual(said(open));
    expect(offers().length).toBe(1);
    const sent = w.sandbox.writes().slice(writes);
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `PATCH /fhir/HealthcareService/${id}`,
    ]);
    expect((await w.sync()).changes.some((change) => change.centres.some((each) => each.id === centre))).toBe(
      false,
    );
  });

  it('is not opened by a list that says it anew: that is told, with what to type', async () => {
    const { centre, id } = await closed();
    const shut = stored(id);
    const tomorrow = new Date(Date.now() + 2 * 86_400_000);
    w.list(listOf({ ...alpha, label: 'CRMR constitutif' }));
    const { alerts, changes } = await w.syncAt(tomorrow);
    expect(changes.some((change) => change.centres.some((each) => each.id === centre))).toBe(false);
    expect(alerts.map((alert) => alert.code)).toEqual(['RELISTED']);
    expect(alerts[0]?.remedy).toContain(`filror reopen ${centre} --proof`);
    expect(await w.apply()).toEqual([]);
    expect(stored(id)).toBe(shut);
  });

  it('may be closed again after that, and opened again: always the one offer', async () => {
    const { centre, id, open } = await closed();
    await declare('reopen', centre, '2026-09-02');
    await applied(centre, [w.dominique]);
    await declare('close', centre, '2026-10-01');
    await applied(centre, [w.dominique, w.eloi]);
    expect(stored(id)).toContain('2026-10-01');
    await declare('reopen', centre, '2026-11-02');
    await applied(centre, [w.dominique]);
    expect(said(stored(id))).toEqual(said(open));
    expect(offers().length).toBe(1);
  });

  it('keeps the date of closure that the hospital wrote in the place of ours', async () => {
    const { centre, id } = await closed();
    w.sandbox.edit('HealthcareService', id, (body) => {
      body['notAvailable'] = JSON.parse(
        JSON.stringify(body['notAvailable']).replace('2026-06-30', '2026-07-15'),
      ) as never;
    });
    await w.sync();
    await declare('reopen', centre, '2026-09-02');
    const [change] = await about(centre);
    expect(ror(change as StoredChange)).toEqual(['delete characteristic[temporalityStopService]']);
    expect(change?.reasons.map((reason) => reason.field)).toContain('notAvailable[closingReopeningDate]');
    await applied(centre, [w.dominique]);
    expect(stored(id)).toContain('2026-07-15');
  });
});

describe('a label that was withdrawn and is given again', () => {
  it('on an offer of another: our elements come back to that offer, by a person’s declaration', async () => {
    w = await openWorld({
      list: listOf(alpha),
      offers: (site) => [
        trialOffer({
          id: 'derm',
          identifier: OFFER,
          label: 'Dieppe',
          site: site('760000018'),
          comment: 'Le mardi.',
        }),
      ],
    });
    const centre = centreIdOf(changeOf(await w.sync(), ALPHA));
    await w.answer(w.camille, { kind: 'attach', subject: centre, body: { offer: OFFER } });
    await applied(centre, [w.dominique]);
    const with1 = stored('derm');
    await declare('withdraw', centre, '2026-02-01');
    await applied(centre, [w.dominique, w.eloi]);
    await declare('reopen', centre, '2026-09-02');
    const [change] = await about(centre);
    expect([change?.kind, change?.state, change?.target]).toEqual(['attach', 'proposed', `offer:${OFFER}`]);
    await applied(centre, [w.dominique]);
    expect(said(stored('derm'))).toEqual(said(with1));
    expect(offers().length).toBe(1);
  });

  it('on an offer of ours: the label comes back to it, though "créer" was answered once', async () => {
    w = await openWorld({
      list: listOf(alpha),
      offers: (site) => [
        trialOffer({ id: 'derm', identifier: OFFER, label: 'Dieppe', site: site('760000018') }),
      ],
    });
    const centre = centreIdOf(changeOf(await w.sync(), ALPHA));
    await w.answer(w.camille, { kind: 'create', subject: centre, body: {} });
    await applied(centre, [w.dominique]);
    const id = offers().find((offer) => offer.id !== 'derm')?.id ?? '';
    const open = stored(id);
    await declare('withdraw', centre, '2026-02-01');
    await applied(centre, [w.dominique, w.eloi]);
    expect(JSON.parse(stored(id)) as Offer).not.toHaveProperty('category');
    await declare('reopen', centre, '2026-09-02');
    const [change] = await about(centre);
    expect([change?.kind, change?.state]).toEqual(['modify', 'proposed']);
    await applied(centre, [w.dominique, w.eloi]);
    expect(sorted(stored(id))).toEqual(sorted(open));
    expect(offers().length).toBe(2);
  });

  it('is proposed when a list of after the withdrawal says it again, and that list is its proof', async () => {
    const { centre, id, open } = await created();
    w.list(listOf());
    const gone = (await w.sync()).changes.find((change) => change.kind === 'withdraw');
    await w.answer(w.camille, {
      kind: 'complete',
      subject: centre,
      body: { field: 'proof', value: 'acte d’essai' },
    });
    expect(gone?.state).toBe('toComplete');
    await applied(centre, [w.dominique, w.eloi]);
    expect((await w.sync()).changes.some((change) => change.centres.some((each) => each.id === centre))).toBe(
      false,
    );
    w.list(listOf(alpha));
    const back = changeOf(await w.sync(), ALPHA);
    expect([back.kind, back.state, back.centre?.id]).toEqual(['modify', 'proposed', centre]);
    expect(back.reasons.map((reason) => reason.message)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^De nouveau dans la liste « labelled-centres » du /)]),
    );
    await applied(centre, [w.dominique, w.eloi]);
    expect(sorted(stored(id))).toEqual(sorted(open));
    expect(offers().length).toBe(1);
  });

  it('attaches elsewhere when a person says so after the departure', async () => {
    w = await openWorld({
      list: listOf(alpha),
      offers: (site) =>
        [1, 2].map((n) =>
          trialOffer({
            id: `offre-${n}`,
            identifier: `28/ESSAI-000${n}`,
            label: `n° ${n}`,
            site: site('760000018'),
          }),
        ),
    });
    const centre = centreIdOf(changeOf(await w.sync(), ALPHA));
    await w.answer(w.camille, { kind: 'attach', subject: centre, body: { offer: OFFER } });
    await applied(centre, [w.dominique]);
    await declare('withdraw', centre, '2026-02-01');
    await applied(centre, [w.dominique, w.eloi]);
    await declare('reopen', centre, '2026-09-02');
    await w.answer(w.camille, { kind: 'attach', subject: centre, body: { offer: '28/ESSAI-0002' } });
    expect((await about(centre)).map((change) => change.target)).toEqual(['offer:28/ESSAI-0002']);
    await applied(centre, [w.dominique]);
    expect(stored('offre-1')).not.toContain(centre);
    expect(stored('offre-2')).toContain(`id=${centre}]`);
  });

  it('does not go back to the offer of a site that the centre has left since', async () => {
    w = await openWorld({
      list: listOf(alpha),
      offers: (site) => [
        trialOffer({ id: 'derm', identifier: OFFER, label: 'Dieppe', site: site('760000018') }),
      ],
    });
    const centre = centreIdOf(changeOf(await w.sync(), ALPHA));
    await w.answer(w.camille, { kind: 'attach', subject: centre, body: { offer: OFFER } });
    await applied(centre, [w.dominique]);
    await declare('withdraw', centre, '2026-02-01');
    await applied(centre, [w.dominique, w.eloi]);
    await declare('reopen', centre, '2026-09-02');
    await w.answer(w.camille, complete(centre, 'establishment', '610000069'));
    expect((await about(centre)).map((change) => [change.kind, change.state])).toEqual([
      ['create', 'proposed'],
    ]);
  });
});

const asCamille = ['--region', '28', '--as', 'camille'] as const;

/** Lists in the order of their content: what left and came back stands at their end. */
function sorted(text: string): unknown {
  const order = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(order).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .sort()
              .map(([key, each]) => [key, order(each)]),
          )
        : value;
  return order(said(text));
}
