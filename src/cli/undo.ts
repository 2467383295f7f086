import { InvalidArgumentError, type Command } from 'commander';
import { answer } from '../runs/act.js';
import { answersAbout, isUndoable, undoAnswerAnswer, undoChangeAnswer } from '../runs/undo.js';
import { ANSWER_WORDS, answerText } from '../runs/answer-words.js';
import { parisDay } from '../domain/time.js';
import { tell } from './answers.js';
import { oneChange } from './changes.js';
import type { CommandContext } from './context.js';
import { addDryRun, addRegionOptions, outputOf, withRegion, type RegionOptions } from './region.js';

interface UndoOptions extends RegionOptions {
  readonly reason?: string;
  readonly answer?: number;
}

const HELP = `
Exemples :
  filror undo k3x7 --region 28 --as camille                                   (montre ce qui peut être repris)
  filror undo k3x7 --answer 12 --reason "réponse donnée pour un autre site" --region 28 --as camille
  filror undo k3x7 --reason "le titre vient d’un brouillon" --region 28 --as camille

Avec --answer, une réponse est reprise et sa question est posée de nouveau. Avec --reason seul, ce qu’un changement appliqué a
écrit est repris : c’est un changement inverse, que d’autres personnes approuvent ; d’un changement rejeté, c’est le rejet
qui est repris. Un rattachement, une création, un
retrait ou une fermeture se défont par une déclaration (filror withdraw, close, reopen).`;

export function registerUndo(program: Command, context: CommandContext): void {
  addDryRun(
    addRegionOptions(
      program
        .command('undo <changement>')
        .description('reprendre une réponse, un rejet, ou ce qu’un changement appliqué a écrit'),
    ),
  )
    .option('--reason <texte>', 'pourquoi c’est repris ; gardée pour toujours')
    .option('--answer <n°>', 'numéro de la réponse à reprendre', answerNo)
    .addHelpText('after', HELP)
    .action(async (id: string, options: UndoOptions) => {
      await withRegion(context, options, async (run) => {
        const change = await oneChange(run, id);
        if (options.reason === undefined && options.answer === undefined) {
          const about = await answersAbout(run, change);
          await context.out(
            outputOf(options) === 'json'
              ? `${JSON.stringify(about.map(({ no, kind, subject, body, at }) => ({ no, kind, subject, body, at })))}\n`
              : about.length === 0
                ? `Aucune réponse ne porte sur ce changement.${isUndoable(change) ? ' Avec --reason, ce qui en a été décidé ou écrit est repris.' : ''}\n`
                : about
                    .map(
                      (each) =>
                        `  ${String(each.no)}  ${parisDay(each.at)}  ${ANSWER_WORDS[each.kind]}${answerText(each)}\n`,
                    )
                    .join(''),
          );
          return;
        }
        const given =
          options.answer === undefined
            ? await undoChangeAnswer(run, change, options.reason ?? '')
            : await undoAnswerAnswer(run, change, options.answer, options.reason ?? '');
        await tell(context, run, options, await answer(run, [given]), change.centres);
      });
    });
}

function answerNo(text: string): number {
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('un numéro montré par « filror undo <changement> » est attendu.');
}
