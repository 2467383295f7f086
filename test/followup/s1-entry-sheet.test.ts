import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import type { JsonObject } from '../../src/domain/json.js';
import { recordAgreement } from '../../src/followup/agree.js';
import { followUp } from '../../src/followup/follow.js';
import { queueOf } from '../../src/followup/queue.js';
import type { Sheet } from '../../src/followup/sheet.js';
import { head } from '../../src/journal/head.js';
import { verify } from '../../src/journal/verify.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { centreIdOf, centresList, changeOf, complete, openWorld, type World } from '../scenarios/world.js';

/** S1 where the region writes nothing by itself, as Normandie ships: `sheet, task`, access profile 0, agreement asked. */
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
const COMMENT = 'Consultation du lundi au vendredi.';

const NOS = 'https://mos.esante.gouv.fr/NOS';
const LEVEL = {
  coding: [
    {
      system: `${NOS}/TRE_R344-NiveauExpertise/FHIR/TRE-R344-NiveauExpertise`,
      code: '11',
      display: 'Centre de compétences labellisé',
    },
  ],
};
const FAMILY = {
  coding: [
    {
      system: `${NOS}/TRE_R245-SpecialisationDePriseEnCharge/FHIR/TRE-R245-SpecialisationDePriseEnCharge`,
      code: '49',
      display: 'Maladies rares de la peau',
    },
  ],
};

let w: World;
let centre: string;
let change: StoredChange;
let out: string;

const queue = (now = new Date()) => queueOf(w.database.app, w.context.region, w.context.config.followup, now);
const written = () => w.sandbox.writes().length;
const kinds = async (): Promise<string[]> =>
  (await w.database.app('journal').orderBy('no').pluck('kind')) as string[];

/** What somebody at the hospital types on the screen of the repository. */
function type(edit: (body: Record<string, unknown>) => void): void {
  w.sandbox.edit('HealthcareService', 'derm', (body) => edit(body as unknown as Record<string, unknown>));
}

beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'filror-fiches-'));
  w = await openWorld({
    list: LIST,
    sandbox: false,
    accessProfile: 0,
    repository: { ways: ['sheet', 'task'] },
    offers: (site) => [
      trialOffer({
        id: 'derm',
        identifier: OFFER,
        label: 'Rouen',
        site: site(CHARLES_NICOLLE),
        comment: COMMENT,
      }),
    ],
  });
  centre = centreIdOf(changeOf(await w.sync(), TITLE));
  const { changes } = await w.answer(w.camille, complete(centre, 'site', CHARLES_NICOLLE), {
    kind: 'attach',
    subject: centre,
    body: { offer: OFFER },
  });
  change = changes[0] as StoredChange;
});
afterAll(async () => {
  rmSync(out, { recursive: true });
  await w.close();
});

