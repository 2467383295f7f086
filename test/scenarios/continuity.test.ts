import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import type { JsonObject } from '../../src/domain/json.js';
import { refreshMirror } from '../../src/runs/mirror.js';
import type { ChangeOutput, SyncOutput } from '../../src/runs/report.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { changedTables, tableCounts } from './tables.js';
import {
  blocking,
  centreIdOf,
  centresList,
  changeOf,
  complete,
  openWorld,
  type CentreRow,
  type World,
} from './world.js';

const ALPHA = 'Centre d’essai Alpha';
const BETA = 'Centre d’essai Bêta';

const dieppe = { hospital: 'CH de Dieppe', town: 'Dieppe', departement: '76' };
const argentan = { hospital: 'CH Argentan', town: 'Argentan', departement: '61' };
const alpha: CentreRow = { title: ALPHA, ...dieppe, public: 'adulte' };
const beta: CentreRow = { title: BETA, ...argentan, public: 'adulte' };

/** Rows of another filière that wait for their public: the list keeps the size of a list when one row moves. */
const others = (count: number): CentreRow[] =>
  Array.from({ length: count }, (_, i) => ({
    title: `Centre d’essai ${i + 1} en attente`,
    filiere: 'FILFOIE',
    hospital: 'CH de Coutances',
    town: 'Coutances',
    departement: '50',
  }));

const listOf = (...rows: readonly CentreRow[]): string => centresList([...rows, ...others(20)]);

let w: World;
afterEach(() => w.close());

/** Opens a world where every complete centre of the list is already written. */
async function established(
  rows: readonly CentreRow[],
  options: Partial<Parameters<typeof openWorld>[0]> = {},
): Promise<SyncOutput> {
  w = await openWorld({ list: listOf(...rows), ...options });
  const first = await w.sync();
  for (const change of first.changes.filter((each) => each.state === 'proposed'))
    await w.approve(w.dominique, change.id);
  const receipts = await w.apply();
  expect(receipts.map((receipt) => receipt.result)).toEqual(rows.map(() => 'applied'));
  return first;
}

/** What is proposed beside the rows that wait. */
function moving(output: Pick<SyncOutput, 'changes'>): ChangeOutput[] {
  return output.changes.filter(
    (change) =>
      change.centre === null || !('title' in change.centre) || !change.centre.title.includes('attente'),
  );
}

async function openFor(centre: string): Promise<StoredChange[]> {
  return (await w.open()).filter((change) => change.centres.some((id) => id === centre));
}

async function approveTwice(change: string): Promise<void> {
  expect(await w.approve(w.dominique, change)).toMatchObject({ approved: false });
  expect(await w.approve(w.eloi, change)).toMatchObject({ approvals: 2, approved: true });
}

async function applied(): Promise<void> {
  expect((await w.apply()).map((receipt) => receipt.result)).toEqual(['applied']);
}

function offers(): (JsonObject & { name: string; comment?: string })[] {
  return w.sandbox.list('HealthcareService') as unknown as (JsonObject & { name: string })[];
}

