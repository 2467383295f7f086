import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { packageRoot, readYaml } from '../config/files.js';
import { matchingSchema } from '../config/schema/matching.js';
import { DataError, SourceError } from '../domain/errors.js';
import { checkedBy } from '../domain/schema-faults.js';
import type { Establishment } from '../domain/establishment.js';
import type { MatchingOptions } from '../domain/matching-options.js';
import type { Mention, MatchResult } from '../domain/matching.js';
import { buildIndex } from '../matching/index.js';
import type { AsideRow } from '../domain/rows.js';
import { readMentions, type MentionRow } from '../sources/mentions/read.js';

/** What the command reads, so that it can be tried without a file of 100,000 lines. */
export interface MatchTryInputs {
  readonly readEstablishments: (file: string) => AsyncIterable<Establishment>;
  readonly readMentions?: (file: string) => AsyncIterable<MentionRow>;
  readonly loadOptions?: (folder: string) => MatchingOptions;
  readonly write?: (line: string) => void;
}

interface Flags {
  readonly finess: string;
  readonly mentions: string;
  readonly config: string;
}

/** `filror match try`: what the matching would say of a list of mentions. Opens no database, decides nothing. */
export function registerMatchTry(parent: Command, inputs: MatchTryInputs): Command {
  const match = parent.commands.find((command) => command.name() === 'match') ?? parent.command('match');
  return match
    .command('try')
    .description('Essaie le rapprochement d’une liste de mentions, sans base de données ni décision.')
    .requiredOption('--finess <fichier>', 'extraction FINESS etalab, .csv ou .csv.gz')
    .requiredOption('--mentions <fichier>', 'CSV avec l’en-tête mention;city;department')
    .addOption(new Option('--output <format>', 'forme de la sortie').choices(['ndjson']).default('ndjson'))
    .option('--config <dossier>', 'dossier de configuration', join(packageRoot, 'config'))
    .addHelpText(
      'after',
      '\nExemple :\n  filror match try --finess finess.csv --mentions mentions.csv > essais.ndjson\n',
    )
    .action(async (flags: Flags) => tryMentions(flags, inputs));
}

async function tryMentions(flags: Flags, inputs: MatchTryInputs): Promise<void> {
  const options = (inputs.loadOptions ?? loadOptions)(flags.config);
  const write = inputs.write ?? ((line: string) => process.stdout.write(`${line}\n`));
  const establishments: Establishment[] = [];
  for await (const establishment of inputs.readEstablishments(flags.finess))
    establishments.push(establishment);
  const index = buildIndex(establishments, options);
  if (index.size === 0) {
    throw new SourceError({
      code: 'SRC_EMPTY',
      message: `Le fichier ${flags.finess} ne contient aucun établissement de santé.`,
      place: flags.finess,
      remedy: 'donnez une extraction FINESS « etalab » des établissements (cs1100502 ou cs1100507).',
    });
  }
  for await (const mention of (inputs.readMentions ?? readMentions)(flags.mentions)) {
    write(JSON.stringify('kind' in mention ? asideLine(mention) : lineOf(mention, index.match(mention))));
  }
}

function lineOf({ mention }: Mention, result: MatchResult): Record<string, unknown> {
  const { outcome, best, candidates, sites, reason, refusal } = result;
  return {
    mention,
    outcome,
    ej: best?.ej ?? null,
    eg: best?.eg ?? null,
    score: best?.score ?? null,
    features: best?.features ?? null,
    candidates,
    sites,
    reason,
    ...(refusal === null ? {} : { refusal }),
  };
}

/** A row that cannot be read still has its line, so that lines and rows keep in step. */
function asideLine({ value, code, locator, message, remedy }: AsideRow): Record<string, unknown> {
  return {
    mention: value ?? '',
    outcome: 'none',
    ej: null,
    eg: null,
    score: null,
    features: null,
    candidates: [],
    sites: [],
    reason: message,
    refusal: { code, message, remedy, line: locator.line ?? null },
  };
}

/** @throws DataError `CFG_UNREADABLE`, `CFG_INVALID` */
function loadOptions(folder: string): MatchingOptions {
  const file = join(folder, 'matching.yaml');
  const checked = checkedBy(matchingSchema, readYaml(file) ?? {});
  if (checked.ok) return checked.data;
  throw new DataError({
    code: 'CFG_INVALID',
    message: `Le fichier ${file} est refusé :\n${checked.faults}`,
    place: file,
    remedy: 'corrigez chaque option citée.',
  });
}
