import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Action } from '../../src/sandbox/faults.js';
import { approvedTemplate, copyOfRegion, type ApprovedRegion } from '../support/approved-region.js';
import { builtProgram, type BuiltProgram } from '../support/built.js';
import { atWork, resumeToTheEnd, startApply, startApplyNow, waiters } from '../support/killed-process.js';
import { broken, brokenAtAnyTime } from '../support/region-agreement.js';
import type { Running } from '../support/node-process.js';

/**
 * SIGKILL from outside at every named point of the path of one change (ANCHORS 2.3 a; rule 6). The killer stands in the
 * sandbox, where it sees each request arrive and its answer made, and in the database, where it holds the row that the
 * process needs next and strikes once the process waits for it.
 */
const COMMON = { creates: 1, attaches: 1, timeoutMs: 2_000, declaredLagMs: 150 };

let template: Awaited<ReturnType<typeof approvedTemplate>>;
let program: BuiltProgram;

beforeAll(async () => {
  program = builtProgram();
  template = await approvedTemplate(COMMON);
});
afterAll(() => template.drop());

/** The process of a test, and what its killer may do. */
class Victim {
  #running: Running | null = null;
  #release: (() => Promise<void>) | null = null;
  starts = 0;
  readonly kill = (): void => this.#running?.kill();

  constructor(
    readonly region: ApprovedRegion,
    /** What the killed change is: the other one of the region goes its way. */
    readonly write: 'create' | 'patch',
  ) {}

  async start(): Promise<void> {
    this.#running = await startApply(program, this.region, this.starts++);
  }

