import { describe, expect, it } from 'vitest';
import type { FinessEg } from '../../src/domain/ids.js';
import type { Recognition } from '../../src/domain/recognition.js';
import { DAY_MS, parisIsoDay } from '../../src/domain/time.js';
import { propose } from '../../src/runs/propose.js';
import type { Alert } from '../../src/runs/alerts.js';
import { material, row, site } from '../support/material.js';

/** What FINESS+ recognises confirms or questions the lists; it proposes nothing. */
const recognised = (at: number, change: Partial<Recognition> = {}): Recognition => ({
  eg: site(at).eg,
  ej: site(at).ej,
  activity: 'R8',
  modality: null,
  form: null,
  active: true,
  since: null,
  until: null,
  ...change,
});
const said = (...recognitions: readonly Recognition[]): { alerts: readonly Alert[]; changes: number } => {
  const of = material({ observations: [row({ finessEg: site(0).eg })], recognitions });
  const { alerts, changes } = propose(of, () => {
    throw new Error('no new centre');
  });
  return {
    alerts: alerts.filter(({ code }) => code === 'RECOGNISED_UNLISTED' || code === 'LISTED_UNRECOGNISED'),
    changes: changes.length,
  };
};

const { instant } = material({ observations: [] });
const lastDay = parisIsoDay(instant);
const dayBefore = parisIsoDay(new Date(instant.getTime() - DAY_MS));

describe('recognitions of FINESS+', () => {
  it('hold on their last day', () => {
    const { alerts } = said(recognised(1, { endedOn: lastDay }));
    expect(alerts.map(({ code }) => code)).toContain('RECOGNISED_UNLISTED');
  });

  it('say nothing when they agree with the lists', () => {
    expect(said(recognised(0)).alerts).toEqual([]);
  });

  it('ask about a recognised site without a centre, and about a centre on a site that is not', () => {
    const { alerts, changes } = said(recognised(1));
    expect(alerts.map(({ code }) => code)).toEqual(['RECOGNISED_UNLISTED', 'LISTED_UNRECOGNISED']);
    expect(alerts[0]?.message).toContain(`${site(1).name} (${site(1).eg})`);
    expect(alerts[1]?.message).toContain(`${site(0).name} (${site(0).eg})`);
    expect(changes).toBe(said().changes);
  });

  it.each([
    ['none at all', []],
    ['an ended one', [recognised(1, { active: false })]],
    ['one that is said to be active and ended yesterday', [recognised(1, { endedOn: dayBefore })]],
    ['one of a site that is not open', [recognised(1, { eg: '140000209' as FinessEg })]],
  ])('conclude nothing from %s', (_, recognitions) => {
    expect(said(...recognitions).alerts).toEqual([]);
  });
});