describe('a centre renamed in the list', () => {
  const renamed: CentreRow = { ...alpha, title: 'Centre d’essai Alpha du littoral' };
  let id: string;
  let asked: SyncOutput;

  beforeEach(async () => {
    id = centreIdOf(changeOf(await established([alpha, beta]), ALPHA));
    w.list(listOf(renamed, beta));
    asked = await w.sync();
  });

  const created = (): ChangeOutput => changeOf(asked, renamed.title);
  const withdrawn = (): ChangeOutput => changeOf(asked, ALPHA);

  it('is a question on both sides, and nothing can be approved meanwhile', async () => {
    expect(moving(asked).map((change) => [change.kind, change.state])).toEqual([
      ['create', 'question'],
      ['withdraw', 'question'],
    ]);
    const candidates = (change: ChangeOutput): string[] =>
      (change.reasons.find((reason) => reason.code === 'continuity')?.candidates ?? []).map(
        (candidate) => candidate.value,
      );
    expect(candidates(created())).toEqual([id]);
    expect(candidates(withdrawn())).toEqual([centreIdOf(created())]);
    for (const change of moving(asked))
      await expect(w.approve(w.dominique, change.id)).rejects.toMatchObject({ code: 'NOT_APPROVABLE' });
  });

  it.each([
    ['on the new row', () => ({ subject: centreIdOf(created()), body: { same: id } })],
    ['on the row that left', () => ({ subject: id, body: { same: centreIdOf(created()) } })],
  ])('keeps its id and becomes one modification when a person says "same" %s', async (_side, given) => {
    const { changes, report } = await w.answer(w.camille, { kind: 'continuity', ...given() });
    const open = changes.filter((change) => change.target.startsWith('offer:'));
    expect(changes.filter((change) => change.kind === 'create').length).toBe(20);
    expect(open.map((change) => [change.kind, change.state, change.centres])).toEqual([
      ['modify', 'proposed', [id]],
    ]);
    expect(report.centres[id]?.title).toBe(renamed.title);
    const [change] = open;
    expect(change?.elements.map((element) => [element.key, element.operation])).toEqual([
      ['name', 'replace'],
    ]);
    expect(change?.elements[0]?.before).toBe('Centre de compétence – Centre d’essai Alpha');
    expect(change?.elements[0]?.after).toBe('Centre de compétence – Centre d’essai Alpha du littoral');
    expect(change?.quorum).toBe(2);
    await expect(w.approve(w.camille, change?.id ?? '')).rejects.toMatchObject({ code: 'FOUR_EYES' });
    await approveTwice(change?.id ?? '');
    await applied();
    expect(
      offers()
        .map((offer) => offer.name)
        .sort(),
    ).toEqual([
      'Centre de compétence – Centre d’essai Alpha du littoral',
      'Centre de compétence – Centre d’essai Bêta',
    ]);
    expect(moving(await w.sync())).toEqual([]);
  });

  it.each([
    ['on the new row', () => centreIdOf(created())],
    ['on the row that left', () => id],
  ])(
    'is a new centre and a withdrawal that needs its proof when a person says "different" %s',
    async (_side, subject) => {
      await w.answer(w.camille, { kind: 'continuity', subject: subject(), body: { same: null } });
      const after = await w.sync();
      expect(moving(after).map((change) => [change.kind, change.state])).toEqual([
        ['create', 'proposed'],
        ['withdraw', 'toComplete'],
      ]);
      expect(centreIdOf(changeOf(after, renamed.title))).not.toBe(id);
      expect(blocking(changeOf(after, ALPHA))).toEqual(['proof:proof']);
      const acted = await w.answer(w.camille, complete(id, 'proof', 'acte d’essai du 01/02/2026'));
      const proved = acted.changes.find((change) => change.kind === 'withdraw');
      expect([proved?.state, proved?.quorum]).toEqual(['proposed', 2]);
    },
  );
});

describe('a centre moved to another hospital', () => {
  it('keeps its id when a person says "same", and its offer moves with two approvals', async () => {
    const id = centreIdOf(changeOf(await established([alpha]), ALPHA));
    w.list(listOf({ ...alpha, ...argentan }));
    const asked = await w.sync();
    const fresh = moving(asked).find((change) => change.kind === 'create');
    expect(fresh?.state).toBe('question');
    await w.answer(w.camille, {
      kind: 'continuity',
      subject: fresh === undefined ? '' : centreIdOf(fresh),
      body: { same: id },
    });
    const [change, ...more] = await openFor(id);
    expect(more).toEqual([]);
    expect([change?.kind, change?.state, change?.quorum]).toEqual(['modify', 'proposed', 2]);
    expect(change?.elements.map((element) => [element.key, element.operation])).toEqual([
      ['location#Location/lieu-610000069', 'add'],
      ['location#Location/lieu-760000018', 'delete'],
      ['providedBy', 'replace'],
    ]);
    await approveTwice(change?.id ?? '');
    await applied();
    expect(offers()[0]?.['providedBy']).toEqual({ reference: 'Organization/eg-610000069' });
    expect(offers()[0]?.['location']).toEqual([{ reference: 'Location/lieu-610000069' }]);
    expect(moving(await w.sync())).toEqual([]);
  });
});

