import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { append } from '../../src/journal/append.js';
import { head, parseHead } from '../../src/journal/head.js';
import { verify } from '../../src/journal/verify.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { runFilror } from '../support/built.js';
import type { Finished } from '../support/node-process.js';
import { asSuperuser } from '../support/test-server.js';

const ENTRIES = 20;

let database: TestDatabase;
let folder: string;
let headFile: string;

beforeEach(async () => {
  database = await testDatabase();
  for (let turn = 1; turn <= ENTRIES; turn++) {
    await database.app.transaction((trx) =>
      append(trx, {
        region: '28',
        kind: 'change.approved',
        subject: `28/${turn}`,
        actor: null,
        body: { turn, before: 'a', after: 'b' },
      }),
    );
  }
  folder = mkdtempSync(join(tmpdir(), 'filror-head-'));
  headFile = join(folder, 'head.json');
  writeFileSync(headFile, JSON.stringify(await head(database.app)));
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await database.drop();
});

function filror(...args: string[]): Promise<Finished> {
  return runFilror(args, { DATABASE_URL: database.appUrl, DATABASE_OWNER_URL: database.ownerUrl });
}

/** What an attacker does who holds the server: as superuser, with every trigger off. */
function tamper(work: (client: Client) => Promise<unknown>): Promise<void> {
  return asSuperuser(database.superuserUrl, async (client) => {
    await client.query('set session_replication_role = replica');
    await work(client);
  });
}

/** Chains everything again from an entry on, head included: nothing in the database shows it any more. */
const RECHAIN = `
do $$
declare
  entry journal;
  previous text := coalesce((select hash from journal where no < $from order by no desc limit 1), repeat('0', 64));
begin
  for entry in select * from journal where no >= $from order by no loop
    update journal set prev_hash = previous,
      hash = journal_hash(no, at, region, kind, subject, actor, body, previous)
      where no = entry.no returning hash into previous;
  end loop;
  update journal_head set (no, at, hash) = (select no, at, hash from journal order by no desc limit 1);
end
$$`;

function rechainFrom(client: Client, no: number): Promise<unknown> {
  return client.query(RECHAIN.replaceAll('$from', String(no)));
}

/** Both ways in: the function without a head, and the command with the exported head. */
async function expectFirstWrong(no: number, kind: string): Promise<void> {
  expect((await verify(database.app)).fault).toEqual({ kind, no, from: no });
  await expectCommandNames(no, kind);
}

async function expectCommandNames(no: number, kind: string): Promise<void> {
  const { code, stdout, stderr } = await filror('journal', 'verify', '--head', headFile);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(`Erreur JRN_${kind.toUpperCase()} : Le journal est altéré`);
  expect(stderr).toMatch(new RegExp(`la première écriture fautive est la n° ${no}\\D`));
  expect(stderr).toContain('Que faire : ');
}

