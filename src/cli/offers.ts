import type { Command } from 'commander';
import { DataError } from '../domain/errors.js';
import { FORMATS, type Format } from '../domain/export-formats.js';
import { exportSet, type ExportedSet } from '../publish/export/export-set.js';
import { AUDIENCES, type Audience } from '../publish/views.js';
import { CodeBook } from '../ror/codes.js';
import type { CommandContext } from './context.js';
import { integer } from './integer.js';
import { addDryRun, addRegionOptions, outputOf, withRegion, type RegionOptions } from './region.js';

const HELP = `
Exemples :
  filror offers export --region 28 --to exports --dry-run
  filror offers export --region 28 --to exports
  filror offers export --region 28 --to exports --format csv,geojson
  filror offers export --region 28 --to exports --keep 8

Le jeu décrit ce qui est publié (« filror publish »), rien d’autre. Il paraît entier ou pas du tout, dans un dossier
daté ; le lien <région>-<public>-dernier y mène. Même état, mêmes octets : un jeu déjà écrit n’est pas récrit.
Avec --keep, les jeux plus anciens de cette région et de ce public sont ôtés ; un dossier où quelqu’un a ajouté ou changé
quelque chose n’est plus un jeu et reste. Sans --keep, rien n’est ôté.
Code de retour : 0, ou 1 en cas d’erreur.`;

interface ExportOptions extends RegionOptions {
  readonly to: string;
  readonly audience: string;
  readonly format: string;
  readonly keep?: number;
}

export function registerOffers(program: Command, context: CommandContext): void {
  const offers = program
    .command('offers')
    .description('l’offre publiée des centres maladies rares')
    .addHelpText('after', HELP);
  addDryRun(
    addRegionOptions(
      offers
        .command('export')
        .description(
          'écrire le jeu à télécharger : CSV, NDJSON, GeoJSON, anciens numéros, retraits annoncés',
        ),
    ),
  )
    .requiredOption('--to <dossier>', 'dossier où le jeu paraît')
    .option('--audience <public>', `public du jeu : ${AUDIENCES.join(', ')}`, 'public')
    .option(
      '--format <liste>',
      `formats, séparés par des virgules : ${FORMATS.join(', ')}`,
      FORMATS.join(','),
    )
    .option('--keep <n>', 'ne garder que les n jeux les plus récents, celui-ci compris', integer(1, 1000))
    .addHelpText('after', HELP)
    .action(async (options: ExportOptions) => {
      const asked = { audience: audienceOf(options.audience), formats: formatsOf(options.format) };
      const output = outputOf(options);
      await withRegion(context, options, async ({ db, config, region }) => {
        const done = await exportSet(
          db,
          {
            ...asked,
            region,
            licence: config.fhir.licence,
            labels: new CodeBook(config.codes),
            to: options.to,
            keep: options.keep ?? null,
          },
          options.dryRun === true ? 'dry' : 'real',
        );
        if (output === 'json') await context.out(`${JSON.stringify(done)}\n`);
        else await context.out(`${[...text(options, done), ...oldText(done)].join('\n')}\n`);
      });
    });
}

function oldText({ removed, strange, outcome }: ExportedSet): readonly string[] {
  const said = outcome === 'dryRun' ? 'ancien jeu, serait ôté' : 'ancien jeu, ôté';
  return [
    ...removed.map((name) => `  − ${said} : ${name}`),
    ...strange.map(
      ({ name, why }) => `  ! ${name} est laissé : ${why}. Que faire : s’il ne sert plus, ôtez-le vous-même.`,
    ),
  ];
}

function text(
  { to }: ExportOptions,
  { name, last, files, outcome, offers, former, departures }: ExportedSet,
): readonly string[] {
  const said = {
    written: `Jeu écrit : ${to}/${name}`,
    same: `Rien de nouveau : le jeu ${to}/${name} est déjà celui-là.`,
    dryRun: `Le jeu serait : ${to}/${name}`,
  }[outcome];
  return [
    said,
    `  ${offers} offre(s), ${former} ancien(s) numéro(s), ${departures} retrait(s) annoncé(s)`,
    `  ${files.join(', ')}`,
    ...(outcome === 'dryRun' ? ['Essai à blanc : rien n’a été gardé.'] : [`  dernier jeu : ${to}/${last}`]),
  ];
}

/** @throws DataError `EXPORT_AUDIENCE` */
function audienceOf(word: string): Audience {
  const known = AUDIENCES.find((each) => each === word);
  if (known !== undefined) return known;
  throw new DataError({
    code: 'EXPORT_AUDIENCE',
    message: `Le public « ${word} » n’existe pas.`,
    place: '--audience',
    remedy: `choisissez parmi : ${AUDIENCES.join(', ')}.`,
  });
}

/** @throws DataError `EXPORT_FORMAT` */
function formatsOf(words: string): readonly Format[] {
  const asked = words.split(',').map((word) => word.trim());
  const unknown = asked.find((word) => !FORMATS.some((format) => format === word));
  if (unknown !== undefined)
    throw new DataError({
      code: 'EXPORT_FORMAT',
      message: `Le format « ${unknown} » n’existe pas.`,
      place: '--format',
      remedy: `choisissez parmi : ${FORMATS.join(', ')}, séparés par des virgules.`,
    });
  return FORMATS.filter((format) => asked.includes(format));
}
