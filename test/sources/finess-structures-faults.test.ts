import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/domain/json.js';
import type { RowOutcome } from '../../src/domain/rows.js';
import { readAll } from '../../src/sources/contract.js';
import { finessStructures } from '../../src/sources/finess-structures/index.js';
import { MAX_SITES } from '../../src/sources/reading/finess-plus.js';
import type { FinessRecord } from '../../src/sources/reading/finess-record.js';
import { delivery, fixture } from './bytes.js';
import { fails } from './refused.js';

const source = finessStructures();
const text = fixture('finess-structures/fixtures/structures-essai-2026-11.json').toString('utf8');

type Changeable = Record<string, Json>;
interface Tree {
  generatedAt?: string;
  pmej: (Changeable & { informationsGeneralesPMEJ: Changeable; ege: Changeable[] })[];
}

const tree = (): Tree => JSON.parse(text) as Tree;
const readText = (json: string): Promise<readonly RowOutcome<FinessRecord>[]> =>
  readAll(source, delivery(Buffer.from(json)));
const read = (of: unknown): ReturnType<typeof readText> => readText(JSON.stringify(of));

/** What the first site, in service, becomes when it or its entity is changed. */
async function firstOf(
  change: (site: Changeable, facts: Changeable, entity: Tree['pmej'][number]) => void,
): Promise<RowOutcome<FinessRecord>> {
  const changed = tree();
  const entity = changed.pmej[0];
  const site = entity?.ege[0];
  if (entity === undefined || site === undefined) throw new Error('the fixture has changed');
  change(site, site['informationsGeneralesEGE'] as Changeable, entity);
  const [first] = await read(changed);
  if (first === undefined) throw new Error('nothing was read');
  return first;
}

const flagsOf = (outcome: RowOutcome<FinessRecord>): readonly string[] =>
  outcome.kind === 'row' ? (outcome.flags ?? []).map(({ code, field }) => `${code} ${field ?? ''}`) : [];

describe('a FINESS+ flow whose form has changed', () => {
  it.each([
    ['ege', /"ege"/g, 'pmej[].ege »'],
    ['numFinessPm', /"numFinessPm"/g, 'numFinessPm »'],
    ['numFinessEge', /"numFinessEge"/g, 'numFinessEge »'],
    ['etatObjet', /"etatObjet"/g, 'pmej[].ege[].etatObjet »'],
    ['the category', /"categorieentiteGeographiqueExercice"/g, 'categorieentiteGeographiqueExercice »'],
    ['both names', /"(nomEgeCourt|nomEgeLong)"/g, 'nomEgeCourt »'],
    ['adresse', /"adresse"/g, 'pmej[].ege[].adresse »'],
    ['usageAdresse', /"usageAdresse"/g, 'usageAdresse (03) »'],
    ['cogCommune', /"cogCommune"/g, 'cogCommune »'],
    ['codePostal', /"codePostal"/g, 'codePostal »'],
    ['ligneAcheminement', /"ligneAcheminement"/g, 'ligneAcheminement »'],
  ])('is refused at its end: %s', async (_, field, told) => {
    const renamed = text.replaceAll(field, (name) => `"autre${name.slice(1)}`);
    expect(renamed).not.toBe(text);
    const { message, place, remedy } = await fails(readText(renamed), 'SRC_COLUMN_MISSING');
    expect(message).toContain(told);
    expect(message).toMatch(/manque à \d+ des \d+ /);
    expect(place).toMatch(/^essai\.csv, pmej\[\d+\]/);
    expect(remedy).toContain('la livraison précédente reste');
  });

  it('tells five places and counts the others', async () => {
    const { pmej } = tree();
    const site = pmej[0]?.ege[0];
    if (site === undefined) throw new Error('the fixture has changed');
    const without = { ...site };
    delete without['categorieentiteGeographiqueExercice'];
    const { place, message } = await fails(
      read({ pmej: [{ ...pmej[0], ege: Array.from({ length: 7 }, () => without) }] }),
      'SRC_COLUMN_MISSING',
    );
    expect(message).toContain('manque à 7 des 7 établissements en service');
    expect(place).toBe(
      `essai.csv, ${[0, 1, 2, 3, 4].map((at) => `pmej[0].ege[${String(at)}]`).join(' ; ')} et 2 autres`,
    );
  });

  it('is read when half of the sites lack a field, each flagged', async () => {
    const outcome = await firstOf((site) => void delete site['categorieentiteGeographiqueExercice']);
    expect(flagsOf(outcome)).toEqual(['CATEGORY_UNKNOWN categorieentiteGeographiqueExercice']);
  });

  it('is refused when not one site of it can be read', async () => {
    const none = tree();
    for (const entity of none.pmej) entity.ege = [];
    await fails(read(none), 'SRC_EMPTY');
  });
});

