import { copyFileSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LABEL_LEVELS, PUBLICS } from '../../src/domain/centre.js';
import { loadConfig } from '../../src/config/load.js';
import { codes, crosswalk, defaults, hasShared, sharedRor } from './essai.js';

describe('the code book', () => {
  it('finds a code by short name or URL, with display and status', () => {
    const entry = { code: '11', display: 'Centre de compétences labellisé', status: 'active' };
    expect(codes.find('TRE_R344', '11')).toEqual(entry);
    const url = 'https://mos.esante.gouv.fr/NOS/TRE_R344-NiveauExpertise/FHIR/TRE-R344-NiveauExpertise';
    expect(codes.find(url, '11')).toEqual(entry);
    expect(codes.find('TRE_R344', '99')).toBeNull();
    expect(codes.find('urn:essai', '11')).toBeNull();
    expect(codes.text('TRE_R344', '11')).toBe('11 Centre de compétences labellisé');
  });

  it('refuses to write an unknown or a retired code', () => {
    expect(() => codes.coding('TRE_R344', '99')).toThrow(
      expect.objectContaining({ code: 'ROR_CODE_UNKNOWN' }),
    );
    expect(() => codes.coding('TRE_R211', '048')).toThrow(
      expect.objectContaining({ code: 'ROR_CODE_RETIRED' }),
    );
  });

  it('holds the 33 rare-disease families and the codes of DESIGN 7', () => {
    const families = Array.from({ length: 33 }, (_, i) => String(29 + i));
    for (const code of [...families, '14', '17', '21', '25']) {
      expect(codes.find('TRE_R245', code)?.status, code).toBe('active');
    }
    for (const [system, code] of [
      ['TRE_R30', '28'],
      ['TRE_R211', '593'],
      ['TRE_R244', '245'],
      ['TRE_R213', '32'],
      ['TRE_R344', '10'],
      ['TRE_R355', '35'],
      ['TRE_R286', 'DEF'],
      ['TRE_R256', 'MSSANTE'],
    ] as const) {
      expect(codes.find(system, code)?.status, `${system} ${code}`).toBe('active');
    }
  });
});

describe('the crosswalk and the defaults', () => {
  it('know the 23 filières and only codes in force', () => {
    expect(Object.keys(crosswalk.filieres)).toHaveLength(23);
    for (const [name, filiere] of Object.entries(crosswalk.filieres)) {
      for (const code of filiere.families) expect(codes.find('TRE_R245', code)?.status, name).toBe('active');
      for (const code of filiere.activities)
        expect(codes.find('TRE_R211', code)?.status, name).toBe('active');
      for (const code of filiere.acts) expect(codes.find('TRE_R210', code)?.status, name).toBe('active');
    }
  });

  it('give every label level a level of expertise and every public its ages', () => {
    expect(LABEL_LEVELS.map((level) => defaults.expertiseLevels[level].code)).toEqual([
      '10',
      '10',
      '11',
      '11',
    ]);
    expect(PUBLICS.map((one) => [defaults.ageRanges[one].low, defaults.ageRanges[one].high])).toEqual([
      [18, 150],
      [0, 17],
      [0, 150],
    ]);
  });

  it('are refused in French with the place of the fault', () => {
    const folder = mkdtempSync(join(tmpdir(), 'filror-codes-'));
    copyFileSync(
      join(import.meta.dirname, 'fixtures', 'crosswalk-faulty.yaml'),
      join(folder, 'crosswalk.yaml'),
    );
    expect(() => loadConfig(folder)).toThrow(/crosswalk\.yaml/);
  });
});

describe('the codes of the conformance kit', () => {
  it.skipIf(!hasShared)('have the displays that we write', () => {
    const official = new Map<string, string>();
    for (const name of readdirSync(join(sharedRor, 'package')).filter((each) =>
      each.startsWith('ValueSet-'),
    )) {
      const set = JSON.parse(readFileSync(join(sharedRor, 'package', name), 'utf8')) as {
        compose?: { include?: { system?: string; concept?: { code: string; display?: string }[] }[] };
      };
      for (const include of set.compose?.include ?? []) {
        for (const { code, display } of include.concept ?? []) {
          if (display !== undefined) official.set(`${include.system ?? ''}#${code}`, display);
        }
      }
    }
    let compared = 0;
    for (const { system, active } of loadConfig().codes) {
      for (const [code, display] of Object.entries(active)) {
        const expected = official.get(`${system}#${code}`);
        if (expected === undefined) continue;
        compared++;
        expect(display, `${system}#${code}`).toBe(expected);
      }
    }
    expect(compared).toBeGreaterThan(400);
  });
});