describe('a centre moved away from the offer of a hospital', () => {
  it('is told as long as its elements stand on an offer of the former site', async () => {
    const offer = { offer: '28/ESSAI-0001' };
    w = await openWorld({
      list: listOf(alpha),
      offers: (site) => [
        trialOffer({ id: 'derm', identifier: offer.offer, label: 'Dieppe', site: site('760000018') }),
      ],
    });
    const id = centreIdOf(changeOf(await w.sync(), ALPHA));
    await w.answer(w.camille, { kind: 'attach', subject: id, body: offer });
    await w.approve(w.dominique, (await openFor(id))[0]?.id ?? '');
    await applied();
    w.list(listOf({ ...alpha, ...argentan }));
    const fresh = moving(await w.sync()).find((change) => change.centre?.id !== id);
    const { report } = await w.answer(w.camille, {
      kind: 'continuity',
      subject: fresh === undefined ? '' : centreIdOf(fresh),
      body: { same: id },
    });
    expect(report.alerts.map((alert) => alert.code)).toEqual(['ATTACHED_ELSEWHERE']);
    expect(report.alerts[0]?.message).toContain('760000018');
    expect(report.alerts[0]?.message).toContain('610000069');
    expect(report.alerts[0]?.remedy).toContain(`filror withdraw ${id}`);
    expect(await openFor(id)).toEqual([]);
  });
});

describe('a centre that leaves the list', () => {
  it('is never withdrawn for that alone: a proof is asked, then two people', async () => {
    const id = centreIdOf(changeOf(await established([alpha, beta]), ALPHA));
    w.list(listOf(beta));
    const left = changeOf(await w.sync(), ALPHA);
    expect([left.kind, left.state, left.quorum]).toEqual(['withdraw', 'toComplete', 2]);
    expect(blocking(left)).toEqual(['proof:proof']);
    expect(await w.apply()).toEqual([]);
    await w.answer(w.camille, complete(id, 'proof', 'acte d’essai du 01/02/2026'));
    const [change] = await openFor(id);
    await expect(w.approve(w.camille, change?.id ?? '')).rejects.toMatchObject({ code: 'FOUR_EYES' });
    await approveTwice(change?.id ?? '');
    await applied();
    const offer = offers().find((each) => each.name.includes('Alpha'));
    // The offer that we created stays, open; it no longer says that it is a labelled centre.
    expect(offer?.name).toBe(ALPHA);
    expect(JSON.stringify(offer)).not.toMatch(/"code":"(11|245)"|Maladies rares \|/);
    expect(JSON.stringify(offer)).not.toMatch(/notAvailable|TRE_R286/);
    expect(w.sandbox.requests.some((request) => request.method === 'DELETE')).toBe(false);
    expect(moving(await w.sync())).toEqual([]);
  });

  it('comes back without a new centre when the row comes back', async () => {
    const id = centreIdOf(changeOf(await established([alpha, beta]), ALPHA));
    w.list(listOf(beta));
    expect(changeOf(await w.sync(), ALPHA).kind).toBe('withdraw');
    w.list(listOf(alpha, beta));
    const back = await w.sync();
    expect(moving(back)).toEqual([]);
    expect(await w.database.owner('centre').where({ id }).pluck('id')).toEqual([id]);
    expect((await w.database.owner('centre').pluck('id')).length).toBe(22);
  });

  it('stops the whole run, with nothing changed, when too many would be withdrawn at once', async () => {
    const many = Array.from({ length: 4 }, (_, i): CentreRow => ({
      ...alpha,
      title: `Centre d’essai appliqué ${i + 1}`,
    }));
    await established(many, { list: centresList([...many, ...others(40)]) });
    await w.sync();
    const before = await tableCounts(w.database.owner);
    w.list(centresList([...many.slice(3), ...others(40)]));
    const stopped = w.sync();
    await expect(stopped).rejects.toMatchObject({
      code: 'TOO_MANY_WITHDRAWALS',
      message: expect.stringContaining('3 retraits sur 4 offres') as string,
      remedy: expect.stringContaining('tronquée') as string,
    });
    expect(changedTables(before, await tableCounts(w.database.owner))).toEqual([]);
    const [run] = (await w.database.owner('run').orderBy('no', 'desc').limit(1)) as { state: string }[];
    expect(run?.state).toBe('failed');
  });
});