  async dead(): Promise<void> {
    const end = await (this.#running as Running).finished;
    await this.#release?.();
    this.#release = null;
    expect(end.code, `it ended by itself: ${end.stdout} ${end.stderr}`).toBeNull();
  }

  /** Kills when the request reaches the repository (`before` it does anything) or when its answer is ready. */
  killsAt(action: Action, when: 'before' | 'after'): void {
    this.on(action, when, this.kill);
  }

  on(action: Action, when: 'before' | 'after', act: () => void | Promise<void>): void {
    this.region.sandbox.faults.next({ action, path: this.#path(action) }, { kind: 'meanwhile', act, when });
  }

  /** Requests of this change only. */
  #path(action: Action): RegExp {
    if (action === 'token') return /^/;
    if (this.write === 'create') return action === 'search' ? /organization\._id=/ : /Service$|Service\/\d+$/;
    return action === 'search' ? /identifier=/ : /essai-1$/;
  }

  /** Holds a row that the process needs next; once the process waits for it, kills. */
  async killsAtRow(sql: string): Promise<void> {
    const { owner } = this.region.database;
    const holder = await owner.transaction();
    await holder.raw(sql);
    this.#release = async () => void (await holder.rollback());
    void (async () => {
      for (;;) {
        if ((await waiters(owner)) > 0) return this.kill();
        await sleep(10);
      }
    })();
  }

  changeRow(): string {
    const kind = this.write === 'create' ? 'create' : 'attach';
    return `select 1 from change where region = '28' and kind = '${kind}' for update`;
  }
}

const REGION_ROW = `select 1 from region_state where region = '28' for update`;
const HEAD_OF_JOURNAL = 'select 1 from journal_head for update';

interface Point {
  readonly name: string;
  /** For a patch too, where its recovery is another one; the rest of the path is the same for both. */
  readonly patchToo?: true;
  readonly arrange: (victim: Victim) => void | Promise<void>;
  /** What a first process must have left, for a point of the recovery: it is killed there. */
  readonly after?: (victim: Victim) => void;
  /** Writes of this change that the repository must have received in all, dead processes' included. */
  readonly writes: number;
}

/** The request arrives, and is neither committed nor answered; its process dies with it. */
const lost = (victim: Victim): void => {
  victim.killsAt(victim.write, 'before');
  victim.region.sandbox.faults.always(victim.write, { kind: 'drop', when: 'before' });
};

const POINTS: readonly Point[] = [
  { name: 'before it has a token', arrange: (v) => v.killsAt('token', 'before'), writes: 1 },
  { name: 'before its intent is committed', arrange: (v) => v.killsAtRow(REGION_ROW), writes: 1 },
  {
    name: 'after its intent, before its last look',
    arrange: (v) => v.killsAt('search', 'before'),
    writes: 1,
  },
  {
    name: 'after its last look, before its request is recorded',
    arrange: (v) => v.on('search', 'after', () => v.killsAtRow(v.changeRow())),
    writes: 1,
  },
  { name: 'its request lost on the way', patchToo: true, arrange: lost, writes: 2 },
  {
    name: 'its request on the way, committed after its death',
    patchToo: true,
    arrange: (v) => v.killsAt(v.write, 'before'),
    writes: 1,
  },
  {
    name: 'its request committed, not answered',
    patchToo: true,
    arrange: (v) => v.killsAt(v.write, 'after'),
    writes: 1,
  },
  {
    name: 'in the middle of the answer',
    arrange: (v) => {
      v.region.sandbox.faults.always(v.write, { kind: 'slowBody', pieces: 10, ms: 100 });
      v.on(v.write, 'after', () => void setTimeout(v.kill, 300));
    },
    writes: 1,
  },
  { name: 'answered, before its read-back', arrange: (v) => v.killsAt('read', 'before'), writes: 1 },
  { name: 'during its read-back', arrange: (v) => v.killsAt('read', 'after'), writes: 1 },
  {
    name: 'read back, before its record',
    arrange: (v) => v.on('read', 'after', () => v.killsAtRow(v.changeRow())),
    writes: 1,
  },
  {
    name: 'its record written, not committed',
    patchToo: true,
    arrange: (v) => v.on('read', 'after', () => v.killsAtRow(HEAD_OF_JOURNAL)),
    writes: 1,
  },
  {
    name: 'recovering, at its first look',
    after: (v) => v.killsAt(v.write, 'after'),
    arrange: (v) => v.killsAt('search', 'before'),
    writes: 1,
  },
  {
    name: 'recovering, between the looks that must agree',
    patchToo: true,
    after: lost,
    arrange: (v) => v.on('search', 'after', () => v.killsAt('search', 'after')),
    writes: 2,
  },
  {
    name: 'recovering, its record written, not committed',
    after: (v) => v.killsAt(v.write, 'after'),
    arrange: (v) => v.on('search', 'after', () => v.killsAtRow(HEAD_OF_JOURNAL)),
    writes: 1,
  },
];
const CASES = (['create', 'patch'] as const).flatMap((write) =>
  POINTS.filter(({ patchToo }) => write === 'create' || patchToo === true).map((point) => ({
    ...point,
    write,
  })),
);

describe.concurrent('a process killed at a named point', () => {
  it.each(CASES)('of a $write, $name: converges, written once', async (point) => {
    const region = await copyOfRegion(template.name, COMMON);
    const victim = new Victim(region, point.write);
    try {
      if (point.after !== undefined) {
        point.after(victim);
        await victim.start();
        await victim.dead();
        region.sandbox.faults.end();
      }
      await point.arrange(victim);
      await victim.start();
      await victim.dead();
      expect(region.sandbox.faults.pending).toBe(0);
      region.sandbox.faults.end();
      expect(await brokenAtAnyTime(region)).toEqual([]);
      const { code, stdout, stderr } = await resumeToTheEnd(program, region, victim.starts);
      expect(code, `${stdout} ${stderr}`).toBe(0);
      expect((await region.changes()).map(({ state }) => state)).toEqual(['applied', 'applied']);
      expect(await broken(region, COMMON.attaches)).toEqual([]);
      const method = point.write === 'create' ? 'POST' : 'PATCH';
      expect(region.sandbox.writes().filter((write) => write.method === method)).toHaveLength(point.writes);
    } finally {
      await region.close();
    }
  });
});

describe.concurrent('a process killed while its request is on the way, and started again at once', () => {
  it.each(['create', 'patch'] as const)(
    'waits, by the real clock, until nothing of a %s can arrive any more',
    async (write) => {
      const region = await copyOfRegion(template.name, COMMON);
      const victim = new Victim(region, write);
      try {
        // Committed three seconds after the death: the next process has long begun to look.
        victim.killsAt(write, 'before');
        region.sandbox.faults.always(write, { kind: 'delay', ms: 3_000, when: 'before' });
        await victim.start();
        await victim.dead();
        const committed = (): number => region.sandbox.writes().length;
        const before = committed();
        const again = startApplyNow(program, region, { resume: true });
        await atWork(region, again);
        expect(committed()).toBe(before);
        const { code, stdout, stderr } = await again.finished;
        expect(code, `${stdout} ${stderr}`).toBe(0);
        expect((await region.changes()).map(({ state }) => state)).toEqual(['applied', 'applied']);
        expect(await broken(region, COMMON.attaches)).toEqual([]);
        expect(committed()).toBe(2);
      } finally {
        await region.close();
      }
    },
  );
});
