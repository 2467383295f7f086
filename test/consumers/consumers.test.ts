import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/config/files.js';
import { loadConfig } from '../../src/config/load.js';
import { isJsonObject, type JsonObject } from '../../src/domain/json.js';
import { CENTRE_PARTS } from '../../src/fhir-api/definitions.js';
import { enriched } from '../../src/publish/extensions.js';
import { CodeBook } from '../../src/ror/codes.js';
import { validateTask } from '../../src/ror/validate-task.js';
import { extensionsOf } from '../../src/ror/keys.js';
import {
  consumerWorld,
  frozenSet,
  SEARCHES,
  TABLES,
  withTable,
  type ConsumerWorld,
} from '../support/consumer-pack.js';
import { centreId } from '../support/served-world.js';

/**
 * What integrators are given is what the code does. `npm run consumers` writes the frozen set and the tables anew: read
 * the difference before it is kept.
 */
const FOLDER = join(packageRoot, 'ops', 'consumers');
const FROZEN = join(FOLDER, 'jeu-d-essai');
const pages = [
  ...readdirSync(FOLDER).filter((name) => name.endsWith('.md')),
  join('jeu-d-essai', 'README.md'),
];
const pageOf = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

let served: ConsumerWorld;
let files: Readonly<Record<string, string>>;
beforeAll(async () => {
  served = await consumerWorld();
  files = await frozenSet(served);
  if (process.env['FILROR_CONSUMERS'] !== 'keep') return;
  mkdirSync(FROZEN, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(FROZEN, name), text);
  for (const [name, { page, text }] of Object.entries(TABLES))
    writeFileSync(join(FOLDER, page), await formatted(withTable(pageOf(page), name, text)));
});
afterAll(() => served.close());

/** As the house formats its pages. */
async function formatted(text: string): Promise<string> {
  const options = await resolveConfig(join(FOLDER, 'README.md'));
  return await format(text, { ...options, parser: 'markdown' });
}

describe('the frozen set', () => {
  it('is what the code serves today of the synthetic world', () => {
    const kept = readdirSync(FROZEN).filter((name) => name !== 'README.md');
    expect(kept.sort()).toEqual(Object.keys(files).sort());
    for (const [name, text] of Object.entries(files))
      expect(readFileSync(join(FROZEN, name), 'utf8'), name).toBe(text);
  });

  it.each(SEARCHES)('answers « $question » with the offers written by hand', async ({ file, expected }) => {
    const { entry = [] } = JSON.parse(readFileSync(join(FROZEN, file), 'utf8')) as {
      entry?: { resource: JsonObject; search: { mode: string } }[];
    };
    const found = entry
      .filter(({ search }) => search.mode === 'match')
      .map(({ resource }) => (resource['identifier'] as unknown as { value: string }[])[0]?.value);
    expect(found.sort()).toEqual(expected);
  });

  it('differs between the bases by our extension and by nothing else', () => {
    const linesOf = (name: string): JsonObject[] =>
      readFileSync(join(FROZEN, name), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as JsonObject);
    const bare = linesOf('fhir.ndjson').map((resource) => {
      const { extension, ...rest } = resource;
      const own = ((extension ?? []) as JsonObject[]).filter(
        ({ url }) => !String(url).endsWith('/centre-maladies-rares'),
      );
      return own.length === 0 ? rest : { ...rest, extension: own };
    });
    expect(bare).toEqual(linesOf('ror.ndjson'));
  });

  it('shows nothing that is not public', () => {
    const all = Object.values(files).join('\n');
    expect(
      ['02 61 91 00 02', '02 61 91 00 03', 'ESSAI-0003', centreId('d')].filter((each) => all.includes(each)),
    ).toEqual([]);
    expect(all).toContain('2 61 91 00 01');
  });
});

describe('the pages', () => {
  it.each(Object.entries(TABLES))('say of « %s » what the code says', async (name, { page, text }) => {
    const written = pageOf(page);
    expect(written).toBe(await formatted(withTable(written, name, text)));
  });

  it('name every part of the extension that the code writes', () => {
    const offer = enriched(
      { resourceType: 'HealthcareService' },
      [
        {
          ...{ centre: centreId('a'), filiere: { code: 'F', title: 'T' }, network: 'N', label: 'CCMR' },
          ...{ campaign: '2023', erns: ['E'], coordinator: '28/1', sources: ['s'], sourceDate: '2026-01-01' },
          recordedAt: '2026-01-01T00:00:00Z',
        },
      ],
      'https://exemple.fr',
    );
    const [extension] = extensionsOf(offer, 'https://exemple.fr/StructureDefinition/centre-maladies-rares');
    const written = ((extension?.['extension'] ?? []) as JsonObject[]).filter(isJsonObject).map((part) => {
      const [value = ''] = Object.keys(part).filter((name) => name !== 'url');
      return `${String(part['url'])} ${value}`;
    });
    const capital = (type: string): string => type.charAt(0).toUpperCase() + type.slice(1);
    expect(written).toEqual(CENTRE_PARTS.map(({ name, type }) => `${name} value${capital(type)}`));
  });

  it.each(pages)('%s links to files that exist', (name) => {
    const links = [...pageOf(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(join(dirname(join(FOLDER, name)), path)))).toEqual([]);
  });

  it('show a report that the profile of the ROR takes', () => {
    const [, text = ''] = /```json\n([^]*?)```/.exec(pageOf('signaler-une-erreur.md')) ?? [];
    const task = JSON.parse(text) as JsonObject;
    expect(validateTask(task, new CodeBook(loadConfig().codes))).toEqual([]);
  });
});

/** Blocks of commands, as they stand. What names a part to fill in (…) cannot be run. */
function shellBlocks(name: string): string[] {
  return [...pageOf(name).matchAll(/```sh\n([^]*?)```/g)]
    .map(([, body = '']) => body)
    .filter((body) => !body.includes('…'));
}

const RUN = pages;

describe.skipIf(!existsSync('/usr/bin/curl'))('the command lines', () => {
  it.each(RUN)('of %s do what they say, in their order, as a shell runs them', async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'filror-curl-'));
    // The report that the page shows is the file that its command sends.
    const [, report] = /```json\n([\s\S]*?)```/.exec(pageOf(name)) ?? [];
    if (report !== undefined) writeFileSync(join(folder, 'signalement.json'), report);
    const { code, stderr } = await bash(shellBlocks(name).join('\n'), folder, {
      FHIR: `${served.url}/fhir/28`,
      ROR: `${served.url}/ror/28`,
      AUTORISATION: `Authorization: Bearer ${served.token}`,
    });
    rmSync(folder, { recursive: true, force: true });
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('are there: five at least', () => {
    const lines =
      RUN.flatMap(shellBlocks)
        .join('\n')
        .match(/^(?:\w+=\$\()?curl /gm) ?? [];
    expect(lines.length).toBeGreaterThanOrEqual(5);
  });
});

function bash(
  script: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-eu', '-o', 'pipefail', '-c', script], {
      cwd,
      env: { ...process.env, ...env },
    });
    let stderr = '';
    child.stdout.resume();
    child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString('utf8')));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stderr }));
  });
}
