import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { holdDatabase } from '../db/one-holder.js';
import { recreateDatabase } from '../db/open.js';
import { demoFolder, demoRegion, prepareDemo, runDemo, type DemoCast, type DemoStage } from '../demo/run.js';
import { demoResources, demoSites } from '../demo/seed.js';
import type { Database } from '../db/handle.js';
import { RorClient } from '../ror/client.js';
import { RefusalError } from '../domain/errors.js';
import type { RunContext } from '../runs/context.js';
import { startSandbox } from '../sandbox/sandbox.js';
import { withDatabase, type CommandContext } from './context.js';
import { loggerFrom } from './log.js';
import { freePort, portOf } from './port.js';
import { actorOf, systemIds } from './region.js';
import { syncText } from './render.js';
import { openFhir } from './serve-fhir.js';
import { nextSignal, openPages } from './serve.js';
import { hasColour, paint, Progress } from './terminal.js';

/** Database of its own: the demonstration never touches real work. */
const DATABASE = 'filror_demo';

const HELP = `
Exemples :
  filror demo
  filror demo --pages

La base « filror_demo » est recréée à chaque fois ; rien ne sort de la machine. Avec --pages, le plan est préparé et les
pages sont servies jusqu’à Ctrl+C : entrez comme l’un des personnages, relisez, approuvez. Une démonstration à la fois ; la
base embarquée reste en marche ensuite (filror db stop l’arrête).
Code de retour : 0 tout ce qui est montré a été contrôlé, 1 une promesse n’est pas tenue.
`;

interface DemoOptions {
  readonly pages?: boolean;
  readonly port?: string;
}

/** What a demonstration plays in. */
interface DemoWorld {
  readonly run: RunContext;
  readonly cast: DemoCast;
  readonly stage: DemoStage;
  readonly database: Database;
  readonly env: NodeJS.ProcessEnv;
  readonly writes: () => number;
}

export function registerDemo(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description('démonstration complète sur cette machine : base embarquée, bac à sable, deux personnages')
    .option('--pages', 'préparer un plan, puis servir les pages : à vous d’approuver dans le navigateur')
    .option('--port <port>', 'avec --pages : port d’écoute ; défaut : web.yaml')
    .addHelpText('after', HELP)
    .action(async (options: DemoOptions) => {
      const startedAt = performance.now();
      if (options.pages === true) {
        const asked = options.port === undefined ? null : portOf(options.port);
        await aloneWithPages(context, asked, (port) =>
          inDemo(context, (world) => servePages(context, world, port)),
        );
        return;
      }
      await alone(context, `processus ${String(process.pid)}`, () =>
        inDemo(context, async ({ run, cast, stage, writes }) => {
          await runDemo(run, cast, stage, writes);
        }),
      );
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      await context.out(
        [
          '',
          `Démonstration terminée en ${seconds} s.`,
          'Et maintenant : « npm run demo -- --pages » sert les pages d’un tel plan ; relisez, approuvez.',
          'Puis le guide : ops/guides/valider-les-changements.md.',
          ...databaseLeft(context),
          '',
        ].join('\n'),
      );
    });
}

/** The pages' port is looked at before anything of an earlier demonstration is touched. */
async function aloneWithPages(
  context: CommandContext,
  asked: number | null,
  work: (port: number) => Promise<void>,
): Promise<void> {
  const { web } = loadConfig(demoFolder);
  const shown = asked ?? web.port;
  const pages = shown === 0 ? '' : `, pages http://${web.host}:${String(shown)}`;
  await alone(context, `processus ${String(process.pid)}${pages}`, async () => {
    await work(await freePort(web.host, shown));
  });
}

/**
 * One demonstration at a time on a server: its database is made anew, and another would pull it from under this one.
 * @throws RefusalError `DEMO_RUNNING`
 */
