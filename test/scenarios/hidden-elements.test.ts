import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CentreContact } from '../../src/domain/offer.js';
import type { RorClient } from '../../src/ror/client.js';
import type { AccessProfile } from '../../src/sandbox/access.js';
import type { Body } from '../../src/sandbox/body.js';
import { EXT } from '../../src/sandbox/model.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { SYSTEM } from '../support/trial-region.js';
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
 * What the repository does not show us survives every way of writing (issue 2, "done when"; api.md, section 3). The
 * sandbox's stored body is looked at, which no access profile strips.
 */
const OFFER = '28/ESSAI-0001';
const OURS = 'Centre d’essai Alpha';
const CREATED = 'Centre d’essai Bêta';
const ROWS: readonly CentreRow[] = [
  { title: OURS, hospital: 'CH de Dieppe', town: 'Dieppe', departement: '76', public: 'adulte' },
  { title: CREATED, hospital: 'CH Argentan', town: 'Argentan', departement: '61', public: 'adulte' },
];
/** Numbers of the range kept for fiction (ARCEP decision 2018-0881). */
const REGULATION = '0261910003';
const PROFESSIONALS = '0261910002';
const OUR_PHONE = '0261910001';
const OUR_NEXT_PHONE = '0261910004';
const phone = (value: string): CentreContact => ({ nature: '07', channel: '2', confidentiality: '1', value });

const coded = (system: string, code: string): Body => ({ coding: [{ system: SYSTEM(system), code }] });
const contact = (number: string, level: string): Body => ({
  url: `${EXT}ror-healthcareservice-contact`,
  extension: [
    { url: 'purposeContact', valueCodeableConcept: coded('TRE_R287-NatureContact', '04') },
    {
      url: `${EXT}ror-confidentiality-level`,
      valueCodeableConcept: coded('TRE_R283-NiveauConfidentialite', level),
    },
    {
      url: `${EXT}ror-healthcareservice-contact-telecom`,
      extension: [
        {
          url: `${EXT}ror-telecom-communication-channel`,
          valueCodeableConcept: coded('TRE_R200-CanalCommunication', '2'),
        },
        {
          url: `${EXT}ror-telecom-confidentiality-level`,
          valueCodeableConcept: coded('TRE_R283-NiveauConfidentialite', level),
        },
        { url: 'telecomAddress', valueString: number },
      ],
    },
  ],
});
const ACT: Body = {
  extension: [{ url: `${EXT}ror-act-type`, valueCode: 'specificAct' }],
  ...coded('TRE_R210-ActeSpecifique', '0284'),
};

let w: World;
afterEach(() => w.close());

const stored = (id = 'derm'): string => w.sandbox.text('HealthcareService', id) ?? '';
const withoutMeta = (text: string): unknown => ({ ...(JSON.parse(text) as object), meta: null });

interface Way {
  readonly name: string;
  readonly repository: Readonly<Record<string, unknown>>;
}
const PATCH_FHIR: Way = { name: 'PATCH, FHIR form', repository: { patchDialect: 'fhir' } };
const PATCH_ANS: Way = { name: 'PATCH, ANS form', repository: { patchDialect: 'ans' } };
const PUT: Way = { name: 'PUT', repository: { ways: ['put', 'post'] } };
const PROFILES: readonly AccessProfile[] = [0, 1, 2, 3, 4, 5];

async function world(accessProfile: AccessProfile, { repository }: Way): Promise<void> {
  w = await openWorld({
    list: centresList(ROWS),
    accessProfile,
    repository,
    offers: (site) => [
      trialOffer({
        id: 'derm',
        identifier: OFFER,
        label: 'Dieppe',
        site: site('760000018'),
        category: null,
        comment: 'Sur rendez-vous.',
      }),
    ],
  });
  w.sandbox.edit('HealthcareService', 'derm', hide);
}

/** Between other items, so that an index would take one for another. */
function hide(body: Body): void {
  const [first, ...rest] = body['extension'] as Body[];
  body['extension'] = [first as Body, contact(REGULATION, '3'), contact(PROFESSIONALS, '2'), ...rest];
  body['characteristic'] = [ACT, ...(body['characteristic'] as Body[])];
}

/** The centre attached by a person, one change approved and sent; the other centre created beside. */
async function attached(): Promise<string> {
  const centre = centreIdOf(changeOf(await w.sync(), OURS));
  await w.answer(w.camille, { kind: 'attach', subject: centre, body: { offer: OFFER } });
  await applied(2);
  return centre;
}

async function withdraw(centre: string): Promise<void> {
  const body = { proof: 'acte d’essai', date: '2026-02-01' };
  await w.answer(w.camille, { kind: 'withdraw', subject: centre, body });
  await applied(1);
}