describe('a label raised', () => {
  it('is one modification of the same centre: level, name and block, with two approvals', async () => {
    const id = centreIdOf(changeOf(await established([alpha]), ALPHA));
    w.list(listOf({ ...alpha, label: 'CRMR constitutif' }));
    const [change, ...more] = moving(await w.sync());
    expect(more).toEqual([]);
    expect(change?.centre?.id).toBe(id);
    expect([change?.kind, change?.state, change?.quorum]).toEqual(['modify', 'proposed', 2]);
    const sent = change?.elements.filter((element) => element.channel === 'ror') ?? [];
    expect(sent.map((element) => [element.key, element.operation])).toEqual([
      ['characteristic[expertiseLevel]#10', 'add'],
      ['characteristic[expertiseLevel]#11', 'delete'],
      [`comment[${id}]`, 'replace'],
      ['name', 'replace'],
    ]);
    await approveTwice(change?.id ?? '');
    await applied();
    expect(offers()[0]?.name).toBe('Centre de référence – Centre d’essai Alpha');
    expect(offers()[0]?.comment).toContain('label=CRMR constitutif');
    expect(moving(await w.sync())).toEqual([]);
  });
});

describe('what is no change of a centre', () => {
  it('recognises without a question a hospital that is only spelled otherwise', async () => {
    await established([alpha]);
    w.list(listOf({ ...alpha, hospital: 'Centre Hospitalier de DIEPPE' }));
    const output = await w.sync();
    expect(moving(output)).toEqual([]);
    expect((await w.database.owner('centre').pluck('id')).length).toBe(21);
    expect(await w.database.owner('centre_key').where({ rule: 'sameSignature' }).pluck('key')).toEqual([
      'centre d essai alpha|fimarad|centre hospitalier de dieppe',
    ]);
  });

  it('keeps the centre when a person completes the public, then when the list gives it too', async () => {
    w = await openWorld({ list: listOf({ ...alpha, public: '' }) });
    const id = centreIdOf(changeOf(await w.sync(), ALPHA));
    await w.answer(w.camille, complete(id, 'public', 'adulte'));
    const [change] = await openFor(id);
    await w.approve(w.dominique, change?.id ?? '');
    await applied();
    w.list(listOf(alpha));
    expect(moving(await w.sync())).toEqual([]);
    expect((await w.database.owner('centre').pluck('id')).length).toBe(21);
  });

  it('keeps a public that the list gives late as a question less, never as a new centre', async () => {
    w = await openWorld({ list: listOf({ ...alpha, public: '' }) });
    const id = centreIdOf(changeOf(await w.sync(), ALPHA));
    w.list(listOf(alpha));
    const [change, ...more] = moving(await w.sync());
    expect(more).toEqual([]);
    expect([change?.centre?.id, change?.kind, change?.state]).toEqual([id, 'create', 'proposed']);
  });
});

