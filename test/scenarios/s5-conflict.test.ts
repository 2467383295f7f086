import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Receipt } from '../../src/apply/context.js';
import type { StoredChange } from '../../src/db/changes.js';
import type { CentreContact } from '../../src/domain/offer.js';
import { head } from '../../src/journal/head.js';
import { verify } from '../../src/journal/verify.js';
import type { SyncOutput } from '../../src/runs/report.js';
import type { Body } from '../../src/sandbox/body.js';
import { matchesOf, openFhirWorld, type FhirWorld } from '../support/fhir-world.js';
import { rawFhir } from '../support/raw-fhir.js';
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
 * S5. The two rows are those of the public page of CHU Caen (article 907, 2022): one team, two labels of
 * 2017. That they were labelled again in 2023, the public and the phones are test data, and say so.
 */
const MHC = 'Maladies hémorragiques constitutionnelles';
const WILLEBRAND = 'Maladie de Willebrand';
const caen = {
  filiere: 'MHEMO',
  hospital: 'CHU Caen Normandie',
  town: 'Caen',
  departement: '14',
  campaign: '2017',
};
const ROWS: readonly CentreRow[] = [
  { ...caen, label: 'CRC', title: MHC, network: 'CRC-MHC', ej: '140000100' },
  { ...caen, label: 'CRMR constitutif', title: WILLEBRAND, network: 'CRMW', ej: '140000100' },
];
const COTE_DE_NACRE = '140000209';
const PROOF = 'donnée d’essai : aucune décision de 2023 n’est connue pour ce centre';

/** Numbers of the range kept for fiction (ARCEP decision 2018-0881). */
const MHC_PHONE = '0261910010';
const FIRST_PHONE = '0261910011';
const OUR_NEXT = '0261910012';
const THE_HOSPITALS = '0261910099';
const phone = (value: string): CentreContact => ({ nature: '07', channel: '2', confidentiality: '1', value });

