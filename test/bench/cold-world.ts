import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemIds } from '../../src/cli/region.js';
import { regionOf, type FilrorConfig } from '../../src/config/load.js';
import type { Db } from '../../src/db/types.js';
import type { RunContext } from '../../src/runs/context.js';
import type { SyncOutput } from '../../src/runs/report.js';
import { sync } from '../../src/runs/sync.js';

const departements = [
  ...Array.from({ length: 95 }, (_, i) => String(i + 1).padStart(2, '0')).filter((code) => code !== '20'),
  '2A',
  '2B',
  ...['971', '972', '973', '974', '976'],
];

/** The shipped configuration with one region that is the whole country, and no repository. */
export function wholeCountry(home: string): string {
  const folder = join(home, 'config');
  mkdirSync(join(folder, 'regions'), { recursive: true });
  writeFileSync(
    join(folder, 'regions', '28.yaml'),
    [
      "code: '28'",
      'name: France (mesure)',
      `departements: [${departements.map((code) => `'${code}'`).join(', ')}]`,
      'sandbox: true',
      'repository: { baseUrl: http://127.0.0.1:9/fhir, tokenUrl: http://127.0.0.1:9/token }',
      '',
    ].join('\n'),
  );
  return folder;
}

export function runContext(db: Db, config: FilrorConfig, onStep: (step: string) => void): RunContext {
  let last = '';
  return {
    db,
    config,
    region: regionOf(config, '28'),
    actor: null,
    now: () => new Date(),
    newId: systemIds,
    repository: null,
    progress: ({ step }) => {
      if (step !== last) onStep(step);
      last = step;
    },
  };
}

/** One synchronisation of two files, as the command line hands them over. */
export async function syncFiles(
  context: RunContext,
  files: { readonly finess: string; readonly list: string },
): Promise<SyncOutput> {
  const replaced = new Map([
    ['finess-etalab', files.finess],
    ['labelled-centres', files.list],
  ]);
  return await sync(context, { replaced }, 'real');
}
