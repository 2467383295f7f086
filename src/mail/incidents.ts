import type { ApplyEnd, EndedRun } from '../db/mail-facts.js';

/** `source:<name>`, the runs of the region, its scheduled sendings, its weekly full reading. */
export type IncidentAbout = `source:${string}` | 'run' | 'apply' | 'fullReading';

/** Something that goes wrong now. */
export interface Incident {
  readonly about: IncidentAbout;
  /** The run or the due instant that showed it: the same one is told once. */
  readonly seen: string;
  readonly at: Date;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What a region's rows say of what works and what does not. */
export interface Facts {
  /** Synchronisations that are over, newest first. */
  readonly runs: readonly EndedRun[];
  /** The last scheduled sending that is over; null when there was none. */
  readonly apply: ApplyEnd | null;
  /** When a full reading was last due, the grace being over; null when none was. */
  readonly fullReadingDue: Date | null;
  readonly fullReadingAt: Date | null;
  /** Sources that are configured: one that no longer is cannot fail. */
  readonly sources: readonly string[];
}

export interface Standing {
  readonly failing: readonly Incident[];
  /** What works, and since when it is known. */
  readonly working: ReadonlyMap<string, Date>;
}

/** The process was stopped or died, and another one does the same again: nobody has anything to do. */
const DONE_AGAIN = new Set(['SLOT_GIVEN_BACK', 'SLOT_TAKEN_OVER']);

/**
 * What fails and what works, by the last run that can tell: a run that ended well speaks for the sources that it
 * collected, one that failed for the source that it failed on, or for the runs of the region when no source is to blame.
 */
export function standingOf(facts: Facts): Standing {
  const failing: Incident[] = [];
  const working = new Map<string, Date>();
  const runs = facts.runs.filter(
    ({ error, gaveUp }) => error === null || gaveUp || !DONE_AGAIN.has(error.code),
  );
  const blamed = new Set(runs.flatMap(({ error }) => error?.source ?? []));
  for (const source of blamed) {
    const last = runs.find((run) => run.error?.source === source || run.collected?.includes(source) === true);
    if (last === undefined) continue;
    if (last.error === null || !facts.sources.includes(source))
      working.set(`source:${source}`, last.finishedAt);
    else failing.push(incidentOf(`source:${source}`, last, last.error));
  }
  const last = runs.find((run) => run.ok || run.error?.source === null);
  if (last?.error) failing.push(incidentOf('run', last, last.error));
  else if (last !== undefined) working.set('run', last.finishedAt);
  if (facts.apply?.error) {
    const { at, error } = facts.apply;
    failing.push({ about: 'apply', seen: at.toISOString(), at, ...error });
  } else if (facts.apply !== null) working.set('apply', facts.apply.at);
  const { fullReadingDue: due, fullReadingAt: read } = facts;
  if (due !== null && (read === null || read < due)) failing.push(missed(due, read));
  else if (due !== null && read !== null) working.set('fullReading', read);
  return { failing, working };
}

function incidentOf(about: IncidentAbout, run: EndedRun, error: NonNullable<EndedRun['error']>): Incident {
  const { code, message, remedy } = error;
  return { about, seen: run.id, at: run.finishedAt, code, message, remedy };
}

function missed(due: Date, read: Date | null): Incident {
  return {
    about: 'fullReading',
    seen: due.toISOString(),
    at: due,
    code: read === null ? 'FULL_READING_NEVER' : 'FULL_READING_MISSED',
    message:
      'La relecture complète du répertoire, due chaque semaine, n’a pas eu lieu : ce qui a disparu du ROR n’est plus vu.',
    remedy:
      'voyez pourquoi (page « Sources et calendrier », ou « filror schedule list » au terminal : pause, échec, planificateur arrêté ; répertoire injoignable), puis lancez la relecture (« filror schedule run relecture »).',
  };
}

/** A thread as it stands: one for each thing that goes wrong. */
export interface OpenThread {
  readonly no: number;
  readonly about: string;
  readonly subject: string;
  readonly openedAt: Date;
  readonly lastAbout: string;
  readonly lastCode: string;
  readonly lastAt: Date;
}

export type ThreadMove =
  | { readonly move: 'open'; readonly incident: Incident }
  | { readonly move: 'again'; readonly thread: OpenThread; readonly incident: Incident }
  | { readonly move: 'close'; readonly thread: OpenThread; readonly at: Date };

/**
 * What to tell: a new failure opens a thread; one that lasts is told again in its thread when its cause changed, or
 * after `repeatHours`; what works again closes it. A failure after that opens another thread.
 */
export function threadMoves(
  { failing, working }: Standing,
  threads: readonly OpenThread[],
  now: Date,
  repeatHours: number,
): ThreadMove[] {
  const moves: ThreadMove[] = [];
  for (const incident of failing) {
    const thread = threads.find(({ about }) => about === incident.about);
    if (thread === undefined) moves.push({ move: 'open', incident });
    else if (thread.lastAbout !== incident.seen) {
      const old = now.getTime() - thread.lastAt.getTime() >= repeatHours * 3_600_000;
      if (old || thread.lastCode !== incident.code) moves.push({ move: 'again', thread, incident });
    }
  }
  for (const thread of threads) {
    const at = working.get(thread.about);
    if (at !== undefined) moves.push({ move: 'close', thread, at });
  }
  return moves;
}
