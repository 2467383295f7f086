import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import type { CircuitState } from '../http/circuit.js';
import { RorClient } from '../ror/client.js';
import { checkRegion, type Finding, type RegionReport } from '../ror/region-check.js';
import type { CommandContext } from './context.js';
import { loggerFrom } from './log.js';
import { chosenRegion, outputOf, type RegionOptions } from './region.js';

const WORDS: Readonly<Record<Finding['state'], string>> = {
  works: '+ bon',
  alert: '~ à surveiller',
  fails: '! à corriger',
  notTested: '· non testé',
};
const NAMES: Readonly<Record<Finding['id'], string>> = {
  profile: 'profil',
  certificate: 'certificat',
  token: 'jeton',
  clock: 'horloge',
  metadata: 'métadonnées',
  headers: 'en-têtes',
  search: 'recherche',
  carrier: 'par site',
  windows: 'créneaux',
};
const CIRCUIT: Readonly<Record<CircuitState['state'], string>> = {
  closed: 'fermé (les requêtes passent)',
  open: 'ouvert (serveur laissé en repos)',
  halfOpen: 'à l’essai (une requête)',
};

export function registerRegion(program: Command, context: CommandContext): void {
  const region = program
    .command('region')
    .description('le répertoire d’une région')
    .addHelpText('after', '\nExemple :\n  filror region check --region 28\n');
  region
    .command('check')
    .description(
      'tester la connexion au répertoire : jeton, en-têtes, métadonnées, certificat, horloge, une page de recherche ; n’y écrit rien',
    )
    .option('--region <code>', 'code TRE_R30 de la région (28 Normandie) ; défaut : FILROR_REGION')
    .option('--config <dossier>', 'dossier de configuration qui complète celui livré')
    .option('--output <format>', 'text ou json', 'text')
    .addHelpText(
      'after',
      '\nCode de sortie : 0 tout fonctionne (alertes comprises), 1 quelque chose est à corriger.\n\nExemple :\n  filror region check --region 28\n',
    )
    .action(async (options: RegionOptions) => {
      const output = outputOf(options);
      const profile = chosenRegion(loadConfig(options.config), options, context.env);
      const logger = loggerFrom(context.env);
      const report = await checkRegion({
        profile,
        env: context.env,
        now: () => new Date(),
        connect: () =>
          new RorClient(profile, {
            env: context.env,
            onNotice: (notice) => logger.warn('certificate not renewed', { code: notice.code }),
          }),
      });
      await context.out(output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
      process.exitCode = report.works ? 0 : 1;
    });
}

function reportText(report: RegionReport): string {
  const failed = report.findings.filter(({ state }) => state === 'fails').length;
  const summary = report.works
    ? 'La région est connectée.'
    : `La région n’est pas connectée : ${failed} point(s) à corriger.`;
  const lines = [
    `Région ${report.region} ${report.name} : ${summary}`,
    ...report.findings.flatMap(({ id, state, text, next }) => [
      `${WORDS[state].padEnd(15)} ${NAMES[id].padEnd(12)} ${text}`,
      ...(next === null ? [] : [`${' '.repeat(16)}Que faire : ${next}`]),
    ]),
    ...report.circuits.map(({ host, state }) => `· disjoncteur   ${host} : ${CIRCUIT[state]}`),
  ];
  if (report.works) lines.push(`Ensuite : filror sync --region ${report.region} --dry-run`);
  return `${lines.join('\n')}\n`;
}
