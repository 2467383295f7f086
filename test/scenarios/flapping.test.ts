import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { answer, type Acted, type GivenAnswer } from '../../src/runs/act.js';
import { explainedCentre } from '../../src/runs/explained-centre.js';
import { planResources } from '../../src/runs/export.js';
import type { SyncOutput } from '../../src/runs/report.js';
import { sourceStates } from '../../src/runs/source-states.js';
import {
  centreIdOf,
  centresList,
  changeOf,
  complete,
  openWorld,
  type CentreRow,
  type World,
} from './world.js';

const ALPHA = 'Centre d’essai Alpha';
const alpha: CentreRow = {
  title: ALPHA,
  hospital: 'CH de Dieppe',
  town: 'Dieppe',
  departement: '76',
  public: 'adulte',
};
const other: CentreRow = { ...alpha, label: 'CRMR constitutif' };
/** Rows that wait for their public: the list keeps the size of a list when one row goes (gate X15). */
const waiting: readonly CentreRow[] = Array.from({ length: 20 }, (_, at) => ({
  title: `Centre d’essai ${String(at + 1)} en attente`,
  filiere: 'FILFOIE',
  hospital: 'CH de Coutances',
  town: 'Coutances',
  departement: '50',
}));
const START = Date.parse('2026-01-05T05:00:00Z');
const DAY = 24 * 3600 * 1000;
const WEEK = 7 * DAY;

let w: World;
let week = 0;

/** The next weekly delivery: one row, or none. Each file differs by its count of weeks, as a generated one does. */
async function deliver(...rows: readonly CentreRow[]): Promise<SyncOutput> {
  week += 1;
  const stamp: CentreRow = {
    title: `Centre d’essai en attente, semaine ${String(week)}`,
    filiere: 'FILNEMUS',
    hospital: 'CH de Coutances',
    town: 'Coutances',
    departement: '50',
  };
  w.list(centresList([...rows, ...waiting, stamp]));
  return await w.syncAt(new Date(START + week * WEEK));
}

/** A world where the centre is written in the repository as a CCMR, after three deliveries that said so. */
async function written(): Promise<string> {
  week = 0;
  w = await openWorld({ list: centresList([alpha, ...waiting]) });
  const first = changeOf(await w.syncAt(new Date(START)), ALPHA);
  await w.approve(w.dominique, first.id);
  expect((await w.apply()).map(({ result }) => result)).toEqual(['applied']);
  return centreIdOf(first);
}

const about = (output: SyncOutput): readonly string[] =>
  output.changes
    .filter(({ centre }) => centre !== null && 'title' in centre && centre.title === ALPHA)
    .map(({ id, kind }) => `${kind} ${id}`);
/** Said by Camille on the day of the last delivery. */
async function answeredNow(given: GivenAnswer): Promise<Acted> {
  const now = new Date(START + week * WEEK + 3600 * 1000);
  return await answer({ ...w.context, actor: w.camille, now: () => now }, [given]);
}
/** Every change that was ever opened about the centre, the first one left out. */
async function everOpened(centre: string): Promise<number> {
  const rows: unknown[] = await w.database.app('change').whereRaw('? = any(centres)', [centre]);
  return rows.length - 1;
}
const swinging = (output: SyncOutput): string[] =>
  output.flapping.map(({ source, field, state, kept }) => `${source} ${field} ${state} ${kept}`);