async function alone(context: CommandContext, who: string, work: () => Promise<void>): Promise<void> {
  const right = await holdDatabase(DATABASE, who, { env: context.env });
  if (right.state === 'taken') {
    throw new RefusalError({
      code: 'DEMO_RUNNING',
      message: `Une démonstration tourne déjà (${right.holder}) ; une seconde effacerait sa base « ${DATABASE} ».`,
      remedy:
        'servez-vous de celle qui tourne, ou arrêtez-la d’abord : Ctrl+C dans son terminal, ou « kill » et le numéro du processus.',
    });
  }
  try {
    await work();
  } finally {
    await right.release();
  }
}

async function inDemo(context: CommandContext, work: (world: DemoWorld) => Promise<void>): Promise<void> {
  const config = loadConfig(demoFolder);
  await recreateDatabase(DATABASE, { env: context.env });
  const sites = await demoSites(demoFolder, config.regions.get('28')?.departements ?? []);
  const sandbox = await startSandbox({ region: '28', seed: demoResources(sites) });
  const region = demoRegion(config, sandbox.fhirBase, sandbox.tokenUrl);
  const env = { ...context.env, [region.repository.clientSecretEnv]: sandbox.credentials.clientSecret };
  const progress = new Progress(process.stderr, process.stderr.isTTY ? 'bar' : 'quiet');
  const repository = new RorClient(region, { env });
  try {
    await withDatabase(
      context,
      async (database) => {
        const now = new Date();
        const db = database.app;
        await work({
          run: {
            db,
            config,
            region,
            actor: null,
            now: () => new Date(),
            newId: systemIds,
            repository,
            progress: progress.tell,
          },
          cast: {
            author: await actorOf(db, region, 'camille', now),
            approver: await actorOf(db, region, 'dominique', now),
          },
          stage: stageOn(context, progress),
          database,
          env,
          writes: () => sandbox.writes().length,
        });
      },
      { databaseName: DATABASE },
    );
  } finally {
    progress.stop();
    repository.close();
    await sandbox.close();
  }
}

/** A plan that waits for somebody, and the pages to decide on it. */
async function servePages(context: CommandContext, world: DemoWorld, port: number): Promise<void> {
  const { run, cast, stage, database, env } = world;
  await prepareDemo(run, cast, stage);
  const pages = await openPages(context, {
    config: run.config,
    regions: [run.region],
    port,
    database,
    log: loggerFrom({ ...env, FILROR_LOG: env['FILROR_LOG'] ?? 'warn' }),
    env,
  });
  let fhir: Awaited<ReturnType<typeof openFhir>> | null = null;
  try {
    // Beside the pages: one port further, or a free one when theirs is.
    const beside = port === 0 ? 0 : port + 1;
    const log = loggerFrom({ ...env, FILROR_LOG: env['FILROR_LOG'] ?? 'warn' });
    fhir = await openFhir({ config: run.config, regions: [run.region], port: beside, database, log });
    await context.out(
      [
        '',
        `Ouvrez ${pages.url} et entrez comme l’un des personnages. Ctrl+C arrête les pages et le bac à sable.`,
        `Les outils qui lisent : curl '${fhir.url}/fhir/${run.region.code}/HealthcareService?name=offre'`,
        ...databaseLeft(context),
        '',
      ].join('\n'),
    );
    await nextSignal();
  } finally {
    await fhir?.close();
    await pages.close();
  }
}

/** The embedded server outlives every command on purpose; one of ours (DATABASE_URL) is not ours to stop. */
function databaseLeft({ env }: CommandContext): string[] {
  if (env['DATABASE_URL']) return [];
  return ['La base embarquée reste en marche pour la commande suivante ; « npx filror db stop » l’arrête.'];
}

function stageOn(context: CommandContext, progress: Progress): DemoStage {
  const p = paint(hasColour(process.stdout, context.env) ? 'colour' : 'plain');
  const write = (text: string): void => {
    progress.stop();
    process.stdout.write(text);
  };
  return {
    title: (text) => write(`\n${p.bold(text)}\n`),
    say: (text) => write(`  ${text}\n`),
    plan: (output, changes) => {
      const centres = Object.fromEntries(
        output.changes.flatMap((change) => change.centres).flatMap((c) => ('title' in c ? [[c.id, c]] : [])),
      );
      write(`${syncText(output, changes, p, centres)}\n`);
    },
  };
}