describe('two centres of one unit on one offer', () => {
  const a: CentreRow = { ...alpha, network: 'ESSAIA' };
  const b: CentreRow = { ...beta, ...dieppe, network: 'ESSAIB' };
  let ids: readonly [string, string];
  let before: string;
  const body = (): string => w.sandbox.text('HealthcareService', 'derm') ?? '';
  const said = (text: string): unknown => ({ ...(JSON.parse(text) as object), meta: null });

  beforeEach(async () => {
    w = await openWorld({
      list: listOf(a, b),
      offers: (site) => [
        trialOffer({
          id: 'derm',
          identifier: '28/ESSAI-0001',
          label: 'Dieppe',
          site: site('760000018'),
          comment: 'Sur rendez-vous.',
        }),
      ],
    });
    before = body();
    const first = await w.sync();
    ids = [centreIdOf(changeOf(first, ALPHA)), centreIdOf(changeOf(first, BETA))];
    const offer = { offer: '28/ESSAI-0001' };
    const { changes } = await w.answer(
      w.camille,
      { kind: 'attach', subject: ids[0], body: offer },
      { kind: 'attach', subject: ids[1], body: offer },
    );
    const shared = changes.filter((change) => change.target === 'offer:28/ESSAI-0001');
    expect(shared.map((change) => [change.kind, change.state, [...change.centres].sort()])).toEqual([
      ['attach', 'proposed', [...ids].sort()],
    ]);
    await w.approve(w.dominique, shared[0]?.id ?? '');
    await applied();
  });

  async function withdraw(centre: string): Promise<StoredChange> {
    await w.answer(w.camille, {
      kind: 'withdraw',
      subject: centre,
      body: { proof: 'acte d’essai', date: '2026-02-01' },
    });
    const [change, ...more] = await openFor(centre);
    expect(more).toEqual([]);
    if (change === undefined) throw new Error('a withdrawal was expected');
    await approveTwice(change.id);
    await applied();
    return change;
  }

  it('writes one level, one family and two blocks beside the text that stood there', () => {
    for (const level of [/"code": ?"11"/g, /"code": ?"49"/g]) expect(body().match(level)?.length).toBe(1);
    const { comment } = JSON.parse(body()) as { comment: string };
    expect(comment).toContain('Sur rendez-vous.');
    for (const id of ids) expect(comment).toContain(`id=${id}]`);
  });

  it('asks two people when one centre leaves and another joins the offer at once', async () => {
    await withdraw(ids[1]);
    w.list(listOf(a, b, { ...alpha, title: 'Centre d’essai Gamma', network: 'ESSAIC' }));
    const gamma = centreIdOf(changeOf(await w.sync(), 'Centre d’essai Gamma'));
    await w.answer(
      w.camille,
      { kind: 'attach', subject: gamma, body: { offer: '28/ESSAI-0001' } },
      { kind: 'withdraw', subject: ids[0], body: { proof: 'acte d’essai', date: '2026-02-01' } },
    );
    const [change] = await openFor(ids[0]);
    expect([change?.kind, change?.quorum, change?.centres]).toEqual(['withdraw', 2, [gamma, ids[0]].sort()]);
    await approveTwice(change?.id ?? '');
    await applied();
    expect(body()).toContain(`id=${gamma}]`);
    expect(body()).not.toContain(`id=${ids[0]}]`);
    expect(body()).toContain('"code":"11"');
    expect(moving(await w.sync())).toEqual([]);
  });

  it('takes a proof at the terminal for the centre that is named, never for the other one', async () => {
    w.list(listOf(a));
    const left = (await w.sync()).changes.find((change) => change.kind === 'withdraw');
    expect(left?.centres.map((centre) => centre.id).sort()).toEqual([...ids].sort());
    const given = ['complete', left?.id ?? '', 'preuve=acte d’essai', '--region', '28', '--as', 'camille'];
    const vague = await w.filror(...given);
    expect(vague.code).toBe(1);
    expect(vague.stderr).toContain('concerne 2 centres');
    expect(vague.stderr).toMatch(/Que faire : dites de quel centre il s’agit \(au terminal : --centre\)/);
    expect((await openFor(ids[1]))[0]?.state).toBe('toComplete');
    expect((await w.filror(...given, '--centre', ids[1])).code).toBe(0);
    const [change] = await openFor(ids[1]);
    expect([change?.kind, change?.state]).toEqual(['withdraw', 'proposed']);
  });

  it('lets an element leave with its last contributor only, then stands as before us', async () => {
    const first = await withdraw(ids[1]);
    expect(first.elements.filter((e) => e.channel === 'ror').map((e) => [e.key, e.operation])).toEqual([
      [`comment[${ids[1]}]`, 'delete'],
    ]);
    expect(body()).toContain(`id=${ids[0]}]`);
    expect(body()).not.toContain(`id=${ids[1]}]`);
    expect(moving(await w.sync())).toEqual([]);
    const last = await withdraw(ids[0]);
    expect(last.elements.filter((e) => e.channel === 'ror').map((e) => [e.key, e.operation])).toEqual([
      ['characteristic[expertiseLevel]#11', 'delete'],
      ['characteristic[takingCareSpeciality]#49', 'delete'],
      [`comment[${ids[0]}]`, 'delete'],
    ]);
    expect(said(body())).toEqual(said(before));
  });
});

