import type { Command } from 'commander';
import { configFolder, loadConfig } from '../config/load.js';
import { undoReplacement } from '../config/replace-files.js';
import { counted } from '../domain/counted.js';
import { frenchDay } from '../domain/time.js';
import { differs } from '../ror/terminology/compare.js';
import { codeUses, type CodeUses } from '../runs/code-uses.js';
import { compareCodes, pullCodes, type CodesAsked, type CodesCompared } from '../runs/code-systems.js';
import { differencesText, shownSystems } from './codes-text.js';
import type { CommandContext } from './context.js';
import { addDryRun, outputOf, tellDryRun, withRegion, type RegionOptions } from './region.js';
import { collectOption } from './sync.js';

const WHERE = `
LIEU : l’adresse de base FHIR d’un serveur de terminologies, un fichier JSON (CodeSystem, ValueSet, Bundle), un dossier de
tels fichiers, ou le dossier d’un paquet FHIR décompressé. Les retraits y sont lus comme les NOS les disent : status,
deprecationDate, dateFin.`;

const DIFF_HELP = `
Exemples :
  filror codes diff --from CodeSystem-TRE-R344-NiveauExpertise.json
  filror codes diff --from https://terminologies.exemple.fr/fhir --system TRE_R344 --region 28
  filror codes diff --from paquet/package --output json
${WHERE}
Montre ce qui est nouveau, retiré, renommé, remis en vigueur ou disparu par rapport à codes/*.yaml ; d’abord ce que filror écrit
ou reconnaît. Avec --region, ce qui est déjà écrit dans les offres de la région. Rien n’est écrit.
Code de retour : 0 aucune différence, 2 des différences, 1 erreur.`;

const PULL_HELP = `
Exemples :
  filror codes pull --from https://terminologies.exemple.fr/fhir --dry-run
  filror codes pull --from paquet/package --config /etc/filror
  filror codes pull --from TRE_R344.json --system TRE_R344 --config /etc/filror
${WHERE}
Écrit codes/*.yaml dans votre dossier de configuration, tout ou rien. Aucun code n’est effacé : un code retiré passe dans
« deprecated », avec son successeur quand la nomenclature le dit. Ce qui était écrit avant est gardé : « filror codes undo ».
Sauf --accept-loss, une nomenclature est refusée quand elle est vidée, réduite de plus de 10 % ou plus ancienne, quand un
libellé passe d’un code à un autre, ou quand plus de 10 % des libellés changent.
Code de retour : 0 repris, ou rien à reprendre ; 2 à reprendre (avec --dry-run) ; 1 erreur, rien n’est écrit.`;

const UNDO_HELP = `
Exemple :
  filror codes undo --config /etc/filror --dry-run
  filror codes undo --config /etc/filror

Remet les fichiers de codes/ comme avant la dernière reprise, sauf s’ils ont été modifiés à la main depuis.`;

interface FollowOptions extends RegionOptions {
  readonly from: string;
  readonly system: readonly string[];
  readonly acceptLoss?: boolean;
}

export function registerCodesFollow(codes: Command, context: CommandContext): void {
  addPlace(
    codes.command('diff').description('comparer codes/*.yaml à un serveur de terminologies ou à un fichier'),
  )
    .option('--region <code>', 'montrer aussi ce qui est écrit dans les offres de cette région')
    .addHelpText('after', DIFF_HELP)
    .action(async (options: FollowOptions) => {
      const output = outputOf(options);
      const config = loadConfig(options.config);
      const compared = await compareCodes(config, asked(options));
      await tell(context, output, 'filror.codes-diff/1', compared, await usesOf(context, options));
      if (isDifferent(compared)) process.exitCode = 2;
    });
  addDryRun(
    addPlace(codes.command('pull').description('reprendre dans codes/*.yaml ce qu’une nomenclature dit')),
  )
    .option(
      '--accept-loss',
      'reprendre une nomenclature vidée, réduite, plus ancienne ou aux libellés déplacés',
    )
    .addHelpText('after', PULL_HELP)
    .action(async (options: FollowOptions) => {
      const output = outputOf(options);
      const config = loadConfig(options.config);
      const pulled = await pullCodes(config, asked(options), {
        mode: options.dryRun === true ? 'dry' : 'real',
        losses: options.acceptLoss === true ? 'accept' : 'refuse',
      });
      const { files } = pulled;
      await tell(context, output, 'filror.codes-pull/1', pulled, await codeUses(config, null), { files });
      if (output === 'text' && files.length > 0)
        await context.out(`${doneText(config.folder, files, options)}\n`);
      await tellDryRun(context, options);
      if (options.dryRun === true && files.length > 0) process.exitCode = 2;
    });
  addDryRun(
    codes
      .command('undo')
      .description('défaire la dernière reprise de nomenclatures')
      .option('--config <dossier>', 'dossier de configuration ; défaut : FILROR_CONFIG'),
  )
    .addHelpText('after', UNDO_HELP)
    .action(async (options: RegionOptions) => {
      // A configuration that is refused must not stand in the way of going back.
      const folder = configFolder(options.config);
      const { at, from, files } = await undoReplacement(folder, options.dryRun === true ? 'dry' : 'real');
      const list = files.map(({ file }) => `  codes/${file}`).join('\n');
      await context.out(
        `${counted(files.length, 'fichier')} de ${folder} comme avant la reprise du ${frenchDay(at)} (${from}) :\n${list}\n`,
      );
      await tellDryRun(context, options);
    });
}

function addPlace(command: Command): Command {
  return command
    .requiredOption('--from <lieu>', 'adresse FHIR d’un serveur, fichier ou dossier')
    .option('--system <nom>', 'nomenclature à comparer, par exemple TRE_R344 (répétable)', collectOption, [])
    .option(
      '--config <dossier>',
      'dossier de configuration qui complète celui livré ; défaut : FILROR_CONFIG',
    )
    .option('--output <format>', 'text ou json', 'text');
}

const asked = ({ from, system }: FollowOptions): CodesAsked => ({ from, systems: system, at: new Date() });

const isDifferent = ({ found }: CodesCompared): boolean =>
  found.some(({ difference }) => differs(difference));

/** With a region the database is asked, in a transaction that keeps nothing. */
async function usesOf(context: CommandContext, options: FollowOptions): Promise<CodeUses> {
  const config = loadConfig(options.config);
  if (options.region === undefined) return await codeUses(config, null);
  return await withRegion(context, { ...options, dryRun: true }, async ({ db, region }) =>
    codeUses(config, { db, code: region.code }),
  );
}

async function tell(
  context: CommandContext,
  output: 'text' | 'json',
  format: string,
  compared: CodesCompared,
  uses: CodeUses,
  more: object = {},
): Promise<void> {
  const systems = shownSystems(compared, uses);
  const absent = compared.absent.map(({ name }) => name);
  await context.out(
    output === 'json'
      ? `${JSON.stringify({ format, from: compared.from, different: isDifferent(compared), systems, absent, ...more })}\n`
      : `${differencesText(compared, systems)}\n`,
  );
}

function doneText(folder: string, files: readonly string[], { dryRun }: FollowOptions): string {
  const list = files.map((file) => `  ${file}`).join('\n');
  if (dryRun === true) return `Serait écrit dans ${folder} :\n${list}`;
  return [
    `Écrit dans ${folder} :\n${list}`,
    'Et maintenant : « filror config check » dit les codes retirés que la configuration nomme encore ; « filror sync » propose les',
    'changements à approuver. Pour revenir en arrière : « filror codes undo ».',
  ].join('\n');
}
