import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registerMatchTry } from '../../src/cli/match-try.js';
import { packageRoot } from '../../src/config/files.js';
import { FilrorError } from '../../src/domain/errors.js';
import type { Establishment } from '../../src/domain/establishment.js';
import { readRegister } from '../support/register.js';

async function* register(): AsyncGenerator<Establishment> {
  yield* readRegister();
}

describe('filror match try', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'filror-match-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function run(
    mentions: string | Buffer,
    config = join(packageRoot, 'config'),
  ): Promise<Record<string, unknown>[]> {
    const file = join(folder, 'mentions.csv');
    writeFileSync(file, mentions);
    const lines: string[] = [];
    const program = new Command('filror').exitOverride();
    registerMatchTry(program, { readEstablishments: register, write: (line) => lines.push(line) });
    const args = ['match', 'try', '--finess', 'register.csv', '--mentions', file, '--output', 'ndjson'];
    await program.parseAsync([...args, '--config', config], { from: 'user' });
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  it('answers one line a mention, in order, with candidates and sites', async () => {
    const lines = await run(
      'mention;city;department;remark\nCHICAM;Alençon;61;x\nCHU Rouen;Rouen;76;\nJacques Monod;;;\n',
    );
    expect(lines.map(({ mention, outcome, ej, eg }) => [mention, outcome, ej, eg])).toEqual([
      ['CHICAM', 'auto', '610780082', '610000051'],
      ['CHU Rouen', 'auto', '760780239', null],
      ['Jacques Monod', 'review', '610780165', '610000119'],
    ]);
    expect(Object.keys(lines[0] ?? {})).toEqual([
      'mention',
      'outcome',
      'ej',
      'eg',
      'score',
      'features',
      'candidates',
      'sites',
      'reason',
    ]);
    expect((lines[1]?.['sites'] as unknown[]).length).toBeGreaterThan(4);
  });

  it('reads commas, windows-1252 and a byte order mark', async () => {
    const commas = await run(Buffer.from('mention,city,department\nCHICAM,Alençon,61\n', 'latin1'));
    const marked = await run('\ufeffmention;city;department\r\nCHICAM;Alençon;61\r\n');
    expect(commas.map(({ eg }) => eg)).toEqual(['610000051']);
    expect(marked).toEqual(commas);
  });

  it('reads UTF-16, as every list does, and keeps a line for a row that cannot be used', async () => {
    const text = '\ufeffmention;city;department\nCHICAM;Alençon;61\nCH;Dieppe;76;trop\nCHICAM;Alençon;61\n';
    const lines = await run(Buffer.from(text, 'utf16le'));
    expect(lines.map(({ outcome, eg }) => [outcome, eg])).toEqual([
      ['auto', '610000051'],
      ['none', null],
      ['auto', '610000051'],
    ]);
    expect(lines[1]).toMatchObject({ refusal: { code: 'TOO_MANY_CELLS', line: 3 } });
  });

  it('tells a quote that is never closed in French, with its place', async () => {
    await expect(run('mention;city;department\n"CHICAM;Alençon;61\n')).rejects.toMatchObject({
      code: 'SRC_QUOTE_OPEN',
      place: 'mentions.csv',
    });
  });

  it('tells the refusal of a number that belongs to another hospital', async () => {
    const [line] = await run('mention;city;department;finess_ej\nBaclesse;Caen;14;140000118\n');
    expect(line).toMatchObject({ outcome: 'review', ej: '140000639', refusal: { code: 'X12' } });
  });

  it('says which column is missing and what the header must be', async () => {
    const failure = run('hopital;ville\nCHICAM;Alençon\n');
    await expect(failure).rejects.toBeInstanceOf(FilrorError);
    await expect(failure).rejects.toMatchObject({ code: 'SRC_COLUMN_MISSING' });
  });

  it('refuses a threshold out of range, and an alias that says two things', async () => {
    writeFileSync(join(folder, 'matching.yaml'), 'autoScore: 1.2\n');
    await expect(run('mention;city;department\n', folder)).rejects.toMatchObject({ code: 'CFG_INVALID' });
    writeFileSync(
      join(folder, 'matching.yaml'),
      "aliases:\n  - { alias: X1, ej: '140000100', name: CHU Caen, source: essai }\n",
    );
    await expect(run('mention;city;department\n', folder)).rejects.toMatchObject({ code: 'CFG_INVALID' });
  });

  it('follows an alias of the configuration', async () => {
    const aliased = "aliases:\n  - { alias: Le Vaisseau Blanc, ej: '140000100', source: essai }\n";
    writeFileSync(join(folder, 'matching.yaml'), aliased);
    const [line] = await run('mention;city;department\nLe Vaisseau Blanc;Caen;14\n', folder);
    expect(line).toMatchObject({ outcome: 'auto', ej: '140000100', eg: null });
  });
});
