import { createWriteStream } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { once } from 'node:events';
import type { Command } from 'commander';
import { DataError } from '../domain/errors.js';
import { exportJournal } from '../journal/export.js';
import { head, parseHead } from '../journal/head.js';
import { verify, type JournalFault } from '../journal/verify.js';
import { counted } from '../domain/counted.js';
import { ALTERED_REMEDY, faultText, intactText } from '../journal/words.js';
import { withDatabase, type CommandContext } from './context.js';

const VERIFY_HELP = `
Exemples :
  filror journal verify
  filror journal verify --head /media/cle/tete-2026-03-12.json

Code de retour : 0 journal intact, 1 écriture fautive.
Sans --head, un journal réécrit d’un bout à l’autre, ou coupé par quelqu’un qui a aussi changé sa tête, paraît
intact : gardez hors de cette machine ce qu’écrit « filror journal head ».`;

const EXPORT_HELP = `
Exemples :
  filror journal export --out journal.ndjson
  filror journal export | gzip > journal.ndjson.gz

Une ligne JSON par écriture. Le champ « body » est le texte exact qui a été haché.`;

const HEAD_HELP = `
Exemples :
  filror journal head --out /media/cle/tete-2026-03-12.json
  filror journal head | mail -s "Tête du journal" archives@exemple.fr`;

export function registerJournal(program: Command, context: CommandContext): void {
  const journal = program
    .command('journal')
    .description('vérifier, exporter et sceller le journal des décisions et des envois')
    .addHelpText('after', '\nExemple :\n  filror journal verify --head tete.json\n');
  journal
    .command('verify')
    .description('relire tout le journal et nommer la première écriture fautive')
    .option('--head <fichier>', 'tête exportée auparavant, gardée hors de cette machine')
    .addHelpText('after', VERIFY_HELP)
    .action((options: { head?: string }) => verifyCommand(context, options.head));
  journal
    .command('export')
    .description('écrire toutes les écritures, une ligne JSON chacune')
    .option('--out <fichier>', 'fichier à écrire (défaut : sortie standard)')
    .addHelpText('after', EXPORT_HELP)
    .action((options: { out?: string }) => exportCommand(context, options.out));
  journal
    .command('head')
    .description('écrire la tête du journal, à garder hors de cette machine')
    .option('--out <fichier>', 'fichier à écrire (défaut : sortie standard)')
    .addHelpText('after', HEAD_HELP)
    .action((options: { out?: string }) => headCommand(context, options.out));
}

async function verifyCommand(context: CommandContext, file: string | undefined): Promise<void> {
  const exported = file === undefined ? undefined : parseHead(await readText(file), file);
  const result = await withDatabase(context, ({ app }) => verify(app, exported));
  if (result.fault !== null) throw faultError(result.fault);
  await context.out(`${intactText(result)}\n`);
  if (exported !== undefined) {
    await context.out(`Il concorde avec la tête exportée (écriture n° ${exported.no}).\n`);
  }
}

async function exportCommand(context: CommandContext, file: string | undefined): Promise<void> {
  const count = await withDatabase(context, ({ app }) =>
    toFileOrOut(context, file, (write) => exportJournal(app, write)),
  );
  context.err(`${counted(count, 'écriture exportée', 'écritures exportées')}.\n`);
}

async function headCommand(context: CommandContext, file: string | undefined): Promise<void> {
  const taken = await withDatabase(context, ({ app }) => head(app));
  await toFileOrOut(context, file, (write) => write(`${JSON.stringify(taken)}\n`));
  context.err(`Tête du journal : écriture n° ${taken.no}, empreinte ${taken.hash}.\n`);
}

/** A file appears whole or not at all: it is written aside, then renamed. */
async function toFileOrOut<T>(
  context: CommandContext,
  file: string | undefined,
  produce: (write: (text: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  if (file === undefined) return produce(context.out);
  const draft = `${file}.partiel-${process.pid}`;
  try {
    const stream = createWriteStream(draft, { flags: 'wx', mode: 0o600 });
    const done = finished(stream);
    const value = await Promise.race([
      produce(async (text) => {
        if (!stream.write(text)) await Promise.race([once(stream, 'drain'), done]);
      }),
      // Only a failure of the file ends this one before `produce` does.
      done.then(() => new Promise<never>(() => undefined)),
    ]);
    stream.end();
    await done;
    await rename(draft, file);
    return value;
  } catch (cause) {
    await rm(draft, { force: true });
    throw fileError(cause, file, 'écrit');
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw fileError(cause, file, 'lu');
  }
}

/** Only what the file system said is told as a file's fault. */
function fileError(cause: unknown, file: string, verb: 'lu' | 'écrit'): unknown {
  if (!(cause instanceof Error) || !('syscall' in cause) || !('path' in cause)) return cause;
  return new DataError({
    code: 'FILE_ACCESS',
    message: `Le fichier ${file} ne peut pas être ${verb} : ${cause.message}`,
    place: file,
    remedy: 'vérifiez le chemin, les droits de ce compte et la place sur le disque.',
    cause,
  });
}

function faultError(fault: JournalFault): DataError {
  return new DataError({
    code: `JRN_${fault.kind.toUpperCase()}`,
    message: faultText(fault),
    place: `journal, n° ${fault.no}`,
    remedy: ALTERED_REMEDY,
  });
}
