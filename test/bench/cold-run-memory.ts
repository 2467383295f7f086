import { loadConfig } from '../../src/config/load.js';
import { openPool } from '../../src/db/pool.js';
import { runContext, syncFiles } from './cold-world.js';

/** What a cold run alone weighs: started by cold-run.ts with the database and the files, tells its peak RSS in MB. */
const [url = '', configFolder = '', finess = '', list = ''] = process.argv.slice(2);
const db = openPool(url, 'filror bench', 4);
try {
  await syncFiles(
    runContext(db, loadConfig(configFolder), () => undefined),
    { finess, list },
  );
  process.send?.(process.resourceUsage().maxRSS / 1024);
} finally {
  await db.destroy();
}
