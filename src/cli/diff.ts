import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { DataError } from '../domain/errors.js';
import type { JsonObject } from '../domain/json.js';
import { diffReport, reportText } from '../plan/report.js';
import { parseBody } from '../ror/body.js';

/**
 * `filror diff BASE.json REMOTE.json DESIRED.json`: exit 0 nothing to do, 2 differences or conflicts, 1 error.
 * A remote that already says what is desired is nothing to do.
 */
export function registerDiff(program: Command): void {
  program
    .command('diff')
    .description('comparer trois versions d’une offre, élément par élément')
    .argument('<base>', 'version de référence : ce qui a été relu après notre dernière écriture')
    .argument('<remote>', 'version actuelle du répertoire')
    .argument('<desired>', 'version souhaitée')
    .option('--output <format>', 'json ou text', 'text')
    .addHelpText(
      'after',
      '\nExemple :\n  filror diff base.json ror.json voulu.json --output json\n\nCode de retour : 0 rien à faire, 2 différences ou conflits, 1 erreur.\n',
    )
    .action(async (base: string, remote: string, desired: string, options: { output: string }) => {
      if (options.output !== 'json' && options.output !== 'text') {
        throw new DataError({
          code: 'CLI_OUTPUT',
          message: `Le format « ${options.output} » n’existe pas.`,
          remedy: 'utilisez --output json ou --output text.',
        });
      }
      const report = diffReport(await resource(base), await resource(remote), await resource(desired));
      process.stdout.write(
        options.output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : reportText(report),
      );
      const { ours, theirs, conflict } = report.summary;
      if (ours + theirs + conflict > 0) process.exitCode = 2;
    });
}

async function resource(file: string): Promise<JsonObject> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new DataError({
      code: 'DIFF_UNREADABLE',
      message: `Le fichier ${file} ne peut pas être lu.`,
      place: file,
      remedy: 'vérifiez le chemin et les droits de lecture.',
      cause,
    });
  }
  return parseBody(text, file);
}
