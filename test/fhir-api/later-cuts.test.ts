import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { establishments, trialOffer } from '../../src/sandbox/seed.js';
import { offerContact } from '../support/fhir-directory.js';
import { openFhirWorld, type FhirWorld } from '../support/fhir-world.js';
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.js';
import { CAEN, SYSTEM } from '../support/trial-region.js';

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

const LEVEL_3 = {
  url: 'https://essai.example/niveau',
  valueCodeableConcept: {
    coding: [{ system: SYSTEM('TRE_R283-NiveauConfidentialite'), code: '3' }],
  },
};
const SECRET = { url: 'https://essai.example/mot', valueString: 'mot-secret' };

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

const entriesOf = async (
  path: string,
): Promise<readonly { resource?: { name: string }; request: object }[]> =>
  ((await world.get(`${world.fhir}/${path}`)).body['entry'] ?? []) as never;

describe('an offer of a unit that becomes sensitive', () => {
  it('is not read any more in any version, nor in an export that was asked for before; the regulation reads it', async () => {
    await say({ name: 'Avant, un' });
    expect(await everything()).toContain('Avant, un');
    const asked = await kickedOff(world.fhir);
    expect(await files(asked)).toContain('Avant, un');
    await say({ name: 'Après', sensitive: true });
    for (const words of ['Avant, un', 'Après']) expect(await everything()).not.toContain(words);
    expect(await files(asked)).toBe('');
    expect((await world.get(`${world.fhir}/HealthcareService/offre-1`)).status).toBe(410);
    expect(await everything(await regulator())).toContain('Après');
    // Its deletion is told: a copy that follows lets it go.
    expect(await entriesOf('_history')).toMatchObject([
      { request: { method: 'DELETE', url: 'HealthcareService/offre-1' } },
    ]);
  });

  it('stays so when the repository shows it no more, whether it told why or not', async () => {
    for (const last of [{ sensitive: true }, {}]) {
      await say({ name: 'Ouvert', levels: [1, 0] });
      expect(await everything()).toContain(NUMBERS[0]);
      await world.mirror(offer({ name: 'Fermé', ...last }));
      await world.gone('offre-1');
      await world.publish();
      const all = await everything();
      for (const words of ['Ouvert', 'Fermé', NUMBERS[0]]) expect(all).not.toContain(words);
    }
  });

  it('keeps its place hidden when it closes, until an offer that is not sensitive names it', async () => {
    const [place] = establishments([CAEN]).filter(
      ({ resourceType }) => resourceType === 'Location',
    ) as JsonObject[];
    if (place === undefined) throw new Error('no place in the seed');
    const address = `Location/${String(place['id'])}`;
    const statusOf = async (): Promise<number> => (await world.get(`${world.fhir}/${address}`)).status;
    await world.mirror(...establishments([CAEN]), offer({ sensitive: true }));
    await world.publish();
    expect(await statusOf()).toBe(404);
    await world.gone('offre-1');
    await world.publish();
    expect(await statusOf()).toBe(404);
    await world.mirror({ ...place, name: 'Lieu d’essai renommé' });
    await world.publish();
    expect(await statusOf()).toBe(404);
    await world.mirror(trialOffer({ id: 'offre-3', identifier: '28/ESSAI-3', label: '3', site: CAEN }));
    await world.publish();
    expect(await statusOf()).toBe(200);
  });
});

