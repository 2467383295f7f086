import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { stopCluster } from '../../src/db/embedded/cluster.js';
import { clusterFolder } from '../../src/db/embedded/folder.js';
import { runScript, startScript, type Running } from '../support/node-process.js';

const MAIN = 'src/cli/main.ts';

/** A demonstration whose pages somebody is reading. */
describe('a second demonstration', () => {
  const env = {
    FILROR_DATA_HOME: join(inject('testHome'), 'one-at-a-time'),
    DATABASE_URL: '',
    DATABASE_OWNER_URL: '',
  };
  let served: Running;
  let url: string;
  beforeAll(async () => {
    served = startScript(MAIN, ['demo', '--pages', '--port', '0'], env);
    let over = false;
    void served.finished.then(() => (over = true));
    while (!over && !served.said().includes('Ouvrez http')) await sleep(50);
    url = /Ouvrez (http:\S+) /.exec(served.said())?.[1] ?? '';
  });
  afterAll(async () => {
    served.kill();
    await served.finished;
    await stopCluster(clusterFolder(env));
  });

  it('is refused while one is served, which keeps its database', async () => {
    const second = await runScript(MAIN, ['demo'], env);
    expect(second.code).toBe(1);
    expect(second.stdout).toBe('');
    expect(second.stderr).toMatch(
      /^Erreur DEMO_RUNNING : Une démonstration tourne déjà \(processus \d+\) ; .*\nQue faire : .*Ctrl\+C/,
    );
    expect((await fetch(`${url}/ready`)).status).toBe(200);
  });

  it('starts once the first is stopped; a port that is taken is told before anything is done', async () => {
    served.interrupt();
    const { code, stderr } = await served.finished;
    expect(code).toBe(0);
    expect(stderr).not.toContain('Interrompu');
    expect(served.said()).toContain('« npx filror db stop »');
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const refused = await runScript(MAIN, ['demo', '--pages', '--port', String(port)], env);
    other.close();
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/^Erreur PORT_TAKEN : Le port \d+ est déjà pris/);
    expect(refused.stderr).toContain('--port');
    expect(refused.stderr).not.toMatch(/^\s+at /m);
  });

  it('says, when Ctrl+C ends it, that it can be run again', async () => {
    const running = startScript(MAIN, ['demo'], env);
    let over = false;
    void running.finished.then(() => (over = true));
    while (!over && !running.said().includes('1. Collecter')) await sleep(20);
    running.interrupt();
    const { code, stderr } = await running.finished;
    expect(code).toBe(130);
    expect(stderr).toMatch(/^Interrompu : la démonstration .* sans risque\.\n$/);
  });
});
