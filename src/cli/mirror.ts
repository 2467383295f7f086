import type { Command } from 'commander';
import { RefusalError } from '../domain/errors.js';
import { momentText } from '../domain/time.js';
import { refreshMirror, type MirrorRefresh, type MirrorWish } from '../runs/mirror.js';
import type { CommandContext } from './context.js';
import { registerMirrorOffers } from './mirror-offers.js';
import { addRegionOptions, outputOf, withRegion, type RegionOptions } from './region.js';

const HELP = `
Exemples :
  filror mirror refresh --region 28            ce qui a changé, ou tout si la dernière lecture complète date
  filror mirror refresh --region 28 --full     tout, par recherche paginée : constate aussi ce qui a disparu ;
                                               un export resté en plan est abandonné
  filror mirror refresh --region 28 --export   tout, par $export ; repris là où il s’est arrêté

Une lecture qui échoue laisse le miroir tel qu’il était. Code de retour : 0, ou 1 en cas d’erreur.`;

interface MirrorOptions extends RegionOptions {
  readonly full?: boolean;
  readonly export?: boolean;
  readonly acceptShrink?: boolean;
}

export function registerMirror(program: Command, context: CommandContext): void {
  const mirror = program
    .command('mirror')
    .description('la copie du répertoire régional sur laquelle on planifie')
    .addHelpText('after', HELP);
  addRegionOptions(mirror.command('refresh').description('relire le répertoire, sans rien proposer'))
    .option('--full', 'tout relire par recherche')
    .option('--export', 'tout relire par $export')
    .option('--accept-shrink', 'admettre qu’une grande part du répertoire a vraiment disparu')
    .option('--dry-run', 'essai à blanc : rien n’est gardé')
    .addHelpText('after', HELP)
    .action(async (options: MirrorOptions) => {
      const wish = wishOf(options);
      const output = outputOf(options);
      await withRegion(context, options, async (run) => {
        const shrink = options.acceptShrink === true ? 'accept' : 'refuse';
        const result = await refreshMirror(run, wish, shrink);
        if (output === 'json') await context.out(`${JSON.stringify(result)}\n`);
        else await context.out(`${mirrorText(result, run.region.name)}\n`);
        if (options.dryRun === true && output === 'text')
          await context.out('Essai à blanc : rien n’a été gardé.\n');
      });
    });
  registerMirrorOffers(mirror, context);
}

/** @throws RefusalError `MIRROR_OPTIONS` */
function wishOf(options: MirrorOptions): MirrorWish {
  if (options.full === true && options.export === true)
    throw new RefusalError({
      code: 'MIRROR_OPTIONS',
      message: '--full et --export sont deux façons de tout relire : une seule à la fois.',
      remedy: 'gardez --full (recherche) ou --export (grande région).',
    });
  if (options.full === true) return 'full';
  return options.export === true ? 'export' : 'auto';
}

const MODES: Readonly<Record<MirrorRefresh['mode'], string>> = {
  full: 'lecture complète par recherche',
  export: 'lecture complète par export',
  delta: 'ce qui a changé depuis la dernière lecture',
};

export function mirrorText(result: MirrorRefresh, region: string): string {
  const { mode, seen, letGo, moved, gone, offers, rareDisease, duplicates, alerts } = result;
  const { present, older, doubtful } = rareDisease;
  const changed =
    moved + gone === 0
      ? 'Aucun changement dans le répertoire.'
      : `${moved} ressource(s) modifiée(s), ${gone} disparue(s).`;
  return [
    `${region} : ${changed} (${MODES[mode]}, ${seen} ressource(s) lue(s))`,
    ...(letGo === null
      ? []
      : [`L’export commencé le ${momentText(letGo)} a été abandonné : tout a été relu par recherche.`]),
    ...(mode === 'delta' ? ['Une lecture partielle ne constate aucune disparition.'] : []),
    `Le miroir tient ${offers} offre(s), dont ${present + older} de maladies rares (${older} écrite(s) à l’ancienne façon) et ${doubtful} centre(s) de référence au sujet inconnu.`,
    ...alerts.map(({ code, message, remedy }) => `! ${code} ${message} Que faire : ${remedy}`),
    ...duplicates.map(
      ({ kind, number, ids }) =>
        `! ${ids.length} ${kind === 'offer' ? 'offres' : 'structures'} portent le numéro ${number} : ${ids.join(', ')}. Que faire : demandez au GRADeS de corriger le doublon.`,
    ),
  ].join('\n');
}
