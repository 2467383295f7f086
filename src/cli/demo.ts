import { Option, type Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { recreateDatabase } from '../db/open.js';
import { demoFolder, demoRegion, prepareDemo, runDemo, type DemoCast, type DemoStage } from '../demo/run.js';
import { demoResources, demoSites } from '../demo/seed.js';
import type { Database } from '../db/handle.js';
import { RorClient } from '../ror/client.js';
import type { RunContext } from '../runs/context.js';
import { startSandbox } from '../sandbox/sandbox.js';
import { withDatabase, type CommandContext } from './context.js';
import { alone, aloneOnPort, databaseLeft, DEMO_DATABASE } from './demo-alone.js';
import { openDemoApi, serveTrialSet, type DemoApi } from './demo-api.js';
import { loggerFrom } from './log.js';
import { portOf } from './port.js';
import { actorOf, systemIds } from './region.js';
import { syncText } from './render.js';
import { nextSignal, openPages } from './serve.js';
import { hasColour, paint, Progress } from './terminal.js';

const HELP = `
Exemples :
  filror demo
  filror demo --pages
  filror demo --api

La base « filror_demo » est recréée à chaque fois ; rien ne sort de la machine. Avec --pages, le plan est préparé et les
pages sont servies jusqu’à Ctrl+C : entrez comme l’un des personnages, relisez, approuvez, envoyez. Avec --api, l’API de
lecture sert le jeu d’essai des intégrateurs (ops/consumers) jusqu’à Ctrl+C, et dit comment obtenir un jeton. Une
démonstration à la fois ; la base embarquée reste en marche ensuite (filror db stop l’arrête).
Code de retour : 0 tout ce qui est montré a été contrôlé, 1 une promesse n’est pas tenue.
`;

interface DemoOptions {
  readonly pages?: boolean;
  readonly api?: boolean;
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
    .addOption(
      new Option('--api', 'servir le jeu d’essai de ops/consumers par l’API de lecture').conflicts('pages'),
    )
    .option('--port <port>', 'avec --pages ou --api : port d’écoute ; défaut : web.yaml, fhir.yaml')
    .addHelpText('after', HELP)
    .action(async (options: DemoOptions) => {
      const startedAt = performance.now();
      const asked = options.port === undefined ? null : portOf(options.port);
      const { web, fhir } = loadConfig(demoFolder);
      if (options.pages === true) {
        const served = { what: 'pages', host: web.host, port: asked ?? web.port } as const;
        return await aloneOnPort(context, served, (port) =>
          inDemo(context, (world) => servePages(context, world, port)),
        );
      }
      if (options.api === true) {
        const served = { what: 'API', host: fhir.host, port: asked ?? fhir.port } as const;
        return await aloneOnPort(context, served, (port) => serveTrialSet(context, port));
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

async function inDemo(context: CommandContext, work: (world: DemoWorld) => Promise<void>): Promise<void> {
  const config = loadConfig(demoFolder);
  await recreateDatabase(DEMO_DATABASE, { env: context.env });
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
      { databaseName: DEMO_DATABASE },
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
  const { config, region } = run;
  const log = loggerFrom({ ...env, FILROR_LOG: env['FILROR_LOG'] ?? 'warn' });
  const pages = await openPages(context, { config, regions: [region], port, database, log, env });
  let api: DemoApi | null = null;
  try {
    // Beside the pages: one port further, or a free one when theirs is.
    const beside = port === 0 ? 0 : port + 1;
    api = await openDemoApi({ config, region, port: beside, database, log });
    await context.out(
      [
        '',
        `Ouvrez ${pages.url} et entrez comme l’un des personnages. Ctrl+C arrête les pages et le bac à sable.`,
        `L’API de lecture sert ce que Camille envoie (page « Envoi ») une fois approuvé : curl '${api.url}/fhir/${region.code}/HealthcareService?name:contains=essai'`,
        'Pour signaler une erreur, ou lire comme un client connu, dans un autre terminal :',
        '',
        ...api.lines,
        '',
        ...databaseLeft(context),
        '',
      ].join('\n'),
    );
    await nextSignal();
  } finally {
    await api?.close();
    await pages.close();
  }
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
