import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { checkSource } from '../runs/check-source.js';
import { mirrorState } from '../runs/mirror-state.js';
import { sourceStates } from '../runs/source-states.js';
import { isBlocked } from '../sources/gates.js';
import type { CommandContext } from './context.js';
import { addRegionOptions, chosenRegion, outputOf, withRegion, type RegionOptions } from './region.js';
import { mirrorStateText } from './mirror-state-text.js';
import { checkText, statesText } from './sources-text.js';

const LIST_HELP = `
Exemples :
  filror sources --region 28
  filror sources --region 28 --output json

Pour chaque source : éditeur, rythme, date du contenu, dernier passage réussi, lignes lues et mises de côté, état ; puis le
répertoire régional, source de ce que d’autres décrivent déjà (« filror mirror offers »).
Rien n’est collecté ni changé.`;

const CHECK_HELP = `
Exemples :
  filror source check labelled-centres --region 28 --file centres.csv
  filror source check bamara-deployment --region 28 --file page.html
  filror source check filieres --region 28 --output json

Lit la source à son lieu configuré, ou le fichier, le dossier ou l’adresse donné par --file, et dit ce qui en serait lu :
encodage, lignes, lignes mises de côté avec leur raison, remarques, colonnes ignorées, date du contenu, totaux annoncés.
Ni base de données ni passage : rien n’est gardé. Ce qui se compare à la livraison d’avant se voit par « filror sync --dry-run ».
Code de retour : 0 la source se lit (lignes mises de côté comprises), 1 elle serait refusée en entier.`;

interface CheckOptions {
  readonly region?: string;
  readonly config?: string;
  readonly output?: string;
  readonly file?: string;
}

export function registerSources(program: Command, context: CommandContext): void {
  addRegionOptions(program.command('sources').description('l’état de chaque source de la région'))
    .addHelpText('after', LIST_HELP)
    .action(async (options: RegionOptions) => {
      const output = outputOf(options);
      await withRegion(context, options, async (run) => {
        const states = await sourceStates(run, run.now());
        const mirror = await mirrorState(run, run.now());
        const { code, name } = run.region;
        await context.out(
          output === 'json'
            ? `${JSON.stringify({ format: 'filror.sources/1', region: code, sources: states, mirror })}\n`
            : `${statesText(`${code} ${name}`, states)}\n\n${mirrorStateText(mirror, code)}\n`,
        );
      });
    });
  const source = program
    .command('source')
    .description('une source publique')
    .addHelpText('after', '\nExemple :\n  filror source check filieres --region 28\n');
  source
    .command('check <source>')
    .description('dire ce qui serait lu d’une source, sans rien changer')
    .option('--file <lieu>', 'fichier, dossier ou adresse à lire à la place du lieu configuré')
    .option(
      '--region <code>',
      'code TRE_R30 de la région (28 Normandie) ; défaut : FILROR_REGION, ou la seule configurée',
    )
    .option(
      '--config <dossier>',
      'dossier de configuration qui complète celui livré ; défaut : FILROR_CONFIG',
    )
    .option('--output <format>', 'text ou json', 'text')
    .addHelpText('after', CHECK_HELP)
    .action(async (name: string, options: CheckOptions) => {
      const output = outputOf(options);
      const config = loadConfig(options.config);
      const region = chosenRegion(config, options, context.env);
      const check = await checkSource(config, region, name, options.file ?? null);
      await context.out(
        output === 'json'
          ? `${JSON.stringify({ format: 'filror.source-check/1', region: region.code, ...check })}\n`
          : `${checkText(check)}\n`,
      );
      process.exitCode = isBlocked(check.gates) ? 1 : 0;
    });
}
