import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runFilror } from '../support/built.js';
import { startLocalServer, type LocalServer } from '../support/local-server.js';
import { codeSystem, inUse, NEXT_VERSION, outOfUse, systemOf } from '../support/nomenclature.js';

let folder: string;
let server: LocalServer;
const levels = codeSystem(
  systemOf('TRE_R344'),
  {
    '11': outOfUse('11', 'Centre de compétences labellisé', '90'),
    '90': inUse('90', 'Centre d’essai'),
    '13': inUse('13', 'Autre nom'),
  },
  { version: NEXT_VERSION },
);
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'filror-codes-'));
  server = await startLocalServer(({ url }, response) => {
    const found = url?.startsWith('/fhir/CodeSystem?') === true && url.includes('TRE-R344');
    const entry = found ? [{ resource: levels }] : [];
    response.end(JSON.stringify({ resourceType: 'Bundle', type: 'searchset', entry }));
  });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
const codes = (...args: readonly string[]) => runFilror(['codes', ...args, '--config', folder], {});

it('diff, pull and undo of a terminology server, with their exit codes', async () => {
  const from = ['--from', `${server.url}/fhir`];
  const diff = await codes('diff', ...from);
  expect(diff.code).toBe(2);
  const lines = diff.stdout.split('\n');
  // What filror writes comes first, with where.
  expect(lines[0]).toBe(`TRE_R344 (version ${systemOf('TRE_R344').version} → ${NEXT_VERSION})`);
  expect(lines[1]).toMatch(/^ {2}− retiré \(le 01\/10\/2026\) +11 +Centre de compétences labellisé$/);
  expect(lines[2]).toBe('      remplacé par 90 Centre d’essai');
  expect(lines[3]).toBe('      écrit (ror-defaults.yaml, expertiseLevels.CRC)');
  expect(diff.stdout).toMatch(/\+ nouveau +90 +Centre d’essai/);
  expect(diff.stdout).toMatch(/~ renommé +13 +« SMR Labellisé .* » → « Autre nom »/);
  expect(diff.stdout).toContain('1 nomenclature à reprendre, 0 sans différence');

  const dry = await codes('pull', ...from, '--dry-run');
  expect([dry.code, dry.stdout.includes('Essai à blanc : rien n’a été gardé.')]).toEqual([2, true]);
  const real = await codes('pull', ...from);
  expect([real.code, real.stdout.includes('codes/tre-r344.yaml')]).toEqual([0, true]);

  const same = await codes('diff', ...from, '--output', 'json');
  expect(same.code).toBe(0);
  expect(JSON.parse(same.stdout)).toMatchObject({ format: 'filror.codes-diff/1', different: false });
  const check = await runFilror(['config', 'check', '--config', folder], {});
  expect(check.code).toBe(0);
  expect(check.stderr).toMatch(/Attention : ror-defaults\.yaml, expertiseLevels\.CCMR : 11 .*Écrivez 90\./);

  expect((await codes('undo')).code).toBe(0);
  expect((await codes('diff', ...from)).code).toBe(2);
}, 120_000);

it('labels that change codes are shown by diff, and refused by pull with the codes and what to do', async () => {
  const { active } = systemOf('TRE_R344');
  const [ten = '', eleven = ''] = [active['10'], active['11']];
  const file = join(folder, 'echange.json');
  const swapped = { '10': inUse('10', eleven), '11': inUse('11', ten) };
  writeFileSync(file, JSON.stringify(codeSystem(systemOf('TRE_R344'), swapped, { version: NEXT_VERSION })));
  const diff = await codes('diff', '--from', file);
  expect(diff.code).toBe(2);
  expect(diff.stdout).toMatch(/~ renommé +10 .*\n +! ce libellé était celui du code 11 /);
  expect(diff.stdout).toContain('« filror codes pull » le refuse sans --accept-loss');
  const pull = await codes('pull', '--from', file);
  expect([pull.code, pull.stdout]).toEqual([1, '']);
  expect(pull.stderr).toMatch(
    /2 libellés passeraient d’un code à un autre \(10 prendrait celui de 11, 11 prendrait celui de 10\)[^]*Que faire : [^]*--accept-loss/,
  );
  expect((await codes('pull', '--from', file, '--accept-loss')).code).toBe(0);
}, 120_000);

it('what cannot be read is told in French, exit 1, and nothing is written', async () => {
  const file = join(folder, 'page.json');
  writeFileSync(file, '<html></html>');
  for (const verb of ['diff', 'pull']) {
    const { code, stdout, stderr } = await codes(verb, '--from', file);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/Erreur CODES_HTML[^]*Que faire : /);
  }
  expect((await codes('undo')).stderr).toContain('Erreur CODES_NO_UNDO');
  expect((await codes('pull', '--from', file, '--accept-los')).stderr).toContain('--accept-loss');
}, 120_000);
