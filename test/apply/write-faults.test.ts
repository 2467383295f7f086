import { describe, expect, it } from 'vitest';
import { openChanges, type StoredChange } from '../../src/db/changes.js';
import { isJsonObject, type Json } from '../../src/domain/json.js';
import { sync } from '../../src/runs/sync.js';
import { bodiesOf, type Body } from '../../src/sandbox/body.js';
import { EXT } from '../../src/sandbox/model.js';
import { REWRITINGS, type Rewriting } from '../../src/sandbox/rewrite.js';
import type { FaultTarget, ScriptedFault } from '../../src/sandbox/faults.js';
import { approveAll, type ApprovedRegion, type RegionWanted } from '../support/approved-region.js';
import { TestClock } from '../support/clock.js';
import { copiesOf } from '../support/copies.js';
import { broken, brokenAtAnyTime } from '../support/region-agreement.js';
import type { Edit } from '../support/our-writes.js';
import { asJson, versionOf, type Truths } from '../support/repository-truth.js';

/**
 * Every fault of a repository that touches writing, one a row (the fault script of the sandbox). After each, by the
 * sandbox's own store and our tables: repository and ledger agree, nothing is there twice, nothing approved is lost,
 * no byte is there that nobody approved, the journal verifies (rules 2, 5, 6).
 */
const CREATES = 3;
const ATTACHES = 2;
const ALL = CREATES + ATTACHES;
const COMMON = { creates: CREATES, attaches: ATTACHES, ways: ['patch', 'post'] };
/** Longer than any jump of the clock within one row, so that only a fault makes a request late. */
const LONG_MS = 20_000;

const copy = copiesOf(COMMON);

type Line = readonly [FaultTarget, ScriptedFault, number?];
type States = Partial<Record<StoredChange['state'], number>>;

interface World {
  readonly region: ApprovedRegion;
  readonly clock: TestClock;
  /** Somebody else changes an offer now; the truths know it. */
  readonly edit: (id: string, fn: Edit['fn']) => void;
}

interface Row {
  readonly what: string;
  readonly region?: Partial<RegionWanted>;
  readonly script?: (world: World) => readonly Line[];
  readonly habits?: (world: World) => readonly Line[];
  /** Before the first `apply`. */
  readonly before?: (world: World) => void;
  /** States after the first `apply`, the fault still in force; absent where concurrency decides. */
  readonly first?: States;
  /** When the fault has ended and nothing may be sent without a new plan. */
  readonly after?: (world: World) => void;
  readonly converges?: 'by apply' | 'by a new plan';
  /** States at the end; everything applied by default. */
  readonly last?: States;
  /** What the last plan tells of a value that others have put and that stands. */
  readonly told?: RegExp;
  /** `some`: what is scripted is more than can be met before nothing is asked any more. */
  readonly unmet?: 'some';
  readonly bare?: Truths['bare'];
}

const once = (target: FaultTarget, fault: ScriptedFault, times = 1) => ({
  script: () => [[target, fault, times] as const],
});
const habit = (target: FaultTarget, fault: ScriptedFault) => ({ habits: () => [[target, fault] as const] });

const APPLIED: States = { applied: ALL };
const ONE_UNCERTAIN: States = { applied: ALL - 1, uncertain: 1 };
const SHORT = { timeoutMs: 500, declaredLagMs: 5_000 };

/** Answers that leave the outcome of a write unknown, whether it was committed or not. */
const UNKNOWN = (['create', 'patch', 'update'] as const).flatMap((write): Row[] => {
  const ways = write === 'update' ? ['put', 'post'] : ['patch', 'post'];
  const row = (what: string, fault: ScriptedFault, region: Partial<RegionWanted> = {}): Row => ({
    what: `${write}: ${what}`,
    region: { ways, ...region },
    ...once(write, fault),
    first: ONE_UNCERTAIN,
  });
  return [
    row('500 after it was committed', { kind: 'error', status: 500, when: 'after' }),
    row('500 before it was committed', { kind: 'error', status: 500, when: 'before' }),
    row('cut after it was committed', { kind: 'drop', when: 'after' }),
    row('cut before it was committed', { kind: 'drop', when: 'before' }),
    row('committed five seconds after the cut', { kind: 'lateCommit', ms: 5_000 }),
    row('reset in the body of its answer', { kind: 'resetBody', share: 0.5 }),
    row('a body slower than the time-out', { kind: 'slowBody', pieces: 4, ms: 250 }, SHORT),
  ];
});

