import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, shippedFolder } from '../../src/config/load.js';
import { demoFolder } from '../../src/demo/run.js';
import { DataError } from '../../src/domain/errors.js';

describe('a configuration folder with a name that is not read', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'filror-misnamed-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(name: string, text = ''): void {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  function refusal(): string {
    try {
      loadConfig(folder);
    } catch (error) {
      if (error instanceof DataError) return error.message;
      throw error;
    }
    throw new Error('the configuration was accepted');
  }

  it.each([
    ['mial.yaml', 'mail.yaml'],
    ['Mail.yaml', 'mail.yaml'],
    ['mail.yml', 'mail.yaml'],
    ['ror_defaults.yaml', 'ror-defaults.yaml'],
    ['shedule.yaml', 'schedule.yaml'],
    ['filiere.csv', 'filieres.csv'],
  ])('is refused for %s, and proposes %s', (name, meant) => {
    write(name);
    expect(refusal()).toContain(`${join(folder, name)}\n`);
    expect(refusal()).toContain(`vouliez-vous dire « ${meant} » ?`);
  });

  it('is refused for a name that resembles nothing, and says which are read', () => {
    write('courriels-de-la-region.yaml');
    expect(refusal()).not.toContain('vouliez-vous dire');
    expect(refusal()).toMatch(/noms lus : .*mail\.yaml.*regions\/<code>\.yaml/);
  });

  it('is refused for a folder nearly named, and for .yml inside the folders that are read', () => {
    write('region/28.yaml');
    write('regions/28.yml');
    expect(refusal()).toContain(`${join(folder, 'region')}\n  ✖ ce dossier n’est pas lu`);
    expect(refusal()).toContain('vouliez-vous dire « regions » ?');
    expect(refusal()).toContain('nommez-le 28.yaml');
  });

  it('may hold lists of any name, and what an editor leaves', () => {
    for (const name of ['centres-2026.csv', 'LISEZ-MOI.md', '.mail.yaml.swp', '.yaml', 'mail.yaml~'])
      write(name);
    expect(() => loadConfig(folder)).not.toThrow();
    expect(() => loadConfig(shippedFolder)).not.toThrow();
    expect(() => loadConfig(demoFolder)).not.toThrow();
  });

  it('is told the nearest key, at the top and deeper', () => {
    write('web.yaml', 'prot: 8480\n');
    write('sources.yaml', 'filieres:\n  reader: filieres\n  plcae: a.csv\n');
    expect(refusal()).toContain('vouliez-vous dire « port » ?');
    expect(refusal()).toContain('vouliez-vous dire « place » ?');
  });

  it('is told a fault of YAML in French, with line and column', () => {
    write('web.yaml', 'host: 127.0.0.1\nport: 8470\nport: 8480\n');
    expect(refusal()).toContain(
      'n’est pas du YAML valide, ligne 3, colonne 1 : cette clé est donnée deux fois',
    );
    write('web.yaml', 'host: un: deux\n');
    expect(refusal()).toContain('ligne 1, colonne 7 : deux « : » sur la même ligne');
    expect(refusal()).not.toContain('Nested mappings');
  });
});
