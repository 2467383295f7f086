import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { head } from '../../src/journal/head.js';
import { verify } from '../../src/journal/verify.js';
import type { SyncOutput } from '../../src/runs/report.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { blocking, centreIdOf, centresList, changeOf, complete, openWorld, type World } from './world.js';

/** Row of the 2023 campaign: amalyste.fr, 2024/01. The offer of dermatology is synthetic. */
const TITLE = 'Dermatoses bulleuses toxiques et toxidermies graves';
const LIST = centresList([
  {
    title: TITLE,
    network: 'TOXIBUL',
    hospital: 'CHU Rouen',
    town: 'Rouen',
    departement: '76',
    region: 'Normandie',
    ej: '760780239',
  },
]);
const CHARLES_NICOLLE = '760000158';
const OFFER = '28/ESSAI-0001';

const NOS = 'https://mos.esante.gouv.fr/NOS';
const DERMATOLOGY_CATEGORY = `"${NOS}/TRE_R244-CategorieOrganisation/FHIR/TRE-R244-CategorieOrganisation","code":"154"`;

function world(): Promise<World> {
  return openWorld({
    list: LIST,
    offers: (site) => [
      trialOffer({ id: 'derm', identifier: OFFER, label: 'Rouen', site: site(CHARLES_NICOLLE) }),
    ],
  });
}

/** The table of DESIGN 7, column "value", for a site of category 101 whose public nobody gave. */
const CREATED = [
  'category',
  'characteristic[careMode]',
  'characteristic[expertiseLevel]#11',
  'characteristic[takingCareSpeciality]#49',
  'comment[ID]',
  'extension[sensitive-unit]',
  'location#Location/lieu-760000158',
  'name',
  'providedBy',
  'specialty[operationalActivity]',
  'type',
];

