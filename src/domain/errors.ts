/**
 * Operational errors: told to the operator with a stable code, a place and what to do, exit code 1.
 * Anything else that is thrown is a programmer's error and crashes with its stack.
 */
export interface ErrorDetail {
  /** Stable, greppable: `SRC_EMPTY`, `CFG_INVALID`… */
  readonly code: string;
  /** French, one sentence. */
  readonly message: string;
  /** French, what the person does now. Printed after « Que faire : ». */
  readonly remedy: string;
  /** File, line, URL, configuration path… */
  readonly place?: string;
  /** True when trying again later may succeed without anybody changing anything. */
  readonly transient?: boolean;
  readonly cause?: unknown;
}

export abstract class FilrorError extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly place: string | null;
  readonly transient: boolean;
  /** Source that was being collected or read; named on the way up by `ofSource`, null elsewhere. */
  source: string | null = null;

  constructor(detail: ErrorDetail) {
    super(detail.message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = new.target.name;
    this.code = detail.code;
    this.remedy = detail.remedy;
    this.place = detail.place ?? null;
    this.transient = detail.transient ?? false;
  }
}

/** A file or a page that cannot be used at all: the run stops with nothing changed. */
export class SourceError extends FilrorError {}
/** Data of ours or of a person that breaks a rule (configuration, completion, code). */
export class DataError extends FilrorError {}
/** The repository, the database or another machine failed. */
export class RemoteError extends FilrorError {}
/** The act is understood and refused by a rule: four eyes, stale plan, missing right. */
export class RefusalError extends FilrorError {}

/** Does the work on one source: what fails in it says which source it was. */
export async function ofSource<T>(source: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FilrorError) error.source ??= source;
    throw error;
  }
}

/** An error as a run or a slot keeps it, for the people who read its page. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly place: string | null;
  readonly source: string | null;
}

/** What filror did not foresee says only its class: its own words may quote anything, and belong to the log. */
export function faultOf(error: unknown): Fault {
  if (error instanceof FilrorError) {
    const { code, message, remedy, place, source } = error;
    return { code, message, remedy, place, source };
  }
  return {
    code: 'BUG',
    message: `filror s’est arrêté sur une erreur qu’il ne prévoyait pas (${error instanceof Error ? error.name : 'sans nom'}).`,
    remedy:
      'recommencez ; si cela se répète, transmettez à l’équipe de filror l’heure et le journal du service.',
    place: null,
    source: null,
  };
}
