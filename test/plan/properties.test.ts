import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/db/answers.js';
import type { ObservationRef } from '../../src/consolidate/centre.js';
import { rejectionKey } from '../../src/db/decisions.js';
import type { CentreId } from '../../src/domain/ids.js';
import { canonicalText, isJsonObject, type Json, type JsonObject } from '../../src/domain/json.js';
import { changeHash } from '../../src/plan/offer-change.js';
import { elementsOf } from '../../src/ror/elements.js';
import { sameValue } from '../../src/ror/equality.js';
import type { Material } from '../../src/runs/material.js';
import { propose, type ProposedChange } from '../../src/runs/propose.js';
import {
  afterApply,
  answer,
  centreId,
  idOf,
  material,
  newIdentifier,
  row,
  site,
  unitOffer,
  withRemote,
} from '../support/material.js';

/** What one generated centre is. */
interface Trial {
  readonly number: number;
  readonly at: number;
  readonly filiere: string;
  readonly level: 'CRMR constitutif' | 'CCMR';
  readonly public: 'adulte' | 'pédiatrique' | 'mixte' | null;
  readonly campaign: number;
  readonly acts: readonly string[];
  readonly target: 'attach' | 'create' | 'unanswered';
}

const SITES = [site(0), site(1), site(2)];
const UNITS = SITES.map((each) => unitOffer(each));

const trial = (number: number): fc.Arbitrary<Trial> =>
  fc.record({
    number: fc.constant(number),
    at: fc.nat({ max: 2 }),
    filiere: fc.constantFrom('FIMARAD', 'FILNEMUS', 'AnDDI-Rares'),
    level: fc.constantFrom('CRMR constitutif' as const, 'CCMR' as const),
    public: fc.constantFrom('adulte' as const, 'pédiatrique' as const, 'mixte' as const, null),
    campaign: fc.constantFrom(2023, 2023, 2023, 2017),
    acts: fc.constantFrom<readonly string[]>([], ['1635']),
    target: fc.constantFrom('attach' as const, 'create' as const, 'unanswered' as const),
  });

const trials = fc
  .tuple(trial(1), trial(2), trial(3), trial(4), trial(5))
  .chain((all) => fc.subarray(all, { minLength: 1 }));

function rowOf(each: Trial): ObservationRef {
  return row({
    title: `Centre d’essai ${each.number} été à Évreux`,
    network: each.number % 2 === 0 ? `ESSAI-É${each.number}` : null,
    filiere: each.filiere,
    label: { level: each.level, campaign: each.campaign, campaignText: String(each.campaign) },
    hospital: SITES[each.at]?.name ?? '',
    public: each.public,
    specificActs: each.acts,
  });
}

function worldOf(all: readonly Trial[], change: Partial<Material> = {}): Material {
  const observations = all.map(rowOf);
  const answers = all.flatMap((each, index): Answer[] => {
    const subject = idOf(observations[index] as ObservationRef);
    if (each.target === 'attach') {
      return [answer('attach', subject, { offer: UNITS[each.at]?.identifier ?? '' })];
    }
    return each.target === 'create' ? [answer('create', subject, {})] : [];
  });
  return material({ establishments: SITES, observations, answers, offers: UNITS, ...change });
}

const noNewCentre = (): CentreId => {
  throw new Error('every centre of this world is known');
};

function planOf(world: Material): readonly ProposedChange[] {
  return propose(world, noNewCentre).changes;
}

/** A plan without what may differ: two forms of one text are one value. */
function shown(changes: readonly ProposedChange[]): unknown {
  return JSON.parse(canonicalText(changes));
}

/** FHIR writes years with four digits. */
const someInstant = fc.date({
  min: new Date('1970-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
});

const shuffled = <T>(values: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...values], { minLength: values.length });

/** Every text of a value in one Unicode form. */
function inForm<T>(value: T, form: 'NFC' | 'NFD'): T {
  if (typeof value === 'string') return value.normalize(form) as T;
  if (Array.isArray(value)) return value.map((each: unknown) => inForm(each, form)) as T;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inForm(each, form)])) as T;
}