describe('S1 by an entry sheet: approved, agreed, transmitted, typed by hand, seen', () => {
  it('is approved by B, and waits for the establishment', async () => {
    await expect(w.approve(w.camille, change.id)).rejects.toMatchObject({ code: 'FOUR_EYES' });
    expect(await w.approve(w.dominique, change.id)).toMatchObject({ approved: true });
    expect((await queue()).map(({ step, owner }) => [step, owner])).toEqual([['agreement', null]]);
    const [told] = await w.apply();
    expect(told).toMatchObject({ change: change.id, result: 'skipped' });
    expect(told?.message).toMatch(/l’accord de l’établissement manque.*Que faire :/s);
    expect(written()).toBe(0);
  });

  it('is transmitted once CHU Rouen agreed: a sheet is written, nothing is sent', async () => {
    await recordAgreement(
      {
        db: w.database.app,
        region: w.context.region,
        review: w.context.config.review,
        person: w.camille,
        now: new Date(),
      },
      [change],
      {
        verdict: 'agree',
        by: 'référente ROR, CHU de Rouen',
        channel: 'email',
        on: '2026-03-12',
        document: { name: null, sha256: null, reference: 'courriel du 12/03/2026' },
        reason: null,
      },
    );
    expect((await queue()).map(({ step }) => step)).toEqual(['ready']);
    const done = await w.filror('apply', '--region', '28', '--out', out);
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toContain('1 fiche(s) de saisie à transmettre');
    expect(done.stdout).toContain('\n1 fiche à transmettre, 0 écrit dans le ROR.\n');
    // Each receipt once, on whichever stream.
    expect((done.stdout + done.stderr).split('fiche de saisie à transmettre : le changement')).toHaveLength(
      2,
    );
    expect(written()).toBe(0);
    expect((await w.open()).map(({ id, state }) => [id, state])).toEqual([[change.id, 'transmitted']]);
    const files = readdirSync(out).sort();
    expect(files).toEqual([`fiche-28-${change.id}.html`, `fiche-28-${change.id}.json`]);
  });

  it('says on the sheet what to type where, who agreed, and no name of anybody', () => {
    const sheet = JSON.parse(readFileSync(join(out, `fiche-28-${change.id}.json`), 'utf8')) as Sheet;
    expect(sheet.offer).toBe(OFFER);
    expect(sheet.sites.map(({ eg }) => eg)).toEqual([CHARLES_NICOLLE]);
    expect(sheet.elements.map(({ term, act, before, after }) => [term, act, before, after?.codes])).toEqual([
      [
        'Spécialisation de prise en charge',
        'type',
        null,
        [{ code: '49', label: 'Maladies rares de la peau', system: 'TRE_R245' }],
      ],
      [
        'Niveau d’expertise',
        'type',
        null,
        [{ code: '11', label: 'Centre de compétences labellisé', system: 'TRE_R344' }],
      ],
      ['Commentaire', 'type', null, []],
    ]);
    expect(sheet.elements[2]?.paste).toBe(
      `[Maladies rares | filière=FIMARAD | réseau=TOXIBUL | label=CCMR | campagne=2023 | id=${centre}]`,
    );
    expect(sheet.elements[1]?.sources[0]).toMatch(/^source labelled-centres, centres\.csv, ligne 2, /);
    expect(sheet.agreement).toBe(
      'Accord de l’établissement donné le 12/03/2026 par référente ROR, CHU de Rouen (courriel, courriel du 12/03/2026).',
    );
    const page = readFileSync(join(out, `fiche-28-${change.id}.html`), 'utf8');
    for (const text of [CHARLES_NICOLLE, '49', 'TRE_R245', '11', 'TRE_R344', `id=${centre}]`, change.hash]) {
      expect(page).toContain(text);
    }
    for (const person of [w.camille, w.dominique]) {
      expect(page).not.toContain(person.displayName);
      expect(JSON.stringify(sheet)).not.toContain(person.displayName);
    }
  });

  it('proposes nothing and sends nothing meanwhile: neither a run nor apply', async () => {
    const second = await w.sync();
    expect(second.changes.map(({ id, state }) => [id, state])).toEqual([[change.id, 'transmitted']]);
    expect(second.plan.summary).toMatch(/^Aucun changement nouveau/);
    expect(await w.apply()).toEqual([]);
    expect(written()).toBe(0);
  });

  it('waits while only a part is typed, as long as that part is as asked', async () => {
    type((body) => {
      body['characteristic'] = [...(body['characteristic'] as JsonObject[]), LEVEL];
    });
    const third = await w.sync();
    expect(third.followed).toEqual([]);
    expect(third.changes.map(({ id, state }) => [id, state])).toEqual([[change.id, 'transmitted']]);
  });

  it('is recognised once all is typed: the re-reading confirms it, and says so', async () => {
    type((body) => {
      body['characteristic'] = [...(body['characteristic'] as JsonObject[]), FAMILY];
      body['comment'] =
        `${COMMENT}\n[Maladies rares | filière=FIMARAD | réseau=TOXIBUL | label=CCMR | campagne=2023 | id=${centre}]`;
    });
    const fourth = await w.sync();
    expect(fourth.followed.map(({ change: id, end, offer }) => [id, end, offer])).toEqual([
      [change.id, 'seen', OFFER],
    ]);
    expect(fourth.changes).toEqual([]);
    const stored = (await w.database.app('change').where({ id: change.id }).first('state')) as object;
    expect(stored).toEqual({ state: 'applied' });
    const base = (await w.database
      .app('applied_element')
      .where({ identifier: OFFER, channel: 'ror' })
      .orderBy('key')
      .select('key', 'before_us')) as object[];
    expect(base).toEqual([
      { key: 'characteristic[expertiseLevel]#11', before_us: null },
      { key: 'characteristic[takingCareSpeciality]#49', before_us: null },
      { key: `comment[${centre}]`, before_us: null },
    ]);
    expect((await queue()).map(({ step }) => step)).toEqual(['seen']);
  });

  it('finds nothing more to do: a last run says "Aucun changement", nothing was ever written', async () => {
    const last = await w.sync();
    expect(last.plan.summary).toMatch(/^Aucun changement\. Le référentiel est à jour/);
    expect(last.exitCode).toBe(0);
    expect(await w.apply()).toEqual([]);
    expect(written()).toBe(0);
    expect(await w.database.app.transaction((trx) => followUp(trx, w.context))).toEqual([]);
  });

  it('leaves a journal of each step that verifies', async () => {
    const steps = ['approve', 'agreement.agree', 'transmit', 'followup.seen'];
    expect((await kinds()).filter((kind) => steps.includes(kind))).toEqual(steps);
    expect((await verify(w.database.app, await head(w.database.app))).fault).toBeNull();
  });
});
