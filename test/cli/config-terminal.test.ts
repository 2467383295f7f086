import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runFilror } from '../support/built.js';

describe('filror config', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'filror-config-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('check names what it found (exit 0)', async () => {
    const { code, stdout } = await runFilror(['config', 'check', '--config', folder], {});
    expect(code).toBe(0);
    expect(stdout).toContain('Régions : 28 Normandie, 53 Bretagne.');
  });

  it('check tells every fault of every file at once, with file, path and what is expected (exit 1)', async () => {
    writeFileSync(join(folder, 'review.yaml'), 'quorum:\n  withdraw: 1\n');
    mkdirSync(join(folder, 'regions'));
    writeFileSync(join(folder, 'regions', '28.yaml'), "code: '28'\nname: Essai\ndepartements: [14]\n");
    const { code, stderr } = await runFilror(['config', 'check', '--config', folder], {});
    expect(code).toBe(1);
    expect(stderr).toContain('Erreur CFG_INVALID');
    expect(stderr).toContain(join(folder, 'review.yaml'));
    expect(stderr).toContain('quorum.withdraw');
    expect(stderr).toContain(join(folder, 'regions', '28.yaml'));
    expect(stderr).toMatch(/departements\[0\]/);
    expect(stderr).toContain('Que faire : corrigez chaque option citée');
  });

  it('print gives every default and no secret; an unknown folder is refused (exit 1)', async () => {
    const secret = { FILROR_ROR_SECRET_28: 'secret-d-essai' };
    const printed = await runFilror(['config', 'print'], secret);
    expect(printed.code).toBe(0);
    expect(printed.stdout).toContain('currentCampaign: 2023');
    expect(printed.stdout).toContain('clientSecret: "***"');
    expect(printed.stdout).not.toContain('secret-d-essai');
    const absent = await runFilror(['config', 'print', '--config', join(folder, 'absent')], {});
    expect(absent.code).toBe(1);
    expect(absent.stderr).toContain('Erreur CFG_UNREADABLE');
  });
});
