import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrphanetAnswer } from '../../src/runs/orphanet.js';
import { NORMANDIE, centresList, openWorld, type World } from './world.js';

/** From the files of Orphanet to « filror codes orphanet », without a change in what is proposed. */
const FIXTURES = join(import.meta.dirname, '..', '..', 'src', 'sources', 'orphanet', 'fixtures');
const PRODUCTS = {
  'orphanet-nomenclature': 'nomenclature-essai-fr.xml',
  'orphanet-nomenclature-en': 'nomenclature-essai-en.xml',
  'orphanet-classifications': 'classifications-essai.xml',
  'orphanet-linearisation': 'linearisation-essai-fr.xml',
} as const;
let w: World;

const source = (reader: string, place: string | null, precedence: number): object => ({
  reader,
  place,
  precedence,
  cadence: 'manual',
  required: reader !== 'orphanet',
});
const deliver = (files: Readonly<Record<string, string>>): ReturnType<World['filror']> =>
  w.filror(
    'sync',
    '--region',
    '28',
    '--output',
    'json',
    ...Object.entries(files).flatMap(([name, file]) => ['--source', `${name}=${file}`]),
  );
const look = (...words: readonly string[]): ReturnType<World['filror']> =>
  w.filror('codes', 'orphanet', ...words, '--region', '28');
const hashes = async (): Promise<string[]> => (await w.open()).map(({ hash }) => hash).sort();
interface Told {
  readonly sources: readonly {
    readonly source: string;
    readonly kept: number;
    readonly contentDate: string;
    readonly setAside: readonly unknown[];
    readonly changed: { readonly opened: number; readonly closed: number };
  }[];
}

beforeAll(async () => {
  const orphanet = Object.keys(PRODUCTS).map((name) => [name, source('orphanet', null, 30)] as const);
  w = await openWorld({
    list: centresList([
      { title: 'Centre d’essai Alpha', hospital: 'CH de Dieppe', town: 'Dieppe', departement: '76' },
    ]),
    config: {
      'sources.yaml': JSON.stringify({
        'labelled-centres': source('labelled-centres', 'centres.csv', 60),
        'finess-etalab': source('finess-etalab', NORMANDIE.finess, 80),
        filieres: source('filieres', 'filieres.csv', 90),
        ...Object.fromEntries(orphanet),
      }),
    },
  });
  await w.sync();
}, 60_000);
afterAll(() => w.close());

describe('filror codes orphanet', () => {
  it('says what to do before anything was read', async () => {
    const { code, stderr } = await look('étoilée');
    expect(code).toBe(1);
    expect(stderr).toContain('Aucun fichier d’Orphanet n’a été lu pour la région 28.');
    expect(stderr).toContain('filror sync --region 28 --source orphanet-nomenclature=FICHIER.xml');
  });

  it('tells codes alone when only classifications were read', async () => {
    const before = await hashes();
    expect(before.length).toBeGreaterThan(0);
    const { code } = await deliver({
      'orphanet-classifications': join(FIXTURES, PRODUCTS['orphanet-classifications']),
    });
    expect(code).not.toBe(1);
    expect((await look('étoilée')).stdout).toContain('lisez d’abord la nomenclature');
    expect((await look('ORPHA:9900002')).stdout).toContain(
      'ORPHA:9900002  (nom non lu)\n  familles (TRE_R245) :\n    57 Maladies rares thoraciques chirurgicales\n',
    );
    expect(await hashes()).toEqual(before);
  });

  it('tells names, synonyms and families once all was read, and no change is proposed for it', async () => {
    const before = await hashes();
    const files = Object.fromEntries(
      Object.entries(PRODUCTS).map(([name, file]) => [name, join(FIXTURES, file)]),
    );
    const { code, stdout } = await deliver(files);
    expect(code).not.toBe(1);
    const told = (JSON.parse(stdout) as Told).sources.filter(({ source: name }) =>
      name.startsWith('orphanet'),
    );
    expect(
      told.map(({ source: name, kept, contentDate, setAside }) => [name, kept, contentDate, setAside]),
    ).toEqual([
      ['orphanet-classifications', 8, '2026-06-23', []],
      ['orphanet-linearisation', 2, '2026-06-23', []],
      ['orphanet-nomenclature', 4, '2026-06-23', []],
      ['orphanet-nomenclature-en', 2, '2026-06-23', []],
    ]);
    expect(await hashes()).toEqual(before);
    expect((await look('maladie etoil')).stdout).toBe(
      `ORPHA:9900001  Maladie d’essai 1 <forme étoilée>
  en anglais : Trial disease 1
  synonymes (français) : Essai 1 & étoiles ; Syndrome d’essai d’Évreux
  synonymes (anglais) : Starry trial disease
  familles (TRE_R245) :
    47 Maladies rares osseuses (préférentielle)
    57 Maladies rares thoraciques chirurgicales

1 réponse.
Source : Orphanet, CC BY 4.0 (classifications-essai.xml, 23/06/2026 ; linearisation-essai-fr.xml, 23/06/2026 ; nomenclature-essai-fr.xml, 23/06/2026 ; nomenclature-essai-en.xml, 23/06/2026).
`,
    );
    expect((await look('essai 3')).stdout).toContain(
      '  état chez Orphanet : Entrée d’essai obsolète\n  voir aussi : ORPHA:9900002\n  aucune famille (TRE_R245)\n',
    );
    expect((await look('ORPHA:9900004')).stdout).toContain('  racines sans famille : ORPHA:9900020\n');
    expect((await look('maladie', '--limit', '1')).stdout).toContain(
      '3 réponses, dont la plus proche. Que faire',
    );
    expect((await look('zzz')).stdout).toContain('Aucune entrée d’Orphanet ne répond à « zzz ».');
  });

  it('gives the same as data', async () => {
    const { code, stdout } = await look('ORPHA:9900001', '--output', 'json');
    expect(code).toBe(0);
    const answer = JSON.parse(stdout) as OrphanetAnswer;
    expect(answer).toMatchObject({ total: 1, holds: { names: true, families: true } });
    expect(answer.entries[0]?.families).toEqual([
      { code: '47', root: '93419', preferred: true, confidence: 'high', display: 'Maladies rares osseuses' },
      {
        code: '57',
        root: '97962',
        preferred: false,
        confidence: 'high',
        display: 'Maladies rares thoraciques chirurgicales',
      },
    ]);
  });

  it.each([
    [['...'], 'Aucun mot à chercher'],
    [['essai', '--limit', '0'], 'n’est pas un nombre de réponses'],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await look(...words);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toContain('Que faire');
  });

  it('takes a new edition with the same content for no news, and a cut one for nothing', async () => {
    const text = readFileSync(join(FIXTURES, PRODUCTS['orphanet-nomenclature']), 'utf8');
    const file = join(w.folder, 'nomenclature.xml');
    writeFileSync(file, text.replace('2026-06-23', '2026-12-01'));
    const { stdout } = await deliver({ 'orphanet-nomenclature': file });
    expect(
      (JSON.parse(stdout) as Told).sources.find(({ source: name }) => name === 'orphanet-nomenclature'),
    ).toMatchObject({ contentDate: '2026-12-01', changed: { opened: 0, closed: 0 } });
    writeFileSync(file, text.slice(0, -40));
    const cut = await deliver({ 'orphanet-nomenclature': file });
    expect(cut.code).toBe(1);
    expect(`${cut.stdout}${cut.stderr}`).toContain('SRC_TRUNCATED');
    expect((await look('maladie etoil')).stdout).toContain('nomenclature.xml, 01/12/2026');
  });
});
