import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig, regionOf } from '../../src/config/load.js';
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
      rorHeaders: {
        profilCode: 'CU20',
        profilSystem: '1.2.250.1.213.1.6.1.66',
        roleCode: 'AUTOMATE',
        roleSystem: '1.2.250.1.213.1.1.4.6',
      },
      pageSize: 200,
      searchLimit: 10_000,
      timeoutMs: 30_000,
      declaredLagMs: 60_000,
      ways: ['sheet', 'task'],
      patchDialect: 'fhir',
      identifiers: 'server',
    });
  });

  it('refuses personas outside a sandbox region and takes them inside one', () => {
    const personas = [{ name: 'alice', displayName: 'Alice', roles: ['reviewer'] }];
    expect(refusal({ personas })).toContain('région d’essai');
    expect(parseRegionProfile({ ...minimal, sandbox: true, personas }, 'essai.yaml').personas).toEqual(
      personas,
    );
  });

  it('refuses put below access profile 1, which sees the whole body', () => {
    const put = { ...minimal.repository, ways: ['put'] };
    expect(refusal({ repository: put })).toContain('accessProfile 1');
    expect(refusal({ repository: { ...put, accessProfile: 1 } })).toBe('');
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
