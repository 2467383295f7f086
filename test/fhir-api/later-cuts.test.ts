import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { offerContact } from '../support/fhir-directory.js';
import { openFhirWorld, type FhirWorld } from '../support/fhir-world.js';
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.js';
import { CAEN } from '../support/trial-region.js';

/** What may not be shown any more is not shown by older versions either, and who follows misses nothing. */
let world: FhirWorld;
let issuer: TokenIssuer;

beforeEach(async () => {
  issuer = await startTokenIssuer('lecture');
  world = await openFhirWorld({
    config: {
      tokens: { issuer: issuer.url, jwksUrl: `${issuer.url}/jwks`, audience: 'lecture' },
      clients: [{ id: 'regulation', name: 'Outil d’essai', audience: 'regulation', perMinute: 10_000 }],
    },
  });
});
afterEach(async () => {
  await world.close();
  await issuer.close();
});

const regulator = async (): Promise<Record<string, string>> => ({
  authorization: `Bearer ${await issuer.token('regulation')}`,
});

interface Said {
  readonly sensitive?: boolean;
  readonly name?: string;
  /** Confidentiality of the first and of the second number; 0: it is not said. */
  readonly levels?: readonly [number, number];
}

const NUMBERS = ['0261910011', '0261910012'] as const;

function offer({ sensitive = false, name = 'Centre d’essai 1', levels = [0, 0] }: Said): JsonObject {
  const whole = trialOffer({ id: 'offre-1', identifier: '28/ESSAI-1', label: '1', site: CAEN });
  const [unit, ...others] = whole['extension'] as JsonObject[];
  const contacts = levels.flatMap((level, at): Json[] =>
    level === 0 ? [] : [offerContact(String(level), NUMBERS[at] ?? '')],
  );
  return { ...whole, name, extension: [{ ...unit, valueBoolean: sensitive }, ...others, ...contacts] };
}

async function say(said: Said): Promise<void> {
  await world.mirror(offer(said));
  await world.publish();
}

/** All that a reader can get of the offer by any address, in one text. */
async function everything(headers: Record<string, string> = {}): Promise<string> {
  const texts: string[] = [];
  for (const base of [world.fhir, world.ror]) {
    for (const path of [
      ...['_history', 'HealthcareService/_history', 'HealthcareService/offre-1/_history'].map(
        (each) => `${each}?_count=200`,
      ),
      ...Array.from({ length: 12 }, (_, n) => `HealthcareService/offre-1/_history/${n + 1}`),
      ...['HealthcareService', 'HealthcareService/offre-1'],
    ])
      texts.push((await world.get(`${base}/${path}`, headers)).text);
    const status = await kickedOff(base, headers);
    texts.push(await files(status, headers));
    // A reader may have a few standing, no more.
    await fetch(status, { method: 'DELETE', headers });
  }
  return texts.join('\n');
}

async function kickedOff(base: string, headers: Record<string, string> = {}): Promise<string> {
  const start = await world.get(`${base}/$export`, headers);
  expect(start.status, start.text).toBe(202);
  return start.headers.get('content-location') ?? '';
}

async function files(status: string, headers: Record<string, string> = {}): Promise<string> {
  const { body } = await world.get(status, headers);
  const texts: string[] = [];
  for (const { url } of body['output'] as { url: string }[]) texts.push((await world.get(url, headers)).text);
  return texts.join('\n');
}

describe('an offer of a unit that becomes sensitive', () => {
  it('is not read any more in any version, nor in an export that was asked for before; the regulation reads all', async () => {
    await say({ name: 'Avant, un' });
    await say({ name: 'Avant, deux' });
    expect(await everything()).toContain('Avant, un');
    const asked = await kickedOff(world.fhir);
    expect(await files(asked)).toContain('Avant, deux');
    await say({ name: 'Après', sensitive: true });
    for (const words of ['Avant, un', 'Avant, deux', 'Après'])
      expect(await everything()).not.toContain(words);
    expect(await files(asked)).toBe('');
    expect((await world.get(`${world.fhir}/HealthcareService/offre-1`)).status).toBe(410);
    const all = await everything(await regulator());
    for (const words of ['Avant, un', 'Avant, deux', 'Après']) expect(all).toContain(words);
    // Its deletion is told: a copy that follows lets it go.
    const history = await world.get(`${world.fhir}/_history`);
    expect(history.body['entry']).toMatchObject([
      { request: { method: 'DELETE', url: 'HealthcareService/offre-1' } },
    ]);
  });

  it('stays so when it was closed meanwhile, and when it is sensitive for the second time', async () => {
    await say({ name: 'Avant', sensitive: true });
    await say({ name: 'Ouvert' });
    expect(await everything()).toContain('Ouvert');
    await world.gone('offre-1');
    await world.publish();
    await say({ name: 'Fermé', sensitive: true });
    const all = await everything();
    for (const words of ['Avant', 'Ouvert', 'Fermé']) expect(all).not.toContain(words);
  });
});