describe('what other people change in the repository', () => {
  const NAME = 'Centre de compétence – Centre d’essai Alpha';
  let id: string;
  let remoteId: string;

  beforeEach(async () => {
    id = centreIdOf(changeOf(await established([alpha]), ALPHA));
    remoteId = String(offers()[0]?.['id']);
  });

  it('is kept and shown, never written over', async () => {
    w.sandbox.edit('HealthcareService', remoteId, (found) => {
      (found as Record<string, unknown>)['name'] = 'Nom choisi par l’hôpital d’essai';
    });
    const writes = w.sandbox.writes().length;
    const output = await w.sync();
    expect(moving(output)).toEqual([]);
    expect(output.alerts.map((alert) => alert.code)).toContain('DRIFT');
    const told = output.alerts.find((alert) => alert.code === 'DRIFT')?.message ?? '';
    expect(told).toContain('« Nom de l’offre »');
    expect(told).toContain('Nom choisi par l’hôpital d’essai');
    expect(told).toContain(String((offers()[0]?.['identifier'] as { value: string }[])[0]?.value));
    expect(await w.apply()).toEqual([]);
    expect(w.sandbox.writes().length).toBe(writes);
    expect(offers()[0]?.name).toBe('Nom choisi par l’hôpital d’essai');
  });

  it('is told when the whole offer disappears, and nothing is created again by itself', async () => {
    w.sandbox.remove('HealthcareService', remoteId);
    const before = await w.sync();
    // A delta concludes nothing from what it does not see; the weekly full reading does.
    expect([moving(before), before.alerts]).toEqual([[], []]);
    await refreshMirror(w.context, 'full', 'refuse');
    const output = await w.sync();
    expect(moving(output)).toEqual([]);
    expect(output.alerts.map((alert) => alert.code)).toEqual(['OFFER_GONE']);
    expect(await w.apply()).toEqual([]);
    expect(offers()).toEqual([]);
  });

  it('is a conflict with the three values when we want something else too, and is not pushed', async () => {
    w.sandbox.edit('HealthcareService', remoteId, (found) => {
      (found as Record<string, unknown>)['name'] = 'Nom choisi par l’hôpital d’essai';
    });
    w.list(listOf({ ...alpha, label: 'CRMR constitutif' }));
    const change = changeOf(await w.sync(), ALPHA);
    expect([change.kind, change.state, change.centre?.id]).toEqual(['modify', 'conflict', id]);
    const name = change.elements.find((element) => element.key === 'name');
    expect([name?.conflict, name?.base, name?.before, name?.after]).toEqual([
      true,
      NAME,
      'Nom choisi par l’hôpital d’essai',
      'Centre de référence – Centre d’essai Alpha',
    ]);
    await expect(w.approve(w.dominique, change.id)).rejects.toMatchObject({ code: 'NOT_APPROVABLE' });
    expect(await w.apply()).toEqual([]);
    expect(offers()[0]?.name).toBe('Nom choisi par l’hôpital d’essai');
  });

  it('is no conflict when both say the same', async () => {
    w.sandbox.edit('HealthcareService', remoteId, (found) => {
      (found as Record<string, unknown>)['name'] = 'Centre de référence – Centre d’essai Alpha';
    });
    w.list(listOf({ ...alpha, label: 'CRMR constitutif' }));
    const change = changeOf(await w.sync(), ALPHA);
    expect(change.state).toBe('proposed');
    expect(change.elements.map((element) => element.key)).not.toContain('name');
  });
});
