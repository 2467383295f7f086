import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { installBinaries } from '../../src/db/embedded/binaries.js';
import { attachOrStart, clusterState, stopCluster, type Cluster } from '../../src/db/embedded/cluster.js';
import { checkoutHash, clusterFolder, type ClusterFolder } from '../../src/db/embedded/folder.js';
import { runScript } from '../support/node-process.js';
import { asSuperuser } from '../support/test-server.js';

const started: ClusterFolder[] = [];

afterEach(async () => {
  for (const where of started.splice(0)) await stopCluster(where);
});

async function newFolder(): Promise<ClusterFolder> {
  const home = inject('testHome');
  const where = { home, folder: join(await mkdtemp(join(home, 'launch-')), 'cluster') };
  started.push(where);
  await chmod(join(where.folder, '..'), 0o755);
  return where;
}

function start(where: ClusterFolder): Promise<Cluster> {
  return attachOrStart(where, 'disposable');
}

function query(cluster: Cluster, sql: string): Promise<unknown[]> {
  return asSuperuser(cluster.url('superuser', 'postgres'), async (client) => (await client.query(sql)).rows);
}

/** kill -9, as a power cut or the out-of-memory killer would. */
async function killHard(cluster: Cluster, where: ClusterFolder): Promise<void> {
  process.kill(cluster.pid, 'SIGKILL');
  while ((await clusterState(where)).state === 'running') await sleep(10);
}

function pidFileOf(where: ClusterFolder): string {
  return join(where.folder, 'cluster', 'data', 'postmaster.pid');
}

