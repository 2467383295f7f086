import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { recreateDatabase } from '../db/open.js';
import { demoFolder, demoRegion, runDemo, type DemoStage } from '../demo/run.js';
import { demoResources, demoSites } from '../demo/seed.js';
import { RorClient } from '../ror/client.js';
import { startSandbox } from '../sandbox/sandbox.js';
import { withDatabase, type CommandContext } from './context.js';
import { actorOf, systemIds } from './region.js';
import { syncText } from './render.js';
import { hasColour, paint, Progress } from './terminal.js';

/** Database of its own: the demonstration never touches real work. */
const DATABASE = 'filror_demo';

export function registerDemo(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description('démonstration complète sur cette machine : base embarquée, bac à sable, deux personnages')
    .addHelpText(
      'after',
      '\nExemple :\n  filror demo\n\nLa base « filror_demo » est recréée à chaque fois ; rien ne sort de la machine.\nCode de retour : 0 tout ce qui est montré a été contrôlé, 1 une promesse n’est pas tenue.\n',
    )
    .action(async () => {
      const startedAt = performance.now();
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
            await runDemo(
              {
                db: database.app,
                config,
                region,
                actor: null,
                now: () => new Date(),
                newId: systemIds,
                repository,
                progress: progress.tell,
              },
              {
                author: await actorOf(database.app, region, 'camille', now),
                approver: await actorOf(database.app, region, 'dominique', now),
              },
              stageOn(context, progress),
              () => sandbox.writes().length,
            );
          },
          { databaseName: DATABASE },
        );
      } finally {
        progress.stop();
        repository.close();
        await sandbox.close();
      }
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      await context.out(`\nDémonstration terminée en ${seconds} s. Suite : README, « Where next ».\n`);
    });
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
