import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import type { CentreContact } from '../../src/domain/offer.js';
import type { GivenAnswer } from '../../src/runs/act.js';
import type { SyncOutput } from '../../src/runs/report.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import type { Body } from '../../src/sandbox/body.js';
import {
  centreIdOf,
  centresList,
  changeOf,
  complete,
  openWorld,
  type CentreRow,
  type World,
} from './world.js';

/**
 * Two centres of one unit on one offer (DESIGN 5, `contribution`): what we want of the offer is the union of what its
 * centres want; an element leaves with its last contributor; what stood there before us comes back only where the
 * repository still says what we wrote.
 */
const ALPHA = 'Centre d’essai Alpha';
const BETA = 'Centre d’essai Bêta';
const dieppe = { hospital: 'CH de Dieppe', town: 'Dieppe', departement: '76', public: 'adulte' };
const alpha: CentreRow = { title: ALPHA, network: 'ESSAIA', ...dieppe };
const beta: CentreRow = { title: BETA, network: 'ESSAIB', filiere: 'FILFOIE', ...dieppe };
/** What the hospital wrote, with a line end of its own and a bracket that is not ours. */
const TEXT = 'Accueil [bâtiment B] du lundi au vendredi.\r\nSur rendez-vous  seulement.';
const OFFER = '28/ESSAI-0001';

/** Numbers of the range kept for fiction (ARCEP decision 2018-0881). */
const phone = (value: string): CentreContact => ({ nature: '07', channel: '2', confidentiality: '1', value });
const SHARED = '0261910001';
const OF_BETA = '0261910002';
/** Legal entity of CH de Falaise: a number that Dieppe cannot bear. */
const FALAISE = '140000118';

interface Offer {
  readonly name: string;
  readonly comment?: string;
  readonly category?: readonly { readonly coding: readonly { readonly code: string }[] }[];
  readonly characteristic: readonly { readonly coding: readonly { readonly code: string }[] }[];
  readonly extension: readonly { readonly url: string }[];
}

let w: World;
let before: string;
let a: string;
let b: string;
afterEach(() => w.close());

const text = (): string => w.sandbox.text('HealthcareService', 'derm') ?? '';
const offer = (): Offer => JSON.parse(text()) as Offer;
const codes = (): string[] =>
  offer()
    .characteristic.flatMap((item) => item.coding.map(({ code }) => code))
    .sort();
const phones = (): string[] => [SHARED, OF_BETA].filter((number) => text().includes(number));
const block = (centre: string): string | undefined =>
  (offer().comment ?? '').match(/\[Maladies rares \|[^[\]]*\]/g)?.find((each) => each.includes(centre));
const without = (body: string): unknown => ({ ...(JSON.parse(body) as object), meta: null });

async function world(
  characteristics: Parameters<typeof trialOffer>[0]['characteristics'] = [],
): Promise<void> {
  w = await openWorld({
    list: centresList([alpha, beta, ...waiting()]),
    offers: (site) => [
      trialOffer({
        id: 'derm',
        identifier: OFFER,
        label: 'Dieppe',
        site: site('760000018'),
        category: null,
        characteristics,
        comment: TEXT,
      }),
    ],
  });
  before = text();
}

/** Rows that wait for their public: the list keeps the size of a list when one of ours moves. */
function waiting(): CentreRow[] {
  return Array.from({ length: 20 }, (_, i) => ({
    title: `Centre d’essai ${i + 1} en attente`,
    filiere: 'FILFOIE',
    hospital: 'CH de Coutances',
    town: 'Coutances',
    departement: '50',
  }));
}

/** Both attached by a person to the unit's offer, approved, written, read again. */
async function bothAttached(): Promise<void> {
  const first = await w.sync();
  [a, b] = [centreIdOf(changeOf(first, ALPHA)), centreIdOf(changeOf(first, BETA))];
  await w.answer(
    w.camille,
    ...[a, b].map((subject): GivenAnswer => ({ kind: 'attach', subject, body: { offer: OFFER } })),
  );
  await w.answer(
    w.camille,
    complete(a, 'families', ['29', '49']),
    complete(b, 'families', ['29', '39']),
    complete(a, 'contacts', [phone(SHARED)]),
    complete(b, 'contacts', [phone(SHARED), phone(OF_BETA)]),
  );
  const [change, ...more] = (await w.open()).filter((each) => each.target === `offer:${OFFER}`);
  expect([change?.kind, change?.state, more.length]).toEqual(['attach', 'proposed', 0]);
  await w.approve(w.dominique, change?.id ?? '');
  await written();
}

async function written(): Promise<void> {
  expect((await w.apply()).map((receipt) => [receipt.result, receipt.message])).toEqual([
    ['applied', expect.any(String) as string],
  ]);
  expect(ofOffer(await w.sync())).toEqual([]);
}

const ofOffer = (output: SyncOutput): string[] =>
  output.changes.filter((change) => change.offer === OFFER).map((change) => `${change.kind} ${change.state}`);

/** Declared by one person, approved by two others, written. */
async function withdraw(centre: string): Promise<StoredChange> {
  await w.answer(w.camille, {
    kind: 'withdraw',
    subject: centre,
    body: { proof: 'acte d’essai', date: '2026-02-01' },
  });
  const [change, ...more] = (await w.open()).filter((each) => each.centres.some((id) => id === centre));
  expect([change?.kind, change?.quorum, more.length]).toEqual(['withdraw', 2, 0]);
  await w.approve(w.dominique, change?.id ?? '');
  await w.approve(w.eloi, change?.id ?? '');
  await written();
  return change as StoredChange;
}

