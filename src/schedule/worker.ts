import { endSlot, holdSlot, releaseSlot, renewLease } from '../db/slots.js';
import { explainDatabaseError } from '../db/connection-errors.js';
import { inTransaction, type Trx } from '../db/types.js';
import { faultOf, FilrorError, RefusalError } from '../domain/errors.js';
import type { SlotEnd, SlotFault } from '../domain/schedule.js';
import { append } from '../journal/append.js';
import { plain } from './catch-up.js';
import type { Claim, WorkerContext } from './context.js';
import { doJob, syncEnd } from './jobs.js';
import { closeRun } from './ledger.js';

/** Renewals in the time of a lease: two may be lost before anybody takes over. */
const RENEWALS = 3;

/** How a slot ended here; `lost`: somebody took it over, or it was given back, and nothing of ours stands. */
export type Ended = SlotEnd | 'lost';

/**
 * Runs a claimed slot while renewing its lease, and records its end. The end of a synchronisation is written in the
 * transaction of its run, so that a process cut off at any point leaves either both or none.
 * @throws what is not operational, once the slot says that it failed
 */
export async function work(context: WorkerContext, claim: Claim): Promise<Ended> {
  const { slot, region } = claim;
  const told = { region: region.code, job: slot.job, dueAt: slot.dueAt.toISOString(), run: slot.runId };
  context.log.info('slot started', { ...told, starts: slot.starts });
  const heart = beat(context, claim);
  const { run, close } = context.openRun(region);
  try {
    const newId = { ...run.newId, run: () => slot.runId ?? run.newId.run() };
    const done = await doJob(claim, { ...run, newId }, binding(claim));
    if (done.recorded === 'notYet' && (await endSlot(context.db, slot, done.end)) === 'lost')
      throw lost(claim);
    context.log.info('slot done', { ...told, exitCode: done.end.exitCode });
    return done.end;
  } catch (thrown) {
    const error = explainDatabaseError(thrown, context.database.place);
    if (error instanceof FilrorError && error.code === LOST) {
      context.log.warn('slot lost', told);
      return 'lost';
    }
    const end = failed(error);
    context.log.error('slot failed', {
      ...told,
      code: end.error?.code,
      message:
        error instanceof FilrorError ? error.message : error instanceof Error ? error.stack : String(error),
    });
    const recorded = await recordFailure(context, claim, end);
    if (!(error instanceof FilrorError)) throw error;
    return recorded === 'ours' ? end : 'lost';
  } finally {
    heart.stop();
    await close();
  }
}

/** Gives a slot back for another process to do; its run says why it stopped. */
export async function giveBack(context: WorkerContext, claim: Claim): Promise<'ours' | 'lost'> {
  return await inTransaction(context.db, async (trx) => {
    const released = await releaseSlot(trx, claim.slot, 'uncounted');
    if (released === 'ours') await closeRun(trx, claim.slot, GIVEN_BACK);
    return released;
  });
}

function binding(claim: Claim): Parameters<typeof doJob>[2] {
  return {
    hold: async (trx: Trx) => {
      if ((await holdSlot(trx, claim.slot)) === 'lost') throw lost(claim);
    },
    seal: async (trx, output) => {
      if ((await endSlot(trx, claim.slot, syncEnd(output))) === 'lost') throw lost(claim);
    },
  };
}

async function recordFailure(context: WorkerContext, claim: Claim, end: SlotEnd): Promise<'ours' | 'lost'> {
  const { region, job, dueAt, runId } = claim.slot;
  try {
    return await inTransaction(context.db, async (trx) => {
      if ((await endSlot(trx, claim.slot, end)) === 'lost') return 'lost';
      const body = plain({ job, dueAt, runId, error: end.error });
      await append(trx, { region, kind: 'slot.failed', subject: `slot:${job}`, actor: null, body });
      return 'ours';
    });
  } catch (thrown) {
    // The database itself is away: the lease runs out, and whoever finds it again takes the slot over.
    const error = explainDatabaseError(thrown, context.database.place);
    if (!(error instanceof FilrorError)) throw error;
    context.log.warn('slot end not recorded', { region, job, code: error.code });
    return 'lost';
  }
}

/** Renews the lease until stopped. A renewal that fails is only told: the next one may succeed. */
function beat(context: WorkerContext, claim: Claim): { stop(): void } {
  const { leaseSeconds } = context.config.schedule;
  const timer = setInterval(
    () => {
      renewLease(context.db, claim.slot, leaseSeconds).then(
        (held) => {
          if (held === 'lost') clearInterval(timer);
        },
        (error: unknown) =>
          context.log.warn('lease not renewed', { job: claim.slot.job, why: String(error) }),
      );
    },
    (leaseSeconds * 1000) / RENEWALS,
  );
  return { stop: () => clearInterval(timer) };
}

function failed(error: unknown): SlotEnd {
  const { code, message, remedy, place } = faultOf(error);
  return { state: 'failed', exitCode: 1, outcome: null, error: { code, message, remedy, place } };
}

const LOST = 'SLOT_LOST';

function lost(claim: Claim): RefusalError {
  return new RefusalError({
    code: LOST,
    message: `L’échéance ${claim.slot.job} de la région ${claim.slot.region} a été reprise par un autre processus, ou rendue.`,
    remedy: 'rien : ce passage-ci n’a rien gardé, l’autre fait foi.',
  });
}

const GIVEN_BACK: SlotFault = {
  code: 'SLOT_GIVEN_BACK',
  message: 'Le planificateur a été arrêté pendant ce passage : l’échéance est rendue, un autre la fera.',
  remedy: 'l’exploitant relance « filror serve --scheduler ».',
};
