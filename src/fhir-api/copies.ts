/** Copies remembered at most: about 10 MB. The oldest are forgotten first, and cost a whole body. */
const MOST = 50_000;

/**
 * Which version of what was sent to whom, by this process. The audience of a reader changes with the configuration alone,
 * so with the process: a copy that this process sent was cut for the audience that the reader has now.
 */
export class CopiesSent {
  readonly #sent = new Set<string>();

  constructor(private readonly most: number = MOST) {}

  has(copy: string): boolean {
    return this.#sent.has(copy);
  }

  add(copy: string): void {
    this.#sent.delete(copy);
    this.#sent.add(copy);
    const [oldest] = this.#sent;
    if (this.#sent.size > this.most && oldest !== undefined) this.#sent.delete(oldest);
  }
}
