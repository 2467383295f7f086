import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { printable } from '../config/print.js';
import { DataError } from '../domain/errors.js';
import { checkCrosswalk } from '../runs/check-crosswalk.js';
import { checkLists } from '../runs/check-lists.js';
import { retiredCodesNamed } from '../runs/check-retired-codes.js';
import type { CommandContext } from './context.js';

export function registerConfig(program: Command, context: CommandContext): void {
  const config = program
    .command('config')
    .description('vérifier ou imprimer la configuration')
    .addHelpText('after', '\nExemple :\n  filror config check\n');
  config
    .command('check')
    .description(
      'vérifier tous les fichiers : chaque faute avec son fichier, son chemin et ce qui est attendu',
    )
    .option('--config <dossier>', 'dossier de configuration qui complète celui livré')
    .addHelpText('after', '\nExemple :\n  filror config check --config /etc/filror\n')
    .action(async (options: { config?: string }) => {
      const found = loadConfig(options.config);
      const { faults, warnings } = await checkCrosswalk(found);
      if (faults.length > 0) throw crosswalkFault(found.folder, faults);
      const disagreements = await checkLists(found);
      if (disagreements.length > 0) throw listFault(found.folder, disagreements);
      for (const warning of [...warnings, ...retiredCodesNamed(found)])
        context.err(`Attention : ${warning}\n`);
      const regions = [...found.regions.values()].map((region) => `${region.code} ${region.name}`).join(', ');
      await context.out(
        `Configuration correcte : ${found.folder}\nRégions : ${regions}. Sources : ${Object.keys(found.sources).join(', ')}.\n`,
      );
    });
  config
    .command('print')
    .description('imprimer la configuration effective, défauts compris, secrets masqués')
    .option('--config <dossier>', 'dossier de configuration qui complète celui livré')
    .addHelpText('after', '\nExemple :\n  filror config print | less\n')
    .action(async (options: { config?: string }) => {
      await context.out(printable(loadConfig(options.config), context.env));
    });
}

function listFault(folder: string, faults: readonly string[]): DataError {
  return new DataError({
    code: 'CFG_INVALID',
    message: `Les listes de référence ne s’accordent pas :\n${faults.map((fault) => `  ✖ ${fault}`).join('\n')}`,
    place: folder,
    remedy:
      'corrigez la ligne citée (filieres.csv, ern.csv, pemr.csv), puis relancez « filror config check ».',
  });
}

function crosswalkFault(folder: string, faults: readonly string[]): DataError {
  return new DataError({
    code: 'CFG_INVALID',
    message: `La configuration est refusée :\n${faults.map((fault) => `  ✖ ${fault}`).join('\n')}`,
    place: folder,
    remedy:
      'écrivez chaque filière comme dans la liste des filières (filieres.csv), puis relancez « filror config check ».',
  });
}
