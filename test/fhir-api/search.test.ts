import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { trialDirectory } from '../support/fhir-directory.js';
import { includedOf, matchesOf, openFhirWorld, type FhirWorld } from '../support/fhir-world.js';
import { CAEN, ROUEN, SYSTEM } from '../support/trial-region.js';

/** Searches as the ROR does them (api.md sections 7 and 8), read by an anonymous caller. */
let world: FhirWorld;

beforeAll(async () => {
  world = await openFhirWorld();
  await world.mirror(...trialDirectory());
  await world.publish();
});
afterAll(() => world.close());

const search = async (query: string, headers: Readonly<Record<string, string>> = {}) => {
  const answer = await world.get(`/fhir/28/${query}`, headers);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
};
const refused = async (query: string) => {
  const answer = await world.get(`/fhir/28/${query}`);
  expect(answer.status, answer.text).toBe(400);
  expect(answer.body['resourceType']).toBe('OperationOutcome');
  return answer.text;
};

const INC = [
  '_include=HealthcareService:organization',
  '_include:iterate=Organization:partof',
  '_include=HealthcareService:location',
  '_revinclude=PractitionerRole:service',
  '_include=PractitionerRole:practitioner',
].join('&');
const OFFER = (id: string) =>
  ({
    'offre-caen': [`eg-${CAEN.eg}`, `ej-${CAEN.ej}`, `lieu-${CAEN.eg}`],
    'offre-rouen': [`eg-${ROUEN.eg}`, `ej-${ROUEN.ej}`, `lieu-${ROUEN.eg}`],
  })[id];

