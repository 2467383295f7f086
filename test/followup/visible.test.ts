import { afterEach, describe, expect, it } from 'vitest';
import { RorClient } from '../../src/ror/client.js';
import { CodeBook } from '../../src/ror/codes.js';
import { findVisible, type Consumer, type Finding } from '../../src/followup/visible.js';
import { expectedCentres, type ExpectedCentre } from '../../src/runs/expected.js';
import type { AccessProfile } from '../../src/sandbox/access.js';
import type { Body } from '../../src/sandbox/body.js';
import { EXT } from '../../src/sandbox/model.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import {
  centreIdOf,
  centresList,
  changeOf,
  openWorld,
  type CentreRow,
  type World,
} from '../scenarios/world.js';

/** "Visible dans le ROR ?" (issue 2, part 7): the consumer's own query, per access profile, with the reason why not. */
const ATTACHED = 'Centre d’essai Alpha';
const CREATED = 'Centre d’essai Bêta';
const OLD = 'Centre d’essai de 2017';
const WAITING = 'Centre d’essai en attente';
const dieppe = { hospital: 'CH de Dieppe', town: 'Dieppe', departement: '76', public: 'adulte' };
const argentan = { hospital: 'CH Argentan', town: 'Argentan', departement: '61', public: 'adulte' };
const ROWS: readonly CentreRow[] = [
  { title: ATTACHED, ...dieppe },
  { title: CREATED, ...argentan },
  { title: OLD, ...argentan, campaign: '2017' },
  { title: WAITING, hospital: 'CH de Coutances', town: 'Coutances', departement: '50', public: 'adulte' },
];

let w: World;
let others: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(others.map((each) => each.close()));
  others = [];
  await w.close();
});

/** The first two written, the third to reconfirm, the last one proposed. */
async function written(): Promise<void> {
  w = await openWorld({
    list: centresList(ROWS),
    offers: (site) => [
      trialOffer({
        id: 'derm',
        identifier: '28/ESSAI-0001',
        label: 'Dieppe',
        site: site('760000018'),
        comment: 'Le mardi.',
      }),
    ],
  });
  const first = await w.sync();
  const attached = centreIdOf(changeOf(first, ATTACHED));
  const created = centreIdOf(changeOf(first, CREATED));
  await w.answer(w.camille, { kind: 'attach', subject: attached, body: { offer: '28/ESSAI-0001' } });
  for (const change of await w.open()) {
    if (change.centres.some((id) => id === attached || id === created))
      await w.approve(w.dominique, change.id);
  }
  expect((await w.apply()).map((receipt) => receipt.result)).toEqual(['applied', 'applied']);
}

/** Another reader of what the repository holds now, as a national directory fed by it would answer. */
async function reader(accessProfile: AccessProfile): Promise<Consumer & { client: RorClient }> {
  const seed = (['Organization', 'Location', 'HealthcareService'] as const).flatMap((type) =>
    w.sandbox.list(type),
  );
  const sandbox = await startSandbox({ region: '28', accessProfile, seed });
  others.push(sandbox);
  const repository = {
    ...w.context.region.repository,
    baseUrl: sandbox.fhirBase,
    tokenUrl: sandbox.tokenUrl,
  };
  const client = new RorClient({ repository }, { env: { FILROR_ROR_SECRET: 'bac-a-sable' } });
  return { name: `lecteur ${accessProfile}`, accessProfile, client };
}

type Row = ExpectedCentre & { readonly found: readonly Finding[] };

async function rows(...consumers: readonly Consumer[]): Promise<readonly Row[]> {
  const sought = await expectedCentres(w.context);
  const own = { name: 'filror', accessProfile: 1, client: w.context.repository as RorClient };
  const found = await findVisible(sought, [own, ...consumers], new CodeBook(w.context.config.codes));
  return sought.map((each) => ({ ...each, found: found.get(each.centre) ?? [] }));
}

const of = (all: readonly Row[], title: string): Row => all.find((each) => each.title === title) as Row;
const columns = (row: Row): (boolean | undefined)[] => [
  row.labelled,
  row.approved,
  row.transmitted,
  ...row.found.map((each) => each.found),
];
const service = (title: string): string =>
  String(w.sandbox.list('HealthcareService').find((offer) => JSON.stringify(offer).includes(title))?.['id']);