describe('a level above the reader’s', () => {
  it.each([
    [
      'an extension of its own',
      { extension: [{ url: 'https://essai.example/x', extension: [LEVEL_3, SECRET] }] },
    ],
    [
      'a modifier extension',
      { modifierExtension: [{ url: 'https://essai.example/y', extension: [LEVEL_3, SECRET] }] },
    ],
    ['an extension of a reference', { providedBy: { extension: [LEVEL_3, SECRET] } }],
    ['an element that no rule knows', { essai: [{ extension: [LEVEL_3], valueString: 'mot-secret' }] }],
    [
      'a coding of a list',
      { essai: { coding: [{ ...LEVEL_3.valueCodeableConcept.coding[0], display: 'mot-secret' }] } },
    ],
  ])('hides %s from those who may not see it', async (_, said) => {
    const whole = offer({});
    await world.mirror(
      ...establishments([CAEN]),
      ...[whole].map((each): JsonObject => ({
        ...each,
        ...said,
        extension: [...(each['extension'] as Json[]), ...('extension' in said ? said.extension : [])],
      })),
    );
    await world.publish();
    const all = await everything();
    expect(all).not.toContain('mot-secret');
    expect(all).toContain('offre-1');
    expect(await everything(await regulator())).toContain('mot-secret');
  });
});

describe('a number whose level is raised', () => {
  it('is in no older version; the last one is always told', async () => {
    await say({ levels: [1, 1] });
    await say({ levels: [2, 1] });
    const all = await everything();
    expect(all).not.toContain(NUMBERS[0]);
    expect(all).toContain(NUMBERS[1]);
    expect(await entriesOf('HealthcareService/offre-1/_history')).toHaveLength(1);
    expect((await world.get(`${world.fhir}/HealthcareService/offre-1/_history/1`)).status).toBe(404);
    expect((await world.get(`${world.fhir}/HealthcareService/offre-1/_history/2`)).status).toBe(200);
  });
});

describe('whatever order things are shown and hidden in', () => {
  it('what is read anywhere is what the last publication shows, and nothing before it', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ levels: fc.tuple(fc.nat(3), fc.nat(3)) }) },
      { weight: 1, arbitrary: fc.constant('sensitive' as const) },
      { weight: 1, arbitrary: fc.constant('gone' as const) },
      { weight: 1, arbitrary: fc.constant('rules' as const) },
    );
    let hidden = 0;
    let turn = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 7 }), async (steps) => {
        let shown: Said | null = null;
        await world.gone('offre-1');
        await world.publish();
        for (const each of steps) {
          // A name of each step: what an older version said is told apart from what stands.
          const name = `Centre d’essai du tour ${String(++turn)},`;
          if (each === 'rules') {
            await world.database.app('served_head').update({ rules: 'autres' });
            await world.publish();
          } else if (each === 'gone') {
            await world.gone('offre-1');
            await world.publish();
            shown = null;
          } else if (each === 'sensitive') {
            await say({ levels: [1, 1], name, sensitive: true });
            shown = null;
          } else {
            shown = { levels: each.levels as [number, number], name };
            await say(shown);
          }
          const all = await everything();
          for (const [at, number] of NUMBERS.entries()) {
            const visible = shown?.levels?.[at] === 1;
            if (!visible) hidden += 1;
            expect(all.includes(number), `${number} after ${JSON.stringify(steps)}`).toBe(visible);
          }
          const names = new Set(all.match(/Centre d’essai du tour \d+,/g) ?? []);
          expect([...names]).toEqual(shown === null ? [] : [shown.name]);
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
    const asked = await kickedOff(world.fhir);
    await say({ sensitive: true });
    expect(await coordinatorSaid()).toBe(false);
    // Nor by an older version of another offer, nor by an export that was asked for before.
    for (const path of [
      '_history',
      'HealthcareService/offre-2/_history',
      'HealthcareService/offre-2/_history/1',
    ])
      expect((await world.get(`${world.fhir}/${path}`)).text).not.toContain('28/ESSAI-1"');
    expect(await files(asked)).not.toContain('28/ESSAI-1"');
    expect(await coordinatorSaid(await regulator())).toBe(true);
    await say({});
    expect(await coordinatorSaid()).toBe(true);
    await world.gone('offre-1');
    await world.publish();
    expect(await coordinatorSaid()).toBe(false);
    expect(await coordinatorSaid(await regulator())).toBe(false);
  });
});