describe('the searches of the ROR’s use cases', () => {
  it('bring the offer with establishment, entity and place', async () => {
    const found = await search(`HealthcareService?identifier=28/ESSAI-0002&${INC}`);
    expect(matchesOf(found)).toEqual(['offre-rouen']);
    expect([...includedOf(found)].sort()).toEqual(OFFER('offre-rouen'));
  });

  it('include what the matches name only, without :iterate', async () => {
    const found = await search(
      'HealthcareService?identifier=28/ESSAI-0002&_include=HealthcareService:organization&_include=Organization:partof',
    );
    expect(includedOf(found)).toEqual([`eg-${ROUEN.eg}`]);
  });

  it('find a place with the offers that name it', async () => {
    const found = await search('Location?address-postalcode=76&_revinclude=HealthcareService:location');
    expect(matchesOf(found)).toEqual([`lieu-${ROUEN.eg}`]);
    expect(includedOf(found)).toEqual(['offre-rouen']);
  });

  it.each([
    [`organization.identifier=1${ROUEN.eg}`, ['offre-rouen']],
    [`organization.identifier=1${ROUEN.ej}`, []],
    [`organization.identifier:above=1${ROUEN.ej}`, ['offre-rouen']],
    [`organization.identifier:above=1${ROUEN.eg}`, ['offre-rouen']],
    ['organization._lastUpdated:above=ge2026-01-01', ['offre-caen', 'offre-rouen']],
    ['organization._lastUpdated:above=lt2026-01-01', []],
    [`organization:Organization.name=hopital`, ['offre-rouen']],
    ['location.address-postalcode=14', ['offre-caen']],
    ['location.near-insee-code=76540|15|km', ['offre-rouen']],
    ['location.near=49.2|-0.36|15|km', ['offre-caen']],
    ['location.near=49.3|0.4|60000|m', ['offre-caen', 'offre-rouen']],
    ['location.near=49.3|0.4|50|km', []],
    [`service-category=${SYSTEM('TRE_R244-CategorieOrganisation')}|245,154`, ['offre-caen', 'offre-rouen']],
    ['service-category:not=245', ['offre-caen']],
    ['characteristic=11&characteristic=49', ['offre-rouen']],
    ['characteristic=11&characteristic=50', []],
    ['name:contains=caen', ['offre-caen']],
    ['psychiatric-sector:missing=true', ['offre-caen']],
    ['patient-type:missing=false', ['offre-rouen']],
    ['_has:PractitionerRole:service:identifier=1', []],
    ['_has:PractitionerRole:service:practitioner.identifier=1', []],
    ['_id:not=offre-caen', ['offre-rouen']],
  ])('HealthcareService?%s', async (query, ids) => {
    expect(matchesOf(await search(`HealthcareService?${query.replace(/\|/g, '%7C')}`))).toEqual(ids);
  });

  it('reverse a chain: places of the offers of a kind, establishments that have one below them', async () => {
    expect(matchesOf(await search('Location?_has:HealthcareService:location:specialty=593'))).toEqual([
      `lieu-${ROUEN.eg}`,
    ]);
    expect(matchesOf(await search('Organization?_has:HealthcareService:organization:specialty=593'))).toEqual(
      [`eg-${ROUEN.eg}`],
    );
    expect(matchesOf(await search(`Organization?_has:Organization:partof:identifier=1${CAEN.eg}`))).toEqual([
      `ej-${CAEN.ej}`,
    ]);
  });

  it('tell the distance of each included place, and of each place found', async () => {
    const found = await search(
      'HealthcareService?location.near=49.44%7C1.1%7C15%7Ckm&_include=HealthcareService:location',
    );
    const entries = found['entry'] as { resource: JsonObject; search: JsonObject }[];
    // 0 km: the very point of the place.
    expect(entries.find(({ resource }) => resource['resourceType'] === 'Location')?.search).toEqual({
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/location-distance',
          valueDistance: { value: 0, unit: 'km', system: 'http://unitsofmeasure.org', code: 'km' },
        },
      ],
      mode: 'include',
    });
    // From Rouen (49.44, 1.10) to Caen (49.20, -0.36): 109 km by a map.
    const near = await search('Location?near=49.44%7C1.1%7C200%7Ckm');
    const far = (
      near['entry'] as {
        resource: JsonObject;
        search: { extension: { valueDistance: { value: number } }[] };
      }[]
    ).find(({ resource }) => resource['id'] === `lieu-${CAEN.eg}`);
    expect(far?.search.extension[0]?.valueDistance.value).toBeCloseTo(109, 0);
  });

  it('are the same by POST _search', async () => {
    const answer = await fetch(`${world.fhir}/HealthcareService/_search?_count=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams([['specialty', '593']]).toString(),
    });
    expect(answer.status).toBe(200);
    const body = (await answer.json()) as JsonObject;
    expect(matchesOf(body)).toEqual(['offre-rouen']);
    expect(body['link']).toEqual([
      { relation: 'self', url: `${world.fhir}/HealthcareService?_count=1&specialty=593` },
    ]);
  });
});

describe('an answer', () => {
  it('keeps what it was asked in its link to itself, and stored bodies as they are', async () => {
    const found = await search('HealthcareService?identifier=28/ESSAI-0001');
    const [entry] = found['entry'] as { fullUrl: string; resource: JsonObject }[];
    expect(entry?.fullUrl).toBe(`${world.fhir}/HealthcareService/offre-caen`);
    const read = await world.get('/fhir/28/HealthcareService/offre-caen');
    expect(entry?.resource).toEqual(read.body);
    expect(read.headers.get('etag')).toBe('W/"1"');
  });

  it('tells the instant of the last publication that it saw, on each of its pages', async () => {
    const { at } = (await world.database.owner('served_head').first()) as { at: Date };
    const seen = { lastUpdated: at.toISOString() };
    const first = await search('HealthcareService?_count=1');
    expect(first['meta']).toEqual(seen);
    expect((await search('HealthcareService?_summary=count'))['meta']).toEqual(seen);
    await world.database.owner('served_head').update({ at: new Date(at.getTime() + 1000) });
    const { url } = (first['link'] as { url: string }[])[1] ?? { url: '' };
    expect((await world.get(url)).body['meta']).toEqual(seen);
    expect((await search('HealthcareService?_count=1'))['meta']).toEqual({
      lastUpdated: new Date(at.getTime() + 1000).toISOString(),
    });
    // Nothing that is to come is missed: what was published then is found from there on.
    expect(
      matchesOf(await search(`HealthcareService?_lastUpdated=ge${seen.lastUpdated}&_total=accurate`)),
    ).toEqual(['offre-caen', 'offre-rouen']);
  });

  it('counts only with _summary=count or _count=0, and not at all with _total=none', async () => {
    expect(await search('HealthcareService?_summary=count')).toMatchObject({ total: 2 });
    expect((await search('HealthcareService?_count=0'))['entry']).toBeUndefined();
    expect((await search('HealthcareService?_total=none'))['total']).toBeUndefined();
  });

  it('is cut to some elements, and says that it is', async () => {
    const found = await search('HealthcareService?identifier=28/ESSAI-0001&_elements=name,identifier');
    const [entry] = found['entry'] as { resource: JsonObject }[];
    expect(Object.keys(entry?.resource ?? {}).sort()).toEqual([
      'id',
      'identifier',
      'meta',
      'name',
      'resourceType',
    ]);
    expect((entry?.resource['meta'] as { tag: { code: string }[] }).tag.map(({ code }) => code)).toEqual([
      '28',
      'SUBSETTED',
    ]);
    const summary = await world.get('/fhir/28/HealthcareService/offre-rouen?_summary=true');
    expect(summary.body['extension']).toBeUndefined();
    expect(summary.body['providedBy']).toBeDefined();
  });

  it('sorts by name or by change, both ways', async () => {
    expect(matchesOf(await search('HealthcareService?_sort=-name'))).toEqual(['offre-rouen', 'offre-caen']);
    expect(matchesOf(await search('HealthcareService?_sort=_lastUpdated&_count=1'))).toHaveLength(1);
    expect(await refused('HealthcareService?_sort=prix')).toContain('_sort');
  });

  it('refuses an unknown parameter, unless handling is lenient: then it says what it set aside', async () => {
    expect(await refused('HealthcareService?couleur=bleu')).toContain('couleur');
    expect(await refused('HealthcareService?_filter=(name eq x)')).toContain('_filter');
    const lenient = await search('HealthcareService?couleur=bleu&name=offre', { prefer: 'handling=lenient' });
    expect(matchesOf(lenient)).toEqual(['offre-caen', 'offre-rouen']);
    expect(lenient['link']).toEqual([
      { relation: 'self', url: `${world.fhir}/HealthcareService?name=offre` },
    ]);
    const outcome = (lenient['entry'] as { resource: JsonObject; search: JsonObject }[]).at(-1);
    expect(outcome).toMatchObject({
      resource: { resourceType: 'OperationOutcome' },
      search: { mode: 'outcome' },
    });
    // A wrong value is never set aside.
    const wrong = await world.get('/fhir/28/HealthcareService?_lastUpdated=hier', {
      prefer: 'handling=lenient',
    });
    expect(wrong.status).toBe(400);
  });

  it('is 304 to who has it already', async () => {
    const path = '/fhir/28/HealthcareService/offre-caen';
    const first = await world.get(path);
    for (const headers of [
      { 'if-none-match': first.headers.get('etag') ?? '' },
      { 'if-none-match': 'W/"7", "1"' },
      { 'if-modified-since': first.headers.get('last-modified') ?? '' },
    ] as Record<string, string>[]) {
      const answer = await world.get(path, headers);
      expect(answer.status).toBe(304);
      expect(answer.text).toBe('');
    }
    expect((await world.get(path, { 'if-none-match': 'W/"2"' })).status).toBe(200);
  });

  it.each([
    ['/fhir/28/HealthcareService/absente', 404],
    ['/fhir/28/HealthcareService/absente/_history', 404],
    ['/fhir/28/HealthcareService/offre-caen/_history/9', 404],
    ['/fhir/28/HealthcareService/offre-sensible', 404],
    ['/fhir/99/HealthcareService', 404],
    ['/fhir/28/Patient', 404],
    ['/autre', 404],
    ['/fhir/28/HealthcareService/offre-caen?couleur=bleu', 400],
  ])('is an OperationOutcome otherwise: %s', async (path, status) => {
    const answer = await world.get(path);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] });
    expect(answer.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
  });

  it('is JSON only', async () => {
    expect((await world.get('/fhir/28/metadata', { accept: 'application/fhir+xml' })).status).toBe(406);
    expect((await world.get('/fhir/28/metadata?_format=xml')).status).toBe(406);
    expect((await world.get('/fhir/28/metadata?_format=json', { accept: 'text/html' })).status).toBe(200);
  });
});

describe('a link to the next page', () => {
  it('belongs to its own search: with other conditions it is refused, with another look it goes on', async () => {
    const first = await world.get(`${world.fhir}/HealthcareService?_count=1`);
    const next = new URL(
      (first.body['link'] as { relation: string; url: string }[]).find(({ relation }) => relation === 'next')
        ?.url ?? '',
    );
    const cursor = next.searchParams.get('_cursor') ?? '';
    const ask = async (query: string): Promise<number> =>
      (await world.get(`${world.fhir}/HealthcareService?${query}&_cursor=${cursor}`)).status;
    expect(await ask('_count=1')).toBe(200);
    expect(await ask('_count=2&_elements=name')).toBe(200);
    expect(await ask('_count=1&name=essai')).toBe(400);
    expect(await ask('_count=1&_sort=name')).toBe(400);
  });
});

describe('a region of which nothing was ever published', () => {
  it('answers 503 and when to come back, not an empty list; what it can do is told', async () => {
    const bare = await openFhirWorld();
    try {
      for (const path of ['HealthcareService', '_history', '$export', 'Location/lieu-1']) {
        const answer = await bare.get(`/fhir/28/${path}`);
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60']);
        expect(answer.text).toContain('Rien n’est encore publié');
      }
      expect((await bare.get('/fhir/28/metadata')).status).toBe(200);
      await bare.publish();
      expect((await bare.get('/fhir/28/HealthcareService')).body['total']).toBe(0);
    } finally {
      await bare.close();
    }
  });
});

describe('a search that finds more than it counts', () => {
  it('gives no total, and says why; one less is counted', async () => {
    const many = await openFhirWorld();
    try {
      await many.publish();
      await many.database.owner.raw(
        `insert into served_resource (region, view, type, id, no, version, at, content_hash, body, tokens)
         select '28', 'fhir.public', 'Location', 'lieu-' || n, n, 1, now(), 'h',
           '{"resourceType":"Location","id":"lieu-' || n || '"}', '{}' from generate_series(1, 10001) n`,
      );
      for (const query of ['_count=1', '_count=1&_total=accurate', '_summary=count']) {
        const { body } = await many.get(`/fhir/28/Location?${query}`);
        expect(body['total'], query).toBeUndefined();
        expect((body['entry'] as object[]).at(-1)).toMatchObject({
          resource: {
            resourceType: 'OperationOutcome',
            issue: [{ severity: 'warning', expression: ['_total'] }],
          },
          search: { mode: 'outcome' },
        });
        const next = (body['link'] as { url: string }[])[1]?.url;
        if (next !== undefined) expect((await many.get(next)).body['total']).toBeUndefined();
      }
      await many.database.owner('served_resource').where({ id: 'lieu-1' }).delete();
      for (const query of ['_count=1', '_summary=count'])
        expect((await many.get(`/fhir/28/Location?${query}`)).body['total']).toBe(10_000);
    } finally {
      await many.close();
    }
  });
});

describe('a text far longer than an index holds', () => {
  it('is published; its resource is found by its name, and by the words that begin it', async () => {
    const long = await openFhirWorld();
    try {
      // Words that differ from one another: what repeats would be pressed small enough for an index.
      const words = Array.from({ length: 200_000 }, (_, n) => (n * 7_919 + 104_729).toString(36)).join(' ');
      const text = `introuvable-ailleurs ${words}`.slice(0, 1_000_000);
      expect(text).toHaveLength(1_000_000);
      const [organization] = trialDirectory().filter((each) => each['id'] === `eg-${CAEN.eg}`);
      const [offer] = trialDirectory().filter((each) => each['id'] === 'offre-caen');
      await long.mirror(
        { ...organization, alias: [`Alias ${text}`] } as JsonObject,
        { ...offer, comment: text } as JsonObject,
      );
      await long.publish();
      const offers = (await long.get('/fhir/28/HealthcareService?name=offre')).body;
      expect(matchesOf(offers)).toEqual(['offre-caen']);
      const found = (await long.get('/fhir/28/Organization?_content=introuvable ailleurs')).body;
      expect(matchesOf(found)).toEqual([`eg-${CAEN.eg}`]);
    } finally {
      await long.close();
    }
  });
});

describe('the pages of a search', () => {
  it('give each resource once, in the order asked, whatever the sort', async () => {
    const world2 = await openFhirWorld();
    try {
      const offers = Array.from({ length: 23 }, (_, n) => ({
        ...trialOffer({
          id: `offre-${String(n).padStart(2, '0')}`,
          identifier: `28/ESSAI-${n}`,
          label: String(n),
          site: CAEN,
        }),
        // Three share each name: the id breaks the tie.
        name: `Centre d’essai ${Math.floor(n / 3)}`,
      }));
      await world2.mirror(...offers);
      await world2.publish();
      for (const sort of ['', '_id', '-_id', '_lastUpdated', '-_lastUpdated', 'name', '-name']) {
        const found: string[] = [];
        let next: string | undefined =
          `${world2.fhir}/HealthcareService?_count=5${sort === '' ? '' : `&_sort=${sort}`}`;
        let pages = 0;
        while (next !== undefined) {
          const { body, status, text } = await world2.get(next);
          expect(status, text).toBe(200);
          expect(body['total']).toBe(23);
          found.push(...matchesOf(body));
          next = (body['link'] as { relation: string; url: string }[]).find(
            ({ relation }) => relation === 'next',
          )?.url;
          pages++;
        }
        expect(pages).toBe(5);
        expect(new Set(found).size).toBe(23);
        if (sort === 'name' || sort === '-name') {
          const names = found.map((id) => Math.floor(Number(id.slice(6)) / 3));
          expect(names).toEqual([...names].sort((a, b) => (sort === 'name' ? a - b : b - a)));
        } else
          expect(found).toEqual(
            [...found].sort((a, b) => (sort.startsWith('-') ? 1 : -1) * (a < b ? 1 : -1)),
          );
      }
      const broken = await world2.get('/fhir/28/HealthcareService?_cursor=abc');
      expect(broken.status).toBe(400);
      const other = await world2.get(
        `/fhir/28/HealthcareService?_sort=_lastUpdated&_cursor=${Buffer.from('["x","a",null]').toString('base64url')}`,
      );
      expect(other.status).toBe(400);
    } finally {
      await world2.close();
    }
  });
});
