import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../src/config/files.js';
import type { JsonObject } from '../../src/domain/json.js';

/** Reference material that may stand beside the repository; tests that need it are skipped when it is absent. */
export const sharedFolder = join(packageRoot, '..', 'shared');
export const hasShared = existsSync(join(sharedFolder, 'ror', 'validate.mjs'));

export interface Finding {
  readonly severity: 'error' | 'warning' | 'information';
  readonly where: string;
  readonly text: string;
}

/** The stand-alone conformance checker of the ROR kit. */
export async function rorValidator(): Promise<(resource: unknown) => readonly Finding[]> {
  const url = pathToFileURL(join(sharedFolder, 'ror', 'validate.mjs')).href;
  const module = (await import(/* @vite-ignore */ url)) as {
    validate: (resource: unknown) => readonly Finding[];
  };
  return module.validate;
}

export function rorExample(name: string): JsonObject {
  return JSON.parse(
    readFileSync(join(sharedFolder, 'ror', 'examples', `${name}.json`), 'utf8'),
  ) as JsonObject;
}