describe('a list that alternates between two labels, each week', () => {
  let centre: string;
  const seen: SyncOutput[] = [];
  beforeAll(async () => {
    centre = await written();
    for (let at = 1; at <= 10; at++) seen.push(await deliver(at % 2 === 1 ? other : alpha));
  });
  afterAll(() => w.close());

  it('opens one change, the first time, and none after', async () => {
    expect(seen.map((output) => about(output).length)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(about(seen[0] as SyncOutput)[0]).toMatch(/^modify /);
    expect(await everOpened(centre)).toBe(1);
  });

  it('is told with its source, its key, its dates and values, and what to do', () => {
    const third = seen[2] as SyncOutput;
    expect(swinging(seen[1] as SyncOutput)).toEqual([]);
    expect(swinging(third)).toEqual(['labelled-centres label held CCMR, campagne 2023']);
    const alert = third.alerts.find(({ code }) => code === 'SOURCE_FLAPPING');
    expect(alert?.message).toContain(
      '« labelled-centres » oscille, label de « Centre d’essai Alpha » : CCMR, campagne 2023 le 05/01/2026, CRMR constitutif, campagne 2023 le 12/01/2026, CCMR, campagne 2023 le 19/01/2026, CRMR constitutif, campagne 2023 le 26/01/2026',
    );
    expect(alert?.message).toContain('(clé centre d essai alpha|fimarad|ch de dieppe)');
    expect(alert?.message).toContain('« CCMR, campagne 2023 » est gardé');
    expect(alert?.message).toContain('au plus tard jusqu’au 26/04/2026');
    expect(alert?.remedy).toContain('labelled-centres.fields.label: never');
  });

  it('says so among the states of the sources', async () => {
    const { stdout } = await w.filror('sources', '--region', '28');
    expect(stdout).toContain('! « labelled-centres » oscille, label de « Centre d’essai Alpha »');
    const flapping = (await sourceStates(w.context, w.context.now())).map(({ source, flapping: all }) => [
      source,
      all.length,
    ]);
    expect(flapping).toContainEqual(['labelled-centres', 1]);
    expect(flapping).toContainEqual(['filieres', 0]);
  });

  it('explains the value that is held where the reviewer reads it', async () => {
    const now = new Date(START + week * WEEK);
    const { fields } = await explainedCentre({ ...w.context, now: () => now }, centre);
    const label = fields.find(({ field }) => field === 'label');
    expect(label?.value).toBe('CCMR, campagne 2023');
    expect(label?.lines[0]).toMatch(
      /^Retenu : « CCMR, campagne 2023 », de labelled-centres \(rang 60\), centres\.csv, ligne \d+, dit depuis le \d/,
    );
  });

  it('gives the same plan again when it is replayed', async () => {
    const last = seen.at(-1) as SyncOutput;
    const now = await planResources(w.database.app, w.context.config, w.context.region, null);
    const replayed = await planResources(w.database.app, w.context.config, w.context.region, last.run);
    expect(replayed.lines).toEqual(now.lines);
  });

  it('passes as soon as it stood three deliveries', async () => {
    expect(about(await deliver(other))).toHaveLength(0);
    expect(about(await deliver(other))).toHaveLength(0);
    const third = await deliver(other);
    expect(about(third)).toHaveLength(1);
    expect(third.flapping).toEqual([]);
    expect(await everOpened(centre)).toBe(2);
  });
});

describe('a list in which a row comes and goes', () => {
  afterEach(() => w.close());

  it('keeps the centre of an offer, until its row is gone for good', async () => {
    await written();
    const kinds: string[] = [];
    for (let at = 1; at <= 5; at++)
      kinds.push(
        about(await deliver(...(at % 2 === 1 ? [] : [alpha])))
          .map((each) => each.split(' ')[0])
          .join() || '–',
      );
    expect(kinds).toEqual(['withdraw', '–', '–', '–', '–']);
    expect(about(await deliver())).toEqual([]);
    const gone = await deliver();
    expect(about(gone)[0]).toMatch(/^withdraw /);
    expect(gone.flapping).toEqual([]);
  });

  it('keeps outside a new centre whose row never stayed, then proposes it when it does', async () => {
    week = 0;
    w = await openWorld({ list: centresList(waiting) });
    await w.syncAt(new Date(START));
    const counts: number[] = [];
    for (let at = 1; at <= 7; at++)
      counts.push(about(await deliver(...(at % 2 === 1 ? [alpha] : []))).length);
    expect(counts).toEqual([1, 0, 0, 0, 0, 0, 0]);
    await deliver(alpha);
    expect(about(await deliver(alpha))).toHaveLength(1);
  });

  it('hides a departure 90 days at most', async () => {
    await written();
    let output = await deliver();
    for (let at = 2; at <= 15; at++) output = await deliver(...(at % 2 === 1 ? [] : [alpha]));
    expect(swinging(output)).toEqual(['labelled-centres row held présente']);
    for (let at = 16; at <= 17; at++) output = await deliver(...(at % 2 === 1 ? [] : [alpha]));
    expect(swinging(output)).toEqual(['labelled-centres row past présente']);
    expect(about(output)[0]).toMatch(/^withdraw /);
    expect(output.alerts.find(({ code }) => code === 'SOURCE_FLAPPING')?.message).toContain(
      'filror suit de nouveau la source',
    );
  });

  it('lets time alone end it when the source brings nothing new', async () => {
    await written();
    for (let at = 1; at <= 3; at++) await deliver(...(at % 2 === 1 ? [] : [alpha]));
    const last = START + 3 * WEEK;
    const before = await w.syncAt(new Date(last + 41 * DAY));
    expect([before.unchanged, about(before).length]).toEqual([true, 0]);
    const after = await w.syncAt(new Date(last + 42 * DAY));
    expect(after.unchanged).toBe(false);
    expect(about(after)[0]).toMatch(/^withdraw /);
    expect((await w.syncAt(new Date(last + 43 * DAY))).unchanged).toBe(true);
  });

  it('does not hold back what a person declared', async () => {
    const centre = await written();
    for (let at = 1; at <= 3; at++) await deliver(...(at % 2 === 1 ? [] : [alpha]));
    const declared = await answeredNow({
      kind: 'withdraw',
      subject: centre,
      body: { proof: 'arrêté d’essai', date: '2026-01-20' },
    });
    expect(declared.report.flapping?.map(({ field, state }) => `${field} ${state}`)).toEqual(['row decided']);
    expect(declared.changes.map(({ kind, centres }) => [kind, centres])).toContainEqual([
      'withdraw',
      [centre],
    ]);
  });
});

describe('a value that swings where a person gave one', () => {
  afterEach(() => w.close());

  it('is that of the person, and nothing is held', async () => {
    const centre = await written();
    const child = { ...alpha, public: 'pédiatrique' };
    for (let at = 1; at <= 3; at++) await deliver(at % 2 === 1 ? child : alpha);
    const held = await deliver(alpha);
    expect([swinging(held), about(held)]).toEqual([['labelled-centres public held adulte'], []]);
    await answeredNow(complete(centre, 'public', 'mixte'));
    const after = await deliver(child);
    expect(swinging(after)).toEqual(['labelled-centres public decided adulte']);
    const ages = changeOf(after, ALPHA).elements.map(({ after: value }) => JSON.stringify(value));
    expect(ages.join()).toContain('"value":150');
  });
});
