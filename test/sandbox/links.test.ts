import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { entryIds, rawFhir, type RawFhir } from '../support/raw-fhir.js';
import { SYSTEM, trialRegion } from '../support/trial-region.js';

/** A synthetic professional, linked to the offer of Rouen: no name, a number of nobody. */
export const TEAM: readonly JsonObject[] = [
  { resourceType: 'Practitioner', id: 'pro-essai', identifier: [{ value: 'ESSAI-PRO' }] },
  {
    resourceType: 'PractitionerRole',
    id: 'role-essai',
    practitioner: { reference: 'Practitioner/pro-essai' },
    healthcareService: [{ reference: 'HealthcareService/derm-rouen' }],
  },
];

const coded = (system: string, code: string) => ({ coding: [{ system: SYSTEM(system), code }] });
const anomaly = (focus: string) => ({
  resourceType: 'Task',
  status: 'requested',
  intent: 'order',
  businessStatus: coded('TRE_R352-StatutMetierAnomalie', '01'),
  code: coded('TRE_R350-ThematiqueAnomalie', '06'),
  reasonCode: coded('TRE_R349-ActionAnomalie', 'COR'),
  description: 'Anomalie d’essai',
  focus: { reference: focus },
  authoredOn: '2026-03-12',
  lastModified: '2026-03-12',
  input: [{ type: { coding: [{ code: 'systemRequester' }] }, valueString: 'ESSAI' }],
});

let sandbox: Sandbox;
let fhir: RawFhir;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: [...trialRegion(), ...TEAM] });
  fhir = await rawFhir(sandbox);
});
afterAll(() => sandbox.close());

describe('sandbox links between resources', () => {
  it('brings all that the national use cases include, back and forth, once each', async () => {
    const answer = await fhir(
      'GET',
      'HealthcareService?_include=HealthcareService:organization&_include:iterate=Organization:partof&_include=HealthcareService:location&_revinclude=PractitionerRole:service&_include=PractitionerRole:practitioner',
    );
    expect([...entryIds(answer.json, 'include')].sort()).toEqual([
      'eg-140000209',
      'eg-760000158',
      'ej-140000100',
      'ej-760780239',
      'lieu-140000209',
      'lieu-760000158',
      'pro-essai',
      'role-essai',
    ]);
  });

  it('finds offers by what refers to them', async () => {
    const query = '_has:PractitionerRole:service:practitioner.identifier=ESSAI-PRO';
    expect(entryIds((await fhir('GET', `HealthcareService?${query}`)).json)).toEqual(['derm-rouen']);
    const places = await fhir('GET', 'Location?_revinclude=HealthcareService:location&_id=lieu-140000209');
    expect(entryIds(places.json, 'include')).toEqual(['derm-caen']);
  });

  it('patches no professional, as the server declares', async () => {
    const answer = await fhir('PATCH', 'Practitioner/pro-essai', { resourceType: 'Parameters' });
    expect(answer.status).toBe(405);
  });
});

describe('sandbox anomaly Task', () => {
  it('is created, read, found, handled by a patch, and refused when it says too little', async () => {
    const created = await fhir('POST', 'Task', anomaly('HealthcareService/derm-caen'));
    expect(created.status, created.text).toBe(201);
    const id = String(created.json['id']);
    expect((await fhir('GET', `Task/${id}`)).json).toMatchObject({ description: 'Anomalie d’essai' });
    expect(entryIds((await fhir('GET', `Task?_id=${id}`)).json)).toEqual([id]);
    expect(entryIds((await fhir('GET', 'Task?_content=anomalie')).json)).toEqual([id]);
    const offers = await fhir(
      'GET',
      'HealthcareService?_has:Task:focus:_content=anomalie&_revinclude=Task:focus',
    );
    expect(entryIds(offers.json)).toEqual(['derm-caen']);
    expect(entryIds(offers.json, 'include')).toEqual([id]);
    const part = [
      { name: 'type', valueCode: 'replace' },
      { name: 'path', valueString: 'Task.businessStatus' },
      { name: 'value', valueCodeableConcept: coded('TRE_R352-StatutMetierAnomalie', '03') },
    ];
    const patched = await fhir('PATCH', `Task/${id}`, {
      resourceType: 'Parameters',
      parameter: [{ name: 'operation', part }],
    });
    expect(patched.json['businessStatus']).toEqual(coded('TRE_R352-StatutMetierAnomalie', '03'));
    expect((await fhir('PUT', `Task/${id}`, patched.json)).status).toBe(405);
    const { reasonCode, ...silent } = anomaly('HealthcareService/derm-caen');
    expect(reasonCode).toBeDefined();
    expect((await fhir('POST', 'Task', silent)).status).toBe(422);
    expect((await fhir('POST', 'Task', anomaly('HealthcareService/absente'))).status).toBe(422);
  });
});