/** The same object with its keys written in the opposite order, all the way down. */
function keysReversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map((each: unknown) => keysReversed(each)) as T;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, each]) => [key, keysReversed(each)]),
  ) as T;
}

describe('the same inputs give the same plan', () => {
  it('whatever the order of rows, establishments, offers, answers, links and filières', () => {
    fc.assert(
      fc.property(
        trials.chain((all) => {
          const world = afterSome(worldOf(all));
          return fc.record({
            world: fc.constant(world),
            observations: shuffled(world.observations),
            establishments: shuffled(world.establishments),
            offers: shuffled(world.offers),
            answers: shuffled(world.answers),
            links: shuffled(world.links),
            filieres: shuffled(world.filieres),
            lost: shuffled(world.lost),
          });
        }),
        ({ world, ...other }) => {
          expect(shown(planOf({ ...world, ...other }))).toEqual(shown(planOf(world)));
        },
      ),
    );
  });

  it('whatever the order in which people answered questions that do not bear on one another', () => {
    fc.assert(
      fc.property(
        trials.chain((all) => {
          const world = worldOf(all);
          return fc.record({ world: fc.constant(world), order: shuffled(world.answers) });
        }),
        ({ world, order }) => {
          const renumbered = order.map((each, index) => ({ ...each, no: index + 1 }));
          expect(shown(planOf({ ...world, answers: renumbered }))).toEqual(shown(planOf(world)));
        },
      ),
    );
  });

  it('whatever the order of keys and the Unicode form of the texts', () => {
    fc.assert(
      fc.property(trials, fc.constantFrom('NFC' as const, 'NFD' as const), (all, form) => {
        const world = afterSome(worldOf(all));
        const other: Material = {
          ...world,
          observations: keysReversed(
            world.observations.map((ref) => {
              const { title, network, hospital, town } = ref.observation;
              const texts = inForm({ title, network, hospital, town }, form);
              return { ...ref, observation: { ...ref.observation, ...texts } };
            }),
          ),
          establishments: keysReversed(inForm(world.establishments, form)),
          answers: keysReversed(world.answers),
          applied: new Map(
            [...world.applied].map(([identifier, elements]) => [
              identifier,
              new Map([...elements].map(([key, each]) => [key, keysReversed(inForm(each, form))])),
            ]),
          ),
          offers: world.offers.map((offer) => {
            const body = keysReversed(inForm(JSON.parse(offer.body) as JsonObject, form));
            return { ...offer, body: JSON.stringify(body), elements: elementsOf(body) };
          }),
        };
        expect(planOf(other).map((change) => change.hash)).toEqual(
          planOf(world).map((change) => change.hash),
        );
        expect(shown(planOf(other))).toEqual(shown(planOf(world)));
      }),
    );
  });

  it('whatever the clock', () => {
    fc.assert(
      fc.property(trials, someInstant, (all, instant) => {
        const world = worldOf(all);
        expect(shown(planOf({ ...world, instant }))).toEqual(shown(planOf(world)));
      }),
    );
  });

  it('ids aside, when the centres are met for the first time', () => {
    fc.assert(
      fc.property(
        trials.chain((all) => fc.tuple(fc.constant(all), shuffled(all))),
        fc.string(),
        ([all, other], seed) => {
          const first = newcomers(all, 'premier');
          expect(newcomers(other, `autre${seed}`)).toEqual(first);
        },
      ),
    );
  });
});

