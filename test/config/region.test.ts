import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig, regionOf } from '../../src/config/load.js';
import { printable } from '../../src/config/print.js';
import { parseRegionProfile, regionSchema } from '../../src/config/schema/region.js';
import { DataError } from '../../src/domain/errors.js';

const minimal = {
  code: '28',
  name: 'Essai',
  departements: ['14'],
  repository: { baseUrl: 'http://127.0.0.1:9/fhir/', tokenUrl: 'http://127.0.0.1:9/token' },
};

function refusal(change: object): string {
  try {
    parseRegionProfile({ ...minimal, ...change }, 'essai.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).code).toBe('CFG_INVALID');
    return (error as DataError).message;
  }
  return '';
}

describe('region profile', () => {
  it('ships Normandie and Bretagne, which write nothing by API', () => {
    const config = loadConfig();
    const normandie = regionOf(config, '28');
    expect(normandie.name).toBe('Normandie');
    expect(normandie.departements).toEqual(['14', '27', '50', '61', '76']);
    expect(normandie.repository.ways).toEqual(['sheet', 'task']);
    expect(normandie.sandbox).toBe(false);
    expect(regionOf(config, '53').departements).toEqual(['22', '29', '35', '56']);
  });

  it('fills every default in', () => {
    expect(parseRegionProfile(minimal, 'essai.yaml').repository).toEqual({
      baseUrl: 'http://127.0.0.1:9/fhir',
      tokenUrl: 'http://127.0.0.1:9/token',
      accessProfile: 0,
      clientId: 'filror',
      clientSecretEnv: 'FILROR_ROR_SECRET',
      certificate: null,
      caFile: null,
      rorHeaders: {
        profilCode: 'CU20',
        profilSystem: '1.2.250.1.213.1.6.1.66',
        roleCode: 'AUTOMATE',
        roleSystem: '1.2.250.1.213.1.1.4.6',
      },
      pageSize: 200,
      searchLimit: 10_000,
      timeoutMs: 30_000,
      timeouts: { connectMs: 5_000, firstByteMs: 30_000, idleMs: 15_000 },
      rate: null,
      concurrency: 4,
      circuit: { failures: 10, cooldownMs: 30_000 },
      declaredLagMs: 60_000,
      windows: [],
      ways: ['sheet', 'task'],
      ifMatch: false,
      patchDialect: 'fhir',
      identifiers: 'server',
      consumers: [],
    });
  });

  it('refuses personas outside a sandbox region and takes them inside one', () => {
    const personas = [{ name: 'alice', displayName: 'Alice', roles: ['reviewer'] }];
    expect(refusal({ personas })).toContain('région d’essai');
    expect(parseRegionProfile({ ...minimal, sandbox: true, personas }, 'essai.yaml').personas).toEqual(
      personas,
    );
  });

  it('takes a persona of an establishment with its legal entity, and the two together only', () => {
    const of = (persona: object): string =>
      refusal({ sandbox: true, personas: [{ name: 'alice', displayName: 'Alice', ...persona }] });
    expect(of({ roles: ['establishment'], ej: '760780239' })).toBe('');
    expect(of({ roles: ['establishment'] })).toContain('personas[0].ej');
    expect(of({ roles: ['reviewer'], ej: '760780239' })).toContain('personas[0].ej');
    expect(of({ roles: ['establishment'], ej: '760780230' })).toContain('numéro FINESS');
  });

  it('refuses put below access profile 1, which sees the whole body', () => {
    const put = { ...minimal.repository, ways: ['put'] };
    expect(refusal({ repository: put })).toContain('accessProfile 1');
    expect(refusal({ sandbox: true, repository: { ...put, accessProfile: 1 } })).toBe('');
  });

  it('takes a certificate in either form, and asks for one above access profile 0 outside a sandbox', () => {
    const above = (certificate: object | null, accessProfile = 2) =>
      refusal({ repository: { ...minimal.repository, accessProfile, certificate } });
    expect(above(null)).toContain('repository.certificate');
    expect(above(null, 0)).toBe('');
    expect(above({ format: 'pem', certFile: '/etc/filror/ror.pem', keyFile: '/etc/filror/ror.key' })).toBe(
      '',
    );
    const p12 = { format: 'pkcs12', file: '/etc/filror/ror.p12', passphraseEnv: 'FILROR_ROR_P12' };
    expect(above(p12)).toBe('');
    expect(above({ ...p12, file: 'ror.p12' })).toContain('chemin absolu');
    expect(above({ ...p12, passphrase: 'en clair' })).toContain('passphrase');
    expect(above({ ...p12, passphraseEnv: 'secret en clair' })).toContain('variable d’environnement');
  });

  it('sends no token in clear: https, but for a sandbox and this machine', () => {
    const remote = { baseUrl: 'http://ror.example/fhir', tokenUrl: 'https://ror.example/token' };
    expect(refusal({ repository: remote })).toContain('https exigé');
    expect(refusal({ repository: { ...remote, baseUrl: 'https://ror.example/fhir' } })).toBe('');
    expect(refusal({ sandbox: true, repository: remote })).toBe('');
    expect(
      refusal({ repository: { ...remote, baseUrl: 'https://qui:motdepasse@ror.example/fhir' } }),
    ).toContain('compte ni mot de passe');
  });

  it('knows windows by day and hour of Paris, and refuses an empty one', () => {
    const window = (change: object) =>
      refusal({
        repository: { ...minimal.repository, windows: [{ from: '07:30', to: '20:00', ...change }] },
      });
    expect(window({ days: ['lun', 'mar'] })).toBe('');
    expect(window({ days: ['lundi'] })).toContain('windows');
    expect(window({ to: '24:00' })).toContain('heure attendue');
    expect(window({ to: '07:30' })).toContain('les mêmes');
  });

  it('prints whether a secret is set, never the secret', () => {
    const folder = mkdtempSync(join(tmpdir(), 'filror-print-'));
    mkdirSync(join(folder, 'regions'));
    const certificate = {
      format: 'pkcs12',
      file: '/etc/filror/ror.p12',
      passphraseEnv: 'FILROR_ESSAI_P12',
    };
    const profile = {
      ...minimal,
      repository: { ...minimal.repository, clientSecretEnv: 'FILROR_ESSAI', certificate },
    };
    writeFileSync(join(folder, 'regions', '28.yaml'), JSON.stringify(profile));
    const config = loadConfig(folder);
    const text = printable(config, { FILROR_ESSAI: 'cachette-1', FILROR_ESSAI_P12: 'cachette-2' });
    expect(text).not.toContain('cachette');
    expect(text).toContain('clientSecret: "***"');
    expect(text).toContain('passphrase: "***"');
    expect(printable(config, {})).toContain('passphrase: (non défini)');
  });

  it('refuses pages above 200, unknown options, a doubled way and a range turned round', () => {
    const repository = minimal.repository;
    expect(refusal({ repository: { ...repository, pageSize: 201 } })).toContain('repository.pageSize');
    expect(refusal({ repository: { ...repository, clientSecret: 'x' } })).toContain('clientSecret');
    expect(refusal({ repository: { ...repository, ways: ['task', 'task'] } })).toContain('deux fois');
    expect(refusal({ repository: { ...repository, identifiers: { from: '0900', to: '0100' } } })).not.toBe(
      '',
    );
    expect(refusal({ code: 28 })).toContain('code');
  });

  it('refuses a file named after another region', () => {
    const folder = mkdtempSync(join(tmpdir(), 'filror-region-'));
    mkdirSync(join(folder, 'regions'));
    writeFileSync(join(folder, 'regions', '53.yaml'), JSON.stringify(minimal));
    expect(() => loadConfig(folder)).toThrow(/décrit la région 28/);
  });

  it('describes every option in a sentence', () => {
    const silent: string[] = [];
    const walk = (schema: Record<string, unknown>, path: string) => {
      const properties = (schema['properties'] ?? {}) as Record<string, Record<string, unknown>>;
      for (const [name, child] of Object.entries(properties)) {
        if (child['description'] === undefined && child['properties'] === undefined)
          silent.push(`${path}${name}`);
        walk(child, `${path}${name}.`);
        walk((child['items'] ?? {}) as Record<string, unknown>, `${path}${name}[].`);
      }
    };
    walk(z.toJSONSchema(regionSchema, { io: 'input' }), '');
    expect(silent).toEqual([]);
  });
});