const withoutDefaults = (value: Json): Json => {
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutDefaults);
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([name]) => name !== 'userSelected' && !(name === 'active' && value['resourceType'] !== undefined),
  );
  return Object.fromEntries(kept.map(([name, item]) => [name, withoutDefaults(item as Json)]));
};

/** Labels of codes are the server's: system and code are ours (DESIGN 10, spellings). */
const withoutDisplays = (value: Json): Json => {
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutDisplays);
  if (!isJsonObject(value)) return value;
  const coded = value['system'] !== undefined && value['code'] !== undefined;
  const kept = Object.entries(value).filter(([name]) => !(coded && name === 'display'));
  return Object.fromEntries(kept.map(([name, item]) => [name, withoutDisplays(item as Json)]));
};

/** What a repository that rewrites so may have made of a body: left out before bytes are compared. */
const bareOf = (how: Rewriting): Pick<Row, 'bare'> =>
  how === 'addDefaults'
    ? { bare: withoutDefaults }
    : how === 'rewriteDisplays'
      ? { bare: withoutDisplays }
      : {};

const level = (display: string): Body => ({
  coding: [
    {
      system: 'https://mos.esante.gouv.fr/NOS/TRE_R344-NiveauExpertise/FHIR/TRE-R344-NiveauExpertise',
      code: '11',
      display,
    },
  ],
});
const hospitalAddsALevel = (body: Body): void => {
  body['characteristic'] = [...bodiesOf(body['characteristic']), level('Libellé de l’hôpital')];
};
const hospitalRenames = (body: Body): void => {
  body['name'] = 'Offre d’essai renommée par l’hôpital';
};
const hospitalTakesOursAway = (body: Body): void => {
  body['characteristic'] = bodiesOf(body['characteristic']).filter(
    (each) => !JSON.stringify(each).includes('TRE_R344'),
  );
};
/** A contact for regulation only (TRE_R283 3) and a specific act: access profile 3 sees neither in a hospital's offer. */
const hospitalHasHiddenElements = (body: Body): void => {
  const concept = (list: string, code: string): Body => ({
    coding: [{ system: `https://mos.esante.gouv.fr/NOS/${list}/FHIR/${list.replace('_', '-')}`, code }],
  });
  const contact: Body = {
    url: `${EXT}ror-healthcareservice-contact`,
    extension: [
      {
        url: `${EXT}ror-confidentiality-level`,
        valueCodeableConcept: concept('TRE_R283-NiveauConfidentialite', '3'),
      },
    ],
  };
  body['extension'] = [...bodiesOf(body['extension']), contact];
  body['characteristic'] = [...bodiesOf(body['characteristic']), concept('TRE_R210-ActeSpecifique', '0284')];
};
const hospitalRewritesOurBlock = (body: Body): void => {
  body['comment'] = String(body['comment']).replace('label=CCMR', 'label=CRMR');
};
const hospitalPutsAnotherLevel = (body: Body): void => {
  hospitalTakesOursAway(body);
  const [ten] = bodiesOf(level('Centre de référence')['coding']);
  body['characteristic'] = [...bodiesOf(body['characteristic']), { coding: [{ ...ten, code: '10' }] }];
};
const justAfter =
  (action: 'create' | 'patch' | 'update' | 'read', id: string, fn: Edit['fn']) =>
  ({ edit }: World): readonly Line[] => [
    [
      { action, path: action === 'create' ? /Service$/ : new RegExp(`${id}$`) },
      { kind: 'meanwhile', act: () => edit(id, fn), when: 'after' },
    ],
  ];