/** Plan of rows that nobody knows yet, each id replaced by the centre's key and hashes left out: they cover the ids. */
function newcomers(all: readonly Trial[], seed: string): unknown {
  let drawn = 0;
  const unanswered = all.map((each): Trial => ({ ...each, target: 'unanswered' }));
  const world = worldOf(unanswered, { keys: new Map() });
  const proposal = propose(world, () => centreId(`${seed} ${++drawn}`));
  const text = canonicalText(
    proposal.changes.map(({ hash, ...change }) => {
      expect(hash).toMatch(/^[0-9a-f]{64}$/);
      return change;
    }),
  );
  const named = [...proposal.centres.values()].reduce(
    (done, { centre }) => done.replaceAll(centre.id, `<${centre.key}>`),
    text,
  );
  return (JSON.parse(named) as { target: string }[]).sort((a, b) => (a.target < b.target ? -1 : 1));
}

/** Half of what can be applied is applied, so that links, base and edited offers exist. */
function afterSome(world: Material): Material {
  const ready = planOf(world).filter((change) => change.state === 'proposed');
  return afterApply(
    world,
    ready.filter((_, index) => index % 2 === 0),
  );
}

describe('a plan that was applied', () => {
  it('leaves nothing to propose for its centres, and everything else as it was', () => {
    fc.assert(
      fc.property(trials, (all) => {
        const world = worldOf(all);
        const first = planOf(world);
        const done = first.filter((change) => change.state === 'proposed');
        const second = planOf(afterApply(world, done));
        const centres = new Set(done.flatMap((change) => change.centres));
        expect(second.filter((change) => change.centres.some((id) => centres.has(id)))).toEqual([]);
        expect(second.map((change) => change.centres)).toEqual(
          first.filter((change) => change.state !== 'proposed').map((change) => change.centres),
        );
      }),
    );
  });

  it('makes the offer say exactly what was shown, element by element, and nothing else moves', () => {
    fc.assert(
      fc.property(trials, (all) => {
        const world = worldOf(all);
        const done = planOf(world).filter((change) => change.state === 'proposed');
        const after = afterApply(world, done);
        for (const change of done.filter((each) => each.target.startsWith('offer:'))) {
          const identifier = change.target.slice('offer:'.length);
          const wanted = new Map(valuesOf(world, identifier));
          for (const element of change.elements) {
            if (element.channel !== 'ror') continue;
            if (element.after === undefined) wanted.delete(element.key);
            else wanted.set(element.key, element.after);
          }
          expectSame(valuesOf(after, identifier), wanted);
        }
      }),
    );
  });

  it('is followed, when rows change, by one that brings the offer to what the rows now say', () => {
    fc.assert(
      fc.property(trials, trials, (before, now) => {
        const world = worldOf(before);
        const settled = afterApply(
          world,
          planOf(world).filter((change) => change.state === 'proposed'),
        );
        // The same centres, saying what the second draw says of them.
        const said = new Map(now.map((each) => [each.number, each]));
        const changed: Material = {
          ...settled,
          observations: settled.observations.map((ref, index) => {
            const each = said.get(before[index]?.number ?? 0);
            if (each === undefined) return ref;
            const { level, public: taken, acts } = each;
            return {
              ...ref,
              observation: {
                ...ref.observation,
                label: { level, campaign: 2023, campaignText: '2023' },
                public: taken,
                specificActs: acts,
              },
            };
          }),
        };
        const second = planOf(changed).filter((change) => change.state === 'proposed');
        const third = planOf(afterApply(changed, second));
        const centres = new Set(second.flatMap((change) => change.centres));
        expect(third.filter((change) => change.centres.some((id) => centres.has(id)))).toEqual([]);
      }),
    );
  });
});

function valuesOf(world: Material, identifier: string): ReadonlyMap<string, Json> {
  const offer = world.offers.find((each) => each.identifier === identifier);
  return new Map([...(offer?.elements ?? [])].map(([key, element]) => [key, element.value]));
}

function expectSame(actual: ReadonlyMap<string, Json>, wanted: ReadonlyMap<string, Json>): void {
  expect([...actual.keys()].sort()).toEqual([...wanted.keys()].sort());
  for (const [key, value] of wanted) expect(sameValue(actual.get(key) ?? null, value), key).toBe(true);
}