describe('visible dans le ROR ?', () => {
  it('tells how far each centre has come, and the first step that is missing', async () => {
    await written();
    const all = await rows();
    expect(ROWS.map(({ title }) => columns(of(all, title)))).toEqual([
      [true, true, true, true],
      [true, true, true, true],
      [false, false, false, false],
      [true, false, false, false],
    ]);
    expect(of(all, OLD).found[0]?.why).toContain('label à reconfirmer');
    expect(of(all, WAITING).found[0]?.why).toContain('aucun changement approuvé');
    const change = (await w.open()).find((each) => each.centres.includes(of(all, WAITING).centre));
    await w.approve(w.dominique, change?.id ?? '');
    const approved = of(await rows(), WAITING);
    expect(columns(approved)).toEqual([true, true, false, false]);
    expect(approved.found[0]?.why).toContain('pas encore transmis');
  });

  it('asks by level and family as a consumer does, by activity 593 where the offer is ours, each query once', async () => {
    await written();
    const before = w.sandbox.requests.length;
    await rows();
    const asked = w.sandbox.requests
      .slice(before)
      .map(({ method, path }) => [method, decodeURIComponent(path)]);
    const codes = asked.map(([method, path]) => [
      method,
      ...Array.from(
        (path ?? '').matchAll(/(characteristic|specialty)=[^|]*\|(\d+)/g),
        ([, name, code]) => `${name} ${code}`,
      ),
    ]);
    expect(codes.sort()).toEqual([
      ['GET', 'characteristic 11', 'characteristic 49'],
      ['GET', 'characteristic 11', 'characteristic 49', 'specialty 593'],
    ]);
  });

  it('tells what the offer lacks when somebody took it away', async () => {
    await written();
    w.sandbox.edit('HealthcareService', 'derm', (body) => {
      body['characteristic'] = (body['characteristic'] as Body[]).filter(
        (item) => !/"code":"(11|49)"/.test(JSON.stringify(item)),
      );
    });
    const row = of(await rows(), ATTACHED);
    expect(columns(row)).toEqual([true, true, true, false]);
    expect(row.found[0]?.why).toBe('l’offre 28/ESSAI-0001 ne porte pas le niveau 11, ni la famille 49');
  });

  it('tells an offer that the search does not give although it can be read', async () => {
    await written();
    const id = service(CREATED);
    w.sandbox.edit('HealthcareService', id, (body) => void delete body['specialty']);
    expect(of(await rows(), CREATED).found[0]?.why).toContain('se lit mais la recherche ne la rend pas');
    w.sandbox.remove('HealthcareService', id);
    expect(of(await rows(), CREATED).found[0]?.why).toContain('n’est montrée à aucun profil');
  });

  it('replays the query under each access profile: an offer that one of them hides is told so', async () => {
    await written();
    w.sandbox.edit('HealthcareService', 'derm', (body) => {
      for (const each of body['extension'] as Body[])
        if (each['url'] === `${EXT}ror-healthcareservice-sensitive-unit`) each['valueBoolean'] = true;
    });
    const [publicReader, noContacts] = [await reader(0), await reader(4)];
    try {
      const all = await rows(publicReader, noContacts);
      expect(columns(of(all, ATTACHED))).toEqual([true, true, true, true, false, true]);
      expect(columns(of(all, CREATED))).toEqual([true, true, true, true, true, true]);
      expect(of(all, ATTACHED).found[1]?.why).toBe(
        'l’offre 28/ESSAI-0001 est masquée à ce profil d’accès (filror, lecteur 4 la voit) : unité sensible ?',
      );
    } finally {
      publicReader.client.close();
      noContacts.client.close();
    }
  });

  it('is no longer sought once its label was declared lost', async () => {
    await written();
    const { centre } = of(await rows(), ATTACHED);
    await w.answer(w.camille, {
      kind: 'withdraw',
      subject: centre,
      body: { proof: 'acte d’essai', date: '2026-02-01' },
    });
    const row = of(await rows(), ATTACHED);
    expect(row.labelled).toBe(false);
  });
});

describe('filror visible', () => {
  it('prints four columns and why, exits 2 as long as a labelled centre is missing, 0 when none is', async () => {
    await written();
    const writes = w.sandbox.writes().length;
    const told = await w.filror('visible', '--region', '28');
    expect([told.code, told.stderr]).toEqual([2, '']);
    expect(told.stdout).toMatch(
      /^Visible dans le ROR \? 3 labellisés, 2 approuvés, 2 transmis, 2 trouvés par Normandie \(essai\) \(profil 1\)\.\n/,
    );
    expect(told.stdout).toContain('labellisé oui | approuvé oui | transmis oui | trouvé profil 1 oui');
    expect(told.stdout).toContain('! Normandie (essai) (profil 1) : aucun changement approuvé');
    const { centre } = of(await rows(), CREATED);
    const one = await w.filror('visible', '--region', '28', '--centre', centre, '--output', 'json');
    expect(one.code).toBe(0);
    expect(
      (JSON.parse(one.stdout) as Row[]).map((row) => [row.centre, row.found.map((each) => each.found)]),
    ).toEqual([[centre, [true]]]);
    const unknown = await w.filror('visible', '--region', '28', '--centre', 'cmr_abcdefghijklmnop');
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('Que faire')]);
    expect(w.sandbox.writes().length).toBe(writes);
  });
});