const edited = (change: StoredChange): string[] =>
  change.elements.filter((each) => each.channel === 'ror').map((each) => `${each.operation} ${each.key}`);

describe('two centres on one offer, one of which is withdrawn', () => {
  beforeEach(async () => {
    await world();
    await bothAttached();
  });

  it('stand on it together: what both gave is written once', () => {
    expect(codes()).toEqual(['11', '29', '32', '39', '49']);
    expect(phones()).toEqual([SHARED, OF_BETA]);
    expect(text().split(SHARED).length - 1).toBe(1);
    expect(offer().category?.map(({ coding }) => coding[0]?.code)).toEqual(['245']);
    expect(offer().comment?.startsWith(TEXT)).toBe(true);
  });

  it('takes its own family and its block, and nothing of the other: its block stays byte for byte', async () => {
    const kept = block(b);
    const change = await withdraw(a);
    expect(edited(change)).toEqual([
      'delete characteristic[takingCareSpeciality]#49',
      `delete comment[${a}]`,
    ]);
    expect(codes()).toEqual(['11', '29', '32', '39']);
    expect(phones()).toEqual([SHARED, OF_BETA]);
    expect(offer().category?.length).toBe(1);
    expect(kept).toContain('réseau=ESSAIB');
    expect(offer().comment).toBe(`${TEXT}\n${kept ?? ''}`);
  });

  it('takes what both gave only with the last of them, and then the offer is as it was before us', async () => {
    await withdraw(b);
    expect(codes()).toEqual(['11', '29', '32', '49']);
    expect(phones()).toEqual([SHARED]);
    const last = await withdraw(a);
    expect(edited(last)).toEqual([
      'delete category',
      'delete characteristic[expertiseLevel]#11',
      'delete characteristic[takingCareSpeciality]#29',
      'delete characteristic[takingCareSpeciality]#49',
      `delete comment[${a}]`,
      `delete extension[contact]#07+2/${SHARED}`,
    ]);
    expect(without(text())).toEqual(without(before));
  });

  it('keeps what the hospital made of an element that we wrote, and says so', async () => {
    w.sandbox.edit('HealthcareService', 'derm', (body) => {
      editContact(body, OF_BETA, (contact) => contact.replaceAll('"code":"1"', '"code":"2"'));
    });
    await w.sync();
    const change = await withdraw(b);
    expect(edited(change)).toEqual([
      'delete characteristic[takingCareSpeciality]#39',
      `delete comment[${b}]`,
    ]);
    expect(change.reasons.filter((reason) => reason.code === 'drift').map((reason) => reason.field)).toEqual([
      `extension[contact]#07+2/${OF_BETA}`,
    ]);
    expect(phones()).toEqual([SHARED, OF_BETA]);
  });

  it('leaves alone what the hospital took away itself', async () => {
    w.sandbox.edit('HealthcareService', 'derm', (body) => {
      body['characteristic'] = (body['characteristic'] as Body[]).filter(
        (item) => !JSON.stringify(item).includes('"code":"39"'),
      );
    });
    await w.sync();
    expect(edited(await withdraw(b))).toEqual([
      `delete comment[${b}]`,
      `delete extension[contact]#07+2/${OF_BETA}`,
    ]);
    expect(codes()).toEqual(['11', '29', '32', '49']);
  });
});

describe('two centres on one offer, of which the list suddenly says nothing usable', () => {
  beforeEach(async () => {
    await world();
    await bothAttached();
  });

  it('keeps everything of the one whose number is now another hospital’s, while the other goes on', async () => {
    const then = text();
    w.list(centresList([{ ...alpha, ej: FALAISE }, beta, ...waiting()]));
    const output = await w.sync();
    expect(output.sources.flatMap((source) => source.setAside.map((fault) => fault.code))).toContain('X12');
    expect(ofOffer(output)).toEqual([]);
    expect(await w.apply()).toEqual([]);
    expect(text()).toBe(then);
  });

  it('keeps it too when the other one is withdrawn meanwhile: only what names that one leaves', async () => {
    const kept = block(a);
    w.list(centresList([{ ...alpha, ej: FALAISE }, beta, ...waiting()]));
    await w.sync();
    expect(edited(await withdraw(b))).toEqual([`delete comment[${b}]`]);
    expect(offer().comment).toBe(`${TEXT}\n${kept ?? ''}`);
  });
});

describe('an element that stood there before us', () => {
  it('was never ours: it stays when the last centre leaves', async () => {
    await world([
      { system: 'TRE_R344-NiveauExpertise', code: '11', display: 'Centre de compétences labellisé' },
    ]);
    await bothAttached();
    await withdraw(a);
    expect(edited(await withdraw(b))).not.toContain('delete characteristic[expertiseLevel]#11');
    expect(codes()).toEqual(['11', '32']);
    expect(without(text())).toEqual(without(before));
  });
});

function editContact(body: Body, number: string, change: (contact: string) => string): void {
  body['extension'] = (body['extension'] as Body[]).map((each) => {
    const said = JSON.stringify(each);
    return said.includes(number) ? (JSON.parse(change(said)) as Body) : each;
  });
}