const attached = fc
  .tuple(trial(1), trial(2))
  .map((all) => all.map((each): Trial => ({ ...each, target: 'attach', public: 'mixte', campaign: 2023 })));

/** What a person of the hospital may write in an element of ours. */
function byOthers(value: Json): Json {
  if (typeof value === 'string') return value.replace('label=', 'label=avis ');
  if (!isJsonObject(value)) return value;
  return { ...value, text: 'écrit par l’établissement' };
}

describe('a value of others', () => {
  it('that stood before us without any base of ours is kept and told, never overwritten', () => {
    fc.assert(
      fc.property(attached, fc.nat(), (all, pick) => {
        const world = worldOf(all);
        const change = planOf(world).find((each) => each.state === 'proposed');
        fc.pre(change !== undefined);
        const elements = change.elements.filter((each) => each.channel === 'ror');
        const element = elements[pick % elements.length];
        fc.pre(element !== undefined && !element.key.startsWith('comment['));
        const identifier = change.target.slice('offer:'.length);
        const other = edited(world, identifier, element.key, byOthers(element.after ?? null));
        const again = planOf(other).find((each) => each.target === change.target);
        expect(again?.elements.map((each) => each.key)).not.toContain(element.key);
        const told = again?.reasons.filter((reason) => reason.code === 'drift') ?? [];
        expect(told.map((reason) => reason.field)).toEqual([element.key]);
        expect(told[0]?.message).toContain('écrit par l’établissement');
      }),
    );
  });

  it('written over ours, which we still want as it was, is kept: nothing is proposed', () => {
    fc.assert(
      fc.property(attached, fc.nat(), (all, pick) => {
        const { world, identifier, keys } = appliedAttachment(all);
        const key = keys[pick % keys.length] ?? '';
        const now = valuesOf(world, identifier).get(key) ?? null;
        expect(planOf(edited(world, identifier, key, byOthers(now)))).toEqual([]);
      }),
    );
  });

  it('written over ours, when we now want a third one, is a conflict that shows the three', () => {
    fc.assert(
      fc.property(attached, (all) => {
        const { world, identifier } = appliedAttachment(all);
        const ref = world.observations.find((each) =>
          world.links.some((link) => link.identifier === identifier && link.centre === idOf(each)),
        );
        if (ref === undefined) throw new Error('an attached centre was expected');
        const key = `comment[${idOf(ref)}]`;
        const base = valuesOf(world, identifier).get(key) ?? null;
        const theirs = byOthers(base);
        // The network is written in the block: renaming it moves what we want.
        const renamed: Material = {
          ...edited(world, identifier, key, theirs),
          observations: world.observations.map((each) =>
            each === ref ? { ...each, observation: { ...each.observation, network: 'ESSAI-TROIS' } } : each,
          ),
        };
        const change = planOf(renamed).find((each) => each.target === `offer:${identifier}`);
        const element = change?.elements.find((each) => each.key === key);
        expect(change?.state).toBe('conflict');
        expect(element?.conflict).toBe(true);
        expect([element?.base, element?.before]).toEqual([base, theirs]);
        expect(element?.after).toContain('réseau=ESSAI-TROIS');
      }),
    );
  });
});

function appliedAttachment(all: readonly Trial[]): {
  world: Material;
  identifier: string;
  keys: string[];
} {
  const world = worldOf(all);
  const done = planOf(world).filter((change) => change.state === 'proposed');
  const first = done[0];
  fc.pre(first !== undefined && done.length === planOf(world).length);
  const identifier = first.target.slice('offer:'.length);
  const after = afterApply(world, done);
  const keys = first.elements.filter((each) => each.channel === 'ror').map((each) => each.key);
  return { world: after, identifier, keys };
}