describe('a number whose level is raised', () => {
  it('is in no older version; the versions since are, and the last one always', async () => {
    await say({ levels: [1, 1] });
    await say({ levels: [2, 1] });
    await say({ levels: [2, 1], name: 'Ensuite' });
    const all = await everything();
    expect(all).not.toContain(NUMBERS[0]);
    expect(all).toContain(NUMBERS[1]);
    const history = await world.get(`${world.fhir}/HealthcareService/offre-1/_history`);
    const versions = (history.body['entry'] as { resource: { meta: { versionId: string } } }[]).map(
      ({ resource }) => resource.meta.versionId,
    );
    expect(versions).toEqual(['3', '2']);
    expect((await world.get(`${world.fhir}/HealthcareService/offre-1/_history/1`)).status).toBe(404);
  });
});

describe('other rules of cutting', () => {
  it('leave the last version of each resource, and a copy that follows whole', async () => {
    await say({ name: 'Un' });
    await say({ name: 'Deux' });
    // As an older filror would have left it.
    await world.database.app('served_head').update({ cut: 'autres', rules: 'autres' });
    await world.publish();
    const all = await everything();
    expect(all).not.toContain('Un"');
    expect(all).toContain('Deux"');
    await say({ name: 'Trois' });
    await say({ name: 'Quatre' });
    const history = await world.get(`${world.fhir}/HealthcareService/offre-1/_history`);
    expect(
      (history.body['entry'] as { resource: { name: string } }[]).map(({ resource }) => resource.name),
    ).toEqual(['Quatre', 'Trois']);
  });
});

describe('whatever order things are shown and hidden in', () => {
  it('nothing that is hidden now is read anywhere, and the last version is what a reading gives', async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ levels: fc.tuple(fc.nat(3), fc.nat(3)), name: fc.constantFrom('A', 'B') }),
      },
      { weight: 1, arbitrary: fc.constant('sensitive' as const) },
      { weight: 1, arbitrary: fc.constant('gone' as const) },
      { weight: 1, arbitrary: fc.constant('rules' as const) },
    );
    let hidden = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 7 }), async (steps) => {
        let levels: readonly [number, number] = [0, 0];
        let state: 'there' | 'sensitive' | 'gone' = 'gone';
        await world.gone('offre-1');
        await world.publish();
        for (const each of steps) {
          if (each === 'gone') {
            if (state === 'gone') continue;
            await world.gone('offre-1');
            await world.publish();
            state = 'gone';
          } else if (each === 'sensitive') {
            await say({ levels, sensitive: true });
            state = 'sensitive';
          } else if (each === 'rules') {
            await world.database.app('served_head').update({ cut: 'autres', rules: 'autres' });
            await world.publish();
          } else {
            levels = each.levels as [number, number];
            await say(each as Said);
            state = 'there';
          }
          const all = await everything();
          for (const [at, number] of NUMBERS.entries())
            if ((levels[at] ?? 0) > 1 || (state === 'sensitive' && levels[at] !== 0)) {
              if (state === 'gone') continue;
              hidden += 1;
              expect(all).not.toContain(number);
            }
          const { status, text } = await world.get(`${world.fhir}/HealthcareService/offre-1`);
          if (state === 'there') {
            expect(status).toBe(200);
            for (const [at, number] of NUMBERS.entries())
              expect(text.includes(number)).toBe(levels[at] === 1);
          } else expect([404, 410]).toContain(status);
        }
      }),
      { numRuns: 8 },
    );
    expect(hidden).toBeGreaterThan(10);
  }, 240_000);
});

describe('the coordinating centre of a network', () => {
  const coordinatorSaid = async (headers: Record<string, string> = {}): Promise<boolean> =>
    (await world.get(`${world.fhir}/HealthcareService/offre-2`, headers)).text.includes('28/ESSAI-1"');

  it('is named as long as its own offer is there and may be seen', async () => {
    const constitutive = trialOffer({ id: 'offre-2', identifier: '28/ESSAI-2', label: '2', site: CAEN });
    await world.mirror(offer({}), constitutive);
    const network = 'Centre d’essai 9';
    await world.facts('28/ESSAI-1', `cmr_${'a'.repeat(16)}`, { network, label: 'CRMR coordonnateur' });
    await world.facts('28/ESSAI-2', `cmr_${'b'.repeat(16)}`, { network, label: 'CRMR constitutif' });
    await world.publish();
    expect(await coordinatorSaid()).toBe(true);
    await say({ sensitive: true });
    expect(await coordinatorSaid()).toBe(false);
    expect(await coordinatorSaid(await regulator())).toBe(true);
    await say({});
    expect(await coordinatorSaid()).toBe(true);
    await world.gone('offre-1');
    await world.publish();
    expect(await coordinatorSaid()).toBe(false);
    expect(await coordinatorSaid(await regulator())).toBe(false);
  });
});