describe('S1, TOXIBUL: attached by A, refused to A, approved by B, written, read again', () => {
  let w: World;
  let first: SyncOutput;
  let centre: string;

  beforeAll(async () => {
    w = await world();
    first = await w.sync();
    centre = centreIdOf(changeOf(first, TITLE));
  });
  afterAll(() => w.close());

  it('proposes one change that asks for the site, "rattacher ou créer ?" and, if created, the public', () => {
    expect(first.changes.length).toBe(1);
    expect(first.exitCode).toBe(2);
    const change = changeOf(first, TITLE);
    expect(change.state).toBe('toComplete');
    expect(blocking(change)).toEqual(['attachOrCreate:offer', 'missing:site']);
    const question = change.reasons.find((reason) => reason.code === 'attachOrCreate');
    expect(question?.message).toContain('Rattacher ou créer ?');
    expect(question?.candidates?.map((candidate) => candidate.value)).toEqual([OFFER]);
    const site = change.reasons.find((reason) => reason.field === 'site');
    expect(site?.candidates?.map((candidate) => candidate.value)).toEqual(
      expect.arrayContaining([CHARLES_NICOLLE, '760783522', '760783530', '760000141']),
    );
    const taken = change.reasons.find((reason) => reason.field === 'public');
    expect(taken?.message).toMatch(/^Si l’offre est créée/);
  });

  it('names source, file and line of every value, and marks what is only assumed', () => {
    const { elements } = changeOf(first, TITLE);
    for (const element of elements) {
      expect([element.source, element.locator]).toEqual([
        'labelled-centres',
        { file: 'centres.csv', line: 2 },
      ]);
    }
    const assumed = elements.filter((element) => element.assumed).map((element) => element.key);
    expect(assumed).toEqual(['characteristic[careMode]', 'extension[sensitive-unit]']);
  });

  it('attached, carries the level 11, the family 49 and our block, and nothing else', async () => {
    const { changes } = await w.answer(w.camille, complete(centre, 'site', CHARLES_NICOLLE), {
      kind: 'attach',
      subject: centre,
      body: { offer: OFFER },
    });
    expect(changes.length).toBe(1);
    const [change] = changes;
    expect([change?.kind, change?.state, change?.target]).toEqual(['attach', 'proposed', `offer:${OFFER}`]);
    const ror = (change?.elements ?? []).filter((element) => element.channel === 'ror');
    expect(ror.map((element) => [element.key, element.operation])).toEqual([
      ['characteristic[expertiseLevel]#11', 'add'],
      ['characteristic[takingCareSpeciality]#49', 'add'],
      [`comment[${centre}]`, 'add'],
    ]);
    expect(ror[2]?.after).toBe(
      `[Maladies rares | filière=FIMARAD | réseau=TOXIBUL | label=CCMR | campagne=2023 | id=${centre}]`,
    );
  });

  it('refuses its author as approver, in the application and in the database', async () => {
    const [change] = await w.open();
    if (change === undefined) throw new Error('a change was expected');
    await expect(w.approve(w.camille, change.id)).rejects.toMatchObject({
      code: 'FOUR_EYES',
      remedy: expect.stringContaining('une autre personne') as string,
    });
    const raw = w.database.app('decision').insert({
      region: '28',
      change_id: change.id,
      hash: change.hash,
      verdict: 'approve',
      person: w.camille.id,
      at: new Date(),
    });
    await expect(raw).rejects.toThrow(/FILROR_FOUR_EYES/);
    expect(await w.database.app('decision').select('*')).toEqual([]);
    expect(await w.apply()).toEqual([]);
    expect(w.sandbox.writes()).toEqual([]);
  });

  it('is written once B approved, read again, and leaves what is not ours as it was', async () => {
    const before = w.sandbox.text('HealthcareService', 'derm') ?? '';
    const [change] = await w.open();
    expect(await w.approve(w.dominique, change?.id ?? '')).toEqual({
      approvals: 1,
      quorum: 1,
      approved: true,
    });
    const receipts = await w.apply();
    expect(receipts.map(({ result, way, offer }) => [result, way, offer])).toEqual([
      ['applied', 'patch', OFFER],
    ]);
    expect(w.sandbox.writes().map(({ method, path }) => [method, path])).toEqual([
      ['PATCH', '/fhir/HealthcareService/derm'],
    ]);
    const after = w.sandbox.text('HealthcareService', 'derm') ?? '';
    expect(codes(after, 'TRE_R344')).toEqual(['11']);
    expect(codes(after, 'TRE_R245')).toEqual(['49']);
    expect(codes(after, 'TRE_R211')).toEqual(['037']);
    expect(after).toContain(DERMATOLOGY_CATEGORY);
    expect(after).not.toMatch(/"code":"(245|593)"/);
    const untouched = (text: string): unknown => {
      const body = JSON.parse(text) as Record<string, unknown>;
      return [body['name'], body['category'], body['specialty'], body['type'], body['extension']];
    };
    expect(untouched(after)).toEqual(untouched(before));
    expect((JSON.parse(after) as { comment: string }).comment).toBe(
      `[Maladies rares | filière=FIMARAD | réseau=TOXIBUL | label=CCMR | campagne=2023 | id=${centre}]`,
    );
  });

  it('finds nothing more to do: no request from apply, no write from a second run, "Aucun changement"', async () => {
    const requests = w.sandbox.requests.length;
    expect(await w.apply()).toEqual([]);
    expect(w.sandbox.requests.length).toBe(requests);
    const writes = w.sandbox.writes().length;
    const second = await w.sync();
    expect(second.changes).toEqual([]);
    expect(second.exitCode).toBe(0);
    expect(second.plan.summary).toMatch(
      /^Aucun changement\. Le référentiel est à jour \(vérifié à \d\d:\d\d\)\.$/,
    );
    expect(w.sandbox.writes().length).toBe(writes);
  });

  it('leaves a journal that verifies, with the diff of what was written', async () => {
    const checked = await verify(w.database.app, await head(w.database.app));
    expect(checked.fault).toBeNull();
    const kinds = (await w.database.app('journal').orderBy('no').pluck('kind')) as string[];
    expect(kinds.filter((kind) => ['approve', 'apply'].includes(kind))).toEqual(['approve', 'apply']);
    const entry = (await w.database.app('journal').where({ kind: 'apply' }).first()) as { text: string };
    for (const key of ['characteristic[expertiseLevel]#11', 'characteristic[takingCareSpeciality]#49']) {
      expect(JSON.stringify(entry)).toContain(key);
    }
  });
});

describe('S1, TOXIBUL created', () => {
  let w: World;
  beforeAll(async () => {
    w = await world();
  });
  afterAll(() => w.close());

  it('carries 245 and 593 too, and is held back in "à compléter" by the public that nobody gave', async () => {
    const centre = centreIdOf(changeOf(await w.sync(), TITLE));
    const { changes } = await w.answer(w.camille, complete(centre, 'site', CHARLES_NICOLLE), {
      kind: 'create',
      subject: centre,
      body: {},
    });
    const [change] = changes;
    if (change === undefined) throw new Error('a change was expected');
    expect([changes.length, change.kind, change.state]).toEqual([1, 'create', 'toComplete']);
    const sent = change.elements.filter((element) => element.channel === 'ror');
    expect(sent.map((element) => element.key.replace(centre, 'ID'))).toEqual(CREATED);
    const said = JSON.stringify(change.elements);
    expect(said).toContain('"code":"245"');
    expect(said).toContain('"code":"593"');
    expect(blocking(change)).toEqual(['missing:public']);
    await expect(w.approve(w.dominique, change.id)).rejects.toMatchObject({ code: 'NOT_APPROVABLE' });
  });
});

/** Codes of one NOS system among the characteristics and specialties of a body. */
function codes(text: string, system: string): string[] {
  type Concept = { coding: { system: string; code: string }[] };
  const body = JSON.parse(text) as { characteristic?: Concept[]; specialty?: Concept[] };
  return [...(body.characteristic ?? []), ...(body.specialty ?? [])]
    .flatMap((concept) => concept.coding)
    .filter((coding) => coding.system.includes(`/${system}-`))
    .map((coding) => coding.code);
}
