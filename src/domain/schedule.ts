import type { PersonId } from './ids.js';

/**
 * What a slot runs: collect and plan; the same after reading the whole repository again; send what is approved; write
 * the set to download of what is published, which sends nothing.
 */
export const JOB_KINDS = ['sync', 'reconcile', 'apply', 'export'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** The same words in the terminal and on the pages. */
export const JOB_WORDS: Readonly<Record<JobKind, string>> = {
  sync: 'synchronisation',
  reconcile: 'relecture complète',
  apply: 'envoi',
  export: 'jeu à télécharger',
};

/**
 * What becomes of slots that nobody could run in time (server stopped, pause, closed window): none of them, the last
 * one, or all up to a bound.
 */
export const CATCH_UPS = ['none', 'last', 'all'] as const;
export type CatchUp = (typeof CATCH_UPS)[number];

/** A kind of job and, for `sync`, the one source that it collects; null: all of them. */
export interface Job {
  readonly kind: JobKind;
  readonly source: string | null;
}

/** Key of the ledger: two schedules that ask for the same job at the same instant share one slot. */
export function jobKey(job: Job): string {
  return job.source === null ? job.kind : `${job.kind}:${job.source}`;
}

export function jobOf(key: string): Job {
  const cut = key.indexOf(':');
  const kind = (cut < 0 ? key : key.slice(0, cut)) as JobKind;
  return { kind, source: cut < 0 ? null : key.slice(cut + 1) };
}

/** Instants given by a cron expression of five fields, read by the wall clock of a time zone. */
export interface Cadence {
  readonly cron: string;
  readonly timeZone: string;
}

export interface Schedule extends Cadence, Job {
  readonly region: string;
  readonly name: string;
  readonly catchUp: CatchUp;
  readonly bound: number;
  readonly builtIn: boolean;
  readonly seenUntil: Date;
  readonly nextAt: Date;
}

/** What is due or was done: one row of the ledger. */
export interface Slot {
  readonly region: string;
  readonly job: string;
  readonly dueAt: Date;
  readonly schedule: string | null;
  readonly state: 'due' | 'running' | 'done' | 'failed' | 'missed';
  readonly starts: number;
  readonly fence: number;
  readonly worker: string | null;
  readonly leaseUntil: Date | null;
  readonly runId: string | null;
  readonly exitCode: 0 | 1 | 2 | null;
  readonly outcome: unknown;
  readonly error: SlotFault | null;
}

/** Why a slot failed or was missed; French, with what to do. */
export interface SlotFault {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly place?: string | null;
}

/** How a slot ended. Exit codes are those of a command: 0 nothing to do, 2 changes pending, 1 error. */
export interface SlotEnd {
  readonly state: 'done' | 'failed';
  readonly exitCode: 0 | 1 | 2;
  readonly outcome: unknown;
  readonly error: SlotFault | null;
}

/** A person's request to wait. `region` null: everywhere; `source` null: everything of the region. */
export interface Pause {
  readonly no: number;
  readonly region: string | null;
  readonly source: string | null;
  readonly author: PersonId;
  readonly reason: string;
  readonly beginsAt: Date;
  readonly expiresAt: Date;
}
