import type { Command } from 'commander';
import { DataError } from '../domain/errors.js';
import { exportFiles, FORMATS, type Format } from '../publish/export/files.js';
import { checksums, lastName, setName, writeSet } from '../publish/export/folder.js';
import { exportState, type ExportState } from '../publish/export/state.js';
import { AUDIENCES, type Audience } from '../publish/views.js';
import { CodeBook } from '../ror/codes.js';
import type { CommandContext } from './context.js';
import { addDryRun, addRegionOptions, outputOf, withRegion, type RegionOptions } from './region.js';

const HELP = `
Exemples :
  filror offers export --region 28 --to exports --dry-run
  filror offers export --region 28 --to exports
  filror offers export --region 28 --to exports --format csv,geojson

Le jeu décrit ce qui est publié (« filror publish »), rien d’autre. Il paraît entier ou pas du tout, dans un dossier
daté ; le lien <région>-<public>-dernier y mène. Même état, mêmes octets : un jeu déjà écrit n’est pas récrit.
Code de retour : 0, ou 1 en cas d’erreur.`;

interface ExportOptions extends RegionOptions {
  readonly to: string;
  readonly audience: string;
  readonly format: string;
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
    .addHelpText('after', HELP)
    .action(async (options: ExportOptions) => {
      const audience = audienceOf(options.audience);
      const formats = formatsOf(options.format);
      const output = outputOf(options);
      await withRegion(context, options, async ({ db, config, region }) => {
        const codes = new CodeBook(config.codes);
        const state = await exportState(db, region.code, audience, codes);
        const terms = { formats, regionName: region.name, licence: config.fhir.licence };
        const done = await put(options, state, exportFiles(state, terms));
        const counts = {
          offers: state.offers.length,
          former: state.former.length,
          departures: state.departures.length,
        };
        if (output === 'json') await context.out(`${JSON.stringify({ ...done, ...counts })}\n`);
        else await context.out(`${text(options, { ...done, last: lastName(state) }, counts)}\n`);
      });
    });
}

interface Done {
  readonly name: string;
  readonly files: readonly string[];
  readonly outcome: 'written' | 'same' | 'dryRun';
}

/** A dry run makes every file and writes none. */
async function put(
  { to, dryRun }: ExportOptions,
  state: ExportState,
  files: Iterable<readonly [string, string]>,
): Promise<Done> {
  if (dryRun !== true) return await writeSet(to, state, files);
  const made = [...files];
  return {
    name: setName(state, checksums(made)),
    files: [...made.map(([name]) => name), 'SHA256SUMS'],
    outcome: 'dryRun',
  };
}

function text(
  { to }: ExportOptions,
  { name, last, files, outcome }: Done & { readonly last: string },
  { offers, former, departures }: { offers: number; former: number; departures: number },
): string {
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
  ].join('\n');
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
