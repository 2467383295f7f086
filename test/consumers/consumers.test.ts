import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
import { startLocalServer } from '../support/local-server.js';
import { packFolder, packPage, packPages, runPage, runShell, shellBlocks } from '../support/pack-commands.js';
import { centreId } from '../support/served-world.js';

/**
 * What integrators are given is what the code does. `npm run consumers` writes the frozen set and the tables anew: read
 * the difference before it is kept.
 */
const FROZEN = join(packFolder, 'jeu-d-essai');

let served: ConsumerWorld;
let files: Readonly<Record<string, string>>;
beforeAll(async () => {
  served = await consumerWorld();
  files = await frozenSet(served);
  if (process.env['FILROR_CONSUMERS'] !== 'keep') return;
  mkdirSync(FROZEN, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(FROZEN, name), text);
  for (const [name, { page, text }] of Object.entries(TABLES))
    writeFileSync(join(packFolder, page), await formatted(withTable(packPage(page), name, text)));
});
afterAll(() => served.close());

/** As the house formats its pages. */
async function formatted(text: string): Promise<string> {
  const options = await resolveConfig(join(packFolder, 'README.md'));
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
    const written = packPage(page);
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

  it.each(packPages)('%s links to files that exist', (name) => {
    const links = [...packPage(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(join(dirname(join(packFolder, name)), path)))).toEqual([]);
  });

  it('show a report that the profile of the ROR takes', () => {
    const [, text = ''] = /```json\n([^]*?)```/.exec(packPage('signaler-une-erreur.md')) ?? [];
    const task = JSON.parse(text) as JsonObject;
    expect(validateTask(task, new CodeBook(loadConfig().codes))).toEqual([]);
  });
});

describe.skipIf(!existsSync('/usr/bin/curl'))('the command lines', () => {
  it.each(packPages)('of %s do what they say, in their order, as a shell runs them', async (name) => {
    const { code, stderr } = await runPage(name, {
      FHIR: `${served.url}/fhir/28`,
      ROR: `${served.url}/ror/28`,
      AUTORISATION: `Authorization: Bearer ${served.token}`,
    });
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('are there: five at least', () => {
    const lines =
      packPages
        .flatMap(shellBlocks)
        .join('\n')
        .match(/^\s*(?:\w+=\$\()?curl /gm) ?? [];
    expect(lines.length).toBeGreaterThanOrEqual(5);
  });

  it('wait for an export that is not ready, and put a new file in the place of the old one', async () => {
    let looks = 0;
    const server = await startLocalServer((request, response) => {
      const { pathname } = new URL(request.url ?? '', server.url);
      if (pathname.endsWith('/$export')) {
        looks = 0;
        response.writeHead(202, { 'content-location': `${server.url}/suivi` }).end();
      } else if (pathname === '/suivi') {
        looks += 1;
        if (looks < 3) response.writeHead(202, { 'retry-after': '0' }).end();
        else response.end(`{"output":[{"type":"Location","url":"${server.url}/fichier"}]}`);
      } else response.end('{"resourceType":"Location"}\n');
    });
    const block = shellBlocks('rester-a-jour.md').find((each) => each.includes('$export')) ?? '';
    const twice = `${block}${block}grep -c Location offres.ndjson`;
    const { code, stdout } = await runShell(twice, { FHIR: `${server.url}/fhir/28`, AUTORISATION: 'a: b' });
    await server.close();
    expect([code, stdout.trim(), looks]).toEqual([0, '1', 3]);
  });

  it('say so when an export fails', async () => {
    const server = await startLocalServer((request, response) => {
      if (request.url?.includes('export') === true)
        response.writeHead(202, { 'content-location': `${server.url}/suivi` }).end();
      else response.writeHead(500).end('{"resourceType":"OperationOutcome"}');
    });
    const block = shellBlocks('rester-a-jour.md').find((each) => each.includes('$export')) ?? '';
    const { code, stderr } = await runShell(block, { FHIR: server.url, AUTORISATION: 'a: b' });
    await server.close();
    expect(code).not.toBe(0);
    expect(stderr).toContain('OperationOutcome');
  });
});
