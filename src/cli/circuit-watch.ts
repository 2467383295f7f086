import { hostname } from 'node:os';
import { recordCircuit } from '../db/circuits.js';
import { ensureRegion } from '../db/runs.js';
import type { Db } from '../db/types.js';
import type { CircuitState } from '../http/circuit.js';
import type { Logger } from '../observe/logger.js';

/** Where the circuits of one region's servers are told: the log, and the database for other processes. */
export interface CircuitWatch {
  readonly onCircuit: (state: CircuitState) => void;
  /** What was told is recorded, or its failure logged. */
  readonly settled: () => Promise<void>;
}

const MESSAGES: Readonly<Record<CircuitState['state'], string>> = {
  open: 'circuit opened',
  halfOpen: 'circuit tried',
  closed: 'circuit closed',
};

/** @param db null: told to the log alone (a dry run keeps nothing) */
export function watchCircuits(
  region: string,
  log: Logger,
  db: Db | null,
  now: () => Date = () => new Date(),
): CircuitWatch {
  let last: Promise<void> = Promise.resolve();
  const keep = async (state: CircuitState, changedAt: Date): Promise<void> => {
    if (db === null) return;
    try {
      await ensureRegion(db, region);
      await recordCircuit(db, region, { ...state, changedAt, process: `${hostname()}:${process.pid}` });
    } catch (error) {
      // What a request does must not depend on whether its circuit could be shown.
      log.warn('circuit not recorded', { region, host: state.host, why: (error as Error).message });
    }
  };
  return {
    onCircuit(state) {
      const { host, failuresInARow, retryAt } = state;
      log[state.state === 'open' ? 'warn' : 'info'](MESSAGES[state.state], {
        region,
        host,
        failuresInARow,
        retryAt: retryAt?.toISOString() ?? null,
      });
      const at = now();
      last = last.then(() => keep(state, at));
    },
    settled: () => last,
  };
}
