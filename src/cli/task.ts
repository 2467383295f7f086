import type { Command } from 'commander';
import { wayOrNull } from '../apply/ways.js';
import { anomalies, type Anomaly } from '../db/anomalies.js';
import { openChanges, type StoredChange } from '../db/changes.js';
import { draftAnomaly, type AnomalyDraft } from '../followup/anomaly.js';
import { reportAnomaly } from '../followup/report-anomaly.js';
import type { SheetSite } from '../followup/sheet.js';
import { CodeBook } from '../ror/codes.js';
import type { RunContext } from '../runs/context.js';
import { knownSites } from '../runs/known-sites.js';
import { centresOf, oneChange } from './changes.js';
import type { CommandContext } from './context.js';
import { addDryRun, addRegionOptions, outputOf, withRegion, type RegionOptions } from './region.js';
import { identityLine } from './render.js';
import { contextOf } from '../apply/context-of.js';

const HELP = `
Exemples :
  filror task list --region 28
  filror task send k3x7 --region 28 --as dominique --dry-run
  filror task send k3x7 --region 28 --as dominique

Un signalement (Task AJO ajout, COR correction, SUP suppression) dit au répertoire ce que filror ne peut pas écrire :
un établissement absent du ROR, ou un changement approuvé et accordé. Son statut est relu à chaque synchronisation.`;

export function registerTask(program: Command, context: CommandContext): void {
  const task = program
    .command('task')
    .description('les signalements d’anomalie au répertoire régional')
    .addHelpText('after', HELP);
  addRegionOptions(task.command('list').description('ce qui est à signaler, et où en est ce qui l’a été'))
    .addHelpText('after', '\nExemple :\n  filror task list --region 28\n')
    .action(async (options: RegionOptions) => {
      await withRegion(context, options, async (run) => {
        const proposed = await toReport(run);
        const sent = await anomalies(run.db, run.region.code);
        await context.out(
          outputOf(options) === 'json'
            ? `${JSON.stringify({ proposed: proposed.map(({ id }) => id), reports: sent.map(anomalyJson) })}\n`
            : await listText(run, proposed, sent),
        );
        process.exitCode = proposed.length > 0 ? 2 : 0;
      });
    });
  addDryRun(
    addRegionOptions(task.command('send <changement>').description('envoyer le signalement d’un changement')),
  )
    .addHelpText('after', '\nExemple :\n  filror task send k3x7 --region 28 --as dominique --dry-run\n')
    .action(async (id: string, options: RegionOptions) => {
      await withRegion(context, options, async (run) => {
        const change = await oneChange(run, id);
        const draft = draftAnomaly(anomalyContext(run), change, await siteOf(run, change));
        if (options.dryRun === true) await preview(context, options, draft);
        else await send(context, options, run, change, draft);
      });
    });
}

/**
 * What is to be reported and was not yet: changes held back by an establishment that the repository lacks, and approved
 * ones that the region has no other way to carry.
 */
async function toReport(run: RunContext): Promise<StoredChange[]> {
  const { db, region } = run;
  if (!region.repository.ways.includes('task')) return [];
  const reported = await anomalies(db, region.code, ['open', 'sent', 'uncertain']);
  const known = new Set(reported.map(({ changeId, hash }) => `${changeId} ${hash}`));
  return (await openChanges(db, region.code)).filter(
    (change) =>
      !known.has(`${change.id} ${change.hash}`) &&
      (lacksCarrier(change) || (change.state === 'approved' && wayOrNull(region, change) === null)),
  );
}

function lacksCarrier(change: StoredChange): boolean {
  return change.reasons.some((reason) => reason.code === 'providerAbsent' && reason.blocking);
}

function anomalyContext(run: RunContext): Parameters<typeof draftAnomaly>[0] {
  const { region, config } = run;
  return { region, codes: new CodeBook(config.codes), requester: config.followup.requester, at: run.now() };
}

async function siteOf(run: RunContext, change: StoredChange): Promise<SheetSite | null> {
  const centres = await centresOf(run);
  const numbers = change.centres.flatMap((id) => centres[id]?.eg ?? []);
  const [site] = (await knownSites(run, numbers)).filter(({ eg }) => numbers.includes(eg));
  return site === undefined ? null : { eg: site.eg, name: site.name, town: site.town };
}

async function preview(context: CommandContext, options: RegionOptions, draft: AnomalyDraft): Promise<void> {
  const task: unknown = JSON.parse(draft.body);
  await context.out(
    outputOf(options) === 'json'
      ? `${JSON.stringify(task)}\n`
      : `${JSON.stringify(task, null, 2)}\nEssai à blanc : rien n’a été envoyé.\n`,
  );
}

async function send(
  context: CommandContext,
  options: RegionOptions,
  run: RunContext,
  change: StoredChange,
  draft: AnomalyDraft,
): Promise<void> {
  if (run.actor === null) throw new Error('a report needs a person');
  const receipt = await reportAnomaly(
    contextOf(run, () => undefined),
    run.actor,
    change,
    draft,
  );
  await context.out(
    outputOf(options) === 'json' ? `${JSON.stringify(receipt)}\n` : `${receipt.change}  ${receipt.message}\n`,
  );
  process.exitCode = receipt.result === 'sent' ? 0 : receipt.result === 'refused' ? 1 : 2;
}

const STATE_TEXT: Readonly<Record<Anomaly['state'], string>> = {
  open: 'en cours d’envoi',
  sent: 'envoyé',
  refused: 'refusé à l’envoi',
  uncertain: 'incertain',
  abandoned: 'non envoyé',
};

async function listText(
  run: RunContext,
  proposed: readonly StoredChange[],
  sent: readonly Anomaly[],
): Promise<string> {
  const codes = new CodeBook(run.config.codes);
  const centres = await centresOf(run);
  const lines = [
    ...proposed.flatMap((change) => [
      `  à signaler   ${change.id}  ${identityLine(change, centres)}`,
      `      ${lacksCarrier(change) ? 'L’établissement n’est pas dans le ROR.' : 'Approuvé ; la région n’a pas d’autre voie.'} Que faire : « filror task send ${change.id} ».`,
    ]),
    ...sent.map((each) => {
      const status = each.status === null ? '' : `, ${codes.text('TRE_R352', each.status)}`;
      const task = each.remoteId === null ? '' : `  Task ${each.remoteId}`;
      return `  ${STATE_TEXT[each.state].padEnd(12)} ${each.action}  ${each.changeId}${task}${status}`;
    }),
  ];
  return lines.length === 0 ? 'Aucun signalement, rien à signaler.\n' : `${lines.join('\n')}\n`;
}

function anomalyJson({ changeId, about, action, state, remoteId, status, outcome }: Anomaly): object {
  return { change: changeId, about, action, state, task: remoteId, status, outcome };
}
