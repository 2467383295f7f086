import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identifyPerson } from '../../src/db/person.js';
import type { JsonObject } from '../../src/domain/json.js';
import { endReport } from '../../src/review/reader-reports.js';
import { trialDirectory } from '../support/fhir-directory.js';
import { openFhirWorld, type FhirWorld } from '../support/fhir-world.js';
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.js';
import { SYSTEM } from '../support/trial-region.js';

/** An error that a reader reports, as to the ROR (api.md section 10), and the answer that it reads. */
let issuer: TokenIssuer;
let world: FhirWorld;

beforeAll(async () => {
  issuer = await startTokenIssuer('lecture');
  world = await openFhirWorld({
    config: {
      tokens: { issuer: issuer.url, jwksUrl: `${issuer.url}/jwks`, audience: 'lecture' },
      clients: ['outil', 'autre'].map((id) => ({ id, name: `Outil d’essai ${id}`, audience: 'public' })),
    },
  });
  await world.mirror(...trialDirectory());
  await world.publish();
});
afterAll(async () => {
  await world.close();
  await issuer.close();
});

const concept = (list: string, code: string): JsonObject => ({ coding: [{ system: SYSTEM(list), code }] });
const TASK: JsonObject = {
  resourceType: 'Task',
  status: 'requested',
  intent: 'order',
  code: concept('TRE_R350-ThematiqueAnomalie', '06'),
  reasonCode: concept('TRE_R349-ActionAnomalie', 'COR'),
  description: 'La consultation n’existe plus le jeudi.',
  focus: { type: 'HealthcareService', identifier: { value: '28/ESSAI-0002' } },
};

async function posted(task: object | string, who: string | null = 'outil') {
  const answer = await fetch(`${world.fhir}/Task`, {
    method: 'POST',
    headers: {
      'content-type': 'application/fhir+json',
      ...(who === null ? {} : { authorization: `Bearer ${await issuer.token(who)}` }),
    },
    body: typeof task === 'string' ? task : JSON.stringify(task),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as JsonObject };
}

describe('a report', () => {
  it('is kept with its words, journalled, and followed by who made it', async () => {
    const answer = await posted(TASK);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    expect(answer.body).toMatchObject({
      resourceType: 'Task',
      status: 'requested',
      businessStatus: { coding: [{ code: '02' }] },
      focus: { reference: 'HealthcareService/offre-rouen' },
    });
    const location = answer.headers.get('location') ?? '';
    const as = async (who: string) => ({ authorization: `Bearer ${await issuer.token(who)}` });
    expect((await world.get(location, await as('outil'))).status).toBe(200);
    expect((await world.get(location, await as('autre'))).status).toBe(404);
    expect((await world.get(location)).status).toBe(404);
    const { app } = world.database;
    const [entry] = (await app('journal').where({ kind: 'reader.reported' })) as { body: string }[];
    expect(entry?.body).toContain('La consultation n’existe plus le jeudi.');

    const person = await identifyPerson(app, {
      issuer: 'essai',
      subject: 'relectrice',
      displayName: 'Relectrice d’essai',
    });
    const given = {
      region: '28',
      id: location.split('/').at(-1) ?? '',
      person: { id: person, displayName: 'Relectrice d’essai' },
      outcome: 'refused' as const,
      at: new Date(),
    };
    await expect(endReport(app, { ...given, reason: ' ' })).rejects.toMatchObject({ code: 'TEXT_EMPTY' });
    await expect(endReport(app, { ...given, id: 'x', reason: 'non' })).rejects.toMatchObject({
      code: 'REPORT_UNKNOWN',
    });
    await endReport(app, { ...given, reason: 'Le service confirme le jeudi.' });
    await expect(endReport(app, { ...given, reason: 'encore' })).rejects.toMatchObject({
      code: 'REPORT_ENDED',
    });
    expect((await world.get(location, await as('outil'))).body).toMatchObject({
      status: 'rejected',
      businessStatus: { coding: [{ code: '09' }] },
      statusReason: { text: 'Le service confirme le jeudi.' },
    });
  });

  it.each([
    ['an anonymous reader', TASK, null, 401],
    ['another resource', { ...TASK, resourceType: 'Patient' }, 'outil', 400],
    ['no JSON', '{"resourceType":', 'outil', 400],
    ['nothing', '', 'outil', 400],
    ['no focus', { ...TASK, focus: undefined }, 'outil', 400],
    [
      'an offer that is not there',
      { ...TASK, focus: { reference: 'HealthcareService/autre' } },
      'outil',
      422,
    ],
    [
      'an offer that this reader may not see',
      { ...TASK, focus: { reference: 'HealthcareService/offre-sensible' } },
      'outil',
      422,
    ],
    ['an unknown action', { ...TASK, reasonCode: concept('TRE_R349-ActionAnomalie', 'XXX') }, 'outil', 422],
    ['a theme of another list', { ...TASK, code: concept('TRE_R349-ActionAnomalie', '06') }, 'outil', 422],
    ['a phone number', { ...TASK, description: 'Appelez le 02 61 91 00 05.' }, 'outil', 422],
    ['an e-mail', { ...TASK, description: 'Écrivez à x@exemple.fr.' }, 'outil', 422],
    ['a novel', { ...TASK, description: 'a'.repeat(1_001) }, 'outil', 422],
  ])('is refused, in words, with %s', async (_what, task, who, status) => {
    const answer = await posted(task as object, who);
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    expect(answer.body['resourceType']).toBe('OperationOutcome');
  });
});