/** The same world where somebody else wrote one element of one offer (null: took it away). */
function edited(world: Material, identifier: string, key: string, value: Json | null): Material {
  return {
    ...world,
    offers: world.offers.map((offer) => {
      if (offer.identifier !== identifier) return offer;
      const elements = new Map(offer.elements);
      if (value === null) elements.delete(key);
      else elements.set(key, { key, path: elements.get(key)?.path ?? 'HealthcareService', value });
      return { ...offer, elements };
    }),
  };
}

/** Declares that every centre linked to the offer loses its label. */
function withdrawn(world: Material, identifier: string): Material {
  const leaving = world.links.filter((link) => link.identifier === identifier);
  return {
    ...world,
    answers: [
      ...world.answers,
      ...leaving.map((link) =>
        answer('withdraw', link.centre, { date: '2026-11-01', proof: 'décision d’essai du 01/11/2026' }),
      ),
    ],
  };
}

describe('a withdrawal', () => {
  it('brings an attached offer back to exactly what it said before us', () => {
    fc.assert(
      fc.property(attached, (all) => {
        const { world, identifier } = appliedAttachment(all);
        const after = withdrawn(world, identifier);
        const change = planOf(after).find((each) => each.target === `offer:${identifier}`);
        expect([change?.kind, change?.state]).toEqual(['withdraw', 'proposed']);
        const restored = afterApply(after, change === undefined ? [] : [change]);
        expectSame(valuesOf(restored, identifier), valuesOf(worldOf(all), identifier));
        const again = planOf(restored).filter((each) => each.target === `offer:${identifier}`);
        expect(again).toEqual([]);
        // Told withdrawn, the centre does not come back by itself although the list still has it.
        const gone = new Set(change?.centres);
        expect(planOf(restored).filter((each) => each.centres.some((id) => gone.has(id)))).toEqual([]);
      }),
    );
  });

  it('leaves alone what others wrote since, and says so', () => {
    fc.assert(
      fc.property(attached, fc.nat(), (all, pick) => {
        const { world, identifier, keys } = appliedAttachment(all);
        const key = keys[pick % keys.length] ?? '';
        const theirs = byOthers(valuesOf(world, identifier).get(key) ?? null);
        const after = withdrawn(edited(world, identifier, key, theirs), identifier);
        const change = planOf(after).find((each) => each.target === `offer:${identifier}`);
        expect(change?.kind).toBe('withdraw');
        expect(change?.state).toBe('proposed');
        expect(change?.elements.map((each) => each.key)).not.toContain(key);
        expect(change?.reasons.filter((each) => each.code === 'drift').map((each) => each.field)).toEqual([
          key,
        ]);
      }),
    );
  });

  it('of one of two centres keeps what the other still says', () => {
    fc.assert(
      fc.property(attached, (all) => {
        const same = all.map((each): Trial => ({
          ...each,
          at: 0,
          level: 'CCMR',
          filiere: 'FIMARAD',
          acts: [],
        }));
        const { world, identifier } = appliedAttachment(same);
        const [first, second] = world.observations.map(idOf) as [CentreId, CentreId];
        const told = answer('withdraw', first, { date: '2026-11-01', proof: 'décision d’essai' });
        const change = planOf({ ...world, answers: [...world.answers, told] })[0];
        expect(change?.target).toBe(`offer:${identifier}`);
        expect(change?.kind).toBe('withdraw');
        const gone = change?.elements.map((each) => `${each.operation} ${each.key}`);
        expect(gone).toContain(`delete comment[${first}]`);
        expect(gone?.filter((each) => each.includes(second) || each.includes('characteristic'))).toEqual([]);
      }),
    );
  });
});

/** A created offer, applied, whose one centre is `Centre d’essai 1`; the second row is another centre of the site. */
function createdOffer(second: Parameters<typeof row>[0] = {}): {
  world: Material;
  first: CentreId;
  second: CentreId;
  identifier: string;
} {
  const observations = [
    row({ title: 'Centre d’essai 1', public: 'adulte' }),
    row({ title: 'Centre d’essai 2', public: 'pédiatrique', ...second }),
  ];
  const [first, other] = observations.map(idOf) as [CentreId, CentreId];
  const world = material({ observations, establishments: SITES });
  const create = planOf(world).filter((change) => change.centres.includes(first));
  const identifier = newIdentifier({ target: `centre:${first}` });
  const applied = afterApply(world, create);
  return {
    world: { ...applied, answers: [answer('attach', other, { offer: identifier })] },
    first,
    second: other,
    identifier,
  };
}

