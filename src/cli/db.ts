import type { Command } from 'commander';
import { ensureApplicationRole } from '../db/application-role.js';
import { explainDatabaseError } from '../db/connection-errors.js';
import { clusterState, stopCluster } from '../db/embedded/cluster.js';
import { clusterFolder } from '../db/embedded/folder.js';
import type { Database } from '../db/handle.js';
import { migrate, pendingMigrations } from '../db/migrate.js';
import { serverVersion } from '../db/open.js';
import { RefusalError } from '../domain/errors.js';
import { openWithWarnings, type CommandContext } from './context.js';

const STATUS_HELP = `
Exemple :
  filror db status

Ne démarre rien. Code de retour : 0 à jour, 2 migrations en attente.`;

const MIGRATE_HELP = `
Exemples :
  filror db migrate --dry-run
  filror db migrate

Les autres commandes migrent d’elles-mêmes ; celle-ci sert à le faire à l’heure voulue.
Code de retour de --dry-run : 0 rien à faire, 2 migrations en attente.`;

const STOP_HELP = `
Exemple :
  filror db stop

La base embarquée continue après chaque commande, pour que la suivante n’attende pas. Aucune donnée n’est perdue.`;

export function registerDb(program: Command, context: CommandContext): void {
  const db = program
    .command('db')
    .description('état, migrations et arrêt de la base de données')
    .addHelpText('after', '\nExemple :\n  filror db status\n');
  db.command('status')
    .description('dire quelle base est utilisée, sa version et ses migrations')
    .addHelpText('after', STATUS_HELP)
    .action(() => statusCommand(context));
  db.command('migrate')
    .description('amener la base au dernier numéro de sql/')
    .option('--dry-run', 'tout exécuter puis tout annuler, et dire ce qui serait fait')
    .addHelpText('after', MIGRATE_HELP)
    .action((options: { dryRun?: true }) => migrateCommand(context, options.dryRun === true));
  db.command('stop')
    .description('arrêter la base embarquée')
    .addHelpText('after', STOP_HELP)
    .action(() => stopCommand(context));
}

async function statusCommand(context: CommandContext): Promise<void> {
  if (!context.env['DATABASE_URL']) {
    const state = await clusterState(clusterFolder(context.env));
    await context.out(`Base embarquée : ${STATES[state.state]}\nDossier : ${state.folder}\n`);
    if (state.state !== 'running') return;
    await context.out(`Processus : ${state.pid}, port ${state.port} (127.0.0.1)\n`);
  }
  await withOpen(context, async (database) => {
    await context.out(`Adresse : ${database.place}\nPostgreSQL : ${await serverVersion(database.app)}\n`);
    const pending = await pendingMigrations(database.owner);
    await context.out(
      pending.length === 0 ? 'Migrations : à jour.\n' : `Migrations en attente : ${pending.join(', ')}\n`,
    );
    if (pending.length > 0) process.exitCode = 2;
  });
}

const STATES = { absent: 'pas encore créée', stopped: 'arrêtée', running: 'en marche' } as const;

async function migrateCommand(context: CommandContext, dryRun: boolean): Promise<void> {
  await withOpen(context, async (database) => {
    const { applied, already } = await migrate(database.owner, { dryRun });
    if (!dryRun) await ensureApplicationRole(database);
    if (applied.length === 0) {
      return context.out(`Aucun changement. La base est à jour (${already} migration(s) appliquée(s)).\n`);
    }
    const done = dryRun ? 'serait appliquée' : 'appliquée';
    await context.out(applied.map((name) => `+ ${name} : ${done}\n`).join(''));
    if (dryRun) process.exitCode = 2;
  });
}

async function stopCommand(context: CommandContext): Promise<void> {
  if (context.env['DATABASE_URL']) {
    throw new RefusalError({
      code: 'DB_NOT_OURS',
      message: 'DATABASE_URL désigne un serveur PostgreSQL que filror n’a pas démarré.',
      remedy: 'arrêtez-le par ses propres moyens, ou effacez DATABASE_URL pour agir sur la base embarquée.',
    });
  }
  const stopped = await stopCluster(clusterFolder(context.env));
  await context.out(
    stopped ? 'Base embarquée arrêtée.\n' : 'Aucun changement. La base embarquée ne tourne pas.\n',
  );
}

async function withOpen(context: CommandContext, work: (database: Database) => Promise<void>): Promise<void> {
  const database = await openWithWarnings(context);
  try {
    await work(database);
  } catch (error) {
    throw explainDatabaseError(error, database.place);
  } finally {
    await database.close();
  }
}
