import type { RorClient } from '../../src/ror/client.js';

type Call = 'search' | 'read' | 'create' | 'update' | 'patch';

/** Where the process stops for good: before the call leaves, or once it was answered. */
export interface FreezePoint {
  readonly call: Call;
  readonly moment: 'before' | 'after';
}

/**
 * A client whose process stops at one point, as by a power cut: that call and all later ones never end. `thaw` lets
 * the frozen calls go on, as a process that was only paused (a suspended machine) would.
 */
export class FrozenClient {
  readonly client: RorClient;
  /** Resolves when the point is reached. */
  readonly reached: Promise<void>;
  readonly thaw: () => void;

  constructor(real: RorClient, point: FreezePoint) {
    let reach: () => void = () => undefined;
    let open: () => void = () => undefined;
    let frozen = false;
    this.reached = new Promise((resolve) => (reach = resolve));
    const gate = new Promise<void>((resolve) => (open = resolve));
    this.thaw = () => open();
    const stop = async (call: Call, moment: FreezePoint['moment']): Promise<void> => {
      if (!frozen && (point.call !== call || point.moment !== moment)) return;
      frozen = true;
      reach();
      await gate;
    };
    const around = async <T>(call: Call, work: () => Promise<T>): Promise<T> => {
      await stop(call, 'before');
      const result = await work();
      await stop(call, 'after');
      return result;
    };
    const client: Pick<RorClient, Call> = {
      async *search(type, params) {
        await stop('search', 'before');
        yield* real.search(type, params);
        await stop('search', 'after');
      },
      read: (type, id) => around('read', () => real.read(type, id)),
      create: (...args) => around('create', () => real.create(...args)),
      update: (...args) => around('update', () => real.update(...args)),
      patch: (...args) => around('patch', () => real.patch(...args)),
    };
    this.client = client as RorClient;
  }
}