describe('two centres on one offer', () => {
  it('share it without quarrel: the one linked first names it, the other adds its own elements only', () => {
    const { world, second } = createdOffer();
    const [join, ...others] = planOf(world);
    expect(others).toEqual([]);
    expect([join?.kind, join?.state]).toEqual(['modify', 'proposed']);
    expect(join?.elements.map((each) => `${each.operation} ${each.key}`)).toEqual([
      `add comment[${second}]`,
      `add served.campaign[${second}]`,
      `add served.ern[${second}]`,
      `add served.filiere[${second}]`,
      `add served.label[${second}]`,
    ]);
    expect(planOf(afterApply(world, join === undefined ? [] : [join]))).toEqual([]);
  });

  it('never hide a withdrawal behind an attachment: one leaving while one joins is a withdrawal', () => {
    const { world, first, second } = createdOffer();
    const told = answer('withdraw', first, { date: '2026-11-01', proof: 'décision d’essai' });
    const [change, ...others] = planOf({ ...world, answers: [...world.answers, told] });
    expect(others).toEqual([]);
    expect(change?.kind).toBe('withdraw');
    expect(change?.centres).toEqual([first, second].sort());
    const edits = change?.elements.map((each) => `${each.operation} ${each.key}`);
    expect(edits).toContain(`delete comment[${first}]`);
    expect(edits).toContain(`add comment[${second}]`);
  });
});

describe('an offer that we created', () => {
  it('keeps its carrier when the repository no longer shows the site', () => {
    const { world } = createdOffer();
    expect(planOf({ ...world, answers: [], providers: new Map() }).filter(isLinked)).toEqual([]);
  });

  it('keeps name, public and activity when its label is withdrawn: a consultation is not closed', () => {
    const { world, first } = createdOffer();
    const told = answer('withdraw', first, { date: '2026-11-01', proof: 'décision d’essai' });
    const change = planOf({ ...world, answers: [told] }).find(isLinked);
    expect(change?.elements.map((each) => `${each.operation} ${each.key}`)).toEqual([
      'delete category',
      'delete characteristic[expertiseLevel]#11',
      `delete comment[${first}]`,
      'replace name',
      `delete served.campaign[${first}]`,
      `delete served.ern[${first}]`,
      `delete served.filiere[${first}]`,
      `delete served.label[${first}]`,
    ]);
  });
});

const isLinked = (change: ProposedChange): boolean => change.target.startsWith('offer:');

describe('a rejected value', () => {
  const observations = [row({ network: 'ESSAI-É' })];
  const id = idOf(observations[0] as ObservationRef);
  const created = material({ observations, establishments: SITES });
  const attached = {
    ...created,
    offers: UNITS,
    answers: [answer('attach', id, { offer: UNITS[0]?.identifier ?? '' })],
  };
  const keysWithout = (world: Material, isGone: (key: string) => boolean): string[] | undefined => {
    const [change] = planOf(world);
    const rejected = new Set(
      (change?.elements ?? [])
        .filter((each) => isGone(each.key))
        .map((each) =>
          rejectionKey(
            change?.target ?? '',
            each.key,
            typeof each.after === 'string' ? each.after.normalize('NFD') : keysReversed(each.after),
          ),
        ),
    );
    return planOf({ ...world, rejected })[0]?.elements.map((each) => each.key);
  };

  it('is not proposed again on an offer that exists, even written in another Unicode form or order of keys', () => {
    const level = 'characteristic[expertiseLevel]#11';
    const keys = keysWithout(attached, (key) => key === level || key.startsWith('comment['));
    expect(keys).not.toContain(level);
    expect(keys).not.toContain(`comment[${id}]`);
    expect(keys).toContain('characteristic[takingCareSpeciality]#49');
  });

  it('does not tear an offer that does not exist yet: it comes back whole, or not at all', () => {
    const all = planOf(created)[0]?.elements.map((each) => each.key);
    expect(all).toContain('name');
    expect(keysWithout(created, (key) => key === 'name')).toEqual(all);
    expect(keysWithout(created, () => true)).toBeUndefined();
  });
});