describe('embedded PostgreSQL', () => {
  it('is created at the first call, and the second call attaches to the same server', async () => {
    const where = await newFolder();
    expect((await clusterState(where)).state).toBe('absent');
    const first = await start(where);
    const second = await start(where);
    expect([second.pid, second.port]).toEqual([first.pid, first.port]);
    expect(await query(second, `select current_setting('server_encoding') as e`)).toEqual([{ e: 'UTF8' }]);
  });

  it('listens on 127.0.0.1 only, and refuses a wrong password', async () => {
    const cluster = await start(await newFolder());
    expect(await query(cluster, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await query(cluster, 'show unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
    const wrong = new URL(cluster.url('superuser', 'postgres'));
    wrong.password = 'wrong';
    await expect(asSuperuser(wrong.toString(), (client) => client.query('select 1'))).rejects.toThrow(
      'password authentication failed',
    );
  });

  it('keeps commits on disk by default', async () => {
    const cluster = await attachOrStart(await newFolder());
    expect(await query(cluster, 'show fsync')).toEqual([{ fsync: 'on' }]);
    expect(await query(cluster, 'show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
  });

  it('keeps its data through a stop and a start', async () => {
    const where = await newFolder();
    await query(await start(where), 'create table kept as select 42 as answer');
    expect(await stopCluster(where)).toBe(true);
    expect((await clusterState(where)).state).toBe('stopped');
    expect(await stopCluster(where)).toBe(false);
    expect(await query(await start(where), 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('is one server when six processes start it at once on an empty folder', async () => {
    const where = await newFolder();
    const runs = await Promise.all(
      Array.from({ length: 6 }, () => runScript('test/support/start-cluster.ts', [where.home, where.folder])),
    );
    const { pid } = await start(where);
    expect(runs.map(({ code, stdout, stderr }) => ({ code, stdout, stderr }))).toEqual(
      runs.map(() => ({ code: 0, stdout: String(pid), stderr: '' })),
    );
  });

  it('starts again after its server was killed, although the pid now belongs to another process', async () => {
    const where = await newFolder();
    const first = await start(where);
    await query(first, 'create table kept as select 42 as answer');
    await query(first, 'checkpoint');
    await killHard(first, where);
    const left = readFileSync(pidFileOf(where), 'utf8');
    writeFileSync(pidFileOf(where), left.replace(/^\d+/, String(process.pid)));
    const second = await start(where);
    expect(second.pid).not.toBe(first.pid);
    expect(await query(second, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('passes over a start lock whose holder was killed, and one whose pid was given again', async () => {
    for (const holder of ['999999999 123 gone', `${process.pid} 1 another-life`]) {
      const where = await newFolder();
      mkdirSync(where.folder, { recursive: true });
      writeFileSync(join(where.folder, 'start.lock'), holder);
      await start(where);
      expect((await clusterState(where)).state).toBe('running');
    }
  });

  it('makes the cluster anew when its creation was cut half-way', async () => {
    const where = await newFolder();
    mkdirSync(join(where.folder, 'new-abc', 'data'), { recursive: true });
    writeFileSync(join(where.folder, 'new-abc', 'data', 'PG_VERSION'), '18\n');
    const cluster = await start(where);
    expect(await query(cluster, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('runs two servers for two folders', async () => {
    const [a, b] = [await newFolder(), await newFolder()];
    const [first, second] = await Promise.all([start(a), start(b)]);
    await query(first, 'create table only_here ()');
    expect(second.port).not.toBe(first.port);
    expect(await query(second, `select to_regclass('only_here') as found`)).toEqual([{ found: null }]);
  });

  it('outlives the process that started it', async () => {
    const where = await newFolder();
    const { stdout } = await runScript('test/support/start-cluster.ts', [where.home, where.folder]);
    expect((await start(where)).pid).toBe(Number(stdout));
  });

  it('says where the folder is when it cannot be made', async () => {
    const file = join(inject('testHome'), 'a-file');
    writeFileSync(file, '');
    await expect(attachOrStart({ home: file, folder: join(file, 'x') })).rejects.toMatchObject({
      code: 'PG_FOLDER',
      place: join(file, 'x'),
      remedy: expect.stringContaining('FILROR_DATA_HOME') as string,
    });
  });
});

describe('folder of the embedded cluster', () => {
  it('differs for two checkouts and for two accounts', () => {
    const names = [
      checkoutHash('/a/filror', 0),
      checkoutHash('/b/filror', 0),
      checkoutHash('/a/filror', 1000),
    ];
    expect(new Set(names).size).toBe(3);
    expect(names[0]).toMatch(/^[0-9a-f]{16}$/);
  });

  it.runIf(process.getuid?.() === 0)(
    'is under /var/lib for root, whose own home is closed to the server',
    () => {
      expect(clusterFolder({ XDG_DATA_HOME: '/root/data' }, 'x').folder).toBe('/var/lib/filror/x');
    },
  );

  it.runIf(process.getuid?.() !== 0)('is under XDG_DATA_HOME when that is an absolute path', () => {
    expect(clusterFolder({ XDG_DATA_HOME: '/srv/data' }, 'x').folder).toBe('/srv/data/filror/x');
    expect(clusterFolder({ XDG_DATA_HOME: 'data' }, 'x').folder).toMatch(/\/\.local\/share\/filror\/x$/);
  });
});

describe('copy of the PostgreSQL binaries', () => {
  it('has the links that the package could not carry, when install scripts did not run', async () => {
    const home = await mkdtemp(join(inject('testHome'), 'binaries-'));
    const native = join(home, 'package', 'native');
    mkdirSync(join(native, 'lib'), { recursive: true });
    mkdirSync(join(native, 'bin'));
    writeFileSync(join(home, 'package', 'package.json'), '{"version":"1.2.3"}');
    writeFileSync(join(native, 'lib', 'libpq.so.5.18'), 'library');
    writeFileSync(join(native, 'bin', 'postgres'), 'program', { mode: 0o600 });
    writeFileSync(
      join(native, 'pg-symlinks.json'),
      JSON.stringify([
        { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' },
        { source: 'native/lib/libpq.so.5.18', target: '../outside' },
      ]),
    );
    const copy = await installBinaries(home, native);
    expect(readlinkSync(join(copy, 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
    expect(readFileSync(join(copy, 'lib', 'libpq.so.5'), 'utf8')).toBe('library');
    expect(await installBinaries(home, native)).toBe(copy);
  });
});
