import { appliedElements } from '../../src/db/applied.js';
import { unsettledAttempts } from '../../src/db/attempts.js';
import { centreLinks } from '../../src/db/centres.js';
import type { StoredChange } from '../../src/db/changes.js';
import { decisionsOf } from '../../src/db/decisions.js';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { verify } from '../../src/journal/verify.js';
import type { ApprovedRegion } from './approved-region.js';
import { ourWrites, type OurWrite } from './our-writes.js';
import { leaves, unexplained } from './repository-bytes.js';
import { asJson, identifierOf, untruths, type Truths } from './repository-truth.js';

/**
 * What must hold at any instant, whatever happened: nothing created twice, every attempt that is not settled belongs to
 * a change that says so, the journal verifies.
 */
export async function brokenAtAnyTime(region: ApprovedRegion): Promise<string[]> {
  const faults = await doubles(region);
  const changes = await region.changes();
  const unsettled = await unsettledAttempts(region.database.app, '28');
  for (const { changeId } of unsettled) {
    const state = changes.find(({ id }) => id === changeId)?.state;
    if (state !== 'approved' && state !== 'uncertain')
      faults.push(`${changeId} is ${state ?? 'gone'} and its attempt is not settled`);
  }
  for (const { id, state } of changes) {
    if (state === 'uncertain' && !unsettled.some(({ changeId }) => changeId === id))
      faults.push(`${id} is uncertain and nothing will settle it`);
  }
  const { fault } = await verify(region.database.app);
  return fault === null ? faults : [...faults, `the journal does not verify: ${JSON.stringify(fault)}`];
}

/**
 * What must hold once nothing is unsettled: repository and ledger agree, nothing is there twice, every byte that differs
 * from the first state (and from what others did since) is explained by a change that was approved and applied.
 */
export async function broken(
  region: ApprovedRegion,
  attaches: number,
  truths: Truths = {},
): Promise<string[]> {
  const left = await unsettledAttempts(region.database.app, '28');
  return [
    ...left.map(({ changeId }) => `an attempt at ${changeId} is not settled`),
    ...(await brokenAtAnyTime(region)),
    ...(await untruths(region, attaches, truths)),
    ...(await unexplained(region, attaches, truths)),
    ...(await disagreements(region, truths.bare ?? ((value) => value))),
  ];
}

/** A centre's block stands in one offer at most. */
async function doubles(region: ApprovedRegion): Promise<string[]> {
  const centres = (await region.changes()).flatMap((change) => change.centres);
  return [...new Set(centres)].flatMap((centre) => {
    const carrying = carriers(region, centre);
    return carrying.length > 1 ? [`${carrying.join(' and ')} both carry ${centre}`] : [];
  });
}

function carriers(region: ApprovedRegion, centre: string): string[] {
  return offersOf(region)
    .filter((offer) => String(offer['comment']).includes(`id=${centre}]`))
    .map(identifierOf);
}

function offersOf(region: ApprovedRegion): JsonObject[] {
  return region.sandbox.list('HealthcareService').map(asJson);
}

/** Our tables against the sandbox's own store: links, bases, journal, one settled attempt per applied change. */
async function disagreements(region: ApprovedRegion, bare: (value: Json) => Json): Promise<string[]> {
  const { app } = region.database;
  const faults: string[] = [];
  const changes = await region.changes();
  const links = await centreLinks(app, '28');
  for (const centre of new Set(changes.flatMap((change) => change.centres))) {
    const here = carriers(region, centre).sort().join();
    const linked = links
      .filter((link) => link.centre === centre)
      .map((link) => link.identifier)
      .sort()
      .join();
    if (here !== linked)
      faults.push(`${centre} stands in ${here || 'no offer'}, linked to ${linked || 'none'}`);
  }
  const applied = changes.filter(({ state }) => state === 'applied');
  for (const change of applied) {
    const done = await app('apply_attempt').where({ change_id: change.id, state: 'done' });
    if (done.length !== 1) faults.push(`${change.id} was done ${done.length} times`);
    const told = (await app('journal').where({ kind: 'apply' }).select<{ body: string }[]>('body')).filter(
      ({ body }) => (JSON.parse(body) as { change: string }).change === change.id,
    );
    if (told.length !== 1)
      faults.push(`the journal tells ${told.length} times that ${change.id} was applied`);
  }
  const writes = await ourWrites(region);
  return [
    ...faults,
    ...(await unapproved(region, writes)),
    ...(await untoldLosses(region, writes)),
    ...(await wrongBases(region, applied, bare)),
  ];
}

/** Each write rests on as many approvals of its very hash as it asked for. */
async function unapproved(region: ApprovedRegion, writes: readonly OurWrite[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { change } of writes) {
    const decisions = await decisionsOf(region.database.app, '28', change.id);
    const approvals = decisions.filter(({ verdict, hash }) => verdict === 'approve' && hash === change.hash);
    if (approvals.length < change.quorum) faults.push(`${change.id} was written and not approved`);
  }
  return faults;
}

/** Of a write that was kept in part, the journal names in words what was lost, and only that has no base by it. */
async function untoldLosses(region: ApprovedRegion, writes: readonly OurWrite[]): Promise<string[]> {
  const { app } = region.database;
  const bases = await appliedElements(app, '28');
  const rows = await app('journal').where({ kind: 'applyRefused' }).select<{ body: string }[]>('body');
  const told = rows.map(({ body }) => JSON.parse(body) as Told);
  return writes.flatMap(({ change, kept, version, identifier }) => {
    if (kept === 'whole') return [];
    const entry = told.find((each) => each.change === change.id && each.version === version);
    if (entry === undefined) return [`the journal does not tell what of ${change.id} was kept`];
    return change.elements.flatMap(({ key, after, channel }) => {
      if (channel === 'served') return [];
      const base = bases.get(identifier)?.get(key)?.readBack ?? null;
      const lost = entry.message.includes(key);
      // A later write may have brought it back; a base is then the approved value all the same.
      if (base === null ? lost : same(base, after ?? null)) return [];
      return [`${identifier}: ${key} was ${lost ? 'lost' : 'kept'}, and its base is ${JSON.stringify(base)}`];
    });
  });
}

interface Told {
  readonly change: string;
  readonly version: string | null;
  readonly message: string;
}

/** The base of an applied element is the value approved: so says the ledger of what `untruths` says of the sandbox. */
async function wrongBases(
  region: ApprovedRegion,
  applied: readonly StoredChange[],
  bare: (value: Json) => Json,
): Promise<string[]> {
  const bases = await appliedElements(region.database.app, '28');
  return applied.flatMap((change) => {
    const carrying = change.centres.flatMap((centre) => carriers(region, centre));
    const identifier = change.target.startsWith('offer:')
      ? change.target.slice('offer:'.length)
      : carrying[0];
    return change.elements.flatMap(({ key, after }) => {
      const base = bases.get(identifier ?? '')?.get(key)?.readBack;
      return same(bare(base ?? null), bare(after ?? null))
        ? []
        : [`the base of ${key} in ${identifier ?? '?'} is wrong`];
    });
  });
}

/** The same leaves, whatever the order of keys and items. */
function same(a: Json, b: Json): boolean {
  return leaves(a).sort().join() === leaves(b).sort().join();
}