describe('a contact of ours', () => {
  it('does not keep a second one of ours away, while one of the hospital does', () => {
    const contact = (value: string): object => ({ nature: '07', channel: '1', confidentiality: '1', value });
    const observations = [row()];
    const id = idOf(observations[0] as ObservationRef);
    const attach = answer('attach', id, { offer: UNITS[0]?.identifier ?? '' });
    const say = (...values: string[]): Answer =>
      answer('complete', id, { field: 'contacts', value: values.map(contact) });
    const world = material({ observations, establishments: SITES, offers: UNITS });
    const one = { ...world, answers: [attach, say('02 31 00 00 00')] };
    const applied = afterApply(one, planOf(one));
    const two = planOf({ ...applied, answers: [attach, say('02 31 00 00 00', '02 31 00 00 01')] });
    expect(two.flatMap((change) => change.elements.map((each) => each.key))).toEqual([
      'extension[contact]#07+1/0231000001',
    ]);
    const theirs = withRemote(world, UNITS[0]?.identifier ?? '', (body) => ({
      ...body,
      extension: [...(body['extension'] as Json[]), contactValue(two)],
    }));
    const kept = planOf({ ...theirs, answers: [attach, say('02 31 00 00 00')] });
    expect(kept.flatMap((change) => change.elements.map((each) => each.key))).not.toContain(
      'extension[contact]#07+1/0231000000',
    );
  });
});

function contactValue(changes: readonly ProposedChange[]): Json {
  return changes[0]?.elements[0]?.after ?? null;
}

describe('the hash of a change', () => {
  const anyChange = attached.map((all) => planOf(worldOf(all))[0]).filter((change) => change !== undefined);

  it('ignores run, reasons, texts, paths, provenance, locators and every order', () => {
    fc.assert(
      fc.property(anyChange, fc.string(), (change, noise) => {
        const other: ProposedChange = {
          ...change,
          state: 'toComplete',
          centres: [...change.centres].reverse(),
          reasons: [{ code: 'note', blocking: true, message: noise }],
          authors: [],
          elements: keysReversed(change.elements)
            .map((element) => ({
              ...element,
              text: noise,
              path: noise,
              provenance: [{ kind: 'source' as const, origin: noise, locator: { file: noise, line: 7 } }],
            }))
            .reverse(),
        };
        expect(changeHash(other)).toBe(change.hash);
      }),
    );
  });

  it('changes with the kind, the target, the centres, and base, remote, desired and assumed of any element', () => {
    fc.assert(
      fc.property(anyChange, fc.nat(), (change, pick) => {
        const at = pick % change.elements.length;
        const with_ = (edit: object): ProposedChange => ({
          ...change,
          elements: change.elements.map((element, index) =>
            index === at ? { ...element, ...edit } : element,
          ),
        });
        const others: ProposedChange[] = [
          { ...change, kind: change.kind === 'modify' ? 'attach' : 'modify' },
          { ...change, target: `${change.target}0` },
          { ...change, centres: [...change.centres, centreId('autre')] },
          { ...change, elements: change.elements.slice(1) },
          with_({ base: 'autre' }),
          with_({ before: 'autre' }),
          with_({ after: 'autre' }),
          with_({ assumed: change.elements[at]?.assumed !== true }),
        ];
        for (const other of others) expect(changeHash(other)).not.toBe(change.hash);
      }),
    );
  });
});
