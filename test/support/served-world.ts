import { insertApproval } from './raw-rows.js';
import { testDatabase, type TestDatabase } from './database.js';
import { CAEN, FAMILY_SKIN, LEVEL_COMPETENCE, ROUEN, SYSTEM } from './trial-region.js';
import { identifyPerson } from '../../src/db/person.js';
import { recordRemote } from '../../src/db/remote.js';
import { inTransaction } from '../../src/db/types.js';
import type { PersonId } from '../../src/domain/ids.js';
import { sha256, type Json, type JsonObject } from '../../src/domain/json.js';
import { append } from '../../src/journal/append.js';
import { publish, type Published } from '../../src/publish/publish.js';
import type { Audience } from '../../src/publish/views.js';
import { EXTENSION_URLS } from '../../src/ror/urls.js';
import { establishments, siteIds, trialOffer, type TrialOffer } from '../../src/sandbox/seed.js';

/** Base of the addresses of our definitions in tests. */
export const CANONICAL = 'https://filror.example/fhir';
/** Instant of the approved facts of the synthetic world. */
export const RECORDED = '2026-02-03T09:00:00.000Z';

/** Ids of synthetic centres: `cmr_` and one letter or figure, sixteen times. */
export const centreId = (letter: string): string => `cmr_${letter.repeat(16)}`;

export interface TrialFacts {
  readonly centre: string;
  readonly filiere?: { readonly code: string; readonly title: string };
  readonly network?: string;
  readonly label?: string;
  readonly campaign?: number | string;
  readonly ern?: readonly string[];
}

/** A region whose mirror and approved facts a test writes, and what is published of them. */
export interface ServedWorld {
  readonly database: TestDatabase;
  mirror(...resources: readonly JsonObject[]): Promise<void>;
  /** An offer that the repository does not have any more. */
  gone(id: string): Promise<void>;
  /** Approved facts of one centre of one offer; null: they are taken back. */
  facts(identifier: string, facts: TrialFacts, attempt?: number): Promise<void>;
  noFacts(identifier: string, centre: string): Promise<void>;
  publish(...audiences: readonly Audience[]): Promise<Published>;
  person(name: string): Promise<PersonId>;
  /** A change of the plan, in that state, with the approvals of so many people. */
  change(wanted: {
    readonly kind: 'enrich' | 'withdraw' | 'close';
    readonly identifier: string;
    readonly state: 'proposed' | 'approved' | 'transmitted' | 'conflict' | 'applied';
    readonly approvals: number;
    /** Centres whose label leaves. */
    readonly leaving?: readonly string[];
  }): Promise<{ readonly id: string; readonly hash: string }>;
  /** What a source said, as the provenance of a change's served element. */
  provenance(identifier: string, centre: string, source: string, date: string): Promise<number>;
  at(): Promise<string>;
  close(): Promise<void>;
}

