import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';

describe('a boolean of the configuration', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'filror-booleans-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    ['public: oui', '« oui » n’est ni vrai ni faux ici : écrivez true ou false, sans guillemets'],
    ['public: "true"', '« true » n’est ni vrai ni faux ici : écrivez true ou false, sans guillemets'],
    ['public: 1', '✖ écrivez true ou false, sans guillemets'],
    ['trustProxy: yes', 'false, ou la liste des adresses des mandataires'],
    ['trustProxy: true', 'false, ou la liste des adresses des mandataires'],
  ])('written « %s » is refused with what to write', (line, said) => {
    writeFileSync(join(folder, 'fhir.yaml'), `${line}\n`);
    const [name] = line.split(':');
    expect(() => loadConfig(folder)).toThrow(said);
    expect(() => loadConfig(folder)).toThrow(`→ à ${name}`);
  });

  it('written true or false is taken', () => {
    writeFileSync(join(folder, 'fhir.yaml'), 'public: true\ntrustProxy: false\n');
    expect(loadConfig(folder).fhir).toMatchObject({ public: true, trustProxy: false });
  });
});
