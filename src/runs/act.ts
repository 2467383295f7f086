import type { JournalEntry } from '../journal/append.js';
import { addAnswer, type AnswerKind } from '../db/answers.js';
import { lockChange, OPEN_STATES, type StoredChange } from '../db/changes.js';
import { ensureRegion, lastCheck, lastPlan, lockRegion, startRun } from '../db/runs.js';
import { inTransaction, type Db } from '../db/types.js';
import { RefusalError } from '../domain/errors.js';
import { requireAnswerRight } from '../review/rights.js';
import type { RunContext } from './context.js';
import { nothingPlanned } from './nothing-planned.js';
import { planRegion } from './plan-region.js';
import type { RunReport } from './report.js';

/** What a person answers; several answers are one act, planned once. */
export interface GivenAnswer {
  readonly kind: AnswerKind;
  readonly subject: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Acted {
  readonly report: RunReport;
  readonly changes: readonly StoredChange[];
}

/**
 * Records answers and plans the region again from what was last collected, in one transaction: either the answer and
 * the plan it leads to stand, or nothing does.
 * @param answers those to record, or what makes them once the region is held: nobody else answers meanwhile
 * @param shown the change whose questions the person read, when there is one: another form of it is not answered
 * @throws RefusalError `NOTHING_PLANNED` before the first run, `NO_GRANT`, `NOT_AS_SHOWN`
 */
export async function answer(
  context: RunContext,
  answers: readonly GivenAnswer[] | ((held: RunContext) => Promise<readonly GivenAnswer[]>),
  shown?: Pick<StoredChange, 'id' | 'hash'>,
): Promise<Acted> {
  const { actor } = context;
  if (actor === null) throw new Error('an answer needs a person');
  return await inTransaction(context.db, async (trx) => {
    const inside = { ...context, db: trx };
    const previous = await requirePlan(inside);
    const at = context.now();
    if (shown !== undefined) await requireShown(trx, context.region.code, shown);
    await requireAnswerRight(trx, context.region, context.config.review, actor, at);
    const entries: JournalEntry[] = [];
    for (const given of typeof answers === 'function' ? await answers(inside) : answers) {
      const no = await addAnswer(trx, { region: context.region.code, ...given, author: actor.id, at });
      entries.push({
        region: context.region.code,
        kind: `answer.${given.kind}`,
        subject: given.subject,
        actor: actor.id,
        body: { no, ...given.body },
      });
    }
    return await replan(inside, previous.report, at, entries);
  });
}

/** Plans again from what was last collected: after a rejection, an apply, a drift that was accepted. */
export async function replanNow(context: RunContext): Promise<Acted> {
  return await inTransaction(context.db, async (trx) => {
    const inside = { ...context, db: trx };
    const previous = await requirePlan(inside);
    return await replan(inside, previous.report, context.now(), []);
  });
}

async function requireShown(
  trx: Db,
  region: string,
  shown: Pick<StoredChange, 'id' | 'hash'>,
): Promise<void> {
  const change = await lockChange(trx, region, shown.id);
  if (change !== null && change.hash === shown.hash && OPEN_STATES.includes(change.state)) return;
  throw new RefusalError({
    code: 'NOT_AS_SHOWN',
    message: `Le changement ${shown.id} a été recalculé depuis qu’il vous a été montré : votre réponse n’est pas enregistrée.`,
    place: `changement ${shown.id}`,
    remedy: 'ouvrez de nouveau le changement depuis la liste, relisez ses questions, puis répondez.',
  });
}

async function requirePlan(context: RunContext): Promise<{ report: RunReport }> {
  await ensureRegion(context.db, context.region.code);
  await lockRegion(context.db, context.region.code);
  const previous = await lastPlan(context.db, context.region.code);
  if (previous === null) throw nothingPlanned(context.region);
  return { report: previous.report as RunReport };
}

async function replan(
  context: RunContext,
  report: RunReport,
  at: Date,
  led: readonly JournalEntry[],
): Promise<Acted> {
  const runId = context.newId.run();
  await startRun(context.db, { region: context.region.code, id: runId, kind: 'replan', startedAt: at });
  const refusedBefore = new Set(['X12']);
  const sources = report.sources.map((each) => ({
    ...each,
    // What matching refused or found elsewhere is found again by the new plan: it must not be counted twice.
    kept:
      each.kept + each.outOfRegion + each.setAside.filter((fault) => refusedBefore.has(fault.code)).length,
    setAside: each.setAside.filter((fault) => !refusedBefore.has(fault.code)),
    outOfRegion: 0,
  }));
  const checkedAt = (await lastCheck(context.db, context.region.code)) ?? at;
  const { gates, mirror } = report;
  return await planRegion(context, runId, at, { sources, gates, mirror, checkedAt }, led);
}
