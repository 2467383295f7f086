import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/config/files.js';

const README = join(packageRoot, 'README.md');
const BLOCK = /(walks the whole product[^]*?```text\n)([^]*?)(\n```)/;
const WIDTH = 118;
/** Changes of one plan that the README shows before it cuts. */
const SHOWN = 6;
const CUT = '  […]';

/** The demonstration as the README shows it: long lines and long lists cut, nothing else changed. */
export function captureOf(stdout: string): string {
  const lines: string[] = [];
  let [listed, skipping] = [0, false];
  for (const line of stdout.trim().split('\n')) {
    listed = /^[+~−] /.test(line) ? listed + 1 : 0;
    // The last step reads the same lists as the first: only its plan is shown.
    if (skipping) skipping = line !== '';
    if (skipping || listed > SHOWN + 1) continue;
    lines.push(listed === SHOWN + 1 ? CUT : line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line);
    if (/^7\. /.test(line)) {
      lines.push(CUT);
      skipping = true;
    }
  }
  return lines.join('\n');
}

/** What differs from one run to the next, put aside: ids, hours, duration. */
export function steady(capture: string): string {
  return capture
    .replace(/^([+~−] \D{17})[a-z2-7]{10} /gm, '$1xxxxxxxxxx ')
    .replace(/changement [a-z2-7]{10} /g, 'changement xxxxxxxxxx ')
    .replace(/\b\d\d:\d\d\b/g, '00:00')
    .replace(/en \d+\.\d s\./g, 'en 0.0 s.');
}

export function shownCapture(): string {
  const shown = BLOCK.exec(readFileSync(README, 'utf8'))?.[2];
  if (shown === undefined) throw new Error('README.md has lost the capture of the demonstration');
  return shown;
}

export function writeCapture(capture: string): void {
  const text = readFileSync(README, 'utf8');
  writeFileSync(
    README,
    text.replace(BLOCK, (_all, before: string, _old, after: string) => `${before}${capture}${after}`),
  );
}