const renumbered =
  (value: string) =>
  (body: Body): void => {
    body['identifier'] = bodiesOf(body['identifier']).map((each) => ({ ...each, value }));
  };

const ROWS: readonly Row[] = [
  { what: 'nothing wrong', first: APPLIED },
  { what: 'nothing wrong, by PUT', region: { ways: ['put', 'post'] }, first: APPLIED },
  {
    what: '401 in the middle of a run',
    script: () => [
      ['create', { kind: 'unauthorized' }],
      ['patch', { kind: 'unauthorized' }],
      ['read', { kind: 'unauthorized' }],
      ['search', { kind: 'unauthorized' }],
    ],
    first: APPLIED,
  },
  {
    what: '401 to every token, for creations',
    ...once('create', { kind: 'unauthorized' }, CREATES * 2),
    first: { applied: ATTACHES, approved: CREATES },
  },
  {
    what: 'tokens of nine seconds on a slow server',
    region: { sandbox: { tokenTtlSeconds: 9 } },
    ...habit('any', { kind: 'elapse', ms: 2_500 }),
  },
  { what: '429 with seconds', ...once('create', { kind: 'tooMany', retryAfter: '7' }), first: APPLIED },
  {
    what: '429 with a date',
    script: ({ clock }) => [
      ['patch', { kind: 'tooMany', retryAfter: new Date(clock.now().getTime() + 7_000).toUTCString() }],
    ],
    first: APPLIED,
  },
  { what: '429 for a day', ...once('write', { kind: 'tooMany', retryAfter: '86400' }, ALL) },
  ...UNKNOWN,
  {
    what: 'a search blind for ten seconds to every creation',
    ...habit('create', { kind: 'unindexed', ms: 10_000 }),
    first: APPLIED,
  },
  {
    what: 'a search blind for ten seconds to a creation that was cut after its commit',
    ...habit('create', { kind: 'unindexed', ms: 10_000 }),
    ...once('create', { kind: 'drop', when: 'after' }),
    first: ONE_UNCERTAIN,
  },
  {
    what: 'the same with numbers of our own range',
    region: { identifiers: 'client' },
    ...habit('create', { kind: 'unindexed', ms: 10_000 }),
    ...once('create', { kind: 'drop', when: 'after' }),
    first: ONE_UNCERTAIN,
  },
  {
    what: 'a number of our range that somebody uses already',
    region: { identifiers: 'client' },
    ...once('create', { kind: 'error', status: 409, when: 'before' }),
    first: { applied: ALL - 1, approved: 1 },
  },
  {
    what: 'a burst of three 503 on writes',
    ...once('write', { kind: 'error', status: 503, when: 'before' }, 3),
    first: { applied: ALL - 3, uncertain: 3 },
  },
  {
    what: 'a burst of three 503 on reads back',
    ...once('read', { kind: 'error', status: 503, when: 'before' }, 3),
    first: APPLIED,
  },
  {
    what: 'a burst of three 503 on the last look',
    ...once('search', { kind: 'error', status: 503, when: 'before' }, 3),
    first: APPLIED,
  },
  {
    what: 'a server down until its circuit opens',
    ...once('any', { kind: 'error', status: 503, when: 'before' }, 60),
    first: { approved: ALL },
    unmet: 'some',
  },
  {
    what: 'reads back that all fail',
    ...once('read', { kind: 'error', status: 500, when: 'before' }, ALL * 4),
  },
  { what: 'slow bodies', ...habit('any', { kind: 'slowBody', pieces: 5, ms: 2 }), first: APPLIED },
  {
    what: 'a reset in the body of a read-back',
    ...once('read', { kind: 'resetBody', share: 0.5 }),
    first: APPLIED,
  },
  {
    what: 'a reset in the body of a last look',
    ...once('search', { kind: 'resetBody', share: 0.5 }),
    first: APPLIED,
  },
  ...REWRITINGS.map((how): Row => ({
    what: `${how} in every answer`,
    ...habit('any', { kind: 'rewrite', how }),
    first: APPLIED,
    ...bareOf(how),
  })),
  ...(['reorderArrays', 'addDefaults', 'rewriteDecimals', 'rewriteDisplays'] as const).flatMap((how) =>
    (
      [
        ['patch', 'post'],
        ['put', 'post'],
      ] as const
    ).map((ways): Row => ({
      what: `${how} in everything that is kept, by ${ways[0]}`,
      region: { ways },
      ...habit('write', { kind: 'storedAs', how }),
      first: APPLIED,
      ...bareOf(how),
    })),
  ),
  {
    what: 'an edit of our element by somebody else between plan and apply',
    before: ({ edit }) => edit('essai-1', hospitalAddsALevel),
    first: { applied: ALL - 1, conflict: 1 },
    converges: 'by a new plan',
  },
  {
    what: 'an edit elsewhere in the offer between plan and apply',
    before: ({ edit }) => edit('essai-1', hospitalRenames),
    first: APPLIED,
  },
  {
    what: 'an edit elsewhere in the offer between plan and apply, by PUT',
    region: { ways: ['put', 'post'] },
    before: ({ edit }) => edit('essai-1', hospitalRenames),
    first: APPLIED,
  },
  {
    what: 'an edit by somebody else between our read-back and our record',
    script: ({ edit }) => [
      [
        { action: 'read', path: /essai-1$/ },
        { kind: 'meanwhile', act: () => edit('essai-1', hospitalRenames), when: 'after' },
      ],
    ],
    first: APPLIED,
  },
  {
    what: 'an edit by somebody else between our last look and our PATCH',
    script: ({ edit }) => [
      [
        { action: 'patch', path: /essai-1$/ },
        { kind: 'meanwhile', act: () => edit('essai-1', hospitalRenames), when: 'before' },
      ],
    ],
    first: APPLIED,
  },
  ...(['patch', 'put'] as const).map((way): Row => ({
    what: `an edit by somebody else between our last look and our ${way.toUpperCase()}, where If-Match is honoured`,
    region: { ways: [way, 'post'], ifMatch: true },
    script: ({ edit }) => [
      [
        { action: 'write', path: /essai-1$/ },
        { kind: 'meanwhile', act: () => edit('essai-1', hospitalRenames), when: 'before' },
      ],
    ],
    first: { applied: ALL - 1, approved: 1 },
  })),
  ...(['patch', 'put'] as const).flatMap((way): Row[] => [
    {
      what: `our element taken away by somebody else between our ${way.toUpperCase()} and our read-back`,
      region: { ways: [way, 'post'] },
      script: justAfter(way === 'put' ? 'update' : way, 'essai-1', hospitalTakesOursAway),
      first: { applied: ALL - 1, conflict: 1 },
      converges: 'by a new plan',
    },
    {
      what: `our comment block rewritten by somebody else between our ${way.toUpperCase()} and our read-back`,
      region: { ways: [way, 'post'] },
      script: justAfter(way === 'put' ? 'update' : way, 'essai-1', hospitalRewritesOurBlock),
      first: { applied: ALL - 1, conflict: 1 },
      converges: 'by a new plan',
      told: /ESSAI-0001 : Modifié dans le ROR par d’autres : « Commentaire » y vaut .*CRMR.*Leur valeur est gardée/,
    },
  ]),
  {
    what: 'a contradicting level put in place of ours by somebody else between our PATCH and our read-back',
    script: justAfter('patch', 'essai-1', hospitalPutsAnotherLevel),
    first: { applied: ALL - 1, conflict: 1 },
    converges: 'by a new plan',
    last: { applied: ALL - 1, question: 1 },
    told: /^Deux niveaux \(10 et 11\) sur une même offre/,
  },
  {
    what: 'our element taken away by somebody else between our creation and our read-back',
    script: justAfter('create', '1000001', hospitalTakesOursAway),
    first: { applied: ALL - 1, conflict: 1 },
    converges: 'by a new plan',
  },
  {
    what: 'our element taken away by somebody else between our read-back and our record',
    script: justAfter('read', 'essai-1', hospitalTakesOursAway),
    first: APPLIED,
    told: /ESSAI-0001 : Modifié dans le ROR par d’autres : « Niveau d’expertise » n’y est plus/,
  },
  {
    what: 'elements that the access profile hides from us',
    region: { sandbox: { accessProfile: 3 } },
    before: ({ edit }) => edit('essai-1', hospitalHasHiddenElements),
    first: APPLIED,
  },
  {
    what: 'a PATCH silently ignored',
    ...once('patch', { kind: 'ignorePatch' }),
    first: { applied: ALL - 1, conflict: 1 },
    converges: 'by a new plan',
  },
  {
    what: 'duplicate identifiers',
    before: ({ edit }) => edit('essai-2', renumbered('28/ESSAI-0001')),
    first: { applied: CREATES, conflict: ATTACHES },
    after: ({ edit }) => edit('essai-2', renumbered('28/ESSAI-0002')),
    converges: 'by a new plan',
  },
];

