import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/config/files.js';
import { DEFAULT_CREDENTIALS } from '../../src/sandbox/sandbox.js';
import { rawFhir } from '../support/raw-fhir.js';
import { trialRegion } from '../support/trial-region.js';

let child: ChildProcess;
afterEach(() => child.kill('SIGKILL'));

interface Output {
  text: string;
}

function launch(...args: readonly string[]): { output: Output; ended: Promise<number | null> } {
  const main = join(packageRoot, 'src', 'cli', 'main.ts');
  child = spawn(process.execPath, ['--import', 'tsx', main, 'sandbox', ...args], { cwd: packageRoot });
  const output = { text: '' };
  child.stdout?.on('data', (piece: Buffer) => (output.text += piece.toString()));
  child.stderr?.on('data', (piece: Buffer) => (output.text += piece.toString()));
  return { output, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

async function address(output: Output): Promise<string> {
  for (let i = 0; i < 300; i++) {
    const url = /prêt : (http:\S+)\/fhir/.exec(output.text)?.[1];
    if (url !== undefined) return url;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not ready: ${output.text}`);
}

describe('filror sandbox', () => {
  it('serves its seed, keeps its state through kill -9, and stops cleanly on SIGTERM', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'filror-sandbox-cli-'));
    const seed = join(folder, 'seed.ndjson');
    writeFileSync(
      seed,
      trialRegion()
        .map((resource) => JSON.stringify(resource))
        .join('\n'),
    );
    const args = ['--seed', seed, '--state', join(folder, 'state.ndjson'), '--identifiers', 'client'];
    const open = async (output: Output) => {
      const url = await address(output);
      const token = `${url}/auth/realms/ror/protocol/openid-connect/token`;
      return rawFhir({ fhirBase: `${url}/fhir`, tokenUrl: token, credentials: DEFAULT_CREDENTIALS });
    };
    const first = launch(...args);
    const fhir = await open(first.output);
    const offer = { ...trialRegion().at(-1), identifier: [{ value: '28/ESSAI-0003' }] };
    expect((await fhir('POST', 'HealthcareService', offer)).status).toBe(201);
    child.kill('SIGKILL');
    await first.ended;
    const second = launch(...args);
    const again = await open(second.output);
    expect((await again('GET', 'HealthcareService')).json['total']).toBe(3);
    child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
  });

  it('names the faulty line of a seed and says what to do, exit 1', async () => {
    const seed = join(mkdtempSync(join(tmpdir(), 'filror-sandbox-cli-')), 'seed.ndjson');
    writeFileSync(seed, '{"resourceType":"Location"}\n{"resourceType":');
    const { output, ended } = launch('--seed', seed);
    expect(await ended).toBe(1);
    expect(output.text).toContain('SANDBOX_SEED');
    expect(output.text).toContain('ligne 2');
    expect(output.text).toContain('Que faire :');
  });
});

describe('filror sandbox --demo', () => {
  it('holds the establishments of the trial list and the two trial offers', async () => {
    const { output } = launch('--demo');
    const url = await address(output);
    const token = `${url}/auth/realms/ror/protocol/openid-connect/token`;
    const fhir = await rawFhir({
      fhirBase: `${url}/fhir`,
      tokenUrl: token,
      credentials: DEFAULT_CREDENTIALS,
    });
    expect((await fhir('GET', 'HealthcareService')).json['total']).toBe(2);
    // CHU de Rouen, site Charles-Nicolle (config/demo/finess.csv).
    const site = await fhir('GET', 'Organization?identifier=760000158');
    expect(site.json['total']).toBe(1);
  });
});