export async function servedWorld(): Promise<ServedWorld> {
  const database = await testDatabase();
  const db = database.app;
  await db('region_state').insert({ region: '28', sandbox: true });
  await db('run').insert({
    region: '28',
    id: 'run_essai',
    kind: 'sync',
    state: 'done',
    started_at: RECORDED,
  });
  let changes = 0;
  const moved = (): Promise<unknown> =>
    inTransaction(db, (trx) =>
      append(trx, { region: '28', kind: 'mirror', subject: 'region:28', actor: null, body: {} }),
    );
  const person = async (name: string): Promise<PersonId> => {
    const id = await identifyPerson(db, {
      issuer: 'https://connexion.essai',
      subject: name,
      displayName: name,
    });
    const right = { person: id, role: 'reviewer', region: '28' };
    if ((await db('person_grant').where(right).first()) === undefined)
      await db('person_grant').insert({ ...right, granted_at: new Date(), confirmed_at: new Date() });
    return id;
  };
  const element = (
    identifier: string,
    centre: string,
    name: string,
    value: Json | undefined,
    attempt?: number,
  ): Promise<unknown> =>
    db('applied_element').insert({
      region: '28',
      identifier,
      key: `served.${name}[${centre}]`,
      read_back: value === undefined ? null : JSON.stringify(value),
      centres: [centre],
      channel: 'served',
      attempt: attempt ?? null,
      at: RECORDED,
    });
  const known = async (identifier: string, centre: string): Promise<void> => {
    await db('offer').insert({ region: '28', identifier, created_by_us: false }).onConflict().ignore();
    await db('centre').insert({ region: '28', id: centre, run_id: 'run_essai' }).onConflict().ignore();
  };
  const change: ServedWorld['change'] = async ({ kind, identifier, state, approvals, leaving = [] }) => {
    changes += 1;
    const id = `essai-${changes}`;
    const hash = sha256(id);
    await db('change').insert({
      ...{
        region: '28',
        id,
        run_id: 'run_essai',
        kind,
        hash,
        target: `offer:${identifier}`,
        centres: leaving,
      },
      ...{ state: 'proposed', reasons: '[]', quorum: kind === 'enrich' ? 1 : 2, opened_at: RECORDED },
    });
    for (const [position, centre] of leaving.entries())
      await db('field_change').insert({
        ...{ region: '28', change_id: id, position, key: `served.label[${centre}]`, path: 'served.label' },
        ...{ operation: 'delete', before: '"CCMR"', conflict: false, channel: 'served', assumed: false },
        ...{ text: 'retiré', provenance: '[]' },
      });
    for (let at = 0; at < approvals; at += 1)
      await insertApproval(db, { id, hash }, { id: await person(`approbateur-${at}`) });
    await db('change').where({ id }).update({ state });
    return { id, hash };
  };
  return {
    database,
    person,
    change,
    mirror: async (...resources) => {
      await inTransaction(db, async (trx) => {
        const rows = resources.map((resource) => ({
          type: resource['resourceType'] as 'HealthcareService',
          remoteId: resource['id'] as string,
          identifier: ((resource['identifier'] ?? []) as { value: string }[])[0]?.value ?? null,
          versionId: null,
          body: JSON.stringify(resource),
        }));
        await recordRemote(trx, '28', new Date(RECORDED), rows);
      });
      await moved();
    },
    gone: async (id) => {
      await db.raw(
        `insert into remote_version (region, type, remote_id, identifier, body, body_hash, gone, seen_at)
         select region, type, remote_id, identifier, body, body_hash, true, now() from remote_version
         where remote_id = ? order by no desc limit 1`,
        [id],
      );
      await moved();
    },
    facts: async (identifier, { centre, ...facts }, attempt) => {
      await known(identifier, centre);
      for (const [name, value] of Object.entries(facts))
        await element(identifier, centre, name, value as Json, attempt);
      await moved();
    },
    noFacts: async (identifier, centre) => {
      for (const name of ['filiere', 'network', 'label', 'campaign', 'ern'])
        await element(identifier, centre, name, undefined);
      await moved();
    },
    provenance: async (identifier, centre, source, date) => {
      const { id, hash } = await change({ kind: 'enrich', identifier, state: 'approved', approvals: 1 });
      await db('field_change').insert({
        ...{ region: '28', change_id: id, position: 9, key: `served.label[${centre}]`, path: 'served.label' },
        ...{
          operation: 'add',
          after: '"CCMR"',
          conflict: false,
          channel: 'served',
          assumed: false,
          text: 'label',
        },
        provenance: JSON.stringify([{ kind: 'source', origin: source, date }]),
      });
      const [row] = await db('apply_attempt')
        .insert({
          ...{ region: '28', change_id: id, hash, target: `offer:${identifier}`, way: 'none', state: 'open' },
          ...{ request_path: '', request_body: '', lease_until: RECORDED },
        })
        .returning<{ no: string }[]>('no');
      await db('apply_attempt').where({ no: row?.no }).update({ state: 'done', ended_at: RECORDED });
      await db('change').where({ id }).update({ state: 'applied' });
      return Number(row?.no);
    },
    publish: (...audiences) => publish({ db, region: '28', audiences, canonical: CANONICAL }),
    at: async () =>
      ((await db('served_head').where({ region: '28' }).first('at')) as { at: Date }).at.toISOString(),
    close: () => database.drop(),
  };
}