/** Approves everything that is open, sends it, and wants every one of so many changes to be applied. */
async function applied(changes: number): Promise<void> {
  for (const change of await w.open()) {
    await w.approve(w.dominique, change.id);
    if (change.quorum > 1) await w.approve(w.eloi, change.id);
  }
  expect((await w.apply()).map((receipt) => receipt.result)).toEqual(Array(changes).fill('applied'));
}

const WAYS = [
  ...PROFILES.flatMap((profile) => [PATCH_FHIR, PATCH_ANS].map((way) => [profile, way.name, way] as const)),
  [1, PUT.name, PUT] as const,
];

describe('what our access profile hides', () => {
  it.each(WAYS)(
    'survives under profile %i by %s: adding, creating beside, taking back',
    async (profile, _name, way) => {
      await world(profile, way);
      const before = stored();
      const centre = await attached();
      expect(stored()).toContain(`id=${centre}]`);
      for (const kept of [contact(REGULATION, '3'), contact(PROFESSIONALS, '2'), ACT]) {
        expect(stored()).toContain(JSON.stringify(kept));
      }
      expect((await w.sync()).changes).toEqual([]);
      await w.answer(w.camille, {
        kind: 'withdraw',
        subject: centre,
        body: { proof: 'acte d’essai', date: '2026-02-01' },
      });
      await applied(1);
      expect(withoutMeta(stored())).toEqual(withoutMeta(before));
      expect(w.sandbox.list('HealthcareService').length).toBe(2);
    },
  );

  it.each<[AccessProfile, readonly string[]]>([
    [0, []],
    [1, [REGULATION, PROFESSIONALS]],
    [2, [PROFESSIONALS]],
    [3, []],
    [4, []],
    [5, [PROFESSIONALS]],
  ])('is hidden indeed: profile %i reads %j', async (profile, seen) => {
    await world(profile, PATCH_FHIR);
    await w.sync();
    const row = await w.database
      .app('remote_version')
      .where({ identifier: OFFER })
      .orderBy('no', 'desc')
      .first<{ body: string }>('body');
    expect([REGULATION, PROFESSIONALS].filter((number) => row.body.includes(number))).toEqual(seen);
  });

  it.each(PROFILES.filter((profile) => profile !== 1 && profile !== 4).map((profile) => [profile]))(
    'survives under profile %i a phone of ours that is added, changed and taken back',
    async (profile) => {
      await world(profile, PATCH_FHIR);
      w.sandbox.edit('HealthcareService', 'derm', (body) => onlyAct(body, contact(REGULATION, '3')));
      const before = stored();
      const centre = centreIdOf(changeOf(await w.sync(), OURS));
      await w.answer(
        w.camille,
        { kind: 'attach', subject: centre, body: { offer: OFFER } },
        complete(centre, 'contacts', [phone(OUR_PHONE)]),
      );
      await applied(2);
      expect(stored()).toContain(OUR_PHONE);
      await w.answer(w.camille, complete(centre, 'contacts', [phone(OUR_NEXT_PHONE)]));
      await applied(1);
      expect([stored().includes(OUR_PHONE), stored().includes(OUR_NEXT_PHONE)]).toEqual([false, true]);
      expect(stored()).toContain(JSON.stringify(contact(REGULATION, '3')));
      await w.answer(w.camille, complete(centre, 'contacts', []));
      await applied(1);
      expect(withoutMeta(stored())).not.toEqual(withoutMeta(before));
      await withdraw(centre);
      expect(withoutMeta(stored())).toEqual(withoutMeta(before));
    },
  );

  it.each(PROFILES.map((profile) => [profile]))(
    'survives under profile %i on an offer of ours whose public and name change',
    async (profile) => {
      await world(profile, PATCH_FHIR);
      await attached();
      const id = String(w.sandbox.list('HealthcareService').find((offer) => offer['id'] !== 'derm')?.['id']);
      w.sandbox.edit('HealthcareService', id, hide);
      await w.sync();
      w.list(centresList([...ROWS.slice(0, 1), { ...(ROWS[1] as CentreRow), public: 'mixte' }]));
      const [change, ...more] = (await w.sync()).changes;
      expect([change?.kind, change?.elements.map((each) => each.key), more]).toEqual([
        'modify',
        ['extension[patient-type].ageRange'],
        [],
      ]);
      await applied(1);
      expect(stored(id)).toMatch(/"low":\{"value":0,/);
      for (const kept of [contact(REGULATION, '3'), contact(PROFESSIONALS, '2'), ACT]) {
        expect(stored(id)).toContain(JSON.stringify(kept));
      }
    },
  );
});

describe('what our access profile would not show us again', () => {
  it.each<[AccessProfile, CentreContact]>([
    [4, phone(OUR_PHONE)],
    [0, { ...phone(OUR_PHONE), confidentiality: '2' }],
    [2, { ...phone(OUR_PHONE), confidentiality: '3' }],
  ])('is not sent under profile %i, and the reviewer is told', async (profile, ours) => {
    await world(profile, PATCH_FHIR);
    w.sandbox.edit('HealthcareService', 'derm', (body) => onlyAct(body));
    const centre = centreIdOf(changeOf(await w.sync(), OURS));
    await w.answer(
      w.camille,
      { kind: 'attach', subject: centre, body: { offer: OFFER } },
      complete(centre, 'contacts', [ours]),
    );
    const change = (await w.open()).find((each) => each.target === `offer:${OFFER}`);
    expect(change?.elements.some((each) => each.key.includes(OUR_PHONE))).toBe(false);
    const told = change?.reasons.find((reason) => reason.field?.includes(OUR_PHONE) === true);
    expect(told?.message).toContain(`le profil d’accès ${profile} ne le montre pas`);
    await applied(2);
    expect(stored()).not.toContain(OUR_PHONE);
    expect((await w.sync()).changes).toEqual([]);
  });
});

describe('what our access profile would not show us again, where sheets are handed over', () => {
  it('is not waited for: the sheet says in words to type it', async () => {
    await world(0, { name: 'sheet', repository: { ways: ['sheet'] } });
    w.sandbox.edit('HealthcareService', 'derm', (body) => onlyAct(body));
    const centre = centreIdOf(changeOf(await w.sync(), OURS));
    await w.answer(
      w.camille,
      { kind: 'attach', subject: centre, body: { offer: OFFER } },
      complete(centre, 'contacts', [{ ...phone(OUR_PHONE), confidentiality: '2' }]),
    );
    const change = (await w.open()).find((each) => each.target === `offer:${OFFER}`);
    if (change === undefined) throw new Error('nothing proposed for the offer');
    expect(change.elements.some((each) => each.key.includes(OUR_PHONE))).toBe(false);
    await w.approve(w.dominique, change.id);
    const out = mkdtempSync(join(tmpdir(), 'filror-fiches-'));
    try {
      expect((await w.filror('apply', '--region', '28', '--out', out)).code).not.toBe(1);
      const sheet = readFileSync(join(out, `fiche-28-${change.id}.html`), 'utf8');
      expect(sheet).toContain(OUR_PHONE);
      expect(sheet).toContain('Saisissez-le dans le ROR');
    } finally {
      rmSync(out, { recursive: true });
    }
  });
});

describe('an element that was hidden when we planned', () => {
  it('and is shown when we send, survives; a phone of ours is then not put beside it', async () => {
    await world(2, PATCH_FHIR);
    w.sandbox.edit('HealthcareService', 'derm', (body) => onlyAct(body, contact(REGULATION, '3')));
    const centre = centreIdOf(changeOf(await w.sync(), OURS));
    await w.answer(
      w.camille,
      { kind: 'attach', subject: centre, body: { offer: OFFER } },
      complete(centre, 'contacts', [phone(OUR_PHONE)]),
    );
    const change = (await w.open()).find((each) => each.target === `offer:${OFFER}`);
    await w.approve(w.dominique, change?.id ?? '');
    w.sandbox.edit('HealthcareService', 'derm', (body) => onlyAct(body, contact(REGULATION, '2')));
    const now = stored();
    const [receipt] = await w.apply();
    expect(receipt?.result).toBe('conflict');
    expect(receipt?.message).toMatch(
      new RegExp(`montré rien \\| ROR [^{]*${REGULATION}[^{]* \\| demandé [^{]*${OUR_PHONE}`),
    );
    expect(stored()).toBe(now);
  });

  it('and was shown when we planned but no more when we send, survives what does not touch it', async () => {
    await world(2, PATCH_FHIR);
    const centre = centreIdOf(changeOf(await w.sync(), OURS));
    await w.answer(w.camille, { kind: 'attach', subject: centre, body: { offer: OFFER } });
    w.sandbox.edit('HealthcareService', 'derm', (body) => onlyAct(body, contact(PROFESSIONALS, '3')));
    await applied(2);
    expect(stored()).toContain(JSON.stringify(contact(PROFESSIONALS, '3')));
    expect(stored()).toContain(JSON.stringify(ACT));
  });
});

describe('a write that could erase what is hidden', () => {
  it('does not leave this machine, whoever composed it', async () => {
    await world(2, PATCH_FHIR);
    const client = w.context.repository as RorClient;
    const outcome = await client.update('HealthcareService', 'derm', stored());
    expect(outcome.kind === 'notSent' ? outcome.error.code : outcome.kind).toBe('ROR_WRITE_BLIND');
    expect(w.sandbox.writes()).toEqual([]);
  });
});

/** The contacts given, and the act; no other contact. */
function onlyAct(body: Body, ...contacts: readonly Body[]): void {
  const rest = (body['extension'] as Body[]).filter((each) => !String(each['url']).endsWith('-contact'));
  body['extension'] = [...contacts, ...rest];
}
