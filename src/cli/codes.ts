import type { Command } from 'commander';
import { DataError } from '../domain/errors.js';
import { counted } from '../domain/counted.js';
import { frenchDay } from '../domain/time.js';
import { findOrphanet, type OrphanetAnswer } from '../runs/orphanet.js';
import { registerCodesFollow } from './codes-follow.js';
import type { CommandContext } from './context.js';
import { addRegionOptions, outputOf, withRegion, type RegionOptions } from './region.js';

const ORPHANET_HELP = `
Exemples :
  filror codes orphanet "syndrome de"
  filror codes orphanet ORPHA:123 --output json

D’un nom de maladie ou d’un ORPHAcode à ses noms, ses synonymes et ses familles de prise en charge (TRE_R245), d’après
les derniers fichiers d’Orphanet lus par « filror sync ». Les accents ne comptent pas, le début d’un mot suffit. Rien
n’est écrit. Code de retour : 0, même sans réponse ; 1 erreur.`;

interface OrphanetOptions extends RegionOptions {
  readonly limit: string;
}

export function registerCodes(program: Command, context: CommandContext): void {
  const codes = program
    .command('codes')
    .description('les nomenclatures : chercher un code, suivre leurs versions')
    .addHelpText(
      'after',
      '\nExemples :\n  filror codes orphanet "nom de la maladie"\n  filror codes diff --from https://terminologies.exemple.fr/fhir\n',
    );
  registerCodesFollow(codes, context);
  addRegionOptions(
    codes
      .command('orphanet <texte-ou-code>')
      .description('d’une maladie à son ORPHAcode et à ses familles de prise en charge'),
  )
    .option('--limit <nombre>', 'réponses montrées, 1 à 1000', '10')
    .addHelpText('after', ORPHANET_HELP)
    .action(async (wanted: string, options: OrphanetOptions) => {
      const limit = limitOf(options.limit);
      await withRegion(context, options, async (run) => {
        const answer = await findOrphanet(run, wanted, limit);
        await context.out(
          outputOf(options) === 'json' ? `${JSON.stringify(answer)}\n` : `${orphanetText(answer)}\n`,
        );
      });
    });
}

/** @throws DataError `LIMIT` */
function limitOf(text: string): number {
  const limit = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= 1000) return limit;
  throw new DataError({
    code: 'LIMIT',
    message: `« ${text} » n’est pas un nombre de réponses.`,
    place: '--limit',
    remedy: 'écrivez un nombre de 1 à 1000.',
  });
}

const LANGUAGES: Readonly<Record<string, string>> = { fr: 'français', en: 'anglais' };

export function orphanetText(answer: OrphanetAnswer): string {
  const { wanted, total, entries, holds, sources } = answer;
  const lines = entries.flatMap((entry) => [...entryLines(entry, holds.families), '']);
  if (total === 0)
    lines.push(
      `Aucune entrée d’Orphanet ne répond à « ${wanted} ».`,
      holds.names
        ? 'Que faire : essayez un autre mot du nom, un synonyme, ou l’ORPHAcode.'
        : 'Que faire : lisez d’abord la nomenclature d’Orphanet (product1) ; sans elle, seul un ORPHAcode peut être cherché.',
    );
  else if (total > entries.length)
    lines.push(
      `${counted(total, 'réponse')}, dont ${entries.length === 1 ? 'la plus proche' : `les ${String(entries.length)} plus proches`}. Que faire : précisez le nom, ou ajoutez --limit.`,
    );
  else lines.push(`${counted(total, 'réponse')}.`);
  if (!holds.families)
    lines.push(
      'Les familles ne sont pas connues : ni classification ni linéarisation d’Orphanet n’a été lue.',
    );
  lines.push(`Source : Orphanet, CC BY 4.0 (${sources.map(sourceText).join(' ; ')}).`);
  return lines.join('\n');
}

function sourceText({ file, contentDate }: OrphanetAnswer['sources'][number]): string {
  return contentDate === null ? file : `${file}, ${frenchDay(contentDate)}`;
}

function entryLines(entry: OrphanetAnswer['entries'][number], known: boolean): string[] {
  const [first, ...others] = entry.names;
  const lines = [`ORPHA:${entry.orphaCode}  ${first?.name ?? '(nom non lu)'}`];
  for (const { lang, name } of others) lines.push(`  en ${LANGUAGES[lang] ?? lang} : ${name}`);
  for (const { lang, synonyms } of entry.names)
    if (synonyms.length > 0) lines.push(`  synonymes (${LANGUAGES[lang] ?? lang}) : ${synonyms.join(' ; ')}`);
  if (entry.status.length > 0) lines.push(`  état chez Orphanet : ${entry.status.join(' ; ')}`);
  if (entry.related.length > 0)
    lines.push(`  voir aussi : ${entry.related.map((code) => `ORPHA:${code}`).join(', ')}`);
  if (entry.families.length > 0) lines.push('  familles (TRE_R245) :');
  for (const family of entry.families)
    lines.push(
      `    ${family.code} ${family.display}${family.preferred ? ' (préférentielle)' : ''}${family.confidence === 'medium' ? ' (correspondance à vérifier)' : ''}`,
    );
  if (entry.families.length === 0 && known) lines.push('  aucune famille (TRE_R245)');
  if (entry.otherRoots.length > 0)
    lines.push(`  racines sans famille : ${entry.otherRoots.map((code) => `ORPHA:${code}`).join(', ')}`);
  return lines;
}
