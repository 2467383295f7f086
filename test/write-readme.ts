import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { captureOf, writeCapture } from './support/demo-capture.js';
import { runDemoCommand } from './support/demo-run.js';

/** `npm run readme`: runs the demonstration on a data home of its own and puts its capture in README.md. */
const home = mkdtempSync('/tmp/filror-readme-');
chmodSync(home, 0o755);
try {
  const demo = await runDemoCommand(home);
  if (demo.code !== 0) throw new Error(`the demonstration ended with ${demo.code}\n${demo.stderr}`);
  writeCapture(captureOf(demo.stdout));
} finally {
  rmSync(home, { recursive: true, force: true });
}
