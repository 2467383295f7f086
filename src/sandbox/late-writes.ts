import { Fault } from './outcome.js';

/** Writes that a server commits after the client was cut off; done when the sandbox's clock has come to them. */
export class LateWrites {
  #waiting: { readonly at: number; readonly commit: () => unknown }[] = [];

  constructor(readonly now: () => Date) {}

  add(at: Date, commit: () => unknown): void {
    this.#waiting.push({ at: at.getTime(), commit });
  }

  /** Commits what is due. A write that the repository refuses by then has nobody left to be told to. */
  settle(): void {
    const now = this.now().getTime();
    const due = this.#waiting.filter(({ at }) => at <= now);
    this.#waiting = this.#waiting.filter(({ at }) => at > now);
    for (const { commit } of due) {
      try {
        commit();
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
      }
    }
  }
}