describe('filror journal verify --head', () => {
  it('finds nothing in an intact journal that has grown since', async () => {
    await database.app.transaction((trx) =>
      append(trx, { region: null, kind: 'k', subject: 's', actor: null, body: '' }),
    );
    const { code, stdout, stderr } = await filror('journal', 'verify', '--head', headFile);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Journal intact : 21 écritures');
    expect(stdout).toContain('concorde avec la tête exportée (écriture n° 20)');
  });

  it('names the entry whose body was changed', async () => {
    await tamper((client) =>
      client.query(`update journal set body = replace(body, '"b"', '"c"') where no = 7`),
    );
    await expectFirstWrong(7, 'changed');
  });

  it.each(['at', 'region', 'kind', 'subject', 'actor'])(
    'names the entry whose %s was changed',
    async (column) => {
      const value: Record<string, string> = {
        at: `at + interval '1 microsecond'`,
        region: 'null',
        kind: `'x'`,
        subject: `subject || ' '`,
        actor: 'gen_random_uuid()',
      };
      await tamper((client) => client.query(`update journal set ${column} = ${value[column]} where no = 7`));
      expect((await verify(database.app)).fault).toEqual({ kind: 'changed', no: 7, from: 7 });
    },
  );

  it('names the number of a deleted entry', async () => {
    await tamper((client) => client.query('delete from journal where no in (9, 10)'));
    await expectFirstWrong(9, 'missing');
  });

  it('names the number of a deleted first entry', async () => {
    await tamper((client) => client.query('delete from journal where no = 1'));
    await expectFirstWrong(1, 'missing');
  });

  it('names the first of two entries that changed places', async () => {
    await tamper(async (client) => {
      await client.query('update journal set no = 1000 where no = 5');
      await client.query('update journal set no = 5 where no = 12');
      await client.query('update journal set no = 12 where no = 1000');
    });
    await expectFirstWrong(5, 'changed');
  });

  it('names the first entry of a tail that was cut', async () => {
    await tamper((client) => client.query('delete from journal where no > 15'));
    await expectFirstWrong(16, 'cut');
  });

  it('names the first entry of a tail that was cut with the head row set back, which only the exported head tells', async () => {
    await tamper(async (client) => {
      await client.query('delete from journal where no > 15');
      await rechainFrom(client, 15);
    });
    expect((await verify(database.app)).fault).toBeNull();
    await expectCommandNames(16, 'cut');
  });

  it('names a journal that was emptied', async () => {
    await tamper((client) => client.query('truncate journal'));
    await expectFirstWrong(1, 'cut');
  });

  it('names the entry that was edited before everything was chained again, which only the exported head tells', async () => {
    await tamper(async (client) => {
      await client.query(`update journal set body = replace(body, '"b"', '"c"') where no = 7`);
      await rechainFrom(client, 7);
    });
    expect((await verify(database.app)).fault).toBeNull();
    await expectCommandNames(7, 'rewritten');
  });

  it('names the entry that was deleted before the rest was renumbered and chained again', async () => {
    await tamper(async (client) => {
      await client.query('delete from journal where no = 7');
      for (let no = 8; no <= ENTRIES; no++) {
        await client.query('update journal set no = $1::bigint - 1 where no = $1', [no]);
      }
      await rechainFrom(client, 7);
    });
    expect((await verify(database.app)).fault).toBeNull();
    await expectCommandNames(7, 'rewritten');
  });

  it('names the last entry when it was edited and hashed again', async () => {
    await tamper((client) =>
      client.query(`update journal set body = 'x',
        hash = journal_hash(no, at, region, kind, subject, actor, 'x', prev_hash) where no = ${ENTRIES}`),
    );
    expect((await verify(database.app)).fault).toEqual({ kind: 'replaced', no: ENTRIES, from: ENTRIES });
    await expectCommandNames(ENTRIES, 'rewritten');
  });

  it('names the entry in the middle that was edited and hashed again, not the whole one that follows it', async () => {
    await tamper((client) =>
      client.query(`update journal set body = 'x',
        hash = journal_hash(no, at, region, kind, subject, actor, 'x', prev_hash) where no = 7`),
    );
    expect((await verify(database.app)).fault).toEqual({ kind: 'replaced', no: 7, from: 7 });
    await expectCommandNames(7, 'rewritten');
  });

  it('names an entry that was added behind the head', async () => {
    await tamper((client) =>
      client.query(`insert into journal select 21, at, region, kind, subject, actor, body, hash,
        journal_hash(21, at, region, kind, subject, actor, body, hash) from journal where no = 20`),
    );
    await expectFirstWrong(21, 'replaced');
  });

  it('says that the head row is gone', async () => {
    await tamper((client) => client.query('delete from journal_head'));
    const { code, stderr } = await filror('journal', 'verify', '--head', headFile);
    expect(code).toBe(1);
    expect(stderr).toContain('Erreur JRN_HEAD_LOST');
  });

  it('says between which numbers the edited entry is, when it is older than the exact part of the head', async () => {
    const taken = JSON.parse(readFileSync(headFile, 'utf8')) as { checkpoints: [number, string][] };
    taken.checkpoints = taken.checkpoints.filter(([no]) => no % 5 === 0);
    writeFileSync(headFile, JSON.stringify(taken));
    await tamper(async (client) => {
      await client.query(`update journal set body = 'x' where no = 7`);
      await rechainFrom(client, 7);
    });
    const { code, stderr } = await filror('journal', 'verify', '--head', headFile);
    expect(code).toBe(1);
    expect(stderr).toContain('entre la n° 6 et la n° 10');
  });

  it.each([
    ['is not JSON', 'tête'],
    ['is another document', '{"format":"autre"}'],
    [
      'does not end with its own head',
      JSON.stringify({
        format: 'filror.journal-head/1',
        no: 3,
        hash: 'a'.repeat(64),
        at: null,
        checkpoints: [],
      }),
    ],
  ])('refuses a head file that %s', (_, text) => {
    expect(() => parseHead(text, 'head.json')).toThrow(
      expect.objectContaining({
        code: 'JRN_HEAD_INVALID',
        place: 'head.json',
        remedy: 'donnez un fichier écrit par « filror journal head --out FICHIER ».',
      }),
    );
  });

  it('says which head file cannot be read', async () => {
    const { code, stderr } = await filror('journal', 'verify', '--head', join(folder, 'absent.json'));
    expect(code).toBe(1);
    expect(stderr).toContain('absent.json ne peut pas être lu');
  });
});

describe('filror journal head', () => {
  it('writes the head that verify accepts, in a file and on the standard output', async () => {
    const expected = JSON.parse(readFileSync(headFile, 'utf8')) as unknown;
    rmSync(headFile);
    expect(await filror('journal', 'head', '--out', headFile)).toMatchObject({ code: 0, stdout: '' });
    expect(JSON.parse(readFileSync(headFile, 'utf8'))).toEqual(expected);
    const { stdout } = await filror('journal', 'head');
    expect(JSON.parse(stdout)).toEqual(expected);
  });
});

describe('filror journal export', () => {
  it('writes a file whose lines chain, for anyone who has the recipe', async () => {
    const file = join(folder, 'journal.ndjson');
    const { code, stdout, stderr } = await filror('journal', 'export', '--out', file);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '20 écritures exportées.\n' });
    const rows = readFileSync(file, 'utf8').trimEnd().split('\n');
    const entries = rows.map((row) => JSON.parse(row) as { prev_hash: string; hash: string });
    expect(entries.slice(1).map(({ prev_hash }) => prev_hash)).toEqual(
      entries.slice(0, -1).map(({ hash }) => hash),
    );
  });

  it('leaves no half-written file behind when it cannot finish', async () => {
    const { code, stderr } = await filror(
      'journal',
      'export',
      '--out',
      join(folder, 'none', 'journal.ndjson'),
    );
    expect(code).toBe(1);
    expect(stderr).toContain('ne peut pas être écrit');
  });
});

describe('the head of an altered journal', () => {
  it.each([
    ['cut', 'delete from journal where no > 15'],
    ['whose last entry was chained again', `update journal set hash = repeat('a', 64) where no = ${ENTRIES}`],
    ['that is empty', 'delete from journal'],
  ])('%s is not taken: it would witness the alteration', async (_how, statement) => {
    await tamper((client) => client.query(statement));
    const file = join(folder, 'later.json');
    const taken = await filror('journal', 'head', '--out', file);
    expect(taken.code).toBe(1);
    expect(taken.stderr).toMatch(/Le journal a été altéré.*Que faire : .*verify --head/s);
    expect(existsSync(file)).toBe(false);
  });
});