describe('a repository with a fault', () => {
  it.each(ROWS)('of writing, $what: agrees with the ledger, once, whole, and nothing else', async (row) => {
    const clock = new TestClock();
    const edits: Edit[] = [];
    const region = await copy({ clock, timeoutMs: LONG_MS, declaredLagMs: LONG_MS, ...row.region });
    const { sandbox } = region;
    const edit = (id: string, fn: Edit['fn']): void => {
      edits.push({ id, fn, after: writesTo(sandbox, id, edits) });
      sandbox.edit('HealthcareService', id, fn);
    };
    const world: World = { region, clock, edit };
    row.before?.(world);
    for (const [target, fault] of row.habits?.(world) ?? []) sandbox.faults.always(target, fault);
    for (const line of row.script?.(world) ?? []) sandbox.faults.next(...line);
    const asked = sandbox.requests.length;
    await region.apply();
    expect(sandbox.requests.length).toBeGreaterThan(asked);
    expect(await brokenAtAnyTime(region)).toEqual([]);
    if (row.first !== undefined) expect(await states(region)).toEqual(row.first);

    // The fault ends; what is open goes again, as `apply --resume` does.
    const unmet = sandbox.faults.pending;
    sandbox.faults.end();
    if (row.first !== undefined && row.unmet !== 'some') expect(unmet).toBe(0);
    row.after?.(world);
    clock.advance(60_000);
    for (let pass = 0; pass < 3; pass++) await region.apply();
    if (row.converges === 'by a new plan') {
      expect((await states(region)).conflict).toBe(row.first?.conflict);
      await sync(region.run(null), { replaced: new Map() }, 'real');
      // A level that is proposed again for an offer of ours touches its identity: two people (DESIGN 10).
      await approveAll(region, region.approver);
      await approveAll(region, region.second);
      await region.apply();
    }
    const last = row.last ?? APPLIED;
    expect(await states(region)).toEqual(last);
    const truths = { edits, ...(row.bare === undefined ? {} : { bare: row.bare }) };
    expect(await broken(region, ATTACHES, truths)).toEqual([]);
    const writes = sandbox.writes().length;
    const { alerts } = await sync(region.run(null), { replaced: new Map() }, 'real');
    const open = await openChanges(region.database.app, '28');
    expect(open).toHaveLength(ALL - (last.applied ?? 0));
    if (row.told !== undefined) {
      const words = [alerts, ...open.map(({ reasons }) => reasons)].flat().map(({ message }) => message);
      expect(words).toContainEqual(expect.stringMatching(row.told));
    }
    expect(await region.apply()).toEqual([]);
    expect(sandbox.writes()).toHaveLength(writes);
  });
});

