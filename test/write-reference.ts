import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { referencePage } from '../src/config/reference.js';

writeFileSync(join(import.meta.dirname, '..', 'ops', 'configuration.md'), referencePage());
