import { expect, it } from 'vitest';
import { answer } from '../../src/runs/act.js';
import { sync } from '../../src/runs/sync.js';
import { approveAll } from '../support/approved-region.js';
import { copiesOf } from '../support/copies.js';

/** A repository that writes its own label beside each code (DESIGN 10): what we wrote stays ours to take back (rule 3). */
const copy = copiesOf({ creates: 0, attaches: 1 });

it('takes back level and family from an offer whose labels the repository rewrote', async () => {
  const region = await copy();
  const offer = (): string => JSON.stringify(region.sandbox.list('HealthcareService')[0]);
  const before = offer();
  region.sandbox.faults.always('write', { kind: 'storedAs', how: 'rewriteDisplays' });
  expect((await region.apply()).map(({ result }) => result)).toEqual(['applied']);
  expect(offer()).toContain('Libellé du serveur pour 11');
  expect(offer()).toContain('Libellé du serveur pour 49');

  const [change] = await region.changes();
  const proof = 'arrêté d’essai';
  await answer(region.run(region.author), [
    { kind: 'withdraw', subject: change?.centres[0] ?? '', body: { proof, date: '2026-01-01' } },
  ]);
  await approveAll(region, region.approver);
  await approveAll(region, region.second);
  expect((await region.apply()).map(({ result }) => result)).toEqual(['applied']);
  expect(offer()).not.toContain('TRE_R344');
  expect(offer()).not.toContain('TRE_R245');
  expect(offer()).not.toContain('Maladies rares |');
  expect(codes(offer())).toEqual(codes(before));

  const { plan } = await sync(region.run(null), { replaced: new Map() }, 'real');
  expect(plan.summary).toMatch(/^Aucun changement/);
});

/** Every code that an offer holds, in order. */
const codes = (body: string): string[] =>
  [...body.matchAll(/"code":"([^"]+)"/g)].map(([, code]) => code ?? '');
