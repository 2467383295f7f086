import type { Command } from 'commander';
import { CHANGE_STATES, STATE_WORDS, type ChangeState } from '../domain/change.js';
import { DataError } from '../domain/errors.js';
import { asksAgreement } from '../config/schema/region.js';
import { standingAgreement } from '../db/agreements.js';
import { authorsOf, changesInStates, findChanges, OPEN_STATES, type StoredChange } from '../db/changes.js';
import { decisionsOf } from '../db/decisions.js';
import { followupsOf, type FollowupEvent } from '../db/followups.js';
import { lastCheck, lastPlan } from '../db/runs.js';
import { displayNames } from '../db/people.js';
import { deciders, withName, withNames } from '../runs/attribution.js';
import type { RunContext } from '../runs/context.js';
import { changeOutput, inPlanOrder, type CentreIdentity, type RunReport } from '../runs/report.js';
import { explainedCentre, type ExplainedCentre } from '../runs/explained-centre.js';
import { knownSites } from '../runs/known-sites.js';
import { plannedCentres } from '../runs/planned-centres.js';
import { nothingPlanned } from '../runs/nothing-planned.js';
import { standingOf } from '../runs/standing.js';
import { summarySentence } from '../runs/summary.js';
import { agreementLine } from '../followup/agree.js';
import { queueOf, type QueueItem } from '../followup/queue.js';
import { CodeBook } from '../ror/codes.js';
import type { CommandContext } from './context.js';
import { followupText } from './queue-text.js';
import { addRegionOptions, outputOf, withRegion, type RegionOptions } from './region.js';
import { changeLine, changeText } from './render.js';
import { hasColour, paint } from './terminal.js';
import { whyText } from './why-text.js';

const CHANGES_HELP = `
Exemples :
  filror changes --region 28
  filror changes --region 28 --state proposed
  filror changes --region 28 --output json

États : ${Object.entries(STATE_WORDS)
  .map(([state, word]) => `${state} (${word})`)
  .join(', ')}.`;

const SHOW_HELP = `
Exemples :
  filror show k3x7 --region 28
  filror show k3x7 --region 28 --output json

Le début de l’identifiant suffit s’il ne désigne qu’un changement.`;

/** Centres of a hospital that is not known yet have no change: people must learn here too that something waits. */
function hospitalsAsked(mentions: number): string[] {
  if (mentions === 0) return [];
  const many = mentions > 1 ? `${String(mentions)} hôpitaux sont` : 'Un hôpital est';
  return [`${many} à rapprocher : voyez « filror match list ».`];
}

interface ChangesOptions extends RegionOptions {
  readonly state?: string;
}

export function registerChanges(program: Command, context: CommandContext): void {
  addRegionOptions(
    program.command('changes').description('lister les changements en attente, avec leur état'),
  )
    .option('--state <état>', 'ne montrer que cet état')
    .addHelpText('after', CHANGES_HELP)
    .action(async (options: ChangesOptions) => {
      await withRegion(context, options, async (run) => {
        const state = options.state === undefined ? null : stateOption(options.state);
        const last = await lastPlan(run.db, run.region.code);
        if (last === null) throw nothingPlanned(run.region);
        const report = last.report as RunReport;
        const { centres } = report;
        const changes = await changesInStates(
          run.db,
          run.region.code,
          state === null ? OPEN_STATES : [state],
        );
        if (outputOf(options) === 'json') {
          const named = await withNames(run.db, changes);
          await context.out(`${JSON.stringify(named.map((change) => changeOutput(change, centres)))}\n`);
        } else {
          const p = paint(hasColour(process.stdout, context.env) ? 'colour' : 'plain');
          const checkedAt = (await lastCheck(run.db, run.region.code)) ?? last.input.instant;
          const head =
            state !== null && changes.length === 0
              ? `Aucun changement « ${STATE_WORDS[state]} ».`
              : summarySentence(changes, await standingOf(run, report, checkedAt));
          const lines = inPlanOrder(changes, centres).map((change) => changeLine(change, centres, p));
          const asked = state === null ? hospitalsAsked(report.mentions.length) : [];
          await context.out(`${[head, ...lines, ...asked].join('\n')}\n`);
        }
        const waiting =
          changes.some((change) => OPEN_STATES.includes(change.state)) ||
          (state === null && report.mentions.length > 0);
        process.exitCode = waiting ? 2 : 0;
      });
    });
  addRegionOptions(
    program
      .command('show <changement>')
      .description('montrer un changement : raisons, éléments, sources, décisions'),
  )
    .addHelpText('after', SHOW_HELP)
    .action(async (id: string, options: RegionOptions) => {
      await withRegion(context, options, async (run) => {
        const stored = await oneChange(run, id);
        const change = withName(stored, await deciders(run.db, [stored]));
        const centres = await centresOf(run);
        const { item, events } = await followedSteps(run, change.id);
        if (outputOf(options) === 'json') {
          const followup = { step: item?.step ?? null, events: events.map(eventJson) };
          const explained = await explainedCentres(run, change);
          await context.out(`${JSON.stringify({ ...changeOutput(change, centres), followup, explained })}\n`);
          return;
        }
        const p = paint(hasColour(process.stdout, context.env) ? 'colour' : 'plain');
        const codes = new CodeBook(run.config.codes);
        const parts = [
          changeText(change, centres, p, codes),
          whyText(await explainedCentres(run, change), p),
          await sites(run, change, centres),
          await people(run, change),
          followupText(item, events, codes),
        ];
        await context.out(`${parts.filter((part) => part !== '').join('\n\n')}\n`);
      });
    });
}

