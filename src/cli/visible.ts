import type { Command } from 'commander';
import { DataError } from '../domain/errors.js';
import { openReaders } from '../followup/readers.js';
import type { Consumer } from '../followup/visible.js';
import { expectedCentres } from '../runs/expected.js';
import { isMissing, visibleCentres, visibleSentence, type VisibleCentre } from '../runs/visible.js';
import type { CommandContext } from './context.js';
import { addRegionOptions, outputOf, withRegion, type RegionOptions } from './region.js';
import { contextOf } from '../apply/context-of.js';

const HELP = `
Exemples :
  filror visible --region 28
  filror visible --region 28 --centre cmr_abcdefghijklmnop
  filror visible --region 28 --output json

Rejoue la recherche d’un outil d’orientation (niveau d’expertise et famille de maladies rares) sous le profil d’accès de
la région, puis sous celui de chaque lecteur configuré (repository.consumers). Rien n’est écrit.
Code de retour : 0 tout centre labellisé est trouvé, 2 il en manque, 1 erreur.`;

interface VisibleOptions extends RegionOptions {
  readonly centre?: string;
}

export function registerVisible(program: Command, context: CommandContext): void {
  addRegionOptions(
    program
      .command('visible')
      .description('« Visible dans le ROR ? » : par centre, labellisé, approuvé, transmis, trouvé'),
  )
    .option('--centre <centre>', 'ce centre seulement (cmr_…)')
    .addHelpText('after', HELP)
    .action(async (options: VisibleOptions) => {
      await withRegion(context, options, async (run) => {
        const all = await expectedCentres(run);
        const chosen =
          options.centre === undefined ? all : all.filter((each) => each.centre === options.centre);
        if (options.centre !== undefined && chosen.length === 0) throw unknownCentre(options.centre);
        const own = contextOf(run, () => undefined).client;
        const others = openReaders(run.region, context.env);
        const consumers: Consumer[] = [
          { name: run.region.name, accessProfile: run.region.repository.accessProfile, client: own },
          ...others,
        ];
        try {
          const rows = await visibleCentres(run, chosen, consumers);
          await context.out(
            outputOf(options) === 'json' ? `${JSON.stringify(rows)}\n` : `${visibleText(rows, consumers)}\n`,
          );
          process.exitCode = rows.some(isMissing) ? 2 : 0;
        } finally {
          for (const other of others) other.client.close();
        }
      });
    });
}

const mark = (yes: boolean): string => (yes ? 'oui' : 'non');

/** One line per centre with its four columns, then why where it is not found; a sentence first. */
export function visibleText(
  rows: readonly VisibleCentre[],
  consumers: readonly Pick<Consumer, 'name' | 'accessProfile'>[],
): string {
  return [visibleSentence(rows, consumers), ...rows.flatMap(rowText)].join('\n');
}

function rowText(row: VisibleCentre): string[] {
  const network = row.network === null ? '' : ` (${row.network})`;
  const found = row.found.map((each) => `trouvé profil ${each.accessProfile} ${mark(each.found)}`);
  return [
    `${row.title}${network}, ${row.hospital}, ${row.filiere}, ${row.label}, ${row.offer ?? 'sans offre'} [${row.centre}]`,
    `    labellisé ${mark(row.labelled)} | approuvé ${mark(row.approved)} | transmis ${mark(row.transmitted)} | ${found.join(' | ')}`,
    ...row.found
      .filter((each) => !each.found && row.labelled)
      .map((each) => `    ! ${each.consumer} (profil ${each.accessProfile}) : ${each.why ?? ''}`),
  ];
}

function unknownCentre(centre: string): DataError {
  return new DataError({
    code: 'CENTRE_UNKNOWN',
    message: `Aucune liste ne dit le centre « ${centre} ».`,
    place: '--centre',
    remedy: 'donnez un identifiant cmr_… montré par « filror visible » ou « filror show ».',
  });
}