describe('S5: two labels of one team in Caen', () => {
  let w: World;
  let mhc: string;
  let willebrand: string;
  let planned: SyncOutput;
  let served: FhirWorld;
  let since = '';
  const idOf = (centre: string): string =>
    String(
      w.sandbox.list('HealthcareService').find((offer) => textOf(offer).includes(`id=${centre}]`))?.['id'],
    );
  const offer = (centre: string): string => w.sandbox.text('HealthcareService', idOf(centre)) ?? '';

  beforeAll(async () => {
    w = await openWorld({ list: centresList(ROWS) });
    served = await openFhirWorld({ database: w.database });
    planned = await w.sync();
    mhc = centreIdOf(changeOf(planned, MHC));
    willebrand = centreIdOf(changeOf(planned, WILLEBRAND));
  });
  afterAll(async () => {
    await served.close();
    await w.close();
  });

  async function changeAbout(centre: string): Promise<StoredChange> {
    const [change, ...more] = (await w.open()).filter((each) => each.centres.some((id) => id === centre));
    if (change === undefined || more.length > 0) throw new Error(`${more.length + 1} changes for ${centre}`);
    return change;
  }

  async function approved(centre: string): Promise<StoredChange> {
    const change = await changeAbout(centre);
    await w.approve(w.dominique, change.id);
    if (change.quorum > 1) await w.approve(w.eloi, change.id);
    return change;
  }

  it('waits for people to reconfirm both labels of 2017', () => {
    expect(planned.changes.map((change) => [change.kind, change.state])).toEqual([
      ['create', 'toReconfirm'],
      ['create', 'toReconfirm'],
    ]);
  });

  it('makes two offers of them once people reconfirmed them, never one', async () => {
    for (const [centre, number] of [
      [mhc, MHC_PHONE],
      [willebrand, FIRST_PHONE],
    ] as const) {
      await w.answer(
        w.camille,
        complete(centre, 'label', 2023, PROOF),
        complete(centre, 'site', COTE_DE_NACRE),
        complete(centre, 'public', 'mixte'),
        complete(centre, 'contacts', [phone(number)]),
      );
    }
    const targets = [(await approved(mhc)).target, (await approved(willebrand)).target];
    expect(new Set(targets).size).toBe(2);
    expect((await w.apply()).map((receipt) => receipt.result)).toEqual(['applied', 'applied']);
    expect(w.sandbox.list('HealthcareService').length).toBe(2);
    expect(idOf(mhc)).not.toBe(idOf(willebrand));
    for (const [centre, other] of [
      [mhc, willebrand],
      [willebrand, mhc],
    ] as const) {
      expect(offer(centre)).toContain(`id=${centre}]`);
      expect(offer(centre)).not.toContain(other);
    }
    expect((await w.sync()).changes).toEqual([]);
  });

  it('lets a consumer who asks for reference centres of the family find the Willebrand centre only', async () => {
    const ask = await rawFhir(w.sandbox);
    const token = (system: string, code: string): string =>
      `characteristic=${encodeURIComponent(`${SYSTEM(system)}|${code}`)}`;
    const found = await ask(
      'GET',
      `HealthcareService?${token('TRE_R344-NiveauExpertise', '10')}&${token('TRE_R245-SpecialisationDePriseEnCharge', '38')}`,
    );
    const { entry } = JSON.parse(found.text) as { entry: { resource: { id: string } }[] };
    expect(entry.map(({ resource }) => resource.id)).toEqual([idOf(willebrand)]);
  });

  it('serves both to consumers, told apart by what the ROR cannot say', async () => {
    await served.publish();
    const ask = async (query: string) =>
      matchesOf((await served.get(`/fhir/28/HealthcareService?${query}`)).body);
    const family = `${encodeURIComponent(`${SYSTEM('TRE_R245-SpecialisationDePriseEnCharge')}|38`)}`;
    const level = `${encodeURIComponent(`${SYSTEM('TRE_R344-NiveauExpertise')}|10`)}`;
    expect(await ask(`characteristic=${level}&characteristic=${family}`)).toEqual([idOf(willebrand)]);
    expect(await ask('label-role=CRC')).toEqual([idOf(mhc)]);
    expect(await ask('label-role=CRMR-constitutif')).toEqual([idOf(willebrand)]);
    expect([...(await ask('filiere=MHEMO&label-campaign=2023'))].sort()).toEqual(
      [idOf(mhc), idOf(willebrand)].sort(),
    );
    expect((await served.get('/ror/28/HealthcareService?label-role=CRC')).status).toBe(400);
    since = String(
      ((await served.get('/fhir/28/_history')).body['meta'] as { lastUpdated: string }).lastUpdated,
    );
  });

  describe('when the hospital changes the phone in the repository after the approval', () => {
    let receipts: readonly Receipt[];
    let pushed: StoredChange;
    let before: string;

    beforeAll(async () => {
      await w.answer(
        w.camille,
        complete(willebrand, 'contacts', [phone(OUR_NEXT)]),
        complete(mhc, 'families', ['38', '29'], PROOF),
      );
      pushed = await approved(willebrand);
      await approved(mhc);
      w.sandbox.edit('HealthcareService', idOf(willebrand), (body) => {
        body['extension'] = (body['extension'] as Body[]).map((each) =>
          textOf(each).includes(FIRST_PHONE)
            ? (JSON.parse(textOf(each).replace(FIRST_PHONE, THE_HOSPITALS)) as Body)
            : each,
        );
      });
      before = offer(willebrand);
      receipts = await w.apply();
    });

    const receiptOf = (change: StoredChange): Receipt | undefined =>
      receipts.find((receipt) => receipt.change === change.id);

    it('refuses the push of that change, with what was shown, what the ROR says and what was proposed', async () => {
      const told = receiptOf(pushed);
      expect(told?.result).toBe('conflict');
      expect(told?.message).toMatch(new RegExp(`montré .*${FIRST_PHONE}[^{]* \\| ROR rien \\| demandé rien`));
      expect(told?.message).toMatch(
        new RegExp(`montré rien \\| ROR [^{]*${THE_HOSPITALS}[^{]* \\| demandé [^{]*${OUR_NEXT}`),
      );
      expect(told?.message).toMatch(/Que faire : lancez un passage/);
      const entry = await w.database
        .app('journal')
        .where({ kind: 'applyConflict' })
        .first<{ body: string }>('body');
      const { moved } = JSON.parse(entry.body) as { moved: { key: string }[] };
      expect(moved.map(({ key }) => key).sort()).toEqual([
        `extension[contact]#07+2/${FIRST_PHONE}`,
        `extension[contact]#07+2/${THE_HOSPITALS}`,
      ]);
    });

    it('keeps the phone of the hospital: nothing was sent for that offer', () => {
      expect(offer(willebrand)).toBe(before);
      expect(offer(willebrand)).toContain(THE_HOSPITALS);
    });

    it('lets the other change through', () => {
      expect(receipts.map((receipt) => receipt.result).sort()).toEqual(['applied', 'conflict']);
      expect(offer(mhc)).toContain('"code":"29"');
      expect(offer(mhc)).toContain(MHC_PHONE);
    });

    it('is told to consumers by the delta: what filror wrote, and nothing else before the repository is read again', async () => {
      await served.publish();
      const delta = await served.get(
        `/fhir/28/_history?_since=${encodeURIComponent(since)}&_sort=_lastUpdated`,
      );
      const told = (
        delta.body['entry'] as {
          request: { method: string; url: string };
          response: { lastModified: string };
        }[]
      )
        .filter(({ response }) => response.lastModified > since)
        .map(({ request }) => `${request.method} ${request.url}`);
      expect(told).toEqual([`PUT HealthcareService/${idOf(mhc)}`]);
      const anonymous = await served.get(`/fhir/28/HealthcareService/${idOf(willebrand)}`);
      expect(anonymous.text).toContain(FIRST_PHONE);
      expect(anonymous.text).not.toContain(OUR_NEXT);
    });

    it('plans it again as a conflict of three values, which nobody can approve', async () => {
      const output = await w.sync();
      expect(output.changes.map((change) => [change.kind, change.state])).toEqual([['modify', 'conflict']]);
      const [change] = output.changes;
      const [contact, ...more] = (change?.elements ?? []).filter((each) => each.channel === 'ror');
      expect([contact?.conflict, more]).toEqual([true, []]);
      expect([contact?.base, contact?.before, contact?.after].map(numberIn)).toEqual([
        FIRST_PHONE,
        THE_HOSPITALS,
        OUR_NEXT,
      ]);
      await expect(w.approve(w.dominique, change?.id ?? '')).rejects.toMatchObject({
        code: 'NOT_APPROVABLE',
      });
      expect(await w.apply()).toEqual([]);
      expect(offer(willebrand)).toBe(before);
      // Read again: consumers find the hospital's own number, never the one that nobody approved against it.
      await served.publish();
      const told = await served.get(`/fhir/28/HealthcareService/${idOf(willebrand)}`);
      expect(told.text).toContain(THE_HOSPITALS);
      expect(told.text).not.toContain(OUR_NEXT);
    });

    it('is settled by the person who takes the number of the hospital: nothing is left to write', async () => {
      await w.answer(w.camille, complete(willebrand, 'contacts', [phone(THE_HOSPITALS)]));
      expect((await w.sync()).changes).toEqual([]);
      expect(offer(willebrand)).toBe(before);
    });

    it('leaves a journal that verifies', async () => {
      expect((await verify(w.database.app, await head(w.database.app))).fault).toBeNull();
    });
  });
});

const textOf = (body: Body): string => JSON.stringify(body);

function numberIn(value: unknown): string | undefined {
  return /"telecomAddress","valueString":"(\d+)"/.exec(JSON.stringify(value) ?? '')?.[1];
}