describe('hostile FINESS+ structures', () => {
  it('set aside an entity with more sites than any has, and read the others', async () => {
    const { pmej } = tree();
    const [first, ...others] = pmej;
    const many = { ...first, ege: Array.from({ length: MAX_SITES + 1 }, () => ({})) };
    const outcomes = await read({ pmej: [many, ...others] });
    expect(outcomes.map(({ kind, key }) => `${kind} ${key ?? ''}`)).toEqual([
      'aside *',
      'row 9D0000025',
      'row 9D0000025#point',
    ]);
    expect(outcomes[0]).toMatchObject({
      code: 'ITEM_TOO_LONG',
      locator: { path: 'pmej[0]' },
      message: expect.stringContaining(String(MAX_SITES)) as string,
    });
  });

  it('take no category for a property of every object', async () => {
    for (const category of ['constructor', '__proto__', 'toString'])
      expect(
        flagsOf(await firstOf((site) => void (site['categorieentiteGeographiqueExercice'] = category))),
      ).toEqual(['CATEGORY_UNKNOWN categorieentiteGeographiqueExercice']);
  });
});

describe('dates of FINESS+ that are none', () => {
  it.each([
    ['dateOuverture', '2020-02-31', 'DATE_IMPOSSIBLE'],
    ['dateOuverture', '31/12/2020', 'DATE_UNREADABLE'],
    ['dateFermeture', '2020-02-31', 'DATE_IMPOSSIBLE'],
    ['dateFermeture', '0000-01-01', 'DATE_IMPOSSIBLE'],
  ])('are flagged, and the site stays as its state says: %s %s', async (field, date, code) => {
    const outcome = await firstOf((_, facts) => void (facts[field] = date));
    expect(outcome).toMatchObject({ kind: 'row', key: '140000209', value: { kind: 'establishment' } });
    expect(flagsOf(outcome)).toEqual([`${code} ${field}`]);
    if (outcome.kind === 'row' && outcome.value.kind === 'establishment')
      expect(outcome.value.establishment.openedOn).toBe(field === 'dateOuverture' ? null : '1974-01-01');
  });

  it('are flagged where the state closes the site without a date', async () => {
    const outcome = await firstOf((site, facts) => {
      site['etatObjet'] = 'I';
      facts['dateFermeture'] = '2020-02-31';
    });
    expect(outcome).toMatchObject({ kind: 'row', value: { kind: 'closed', eg: '140000209', on: null } });
    expect(flagsOf(outcome)).toEqual(['DATE_IMPOSSIBLE dateFermeture']);
  });

  it('date no content when they stand in the header, which is told', async () => {
    for (const wrong of ['2026-13-45T02:15:00Z', '2026-02-30T02:15:00Z', 'hier', '0000-01-01T00:00:00Z']) {
      const facts = await source.inspect(
        delivery(Buffer.from(JSON.stringify({ ...tree(), generatedAt: wrong }))),
      );
      expect(facts.contentDate).toBeNull();
      expect(facts.flags).toMatchObject([{ code: 'CONTENT_DATE_UNREADABLE', value: wrong }]);
    }
    const good = await source.inspect(delivery(Buffer.from(text)));
    expect([good.contentDate, good.flags]).toEqual(['2026-11-02', undefined]);
  });
});

describe('sites of a closed entity', () => {
  it.each([
    ['its state', (entity: Tree['pmej'][number]) => void (entity['etatObjet'] = 'I'), null],
    [
      'its closing date',
      (entity: Tree['pmej'][number]) =>
        void (entity.informationsGeneralesPMEJ['dateFermeture'] = '2012-01-01'),
      '2012-01-01',
    ],
  ])('are closed with it, and told: %s', async (_, close, on) => {
    const outcome = await firstOf((_site, _facts, entity) => {
      close(entity);
    });
    expect(outcome).toMatchObject({ kind: 'row', value: { kind: 'closed', eg: '140000209', on } });
    expect(flagsOf(outcome)).toEqual(['ENTITY_CLOSED etatObjet']);
  });

  it('stay open when the date of the entity is none, which is told', async () => {
    const outcome = await firstOf(
      (_site, _facts, entity) => void (entity.informationsGeneralesPMEJ['dateFermeture'] = '2012-13-01'),
    );
    expect(outcome).toMatchObject({ value: { kind: 'establishment' } });
    expect(flagsOf(outcome)).toEqual(['DATE_IMPOSSIBLE dateFermeture']);
  });

  it('are set aside when the state of the entity is not known', async () => {
    const outcome = await firstOf((_site, _facts, entity) => void (entity['etatObjet'] = 'Z'));
    expect(outcome).toMatchObject({ kind: 'aside', code: 'STATUS_UNKNOWN', key: '140000209' });
  });
});

it('a site without a name is set aside, and what was known of it stays', async () => {
  const outcome = await firstOf((_, facts) => {
    delete facts['nomEgeCourt'];
    facts['nomEgeLong'] = '   ';
  });
  expect(outcome).toMatchObject({ kind: 'aside', code: 'NAME_MISSING', key: '140000209' });
});
