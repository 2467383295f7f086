import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../config/files.js';

const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };

/** Version of the rules that made a plan: a plan of another version is a technical matter, not a change in the world. */
export const codeVersion: string = manifest.version;
