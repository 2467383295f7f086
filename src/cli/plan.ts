import { rename, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { DataError } from '../domain/errors.js';
import { planResources } from '../runs/export.js';
import type { CommandContext } from './context.js';
import { addRegionOptions, withRegion, type RegionOptions } from './region.js';

interface ExportOptions extends RegionOptions {
  readonly format: string;
  readonly out?: string;
}

export function registerPlan(program: Command, context: CommandContext): void {
  const plan = program
    .command('plan')
    .description('exporter le plan, ou le rejouer à l’identique')
    .addHelpText('after', '\nExemple :\n  filror plan export --region 28 --out plan.ndjson\n');
  addRegionOptions(
    plan.command('export').description('écrire chaque ressource qui serait créée ou modifiée, une par ligne'),
  )
    .option('--format <format>', 'ndjson', 'ndjson')
    .option('--out <fichier>', 'fichier à écrire ; défaut : sortie standard')
    .addHelpText(
      'after',
      '\nExemple :\n  filror plan export --region 28 --format ndjson --out plan.ndjson\n\nUn changement à compléter ou en question n’a pas encore de ressource : il n’est pas exporté.\nUne création porte un identifiant réservé (…/FILROR-RESERVE), jamais envoyé.\n',
    )
    .action(async (options: ExportOptions) => {
      if (options.format !== 'ndjson') throw formatUnknown(options.format);
      await withRegion(context, options, async (run) => {
        const { lines } = await planResources(run.db, run.config, run.region, null);
        await write(context, options.out, lines);
      });
    });
  addRegionOptions(
    plan
      .command('replay <passage>')
      .description('recalculer le plan d’un passage depuis ses entrées : mêmes octets'),
  )
    .option('--out <fichier>', 'fichier à écrire ; défaut : sortie standard')
    .addHelpText(
      'after',
      '\nExemple :\n  filror plan replay run_abcdefghijkl --region 28 --out plan.ndjson\n',
    )
    .action(async (passage: string, options: ExportOptions) => {
      await withRegion(context, options, async (run) => {
        const { lines } = await planResources(run.db, run.config, run.region, passage);
        await write(context, options.out, lines);
      });
    });
}

async function write(
  context: CommandContext,
  out: string | undefined,
  lines: readonly string[],
): Promise<void> {
  const text = lines.map((line) => `${line}\n`).join('');
  if (out === undefined) {
    await context.out(text);
    return;
  }
  try {
    await writeFile(`${out}.partiel`, text);
    await rename(`${out}.partiel`, out);
  } catch (cause) {
    throw new DataError({
      code: 'OUT_UNWRITABLE',
      message: `« ${out} » ne peut pas être écrit (${(cause as NodeJS.ErrnoException).code ?? 'erreur'}).`,
      place: '--out',
      remedy: 'choisissez un dossier existant où ce compte peut écrire.',
      cause,
    });
  }
  await context.out(`${lines.length} ressource(s) écrites dans ${out}.\n`);
}

function formatUnknown(format: string): DataError {
  return new DataError({
    code: 'FORMAT_UNKNOWN',
    message: `Format « ${format} » inconnu.`,
    place: '--format',
    remedy: 'écrivez --format ndjson.',
  });
}
