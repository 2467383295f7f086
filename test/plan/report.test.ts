import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/config/files.js';
import type { Json, JsonObject } from '../../src/domain/json.js';
import type { DiffReport } from '../../src/plan/report.js';
import { codes, offer } from '../ror/essai.js';

const folder = mkdtempSync(join(tmpdir(), 'filror-diff-'));
function diff(versions: readonly (JsonObject | string)[], output = 'json') {
  const files = versions.map((version, index) => {
    const file = join(folder, `${index}.json`);
    writeFileSync(file, typeof version === 'string' ? version : JSON.stringify(version));
    return file;
  });
  return spawnSync(
    process.execPath,
    ['--import', 'tsx', join(packageRoot, 'src/cli/main.ts'), 'diff', ...files, '--output', output],
    { encoding: 'utf8', cwd: packageRoot },
  );
}
const base = offer();
const withLevel = (code: string): JsonObject => ({
  ...base,
  characteristic: [
    ...(base['characteristic'] as Json[]).filter((each) => !JSON.stringify(each).includes('TRE_R344')),
    codes.concept('TRE_R344', code),
  ],
});

describe('filror diff', () => {
  it('exits 0 and says so when the three versions agree', () => {
    const result = diff([base, { ...base, id: '12' }, base], 'text');
    expect(result.stdout).toBe('Aucun changement : les trois versions disent la même chose.\n');
    expect(result.status).toBe(0);
  });

  it('tells what is ours, theirs and in conflict, in a stable format, and exits 2', () => {
    const remote = {
      ...withLevel('11'),
      name: 'Nom du GRADeS',
      comment: `Sur rendez-vous.\n${String(base['comment'])}`,
    };
    const desired = { ...withLevel('10'), name: 'Notre nom' };
    const result = diff([base, remote, desired]);
    expect(result.status).toBe(2);
    const report = JSON.parse(result.stdout) as DiffReport;
    expect(report.format).toBe('filror.diff/1');
    expect(report.summary).toEqual({ same: 11, ours: 2, theirs: 1, 'both-same': 0, conflict: 1 });
    expect(report.elements.map((each) => [each.element, each.path, each.outcome])).toEqual([
      ['characteristic[expertiseLevel]#10', 'HealthcareService.characteristic', 'ours'],
      ['characteristic[expertiseLevel]#11', 'HealthcareService.characteristic', 'ours'],
      ['comment.text', 'HealthcareService.comment', 'theirs'],
      ['name', 'HealthcareService.name', 'conflict'],
    ]);
    expect(report.operations.map((each) => [each.operation, each.element])).toEqual([
      ['add', 'characteristic[expertiseLevel]#10'],
      ['delete', 'characteristic[expertiseLevel]#11'],
    ]);
    expect(report.conflicts).toEqual(['name']);
    expect(report.elements[3]).toMatchObject({ remote: 'Nom du GRADeS', desired: 'Notre nom' });
  });

  it('exits 0 when the repository already says what is desired', () => {
    const renamed = { ...base, name: 'Notre nom' };
    const result = diff([base, renamed, renamed]);
    expect(result.status).toBe(0);
    expect((JSON.parse(result.stdout) as DiffReport).operations).toEqual([]);
  });

  it('writes French for people', () => {
    const { stdout, status } = diff([base, base, { ...base, name: 'Notre nom' }], 'text');
    expect(status).toBe(2);
    expect(stdout).toContain('1 à écrire, 0 conservé(s), 0 déjà à jour, 0 en conflit, 12 identique(s).');
    expect(stdout).toContain('~ name : à écrire');
    expect(stdout).toContain('souhaité  Notre nom');
  });

  it.each([
    ['no JSON', ['{', base, base], 'ROR_BODY_SYNTAX'],
    ['another type', [base, base, { ...base, resourceType: 'Organization' }], 'DIFF_TYPES'],
    ['no resource', [base, base, '[1]'], 'ROR_BODY_SHAPE'],
    ['hostile nesting', [base, base, `{"resourceType":${'['.repeat(100_000)}`], 'ROR_BODY_DEPTH'],
  ] as const)('exits 1 with a French message on %s', (_, versions, code) => {
    const result = diff(versions);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain(`Erreur ${code} : `);
    expect(result.stderr).toContain('Que faire : ');
    expect(result.stdout).toBe('');
  });

  it('exits 1 on a file that cannot be read', () => {
    const result = spawnSync(
      process.execPath,
      [
        '--import',
        'tsx',
        join(packageRoot, 'src/cli/main.ts'),
        'diff',
        folder,
        folder,
        join(folder, 'absent'),
      ],
      { encoding: 'utf8', cwd: packageRoot },
    );
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('Erreur DIFF_UNREADABLE : ');
  });
});
