import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { PARAMETERS } from '../../src/publish/parameters.js';
import { trialDirectory } from '../support/fhir-directory.js';
import { openFhirWorld, type FhirWorld } from '../support/fhir-world.js';

/** Malformed queries, seeded: never a 5xx, never more than so many bytes, each answered, and no memory kept of them. */
const QUERIES = Number(process.env['FILROR_QUERIES'] ?? 10_000);
/** A client that waits longer gives up, and the test with it: far beyond what any of these queries takes. */
const PATIENCE_MS = 60_000;
/** What the process may keep of all of them: 40 KiB each would be seen. */
const MOST_KEPT = 400 * 1024 * 1024;
let world: FhirWorld;

beforeAll(async () => {
  world = await openFhirWorld({ config: { publicPerMinute: 100_000 } });
  await world.mirror(...trialDirectory());
  await world.publish();
});
afterAll(() => world.close());

/** Mulberry32: the same queries on every machine. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const NAMES = [
  ...Object.values(PARAMETERS).flatMap((table) => Object.keys(table)),
  ...[
    '_count',
    '_sort',
    '_include',
    '_include:iterate',
    '_revinclude',
    '_elements',
    '_summary',
    '_total',
    '_cursor',
  ],
  ...['_filter', '_has:HealthcareService:location:name', '_has:::', '_has:a:b:c:d:e', '_since', '_format'],
  ...[
    'organization.',
    'organization.name',
    'organization.identifier:above',
    'location.near',
    'location.organization.name',
  ],
  ...[
    'organization.partof.partof.partof.name',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty.name',
  ],
  ...['name:exact', 'name:contains', 'characteristic:not', 'identifier:missing', '_id:not', 'name:%00', ''],
];
const VALUES = [
  ...[
    '',
    ' ',
    '|',
    '||',
    '|||',
    ',',
    ',,,',
    '\\',
    '\\,',
    '\\|',
    '%',
    '%00',
    '%0',
    '%E9',
    '%ED%A0%80',
    '\u0000',
    '\u202e',
    '😀',
  ],
  ...[
    "'",
    "' or 1=1 --",
    '";select pg_sleep(9)',
    '{}',
    '[]',
    '{"a":1}',
    '$1',
    '??',
    '?',
    ':x',
    '@>',
    '../../etc/passwd',
  ],
  ...[
    'ge',
    'ge2026-02-30',
    'ge99999-01-01',
    'ge0000',
    '0001-01-01T00:00+14:00',
    '9999-12-31T23:59-14:00',
    '2026-01-01T25:61:61Z',
    '-0',
    '1e309',
    'NaN',
    'Infinity',
    '0x10',
    '9'.repeat(400),
  ],
  ...[
    '1'.repeat(1_999),
    'a'.repeat(3_000),
    'a|'.repeat(300),
    'x,'.repeat(500),
    '%2C'.repeat(200),
    '(((((',
    '*',
    '.*',
    '\n',
    '\r\n',
  ],
  ...[
    '49.2|-0.3|1|km',
    '91|0|1|km',
    '0|181|1|km',
    '49|0|-1|km',
    '49|0|1e9|km',
    '90|0|99999999|km',
    '14118|1|km',
  ],
  ...[
    'HealthcareService:organization',
    'HealthcareService:*',
    '*',
    'a:b:c:d',
    'Organization:partof',
    'true',
    'false',
    'null',
  ],
  ...[
    'eyJhIjoxfQ',
    Buffer.from('["a","b",null]').toString('base64url'),
    Buffer.from('[1]').toString('base64url'),
  ],
];
const PATHS = [
  ...[
    'HealthcareService',
    'Organization',
    'Location',
    'Practitioner',
    'PractitionerRole',
    '_history',
    '$export',
    'metadata',
  ],
  ...[
    'HealthcareService/offre-caen',
    'HealthcareService/_history',
    'HealthcareService/offre-caen/_history',
    'Location/$export',
  ],
  ...[
    'HealthcareService/%00',
    'HealthcareService/..%2f..',
    'HealthcareService/offre-caen/_history/99999999999',
    '$export-poll-status',
  ],
  ...[
    'Organization/a%20b',
    'Location/x/_history/-1',
    'StructureDefinition/__proto__',
    'SearchParameter/constructor',
    '%F0%28%8C%28',
  ],
];

describe('malformed queries', () => {
  it(`are answered, all ${QUERIES} of them: never a 5xx, never much`, async () => {
    const next = random(20_261_122);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
    const statuses = new Map<number, number>();
    let longest = 0;
    let before = 0;
    for (let n = 0; n < QUERIES; n++) {
      // Once everything is loaded and warm.
      if (n === Math.floor(QUERIES / 10)) before = process.memoryUsage.rss();
      const pairs = Array.from({ length: Math.floor(next() * 4) }, () => {
        const value = next() < 0.3 ? pick(VALUES) + pick(VALUES) : pick(VALUES);
        const raw = next() < 0.3;
        return `${raw ? pick(NAMES) : encodeURIComponent(pick(NAMES))}=${raw ? value.replace(/[\s#\u0000-\u001f]/g, '') : safe(value)}`;
      });
      const query = pairs.join('&').slice(0, 12_000);
      const path = `${pick(['/fhir/28/', '/ror/28/'])}${pick(PATHS)}${query === '' ? '' : `?${query}`}`;
      const headers = next() < 0.3 ? { prefer: 'handling=lenient' } : {};
      const answer = await asked(path, headers);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      longest = Math.max(longest, answer.text.length);
      expect(answer.status, `${path}\n${answer.text}`).toBeLessThan(500);
      if (answer.status >= 400) expect(answer.body['resourceType'], path).toBe('OperationOutcome');
    }
    // The queries reach both sides: a table of refusals alone would prove little.
    expect(statuses.get(200)).toBeGreaterThan(QUERIES / 50);
    expect(statuses.get(400)).toBeGreaterThan(QUERIES / 4);
    expect(longest).toBeLessThan(200_000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(MOST_KEPT);
  }, 600_000);

  it('are answered when they come by POST too', async () => {
    for (const [type, body, status] of [
      ['application/x-www-form-urlencoded', 'name=%00', 400],
      ['application/x-www-form-urlencoded', 'x='.repeat(100), 400],
      ['application/x-www-form-urlencoded', `name=${'a'.repeat(100_000)}`, 413],
      ['application/json', '{"name":"x"}', 415],
      ['text/plain', '', 200],
    ] as const) {
      const answer = await fetch(`${world.fhir}/HealthcareService/_search`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      expect(answer.status, `${type} ${body.slice(0, 30)}`).toBe(status);
    }
  });
});

async function asked(path: string, headers: Readonly<Record<string, string>>) {
  const answer = await fetch(`${world.url}${path}`, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  const text = await answer.text();
  const body = answer.status >= 400 ? (JSON.parse(text) as JsonObject) : {};
  return { status: answer.status, text, body };
}

function safe(value: string): string {
  return encodeURIComponent(value);
}
