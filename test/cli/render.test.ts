import { describe, expect, it } from 'vitest';
import { syncText } from '../../src/cli/render.js';
import { paint } from '../../src/cli/terminal.js';
import type { RowFault } from '../../src/domain/rows.js';
import { DataError } from '../../src/domain/errors.js';
import { parseHead } from '../../src/journal/head.js';
import type { SourceReport, SyncOutput } from '../../src/runs/report.js';

const at = (line: number): RowFault['locator'] => ({ file: 'centres.csv', line });

const source: SourceReport = {
  source: 'labelled-centres',
  status: 'new',
  file: 'centres.csv',
  origin: 'centres.csv',
  sha256: '0'.repeat(64),
  bytes: 100,
  contentDate: null,
  read: 4,
  kept: 3,
  setAside: [{ code: 'X12', locator: at(2), message: 'Clé fausse.', remedy: 'corrigez le numéro.' }],
  flags: [
    { code: 'R4', locator: at(3), message: 'Un centre sur deux sites.', remedy: 'gardez un site.' },
    { code: 'R4', locator: at(4), message: 'Un centre sur deux sites.', remedy: 'gardez un site.' },
    { code: 'L5', locator: at(4), message: 'Deux labels.', remedy: 'gardez le plus récent.' },
  ],
  outOfRegion: 0,
  changed: { opened: 3, closed: 0 },
};

const output: SyncOutput = {
  format: 'filror.sync/1',
  run: 'run_essai',
  region: '28',
  dryRun: false,
  unchanged: false,
  sources: [source],
  gates: [
    {
      ...{ code: 'N1', level: 'A', ok: false, expected: 10, found: 4, message: '4 lignes sur 10' },
      ...{ place: 'centres.csv', remedy: 'demandez la liste entière.' },
    },
    { code: 'X15', level: 'B', ok: true, expected: 3, found: 4, message: '4 lignes', remedy: 'rien.' },
  ],
  matches: { auto: 3, review: 0, none: 0, open: [] },
  flapping: [],
  alerts: [{ code: 'N9', message: 'Un hôpital hors du tableau.', remedy: 'expliquez l’écart.' }],
  mirror: { state: 'fresh', at: null, message: 'Dépôt relu.', offers: 0 },
  plan: { summary: 'Aucun changement.', kinds: {}, states: {} },
  changes: [],
  followed: [],
  exitCode: 0,
};

describe('the story of a run', () => {
  const lines = syncText(output, [], paint('plain'), {})
    .split('\n')
    .map((line) => line.trim());

  it('gives each fault, flag, gate and alert its place and what to do, once', () => {
    expect(lines).toEqual([
      'labelled-centres     nouvelle       4 lignes lues, 1 mise à part',
      'X12 centres.csv, ligne 2 : Clé fausse.',
      'Que faire : corrigez le numéro.',
      'R4 centres.csv, ligne 3 ; centres.csv, ligne 4 : Un centre sur deux sites.',
      'Que faire : gardez un site.',
      'L5 centres.csv, ligne 4 : Deux labels.',
      'Que faire : gardez le plus récent.',
      '! N1 4 lignes sur 10 (centres.csv)',
      'Que faire : demandez la liste entière.',
      'Établissements : 3 reconnus, 0 à vérifier, 0 introuvable.',
      'Dépôt relu.',
      '! N9 Un hôpital hors du tableau.',
      'Que faire : expliquez l’écart.',
      '',
      'Aucun changement.',
    ]);
  });
});

it('a fault of many rows tells five of its places, and counts the others', () => {
  const flag = (line: number): RowFault => ({
    code: 'R4',
    locator: at(line),
    message: 'Un centre sur deux sites.',
    remedy: 'gardez un site.',
  });
  const many = { ...source, setAside: [], flags: [1, 2, 3, 4, 5, 6, 7].map(flag) };
  const text = syncText({ ...output, sources: [many] }, [], paint('plain'), {});
  expect(text).toContain('centres.csv, ligne 5 et 2 autres : Un centre sur deux sites.');
  expect(text).not.toContain('ligne 6');
});

describe('a file that is no exported head', () => {
  it.each([
    ['{}', 'Entrée invalide'],
    ['{"format":"filror.journal-head/1","no":-1}', 'Trop petit'],
    ['pas du JSON', 'ce n’est pas du JSON'],
  ])('%s is refused in French', (text, said) => {
    let thrown: unknown;
    try {
      parseHead(text, 'tete.json');
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof DataError)) throw new Error(`a DataError was expected, not ${String(thrown)}`);
    expect(thrown.message).toContain(said);
    expect(thrown.message).not.toMatch(/Invalid|expected|received|Unexpected|Too small| at [a-z]/);
    expect(thrown.remedy).toContain('filror journal head --out');
  });
});
