import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finished } from '../support/node-process.js';
import { changedTables, tableCounts, type TableState } from './tables.js';
import { centresList, openWorld, type CentreRow, type World } from './world.js';

const ROWS: readonly CentreRow[] = Array.from({ length: 12 }, (_, i) => ({
  title: `Centre d’essai ${i + 1}`,
  hospital: 'CH de Dieppe',
  town: 'Dieppe',
  departement: '76',
  public: 'adulte',
}));

describe('what bad input gets at the terminal', () => {
  let w: World;
  let before: TableState;
  const file = (name: string): string => join(w.folder, name);
  const write = (name: string, bytes: string | Uint8Array): string => {
    writeFileSync(file(name), bytes);
    return file(name);
  };

  beforeAll(async () => {
    w = await openWorld({ list: centresList(ROWS) });
    // By the command itself, so that the account of this machine is already known.
    const first = await w.filror('sync', '--region', '28', '--output', 'json');
    expect([first.code, first.stderr]).toEqual([2, '']);
    before = await tableCounts(w.database.owner);
  });
  afterAll(() => w.close());

  async function refused(finished: Promise<Finished>, code: string): Promise<string> {
    const { code: exit, stdout, stderr } = await finished;
    expect(stderr).toContain(`Erreur ${code} : `);
    expect(exit).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^Que faire : ./);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(changedTables(before, await tableCounts(w.database.owner))).toEqual([]);
    return stderr;
  }

  const syncWith = (path: string): Promise<Finished> =>
    w.filror('sync', '--region', '28', '--source', `labelled-centres=${path}`);

  const html =
    '<!DOCTYPE html>\n<html lang="fr"><head><title>503</title></head><body>Service indisponible</body></html>\n';
  const files: readonly [string, string, () => string | Uint8Array | null, RegExp][] = [
    ['a missing file', 'SRC_UNREADABLE', () => null, /liste-a\.csv/],
    ['an empty file', 'SRC_EMPTY', () => '', /vide/],
    ['a file with its header only', 'SRC_EMPTY', () => centresList([]), /aucune ligne/],
    ['an HTML error page served as a list', 'SRC_HTML', () => html, /page web/],
    [
      'a file in two encodings at once',
      'SRC_ENCODING',
      () =>
        Buffer.concat([
          Buffer.from(centresList(ROWS)),
          Buffer.from(centresList(ROWS.slice(0, 1)).replaceAll('’', 'é'), 'latin1'),
        ]),
      /encodages/,
    ],
    [
      'bytes that are no text',
      'SRC_BINARY',
      () => Buffer.from(Array.from({ length: 4096 }, (_, i) => ((i * 7) % 31) + 1)),
      /n’est pas du texte/,
    ],
    [
      'a missing column',
      'SRC_COLUMN_MISSING',
      () => centresList(ROWS).replace(';filière;', ';famille;'),
      /La colonne « Filière » manque/,
    ],
  ];

  it.each(files)(
    '%s: told in French with place and remedy, exit 1, nothing changed',
    async (_name, code, bytes, said) => {
      const content = bytes();
      const path = content === null ? file('liste-a.csv') : write('liste-b.csv', content);
      expect(await refused(syncWith(path), code)).toMatch(said);
    },
  );

  it.runIf(process.platform === 'linux')(
    'a file that is there but cannot be read: told in French with place and remedy, exit 1, nothing changed',
    async () => {
      expect(await refused(syncWith('/proc/self/mem'), 'SRC_UNREADABLE')).toMatch(/ne peut pas être lu/);
    },
  );

  it('a list of less than half the usual size is a fault of the file, not eight withdrawals', async () => {
    const path = write('liste-c.csv', centresList(ROWS.slice(0, 4)));
    const told = await refused(syncWith(path), 'GATE_SRC_HALF_SIZE');
    expect(told).toMatch(/4 lignes lues, contre 12 à la livraison précédente/);
  });

  it('an unknown source is named with those that exist', async () => {
    const path = write('liste-d.csv', centresList(ROWS));
    const told = await refused(
      w.filror('sync', '--region', '28', '--source', `centres=${path}`),
      'SRC_UNKNOWN',
    );
    expect(told).toContain('« centres »');
    expect(told).toContain('labelled-centres, finess-etalab');
  });

  it('an unknown region is named with those that are configured', async () => {
    const told = await refused(w.filror('sync', '--region', '99'), 'REGION_UNKNOWN');
    expect(told).toContain('« 99 »');
    expect(told).toContain('28 (Normandie');
  });

  it('a person of the demonstration outside a sandbox region is refused', async () => {
    const told = await refused(w.filror('sync', '--region', '53', '--as', 'camille'), 'AS_REFUSED');
    expect(told).toContain('Bretagne');
  });

  it('a typing mistake in a configuration file is told with file, path and what is expected', async () => {
    const path = write('review.yaml', 'quorum:\n  withdraw: 1\n  crate: 2\n');
    const told = await refused(w.filror('sync', '--region', '28'), 'CFG_INVALID').finally(() => rmSync(path));
    expect(told).toContain(path);
    expect(told).toContain('quorum.withdraw');
    expect(told).toMatch(/>=\s?2/);
    expect(told).toContain('crate');
  });

  it('a NUL byte in a cell sets its row aside: told, and the run goes on', async () => {
    const path = write('liste-e.csv', centresList(ROWS).replace('essai 1;', 'es\u0000sai 1;'));
    const run = await w.filror(
      ...['sync', '--region', '28', '--output', 'json', '--dry-run'],
      ...['--source', `labelled-centres=${path}`],
    );
    expect([run.code, run.stderr]).toEqual([2, '']);
    const output = JSON.parse(run.stdout) as { sources: { source: string; setAside: unknown[] }[] };
    expect(output.sources.find((each) => each.source === 'labelled-centres')?.setAside).toMatchObject([
      { code: 'CONTROL_CHARACTER', locator: { line: 2 }, value: 'Centre d’es\ufffdsai 1' },
    ]);
  });

  it('the last good state still answers after all of this', async () => {
    const listed = await w.filror('changes', '--region', '28', '--output', 'json');
    expect(listed.code).toBe(2);
    expect((JSON.parse(listed.stdout) as unknown[]).length).toBe(12);
  });
});

