import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { DataError } from '../domain/errors.js';
import { parseBody, type Body } from '../sandbox/body.js';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.js';

interface SandboxFlags {
  readonly port: number;
  readonly host: string;
  readonly identifiers: 'server' | 'client';
  readonly region: string;
  readonly seed?: string;
  readonly state?: string;
  readonly tokenTtl: number;
}

export function registerSandbox(program: Command): void {
  program
    .command('sandbox')
    .description(
      'lancer un bac à sable : un petit répertoire FHIR aux usages du ROR, sans aucune donnée réelle',
    )
    .option('--port <n>', 'port d’écoute, 0 pour un port libre', integer(0, 65_535), 0)
    .option('--host <adresse>', 'adresse d’écoute', '127.0.0.1')
    .addOption(
      new Option('--identifiers <qui>', 'qui donne le numéro des offres créées')
        .choices(['server', 'client'])
        .default('server'),
    )
    .option('--region <code>', 'code TRE_R30 de la région, devant le numéro des offres', regionCode, '28')
    .option(
      '--seed <fichier>',
      'ressources d’amorce, une par ligne (NDJSON) ; ignorées si l’état n’est pas vide',
    )
    .option(
      '--state <fichier>',
      'fichier où garder l’état d’un lancement à l’autre ; sans lui, tout est en mémoire',
    )
    .option('--token-ttl <secondes>', 'durée de vie des jetons', integer(1, 86_400), 300)
    .addHelpText(
      'after',
      '\nExemples :\n  filror sandbox --port 8480\n  filror sandbox --port 8480 --seed amorce.ndjson --state etat.ndjson\n',
    )
    .action(async (flags: SandboxFlags) => {
      const sandbox = await startSandbox({
        port: flags.port,
        host: flags.host,
        identifiers: flags.identifiers,
        region: flags.region,
        tokenTtlSeconds: flags.tokenTtl,
        ...(flags.seed === undefined ? {} : { seed: readSeed(flags.seed) }),
        ...(flags.state === undefined ? {} : { stateFile: flags.state }),
      });
      announce(sandbox);
      await untilStopped();
      await sandbox.close();
    });
}

function announce(sandbox: Sandbox): void {
  const { clientId, clientSecret } = sandbox.credentials;
  process.stdout.write(
    [
      `Bac à sable prêt : ${sandbox.fhirBase}`,
      `Jeton : ${sandbox.tokenUrl}`,
      `Identifiants d’essai : client_id=${clientId} client_secret=${clientSecret}`,
      'Ctrl+C pour arrêter.',
      '',
    ].join('\n'),
  );
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

/** @throws DataError `SANDBOX_SEED` with the line. */
function readSeed(file: string): readonly Body[] {
  let line = 0;
  try {
    return readFileSync(file, 'utf8')
      .split(/\r?\n/)
      .flatMap((text, index) => {
        line = index + 1;
        return text.trim() === '' ? [] : [parseBody(text) as Body];
      });
  } catch (cause) {
    throw new DataError({
      code: 'SANDBOX_SEED',
      message: `L’amorce ne peut pas être lue : ${(cause as Error).message}`,
      place: line === 0 ? file : `${file}, ligne ${line}`,
      remedy: 'donnez un fichier NDJSON : une ressource FHIR par ligne.',
      cause,
    });
  }
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^[0-9]+$/.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`un entier de ${min} à ${max} est attendu.`);
  };
}

function regionCode(text: string): string {
  if (/^[0-9]{2}$/.test(text)) return text;
  throw new InvalidArgumentError('deux chiffres sont attendus, par exemple 28.');
}
