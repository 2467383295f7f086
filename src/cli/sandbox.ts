import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { DataError } from '../domain/errors.js';
import { parseBody, type Body } from '../sandbox/body.js';
import { startMtlsTokenServer, type MtlsTokenServer } from '../sandbox/mtls.js';
import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox/sandbox.js';
import { integer } from './integer.js';

interface SandboxFlags {
  readonly port: number;
  readonly host: string;
  readonly identifiers: 'server' | 'client';
  readonly region: string;
  readonly seed?: string;
  readonly demo?: true;
  readonly state?: string;
  readonly tokenTtl: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly clientCa?: string;
  readonly tlsPort: number;
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
    .addOption(
      new Option(
        '--demo',
        'amorcer avec les établissements de config/demo et deux offres d’essai (région 28)',
      ).conflicts('seed'),
    )
    .option(
      '--state <fichier>',
      'fichier où garder l’état d’un lancement à l’autre ; sans lui, tout est en mémoire',
    )
    .option('--token-ttl <secondes>', 'durée de vie des jetons', integer(1, 86_400), 300)
    .option('--tls-cert <fichier>', 'point de jeton en TLS mutuel : certificat du serveur (PEM)')
    .option('--tls-key <fichier>', 'sa clé (PEM, sans mot de passe)')
    .option('--client-ca <fichier>', 'autorité des certificats clients admis (PEM)')
    .option(
      '--tls-port <n>',
      'port du point de jeton en TLS mutuel, 0 pour un port libre',
      integer(0, 65_535),
      0,
    )
    .addHelpText(
      'after',
      '\nExemples :\n  filror sandbox --port 8480\n  filror sandbox --port 8480 --demo\n  filror sandbox --port 8480 --seed amorce.ndjson --state etat.ndjson\n  filror sandbox --port 8480 --tls-cert serveur.pem --tls-key serveur.key --client-ca autorite.pem\n',
    )
    .action(async (flags: SandboxFlags) => {
      const files = tlsFiles(flags);
      const sandbox = await startSandbox({
        port: flags.port,
        host: flags.host,
        identifiers: flags.identifiers,
        region: flags.region,
        tokenTtlSeconds: flags.tokenTtl,
        ...(await seedOf(flags)),
        ...(flags.state === undefined ? {} : { stateFile: flags.state }),
      });
      try {
        const mtls = files === null ? null : await certified(sandbox, files, flags);
        announce(sandbox, mtls);
        await untilStopped();
        await mtls?.close();
      } finally {
        await sandbox.close();
      }
    });
}

interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string;
}

/** All three or none. @throws DataError `SANDBOX_TLS` */
function tlsFiles({ tlsCert, tlsKey, clientCa }: SandboxFlags): TlsFiles | null {
  const given = [tlsCert, tlsKey, clientCa].filter((each) => each !== undefined);
  if (given.length === 0) return null;
  if (tlsCert === undefined || tlsKey === undefined || clientCa === undefined)
    throw new DataError({
      code: 'SANDBOX_TLS',
      message: 'Le point de jeton en TLS mutuel demande trois fichiers.',
      place: '--tls-cert, --tls-key, --client-ca',
      remedy: 'donnez --tls-cert, --tls-key et --client-ca ensemble, ou aucun des trois.',
    });
  return { cert: pem(tlsCert), key: pem(tlsKey), clientCa: pem(clientCa) };
}

function pem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DataError({
      code: 'SANDBOX_TLS',
      message: `Le fichier ${file} ne peut pas être lu : ${(cause as Error).message}`,
      place: file,
      remedy: 'vérifiez le chemin et les droits de lecture.',
      cause,
    });
  }
}

/** A wrong certificate is answered 401, as a server behind a reverse proxy does: the client hears why. */
function certified(sandbox: Sandbox, files: TlsFiles, flags: SandboxFlags): Promise<MtlsTokenServer> {
  return startMtlsTokenServer({
    ...files,
    tokens: sandbox.tokens,
    refusal: 'answer',
    host: flags.host,
    port: flags.tlsPort,
  });
}

function announce(sandbox: Sandbox, mtls: MtlsTokenServer | null): void {
  const { clientId, clientSecret } = sandbox.credentials;
  process.stdout.write(
    [
      `Bac à sable prêt : ${sandbox.fhirBase}`,
      `Jeton : ${sandbox.tokenUrl}`,
      ...(mtls === null ? [] : [`Jeton par certificat (TLS mutuel) : ${mtls.tokenUrl}`]),
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

/** What stands in the repository before anybody writes; nothing unless asked for. */
async function seedOf({ seed, demo }: SandboxFlags): Promise<Pick<SandboxOptions, 'seed'>> {
  if (demo === true) {
    // Most of the product: read only when it is asked for.
    const [{ loadConfig }, { demoFolder }, { demoResources, demoSites }] = await Promise.all([
      import('../config/load.js'),
      import('../demo/run.js'),
      import('../demo/seed.js'),
    ]);
    const { departements = [] } = loadConfig(demoFolder).regions.get('28') ?? {};
    return { seed: demoResources(await demoSites(demoFolder, departements)) };
  }
  return seed === undefined ? {} : { seed: readSeed(seed) };
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

function regionCode(text: string): string {
  if (/^[0-9]{2}$/.test(text)) return text;
  throw new InvalidArgumentError('deux chiffres sont attendus, par exemple 28.');
}