describe('a dry run', () => {
  it('prints the whole plan and leaves every table exactly as it was', async () => {
    const w = await openWorld({ list: centresList(ROWS) });
    try {
      await w.sync();
      const before = await tableCounts(w.database.owner);
      w.list(centresList([...ROWS, { ...(ROWS[0] as CentreRow), title: 'Centre d’essai 13' }]));
      const dry = await w.filror('sync', '--region', '28', '--dry-run', '--output', 'json');
      expect([dry.code, dry.stderr]).toEqual([2, '']);
      const output = JSON.parse(dry.stdout) as { dryRun: boolean; changes: unknown[] };
      expect([output.dryRun, output.changes.length]).toEqual([true, 13]);
      expect(await tableCounts(w.database.owner)).toEqual(before);
      expect(w.sandbox.writes()).toEqual([]);
    } finally {
      await w.close();
    }
  });

  it('leaves an empty database empty, and the same plan is then made for good', async () => {
    const w = await openWorld({ list: centresList(ROWS) });
    try {
      const before = await tableCounts(w.database.owner);
      const dry = await w.filror('sync', '--region', '28', '--dry-run', '--as', 'camille');
      expect(dry.code).toBe(2);
      expect(dry.stdout).toContain('Essai à blanc : rien n’a été gardé.');
      expect(await tableCounts(w.database.owner)).toEqual(before);
      expect((await w.sync()).changes.length).toBe(12);
    } finally {
      await w.close();
    }
  });
});
