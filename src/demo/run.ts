import { join } from 'node:path';
import { contextOf } from '../apply/context-of.js';
import { applyApproved } from '../apply/executor.js';
import type { Receipt } from '../apply/context.js';
import { shippedFolder, type FilrorConfig } from '../config/load.js';
import type { RegionProfile } from '../config/schema/region.js';
import { openChanges, type StoredChange } from '../db/changes.js';
import type { Actor } from '../db/people.js';
import { RefusalError } from '../domain/errors.js';
import { head } from '../journal/head.js';
import { verify } from '../journal/verify.js';
import { approve } from '../review/decide.js';
import { answer, type GivenAnswer } from '../runs/act.js';
import type { RunContext } from '../runs/context.js';
import type { SyncOutput } from '../runs/report.js';
import { sync } from '../runs/sync.js';
import { requireAllApplied, requireIntact, requireNews, requireQuiet, requireRefusal } from './checks.js';

/** What the demonstration says and shows; the terminal decides how. */
export interface DemoStage {
  readonly title: (text: string) => void;
  readonly say: (text: string) => void;
  readonly plan: (output: SyncOutput, changes: readonly StoredChange[]) => void;
}

export interface DemoCast {
  /** Completes values and answers questions: an author, hence no approver. */
  readonly author: Actor;
  readonly approver: Actor;
}

export const demoFolder = join(shippedFolder, 'demo');

/**
 * The whole walk of the product on the embedded database and the sandbox.
 * @param writes write requests that the sandbox has received so far
 * @throws DataError `DEMO_…` when what it shows is not what the product promises
 */
export async function runDemo(
  context: RunContext,
  cast: DemoCast,
  stage: DemoStage,
  writes: () => number,
): Promise<readonly Receipt[]> {
  await prepareDemo(context, cast, stage);

  stage.title(`3. Approuver : une personne à l’origine d’une valeur ne le peut pas`);
  const approved = await approveAll(context, cast, stage);

  stage.title('4. Envoyer au répertoire, relire, consigner');
  const applying = { ...context, actor: cast.approver };
  const receipts = await applyApproved(
    contextOf(applying, (_receipt, done, total) => context.progress({ step: 'envoi', done, total })),
  );
  requireAllApplied(receipts, approved);
  stage.say(`${receipts.length} changements appliqués sur ${approved} approuvés, chacun relu identique.`);

  stage.title('5. Vérifier le journal');
  const checked = await verify(context.db, await head(context.db));
  requireIntact(checked);
  stage.say(`Journal intact : ${checked.entries} écritures chaînées.`);

  stage.title('6. Un second passage sur les mêmes listes');
  const before = writes();
  const { summary } = (await sync(context, { replaced: new Map() }, 'real')).plan;
  requireQuiet(summary, writes() - before);
  stage.say(summary);

  stage.title('7. La liste a changé : un label relevé, un centre retiré, un déplacé, un renommé');
  const changed = new Map([['labelled-centres', join(demoFolder, 'centres-changes.csv')]]);
  const output = await sync({ ...context, actor: null }, { replaced: changed }, 'real');
  requireNews(output.plan.kinds);
  const waiting = await open(context);
  const fresh = waiting.filter((change) => change.runId === output.run);
  stage.plan(output, fresh);
  stage.say(
    `Le résumé compte tout ce qui attend (${waiting.length}) ; la liste, ce que ce passage apporte (${fresh.length}).`,
  );
  return receipts;
}

/** Its first two steps: lists collected, questions of the trial centres answered, nothing approved. */
export async function prepareDemo(
  context: RunContext,
  cast: Pick<DemoCast, 'author'>,
  stage: DemoStage,
): Promise<void> {
  stage.title('1. Collecter les listes, relire le répertoire, proposer un plan');
  const first = await sync(context, { replaced: new Map() }, 'real');
  stage.plan(first, await open(context));

  stage.title(`2. ${cast.author.displayName} complète les centres d’essai et répond aux questions`);
  await completeTrialCentres({ ...context, actor: cast.author }, first, stage);
}

async function open(context: RunContext): Promise<StoredChange[]> {
  return await openChanges(context.db, context.region.code);
}

/**
 * Values are completed for test centres only. The one real centre that goes through, TOXIBUL in Rouen, is attached to a
 * synthetic offer, which needs no invented value.
 */
async function completeTrialCentres(context: RunContext, plan: SyncOutput, stage: DemoStage): Promise<void> {
  const answers: GivenAnswer[] = [];
  for (const change of plan.changes) {
    const { centre } = change;
    if (centre === null || !('title' in centre)) continue;
    const subject = centre.id;
    if (centre.network === 'TOXIBUL') {
      answers.push({ kind: 'complete', subject, body: { field: 'site', value: '760000158' } });
      answers.push({ kind: 'attach', subject, body: { offer: '28/ESSAI-0001' } });
    }
    if (!/^Centre d['’]essai/.test(centre.title)) continue;
    for (const reason of change.reasons) {
      if (reason.code !== 'missing') continue;
      const value = { public: 'mixte', families: [reason.candidates?.[0]?.value ?? ''] }[reason.field ?? ''];
      if (value !== undefined)
        answers.push({ kind: 'complete', subject, body: { field: reason.field, value } });
    }
    const question = change.reasons.find((reason) => reason.code === 'attachOrCreate');
    const offer = question?.candidates?.[0]?.value;
    if (offer !== undefined) answers.push({ kind: 'attach', subject, body: { offer } });
  }
  const acted = await answer(context, answers);
  stage.say(`${answers.length} réponses enregistrées. ${acted.report.summary}`);
}

/** @returns how many changes are now approved */
async function approveAll(context: RunContext, cast: DemoCast, stage: DemoStage): Promise<number> {
  const proposed = (await open(context)).filter((change) => change.state === 'proposed');
  const as = (person: Actor): Parameters<typeof approve>[0] => ({
    db: context.db,
    region: context.region.code,
    review: context.config.review,
    person,
    now: context.now(),
  });
  const authored = proposed.find((change) => change.kind === 'attach');
  const refusal = authored === undefined ? null : await refusalOf(approve(as(cast.author), authored));
  requireRefusal(refusal?.code === 'FOUR_EYES');
  stage.say(`Refusé comme prévu : ${refusal?.message}`);
  for (const [index, change] of proposed.entries()) {
    await approve(as(cast.approver), change);
    context.progress({ step: 'approbation', done: index + 1, total: proposed.length });
  }
  stage.say(`${cast.approver.displayName} approuve ${proposed.length} changements.`);
  return proposed.length;
}

async function refusalOf(work: Promise<unknown>): Promise<RefusalError | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof RefusalError) return error;
    throw error;
  }
}

/** The region of the demonstration, pointed at the sandbox that was just started. */
export function demoRegion(config: FilrorConfig, fhirBase: string, tokenUrl: string): RegionProfile {
  const region = config.regions.get('28');
  if (region === undefined) throw new Error('config/demo has no region 28');
  return { ...region, repository: { ...region.repository, baseUrl: fhirBase, tokenUrl } };
}
