import { beforeAll, describe, expect, inject, it } from 'vitest';
import { captureOf, shownCapture, steady } from '../support/demo-capture.js';
import { runDemoCommand } from '../support/demo-run.js';
import type { Finished } from '../support/node-process.js';

/** One run for all: it is the whole product, embedded database included. */
describe('filror demo', () => {
  let demo: Finished;
  beforeAll(async () => {
    demo = await runDemoCommand(inject('testHome'));
  });

  it('walks from the lists to a second plan, and ends with 0', () => {
    expect(demo.stderr).toBe('');
    expect(demo.code).toBe(0);
    const titles = demo.stdout.split('\n').filter((line) => /^\d\. /.test(line));
    expect(titles.map((line) => line.slice(0, 2))).toEqual(['1.', '2.', '3.', '4.', '5.', '6.', '7.']);
    expect(demo.stdout).toMatch(/\nDémonstration terminée en \d+\.\d s\./);
  });

  it('refuses the author, then sends everything that was approved and reads it again', () => {
    expect(demo.stdout).toMatch(/Refusé comme prévu : Camille .* ne peut pas l’approuver\./);
    const approved = Number(/Dominique .* approuve (\d+) changements/.exec(demo.stdout)?.[1]);
    expect(approved).toBeGreaterThanOrEqual(30);
    expect(demo.stdout).toContain(
      `${approved} changements appliqués sur ${approved} approuvés, chacun relu identique.`,
    );
  });

  it('verifies the journal, then finds nothing new in the same lists', () => {
    expect(demo.stdout).toMatch(/Journal intact : \d{2,} écritures chaînées\./);
    expect(demo.stdout).toMatch(/6\. Un second passage sur les mêmes listes\n {2}Aucun changement/);
  });

  it('is what the README shows, ids and hours apart (npm run readme writes it)', () => {
    expect(steady(shownCapture())).toBe(steady(captureOf(demo.stdout)));
  });

  it('plans the changed list: a label raised, a centre gone, one moved, one renamed', () => {
    const last = demo.stdout.slice(demo.stdout.indexOf('7. '));
    expect(last).toMatch(/~ modifier .*Centre d'essai 1 \[FIMARAD, CRMR constitutif\]/);
    expect(last).toMatch(/− retrait de label .*Centre d'essai 7 /);
    expect(last).toMatch(/\+ créer .* question posée .*Centre d'essai 11 /);
    expect(last).toMatch(/\+ créer .* question posée .*Centre d'essai 14, nouvel intitulé /);
  });
});
