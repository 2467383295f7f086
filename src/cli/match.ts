import type { Command } from 'commander';
import { answersOf } from '../db/answers.js';
import { lastPlan } from '../db/runs.js';
import { DataError } from '../domain/errors.js';
import { finessFault } from '../domain/finess.js';
import { answer, type GivenAnswer } from '../runs/act.js';
import type { RunContext } from '../runs/context.js';
import { knownSites } from '../runs/known-sites.js';
import { mentionId } from '../runs/places.js';
import type { OpenMention } from '../runs/propose.js';
import type { RunReport } from '../runs/report.js';
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
      await decide(context, options, id, async (run, key) => [
        { kind: 'match', subject: key, body: await numbersOf(run, finess) },
      ]);
    });
  deciding(match, 'reject <mention>')
    .description('aucun des candidats n’est le bon')
    .addHelpText('after', example('reject m-1f3a9c02'))
    .action(async (id: string, options: RegionOptions) => {
      await decide(context, options, id, async (_run, key) =>
        Promise.resolve([{ kind: 'matchReject', subject: key, body: {} }]),
      );
    });
  deciding(match, 'undo <mention>')
    .description('annuler la dernière décision sur cet hôpital')
    .addHelpText('after', example('undo m-1f3a9c02'))
    .action(async (id: string, options: RegionOptions) => {
      await decide(context, options, id, async (run, key) => {
        const last = (await answersOf(run.db, run.region.code)).findLast(
          (each) => each.subject === key && (each.kind === 'match' || each.kind === 'matchReject'),
        );
        if (last === undefined) throw unknownMention(id);
        return [{ kind: 'undo', subject: key, body: { answer: last.no } }];
      });
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
  answersFor: (run: RunContext, key: string) => Promise<GivenAnswer[]>,
): Promise<void> {
  await withRegion(context, options, async (run) => {
    const key = await keyOfMention(run, id);
    const acted = await answer(run, await answersFor(run, key));
    await context.out(
      outputOf(options) === 'json'
        ? `${JSON.stringify({ mention: id, summary: acted.report.summary })}\n`
        : `${options.dryRun === true ? 'Décision essayée' : 'Décision enregistrée'} pour ${id}. ${acted.report.summary}\n`,
    );
    await tellDryRun(context, options);
  });
}

async function openMentions(run: RunContext): Promise<readonly OpenMention[]> {
  const last = await lastPlan(run.db, run.region.code);
  return last === null ? [] : (last.report as RunReport).mentions;
}

/** An open mention, or one already decided. */
async function keyOfMention(run: RunContext, id: string): Promise<string> {
  const open = (await openMentions(run)).find((mention) => mention.id === id);
  if (open !== undefined) return open.key;
  const decided = (await answersOf(run.db, run.region.code)).find((each) => mentionId(each.subject) === id);
  if (decided !== undefined) return decided.subject;
  throw unknownMention(id);
}

function unknownMention(id: string): DataError {
  return new DataError({
    code: 'MENTION_UNKNOWN',
    message: `Aucun rapprochement « ${id} » n’est en attente ni décidé.`,
    remedy: 'listez-les avec « filror match list ».',
  });
}

/** A site gives both numbers; a legal entity gives its own only, and the site stays to be chosen. */
async function numbersOf(run: RunContext, finess: string): Promise<{ ej: string; eg: string | null }> {
  const found = finessFault(finess) === null ? await knownSites(run, [finess]) : [];
  const site = found.find((establishment) => establishment.eg === finess);
  if (site !== undefined) return { ej: site.ej, eg: site.eg };
  const entity = found.find((establishment) => establishment.ej === finess);
  if (entity !== undefined) return { ej: entity.ej, eg: null };
  throw new DataError({
    code: 'FINESS_UNKNOWN',
    message: `Le numéro FINESS « ${finess} » n’est pas dans le registre de la région.`,
    remedy:
      'vérifiez le numéro (neuf caractères), ou choisissez l’un des candidats de « filror match list ».',
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
