import { stopCluster } from '../../src/db/embedded/cluster.js';
import { clusterFolder } from '../../src/db/embedded/folder.js';
import { runScript, type Finished } from './node-process.js';

/**
 * `filror demo` as a person types it: its own embedded PostgreSQL, in a data home of its own that an ordinary account
 * can reach, stopped when it is over.
 */
export async function runDemoCommand(home: string): Promise<Finished> {
  const env = { FILROR_DATA_HOME: home, DATABASE_URL: '', DATABASE_OWNER_URL: '' };
  try {
    return await runScript('src/cli/main.ts', ['demo'], env);
  } finally {
    await stopCluster(clusterFolder(env));
  }
}
