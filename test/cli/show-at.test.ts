import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFilror } from '../support/built.js';
import type { Finished } from '../support/node-process.js';
import { DEPUTY, pastRegion, type PastRegion } from '../support/past-region.js';

let past: PastRegion;
beforeAll(async () => {
  past = await pastRegion();
}, 60_000);
afterAll(() => past.close());

const showAt = (what: string, date: string, ...more: readonly string[]): Promise<Finished> =>
  runFilror(['show-at', what, '--date', date, '--region', '28', ...more], past.env);

describe('filror show-at', () => {
  it('tells a centre as of the end of a day in Paris', async () => {
    const { code, stdout } = await showAt(past.centre, '2026-03-28');
    expect(code).toBe(0);
    expect(stdout).toContain(`${past.centre}, à la fin du 28/03/2026`);
    expect(stdout).toContain('  offre 28/ESSAI-0001 : version 1, lue le 10/03/2026 à 09:00');
    expect(stdout).toContain('    Commentaire de l’établissement : Accueil du lundi au vendredi, Dieppe.');
    expect(stdout).toContain(
      '  labelled-centres (reçu le 10/03/2026 à 09:00) : CCMR, campagne 2023 ; filière FIMARAD ; CH de Dieppe, Dieppe',
    );
    expect(stdout).toContain(`  ${past.change} : rattacher (approuvé)`);
    expect(stdout).toContain(
      `  28/03/2026 à 23:30 : Approuvé par ${DEPUTY}, au nom de Dominique (essai). [${past.change}]`,
    );
    expect(stdout).not.toContain('Envoyé au ROR');
  });

  it('tells an offer as data', async () => {
    const { code, stdout } = await showAt(past.offer, '2026-06-16', '--output', 'json');
    expect(code).toBe(0);
    const output = JSON.parse(stdout) as {
      instant: string;
      offers: {
        offer: string;
        kind: string;
        version: { versionId: string };
        elements: Record<string, unknown>;
        served: object;
      }[];
      open: unknown[];
    };
    expect(output.instant).toBe('2026-06-16T21:59:59.999Z');
    expect(output.offers.map(({ offer, kind, version }) => [offer, kind, version.versionId])).toEqual([
      ['28/ESSAI-0001', 'read', '3'],
    ]);
    expect(output.offers[0]?.elements['name']).toBe('Offre d’essai de Dieppe, consultation de dermatologie');
    expect(Object.keys(output.offers[0]?.served ?? {}).length).toBe(4);
    expect(output.open).toEqual([]);
  });

  it('says when an offer was no longer there', async () => {
    expect((await showAt(past.offer, '2026-10-25')).stdout).toContain(
      '  offre 28/ESSAI-0001 : n’y était plus depuis le 25/10/2026 à 23:30',
    );
  });

  it.each([
    ['a date that is none', '2026-02-30', 'DATE_INVALID'],
    ['a date to come', '9999-01-01', 'DATE_FUTURE'],
  ])('refuses %s, with what to do', async (_what, date, error) => {
    const { code, stderr } = await showAt(past.centre, date);
    expect(code).toBe(1);
    expect(stderr).toContain(error);
    expect(stderr).toContain('Que faire :');
  });

  it('refuses an offer that was never seen', async () => {
    const { code, stderr } = await showAt('28/NULLE-PART', '2026-03-28');
    expect([code, stderr.includes('OFFER_NEVER_SEEN')]).toEqual([1, true]);
  });
});
