import type { Command } from 'commander';
import { answer, type GivenAnswer } from '../runs/act.js';
import type { RunContext } from '../runs/context.js';
import type { OpenMention } from '../runs/propose.js';
import { noneAnswer, openMentions, recogniseAnswer, undoMatchAnswer } from '../runs/recognise.js';
import type { CommandContext } from './context.js';
import {
  addDryRun,
  addRegionOptions,
  outputOf,
  tellDryRun,
  withRegion,
  type RegionOptions,
} from './region.js';

const HELP = `
Exemples :
  filror match list --region 28
  filror match accept m-1f3a9c02 760805770 --region 28 --as camille
  filror match reject m-1f3a9c02 --region 28 --as camille
  filror match undo m-1f3a9c02 --region 28 --as camille

Une décision vaut pour tout hôpital écrit de la même façon, dans tous les passages, jusqu’à ce qu’elle soit annulée.`;

/** @returns the `match` command, to which `match try` is added. */
export function registerMatch(program: Command, context: CommandContext): Command {
  const match = program
    .command('match')
    .description('rapprochements entre hôpitaux écrits et FINESS : lister, décider, annuler, essayer')
    .addHelpText('after', HELP);
  addRegionOptions(match.command('list').description('hôpitaux qu’une personne doit reconnaître'))
    .addHelpText('after', example('list'))
    .action(async (options: RegionOptions) => {
      await withRegion(context, options, async (run) => {
        const mentions = await openMentions(run);
        if (outputOf(options) === 'json') await context.out(`${JSON.stringify(mentions)}\n`);
        else
          await context.out(
            `${mentions.map(mentionText).join('\n\n') || 'Aucun rapprochement en attente.'}\n`,
          );
        process.exitCode = mentions.length > 0 ? 2 : 0;
      });
    });
  deciding(match, 'accept <mention> <finess>')
    .description('cet hôpital est celui-ci (numéro EG ou EJ)')
    .addHelpText('after', example('accept m-1f3a9c02 760805770'))
    .action(async (id: string, finess: string, options: RegionOptions) => {
      await decide(context, options, id, (run) => recogniseAnswer(run, id, finess));
    });
  deciding(match, 'reject <mention>')
    .description('aucun des candidats n’est le bon')
    .addHelpText('after', example('reject m-1f3a9c02'))
    .action(async (id: string, options: RegionOptions) => {
      await decide(context, options, id, (run) => noneAnswer(run, id));
    });
  deciding(match, 'undo <mention>')
    .description('annuler la dernière décision sur cet hôpital')
    .addHelpText('after', example('undo m-1f3a9c02'))
    .action(async (id: string, options: RegionOptions) => {
      await decide(context, options, id, (run) => undoMatchAnswer(run, id));
    });
  return match;
}

function deciding(match: Command, usage: string): Command {
  return addDryRun(addRegionOptions(match.command(usage)));
}

function example(words: string): string {
  return `\nExemple :\n  filror match ${words} --region 28${words === 'list' ? '' : ' --as camille'}\n`;
}

async function decide(
  context: CommandContext,
  options: RegionOptions,
  id: string,
  answerFor: (run: RunContext) => Promise<GivenAnswer>,
): Promise<void> {
  await withRegion(context, options, async (run) => {
    const acted = await answer(run, [await answerFor(run)]);
    await context.out(
      outputOf(options) === 'json'
        ? `${JSON.stringify({ mention: id, summary: acted.report.summary })}\n`
        : `${options.dryRun === true ? 'Décision essayée' : 'Décision enregistrée'} pour ${id}. ${acted.report.summary}\n`,
    );
    await tellDryRun(context, options);
  });
}

function mentionText(mention: OpenMention): string {
  const head = `${mention.id}  « ${mention.mention} »${mention.town === null ? '' : `, ${mention.town}`} : ${
    mention.outcome === 'review' ? 'à vérifier' : 'introuvable'
  }`;
  const candidates = mention.candidates.map((candidate) => {
    const features = Object.entries(candidate.features)
      .map(([name, value]) => `${name} ${value.toFixed(2)}`)
      .join(', ');
    return `    ${candidate.eg ?? candidate.ej}  ${candidate.score.toFixed(2)}  ${candidate.name}, ${candidate.town} (${features})`;
  });
  return [head, `    ${mention.reason}`, ...candidates].join('\n');
}
