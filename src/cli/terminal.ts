import { SingleBar } from 'cli-progress';
import type { ProgressEvent } from '../runs/context.js';

/** Colours and bars only where a person looks at a terminal (https://no-color.org). */
export function hasColour(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

export interface Paint {
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly red: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

export function paint(colour: 'colour' | 'plain'): Paint {
  const wrap =
    (code: number) =>
    (text: string): string =>
      colour === 'colour' ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { green: wrap(32), yellow: wrap(33), red: wrap(31), bold: wrap(1), dim: wrap(2) };
}

/**
 * Progress of a command: a bar with step, done/total, rate and time left on a terminal; one line per step elsewhere,
 * so that the log of a scheduler stays short.
 */
export class Progress {
  private bar: SingleBar | null = null;
  private step = '';

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly mode: 'bar' | 'lines' | 'quiet',
  ) {}

  readonly tell = (event: ProgressEvent): void => {
    if (this.mode === 'quiet') return;
    if (event.step !== this.step) {
      this.stop();
      this.step = event.step;
      if (this.mode === 'lines' || event.total === null) this.stream.write(`· ${event.step}\n`);
    }
    if (this.mode === 'lines' || event.total === null) return;
    if (this.bar === null) {
      this.bar = new SingleBar({
        format: `  {step} {bar} {value}/{total} | {rate}/s | reste {eta_formatted}`,
        stream: this.stream,
        hideCursor: true,
        clearOnComplete: false,
        // Its own listener would take Ctrl+C and let the command go on: interrupted.ts ends it.
        gracefulExit: false,
        barCompleteChar: '█',
        barIncompleteChar: '░',
        barsize: 24,
      });
      this.startedAt = Date.now();
      this.bar.start(event.total, event.done, { step: event.step, rate: '0' });
    }
    this.bar.setTotal(event.total);
    const seconds = Math.max(0.001, (Date.now() - this.startedAt) / 1000);
    this.bar.update(event.done, { rate: (event.done / seconds).toFixed(0) });
    if (event.done >= event.total) this.stop();
  };

  private startedAt = 0;

  stop(): void {
    this.bar?.stop();
    this.bar = null;
    this.step = '';
  }
}