/** A telephone of a service, with the confidentiality of its contact; the numbers are of the range kept for fiction. */
export function telephone(number: string, level: '1' | '2' | '3'): JsonObject {
  const coded = (list: string, code: string): JsonObject => ({ coding: [{ system: SYSTEM(list), code }] });
  return {
    url: EXTENSION_URLS.contact,
    extension: [
      { url: 'purposeContact', valueCodeableConcept: coded('TRE_R287-NatureContact', '01') },
      {
        url: EXTENSION_URLS['confidentiality-level'],
        valueCodeableConcept: coded('TRE_R283-NiveauConfidentialite', level),
      },
      {
        url: EXTENSION_URLS['contact-telecom'],
        extension: [
          {
            url: EXTENSION_URLS['telecom-channel'],
            valueCodeableConcept: coded('TRE_R200-CanalCommunication', '2'),
          },
          {
            url: EXTENSION_URLS['telecom-confidentiality'],
            valueCodeableConcept: coded('TRE_R283-NiveauConfidentialite', level),
          },
          { url: 'telecomAddress', valueString: number },
        ],
      },
    ],
  };
}

/** A synthetic offer with more extensions; `sensitive` makes it one of a sensitive unit. */
export function offerWith(
  wanted: TrialOffer,
  { extensions = [], sensitive = 'no' }: { extensions?: readonly JsonObject[]; sensitive?: 'yes' | 'no' },
): JsonObject {
  const offer = trialOffer(wanted);
  const [unit, ...others] = offer['extension'] as JsonObject[];
  return {
    ...offer,
    extension: [{ ...unit, valueBoolean: sensitive === 'yes' }, ...others, ...extensions],
  };
}

/** Both hospitals; Rouen's place has a position, Caen's has none. */
export function hospitals(): readonly JsonObject[] {
  const place = siteIds(ROUEN).place;
  return establishments([CAEN, ROUEN]).map((resource) =>
    resource['id'] === place ? { ...resource, position: { longitude: 1.105, latitude: 49.44 } } : resource,
  );
}

export const DERMATOLOGY = { code: 'FIMARAD', title: 'Maladies rares en dermatologie' };

/**
 * The world of the frozen set of ops/consumers: "Centre d'essai 1" at Caen, 2 and 3 sharing an offer at Rouen, 4 in a
 * sensitive unit, and an offer of no centre. Everything but the two hospitals is synthetic.
 */
export async function trialCentres(world: ServedWorld): Promise<void> {
  await world.mirror(
    ...hospitals(),
    offerWith(
      {
        ...{ id: 'offre-essai-1', identifier: '28/ESSAI-0001', label: '1', site: CAEN },
        characteristics: [FAMILY_SKIN, LEVEL_COMPETENCE],
      },
      {
        extensions: [
          telephone('+33 2 61 91 00 01', '1'),
          telephone('02 61 91 00 02', '2'),
          telephone('02 61 91 00 03', '3'),
        ],
      },
    ),
    offerWith(
      {
        ...{ id: 'offre-essai-2', identifier: '28/ESSAI-0002', label: '2', site: ROUEN },
        ...{ ages: { low: 0, high: 17 }, characteristics: [FAMILY_SKIN] },
      },
      {},
    ),
    offerWith(
      { id: 'offre-essai-3', identifier: '28/ESSAI-0003', label: '3', site: ROUEN },
      { sensitive: 'yes', extensions: [telephone('02 61 91 00 04', '1')] },
    ),
    trialOffer({ id: 'offre-essai-4', identifier: '28/ESSAI-0004', label: '4', site: CAEN }),
  );
  const attempt = await world.provenance('28/ESSAI-0001', centreId('a'), 'labelled-centres', '2026-01-15');
  await world.facts(
    '28/ESSAI-0001',
    {
      ...{ centre: centreId('a'), filiere: DERMATOLOGY, network: "Centre d'essai 1", label: 'CCMR' },
      ...{ campaign: 2023, ern: ['ERN-SKIN'] },
    },
    attempt,
  );
  await world.facts('28/ESSAI-0002', {
    ...{
      centre: centreId('b'),
      filiere: DERMATOLOGY,
      network: "Centre d'essai 1",
      label: 'CRMR coordonnateur',
    },
    campaign: 2023,
  });
  await world.facts('28/ESSAI-0002', {
    ...{
      centre: centreId('c'),
      filiere: DERMATOLOGY,
      network: "Centre d'essai 3",
      label: 'CRMR constitutif',
    },
    campaign: 'avant 2017',
  });
  await world.facts('28/ESSAI-0003', {
    ...{ centre: centreId('d'), filiere: DERMATOLOGY, network: "Centre d'essai 4", label: 'CCMR' },
    campaign: 2023,
  });
}