async function explainedCentres(run: RunContext, change: StoredChange): Promise<ExplainedCentre[]> {
  const found: ExplainedCentre[] = [];
  for (const id of change.centres) found.push(await explainedCentre(run, id));
  return found;
}

/** Where a change stands in the queue "À saisir dans le ROR", and the steps that it went through. */
async function followedSteps(
  run: RunContext,
  id: string,
): Promise<{ readonly item: QueueItem | null; readonly events: readonly FollowupEvent[] }> {
  const items = await queueOf(run.db, run.region, run.config.followup, run.now());
  const events = await followupsOf(run.db, run.region.code, [id]);
  return { item: items.find(({ change }) => change.id === id) ?? null, events: events.get(id) ?? [] };
}

/** Stable keys; who acted is told by the journal. */
function eventJson({ kind, at, owner, expiresAt, reason }: FollowupEvent): object {
  return { kind, at, owner, expiresAt, reason };
}

/** The sites of a change by their name: before `providedBy` is there, the identity line has but the number. */
async function sites(
  run: RunContext,
  change: StoredChange,
  centres: Readonly<Record<string, CentreIdentity>>,
): Promise<string> {
  const numbers = change.centres.flatMap((id) => centres[id]?.eg ?? []);
  const found = await knownSites(run, numbers);
  return found
    .filter((site) => numbers.includes(site.eg))
    .map((site) => `Site : ${site.name}, ${site.town} (FINESS ${site.eg})`)
    .join('\n');
}

async function people(run: RunContext, change: StoredChange): Promise<string> {
  const authors = await authorsOf(run.db, run.region.code, change.id);
  const decisions = await decisionsOf(run.db, run.region.code, change.id);
  const names = await displayNames(run.db, [
    ...authors.map((author) => author.person),
    ...decisions.map((decision) => decision.person),
  ]);
  const name = (id: (typeof authors)[number]['person']): string => names.get(id) ?? 'personne';
  const who = [...new Set(authors.map((author) => name(author.person)))];
  const verdicts = decisions.map(
    (decision) =>
      `${decision.verdict === 'approve' ? 'approuvé' : 'rejeté'} par ${name(decision.person)}${
        decision.reason === null ? '' : ` (${decision.reason})`
      }`,
  );
  return [
    `À l’origine des valeurs : ${who.join(', ') || 'les sources seules'}.`,
    `Approbations demandées : ${change.quorum}. ${verdicts.join(' ; ') || 'Personne ne s’est encore prononcé.'}`,
    ...(asksAgreement(run.region)
      ? [agreementLine(await standingAgreement(run.db, run.region.code, change))]
      : []),
    `Empreinte : ${change.hash}`,
  ].join('\n');
}

/** The only change whose id begins so. @throws DataError `CHANGE_UNKNOWN`, `CHANGE_AMBIGUOUS` */
export async function oneChange(run: RunContext, id: string): Promise<StoredChange> {
  const found = await findChanges(run.db, run.region.code, id);
  const open = found.filter((change) => change.state !== 'superseded');
  const change = open.length === 1 ? open[0] : found.length === 1 ? found[0] : undefined;
  if (change !== undefined) return change;
  throw new DataError(
    found.length === 0
      ? {
          code: 'CHANGE_UNKNOWN',
          message: `Aucun changement ne commence par « ${id} » dans la région ${run.region.name}.`,
          remedy: 'listez-les avec « filror changes ».',
        }
      : {
          code: 'CHANGE_AMBIGUOUS',
          message: `Plusieurs changements commencent par « ${id} » : ${found.map((each) => each.id).join(', ')}.`,
          remedy: 'donnez l’identifiant entier.',
        },
  );
}

/** Identities of the centres of the last plan. */
export const centresOf = plannedCentres;

function stateOption(text: string): ChangeState {
  const state = CHANGE_STATES.find((each) => each === text);
  if (state !== undefined) return state;
  throw new DataError({
    code: 'STATE_UNKNOWN',
    message: `L’état « ${text} » n’existe pas.`,
    place: '--state',
    remedy: `choisissez parmi : ${CHANGE_STATES.join(', ')}.`,
  });
}
