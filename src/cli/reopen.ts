import type { Command } from 'commander';
import { declare, type ProofOptions } from './answers.js';
import type { CommandContext } from './context.js';
import { addDryRun, addRegionOptions } from './region.js';

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
      await declare(context, options, 'reopen', centre);
    });
}
