import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { publish } from '../../src/publish/publish.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { matchesOf, openFhirWorld, type FhirWorld } from '../support/fhir-world.js';
import { CAEN } from '../support/trial-region.js';

/** A copy that follows is the same as one made anew, whoever writes meanwhile (HAPI #5720 is what this guards against). */
let world: FhirWorld;

beforeEach(async () => {
  world = await openFhirWorld({ config: { pageSize: 7 } });
});
afterEach(() => world.close());

const offer = (n: number, words: string): JsonObject => ({
  ...trialOffer({ id: `offre-${n}`, identifier: `28/ESSAI-${n}`, label: String(n), site: CAEN }),
  name: `Centre d’essai ${n}, ${words}`,
});

type Copy = Map<string, string>;

/** Follows the history from an instant on; oldest first, or newest first as R4 has it. */
async function followed(
  copy: Copy,
  since: string | null,
  order: string,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  let next: string | undefined =
    `${world.fhir}/_history?_count=5&_sort=${order}${since === null ? '' : `&_since=${since}`}`;
  const told = new Set<string>();
  let upTo = '';
  while (next !== undefined) {
    const { body, status, text } = await world.get(next);
    expect(status, text).toBe(200);
    // Of the last page, as a reader may take it: every page says the same.
    upTo = String((body['meta'] as JsonObject | undefined)?.['lastUpdated'] ?? '');
    for (const entry of (body['entry'] ?? []) as {
      resource?: JsonObject;
      request: { method: string; url: string };
    }[]) {
      const { method, url } = entry.request;
      if (order === '-_lastUpdated' && told.has(url)) continue;
      told.add(url);
      if (method === 'DELETE') copy.delete(url);
      else copy.set(url, JSON.stringify(entry.resource));
    }
    next = (body['link'] as { relation: string; url: string }[]).find(
      ({ relation }) => relation === 'next',
    )?.url;
    if (next !== undefined) await between();
  }
  return upTo;
}

/** A full export, by the rules of Bulk Data. */
async function exported(): Promise<Copy> {
  const start = await world.get('/fhir/28/$export');
  expect(start.status).toBe(202);
  const { body } = await world.get(start.headers.get('content-location') ?? '');
  const copy: Copy = new Map();
  for (const { url } of body['output'] as { url: string }[]) {
    const { text } = await world.get(url);
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const resource = JSON.parse(line) as JsonObject;
      copy.set(`${String(resource['resourceType'])}/${String(resource['id'])}`, JSON.stringify(resource));
    }
  }
  return copy;
}

const sorted = (copy: Copy): [string, string][] => [...copy].sort(([a], [b]) => (a < b ? -1 : 1));

describe('a client that follows the history', () => {
  it('ends with the same set as a full export, from whichever point it began', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), n: fc.nat(8), words: fc.nat(3) }),
      fc.record({ kind: fc.constant('gone' as const), n: fc.nat(8) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 }),
        async (rounds) => {
          const copies: { copy: Copy; since: string | null; order: string }[] = [];
          for (const steps of rounds) {
            for (const each of steps) {
              if (each.kind === 'write') await world.mirror(offer(each.n, `texte ${each.words}`));
              else await world.gone(`offre-${each.n}`);
            }
            await world.publish();
            // One more copy begins here, whole; the others go on from where they were.
            for (const order of ['_lastUpdated', '-_lastUpdated'])
              copies.push({ copy: new Map(), since: null, order });
            for (const one of copies) one.since = await followed(one.copy, one.since, one.order);
          }
          const whole = sorted(await exported());
          for (const { copy } of copies) expect(sorted(copy)).toEqual(whole);
        },
      ),
      { numRuns: 12 },
    );
  }, 120_000);
});

describe('what is published while a reader turns the pages', () => {
  it('is in the next reading, begun at the instant of any page: changes, newcomers and deletions', async () => {
    await world.mirror(...Array.from({ length: 12 }, (_, n) => offer(n, 'au début')));
    await world.publish();
    for (const order of ['_lastUpdated', '-_lastUpdated']) {
      const copy: Copy = new Map();
      let n = 0;
      const since = await followed(copy, null, order, async () => {
        n += 1;
        await world.mirror(offer(n, `pendant ${order} ${String(n)}`), offer(50 + n, order));
        await world.gone(`offre-${11 - n}`);
        await world.publish();
      });
      expect(n).toBeGreaterThan(1);
      await followed(copy, since, order);
      expect(sorted(copy)).toEqual(sorted(await exported()));
    }
  }, 60_000);
});

describe('while four writers publish, for longer and shorter, and some give up', () => {
  it('a reader of pages sees each unchanged resource exactly once, and the sequence has no hole', async () => {
    const still = Array.from({ length: 40 }, (_, n) => offer(100 + n, 'inchangé'));
    await world.mirror(...still);
    await world.publish();
    const { app } = world.database;
    let stop = false;
    let published = 0;
    const writer = async (who: number): Promise<void> => {
      for (let n = 0; !stop; n++) {
        await world.mirror(offer(who, `tour ${n}`), offer(10 + who, `tour ${n % 2}`));
        if (n % 3 === 2) await world.gone(`offre-${10 + who}`);
        const fails = (who + n) % 4 === 0;
        const work = app.transaction(async (trx) => {
          await sleep((who * 7 + n * 3) % 11);
          await publish({ db: trx, region: '28', audiences: ['public'], canonical: world.config.canonical });
          // The others wait, or look at what they find: nothing but the publication itself keeps them apart.
          await sleep((who * 5 + n) % 13);
          if (fails) throw new Error('given up');
        });
        if (fails) await expect(work).rejects.toThrow('given up');
        else {
          await work;
          published++;
        }
      }
    };
    const writers = [0, 1, 2, 3].map(writer);
    const unchanged = still.map(({ id }) => String(id)).sort();
    let readings = 0;
    for (const sort of ['_id', '-_id', '_lastUpdated', '-_lastUpdated', 'name', '_id', '_lastUpdated']) {
      const seen: string[] = [];
      let next: string | undefined = `${world.fhir}/HealthcareService?_sort=${sort}&_total=none`;
      while (next !== undefined) {
        const { body, status, text } = await world.get(next);
        expect(status, text).toBe(200);
        seen.push(...matchesOf(body));
        next = (body['link'] as { relation: string; url: string }[]).find(
          ({ relation }) => relation === 'next',
        )?.url;
      }
      expect(seen.filter((id) => unchanged.includes(id)).sort()).toEqual(unchanged);
      readings++;
    }
    const copy: Copy = new Map();
    let since: string | null = null;
    for (let n = 0; n < 5; n++) since = await followed(copy, since, '_lastUpdated');
    stop = true;
    await Promise.all(writers);
    await world.publish();
    await followed(copy, since, '_lastUpdated');
    expect(sorted(copy)).toEqual(sorted(await exported()));
    expect(readings).toBe(7);
    expect(published).toBeGreaterThan(4);
    const rows = (await app('served_version').where({ region: '28' }).orderBy('no').select('no', 'at')) as {
      no: number;
      at: Date;
    }[];
    expect(rows.map(({ no }) => Number(no))).toEqual(rows.map((_, index) => index + 1));
    const instants = rows.map(({ at }) => at.getTime());
    expect(instants).toEqual([...instants].sort((a, b) => a - b));
  }, 120_000);
});
