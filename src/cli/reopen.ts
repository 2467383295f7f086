import type { Command } from 'commander';
import { answersOf } from '../db/answers.js';
import { centreLinks, formerLinks } from '../db/centres.js';
import { DataError } from '../domain/errors.js';
import { answer } from '../runs/act.js';
import type { RunContext } from '../runs/context.js';
import { isoDate, proofMissing, tell, type ProofOptions } from './answers.js';
import { centresOf } from './changes.js';
import type { CommandContext } from './context.js';
import { addDryRun, addRegionOptions, outputOf, withRegion } from './region.js';

const HELP = `
Exemple :
  filror reopen cmr_abcdefghijklmnop --proof "arrêté du …" --date 2026-09-01 --region 28 --as camille

Le centre revient à l’offre qu’il a quittée, jamais à une seconde : une offre fermée par filror rouvre (sa date de
fermeture est retirée), un label retrouvé y est remis. C’est une proposition, que d’autres personnes approuvent.`;

export function registerReopen(program: Command, context: CommandContext): void {
  addDryRun(
    addRegionOptions(
      program
        .command('reopen <centre>')
        .description('déclarer un label retrouvé ou une offre rouverte, avec sa preuve'),
    ),
  )
    .requiredOption('--proof <texte>', 'acte ou document qui le prouve')
    .requiredOption('--date <AAAA-MM-JJ>', 'date d’effet')
    .addHelpText('after', HELP)
    .action(async (centre: string, options: ProofOptions) => {
      const proof = (options.proof ?? '').trim();
      if (proof === '') throw proofMissing('déclarer un retour');
      const date = isoDate(options.date);
      await withRegion(context, options, async (run) => {
        await requireGone(run, centre);
        const acted = await answer(run, [{ kind: 'reopen', subject: centre, body: { proof, date } }]);
        await tell(context, run, options, acted, [centre]);
        const listed = (await centresOf(run))[centre] !== undefined;
        if (!listed && outputOf(options) === 'text') await context.out(UNLISTED);
      });
    });
}

const UNLISTED =
  'Aucune liste ne dit ce centre aujourd’hui : son retour sera proposé dès qu’une liste lue le dira.\n';

/** @throws DataError `CENTRE_NOT_GONE`: it stands where it stood, and nobody declared that it left */
async function requireGone(run: RunContext, centre: string): Promise<void> {
  const { db, region } = run;
  const declared = (await answersOf(db, region.code)).findLast(
    ({ kind, subject }) => ['withdraw', 'close', 'reopen'].includes(kind) && subject === centre,
  );
  const linked = (await centreLinks(db, region.code)).some((link) => link.centre === centre);
  const left = (await formerLinks(db, region.code)).some((link) => link.centre === centre);
  if ((declared !== undefined && declared.kind !== 'reopen') || (left && !linked)) return;
  throw new DataError({
    code: 'CENTRE_NOT_GONE',
    message: `Le centre « ${centre} » n’a quitté aucune offre : ni retrait ni fermeture n’a été déclaré ou écrit.`,
    place: centre,
    remedy: 'donnez l’identifiant cmr_… d’un centre retiré ou fermé (filror show).',
  });
}
