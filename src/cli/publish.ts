import type { Command } from 'commander';
import { audiencesOf } from '../config/schema/fhir.js';
import { counted } from '../domain/counted.js';
import { RefusalError } from '../domain/errors.js';
import { publish } from '../publish/publish.js';
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
  filror publish --region 28
  filror publish --region 28 --dry-run

Met ce qui est servi aux lecteurs (API FHIR, exports) à la hauteur du miroir et des faits approuvés. « filror serve --fhir »
le fait de lui-même, à chaque fois que le journal avance ; cette commande sert aux essais et aux exports sans serveur.
Code de retour : 0, ou 1 en cas d’erreur.`;

export function registerPublish(program: Command, context: CommandContext): void {
  addDryRun(
    addRegionOptions(program.command('publish').description('mettre à jour ce qui est servi aux lecteurs')),
  )
    .addHelpText('after', HELP)
    .action(async (options: RegionOptions) => {
      const output = outputOf(options);
      await withRegion(context, options, async ({ db, region, config }) => {
        const audiences = audiencesOf(config.fhir);
        if (audiences.length === 0) throw nobodyReads();
        const result = await publish({
          db,
          region: region.code,
          audiences,
          canonical: config.fhir.canonical,
        });
        if (output === 'json') await context.out(`${JSON.stringify(result)}\n`);
        else await context.out(`${publishedText(region.name, result)}\n`);
      });
      await tellDryRun(context, options);
    });
}

export function publishedText(region: string, { moved, gone }: { moved: number; gone: number }): string {
  if (moved + gone === 0) return `${region} : rien de nouveau à servir.`;
  return `${region} : ${counted(moved, 'version servie', 'versions servies')}, ${counted(gone, 'retrait', 'retraits')}.`;
}

export function nobodyReads(): RefusalError {
  return new RefusalError({
    code: 'NOBODY_READS',
    message: 'Personne ne lit : l’API n’est ouverte ni à tous, ni à un client.',
    place: 'fhir.yaml',
    remedy: 'écrivez public: true, ou inscrivez des clients (tokens et clients), puis recommencez.',
  });
}