describe('two of our own processes at once', () => {
  it.each([
    ['patch', 'post'],
    ['put', 'post'],
  ])('by %s and %s: agree with the ledger, once, whole, and nothing else', async (...ways) => {
    const region = await copy({ ways, timeoutMs: 3_000, declaredLagMs: 100 });
    const all = (await Promise.all([region.apply(), region.apply(), region.apply()])).flat();
    expect(all.filter(({ result }) => result === 'applied')).toHaveLength(ALL);
    expect(region.sandbox.writes()).toHaveLength(ALL);
    expect(await broken(region, ATTACHES)).toEqual([]);
  });
});

describe('what the rows above are judged by', () => {
  const TAMPERS: readonly [string, (region: ApprovedRegion) => unknown][] = [
    [
      'a byte that nobody approved',
      ({ sandbox }) => sandbox.edit('HealthcareService', 'essai-1', hospitalRenames),
    ],
    [
      'an approved value taken away',
      ({ sandbox }) => sandbox.edit('HealthcareService', 'essai-1', hospitalTakesOursAway),
    ],
    [
      'an offer created twice',
      ({ sandbox }) => {
        const twin = sandbox.list('HealthcareService').find(({ id }) => id === '1000001') as Body;
        sandbox.edit('HealthcareService', 'essai-2', () => ({ ...twin, id: 'essai-2' }));
      },
    ],
    ['an offer that is gone', ({ sandbox }) => sandbox.remove('HealthcareService', '1000001')],
    [
      'an establishment that was written',
      ({ sandbox }) => sandbox.edit('Organization', 'eg-610000044', (body) => body),
    ],
    [
      'a base that is not what stands there',
      ({ database }) =>
        database.owner.raw(
          `alter table applied_element disable trigger user;
           update applied_element set read_back = '"autre"' where key = 'name'`,
        ),
    ],
    [
      'a journal entry that was rewritten',
      ({ database }) =>
        database.owner.raw(
          `alter table journal disable trigger user; update journal set subject = 'autre' where kind = 'apply'`,
        ),
    ],
  ];

  it.each(TAMPERS)('sees %s', async (_what, tamper) => {
    const region = await copy();
    await region.apply();
    expect(await broken(region, ATTACHES)).toEqual([]);
    await tamper(region);
    expect(await broken(region, ATTACHES)).not.toEqual([]);
  });

  it('sees a stranger’s edit, made before our read-back, that is overwritten without a decision', async () => {
    const region = await copy();
    const { sandbox } = region;
    sandbox.faults.next(
      { action: 'patch', path: /essai-1$/ },
      {
        kind: 'meanwhile',
        act: () => sandbox.edit('HealthcareService', 'essai-1', hospitalTakesOursAway),
        when: 'after',
      },
    );
    await region.apply();
    const truths = { edits: [{ id: 'essai-1', fn: hospitalTakesOursAway, after: 1 }] };
    expect(await broken(region, ATTACHES, truths)).toEqual([]);
    sandbox.edit('HealthcareService', 'essai-1', hospitalAddsALevel);
    expect(await broken(region, ATTACHES, truths)).toContainEqual(
      expect.stringMatching(/ESSAI-0001 says characteristic\[expertiseLevel\]#11, which nobody approved/),
    );
  });
});

/** Our writes that an offer has received: its versions, without the first of a hospital's and others' edits. */
function writesTo(sandbox: ApprovedRegion['sandbox'], id: string, edits: readonly Edit[]): number {
  const offer = sandbox.list('HealthcareService').find((each) => each['id'] === id);
  if (offer === undefined) throw new Error(`no offer ${id}`);
  const others = edits.filter((each) => each.id === id).length;
  return Number(versionOf(asJson(offer))) - others - (id.startsWith('essai-') ? 1 : 0);
}

async function states(region: ApprovedRegion): Promise<States> {
  const counts: States = {};
  for (const { state } of await region.changes()) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
