import type { DecidedChange, OpenedInWeek } from '../../db/coverage.js';
import { CHANGE_KINDS, KIND_WORDS, type ChangeKind } from '../../domain/change.js';
import { counted } from '../../domain/counted.js';
import { DAY_MS, frenchDay } from '../../domain/time.js';
import { delayOf, delaysByWeek, delayText } from '../../runs/delays.js';
import { sum } from '../charts/bars.js';
import { delayChart } from '../charts/delays.js';
import type { Fill } from '../charts/textures.js';
import { weekBars } from '../charts/weeks.js';
import type { Figure } from './coverage-figure.js';

const CHANGES = 'Changements ouverts par semaine';
const DELAYS = 'Délai de décision';

/** The tone says the sign (+, ~, −), the texture the kind. */
const KIND_FILLS: Readonly<Record<ChangeKind, Fill>> = {
  create: { tone: 'good', texture: 'solid' },
  attach: { tone: 'warn', texture: 'rising' },
  modify: { tone: 'warn', texture: 'dots' },
  enrich: { tone: 'warn', texture: 'level' },
  withdraw: { tone: 'bad', texture: 'falling' },
  close: { tone: 'bad', texture: 'crossed' },
};

const kindText = (kind: ChangeKind): string => `${KIND_WORDS[kind].sign} ${KIND_WORDS[kind].word}`;

/** What was proposed, week after week, by kind. */
export function changesFigure(weeks: readonly string[], opened: readonly OpenedInWeek[]): Figure {
  const counts = new Map(opened.map(({ week, kind, count }) => [`${week}|${kind}`, count]));
  const rows = weeks.map((week) => ({
    week,
    values: CHANGE_KINDS.map((kind) => counts.get(`${week}|${kind}`) ?? 0),
  }));
  const byKind = CHANGE_KINDS.map((kind, at) => ({
    kind,
    count: sum(rows.map(({ values }) => values[at] ?? 0)),
  }));
  const all = sum(byKind.map(({ count }) => count));
  const finding = changesFinding(weeks.length, all, byKind);
  return {
    id: 'changements',
    title: CHANGES,
    finding,
    chart:
      all === 0
        ? null
        : weekBars({
            id: 'changements',
            title: CHANGES,
            desc: finding,
            unit: 'nombre de changements',
            series: CHANGE_KINDS.map((kind) => ({ words: kindText(kind), fill: KIND_FILLS[kind] })),
            bars: rows.map(({ week, values }) => ({ name: week, values })),
          }),
    head: ['Semaine du', ...CHANGE_KINDS.map((kind) => KIND_WORDS[kind].word), 'ensemble'],
    rows: all === 0 ? [] : rows.map(({ week, values }) => [frenchDay(week), ...values, sum(values)]),
    note: 'Semaines du lundi au dimanche, heure de Paris ; la dernière n’est pas finie. Un changement qu’un plan plus récent a remplacé n’est pas compté : celui qui le remplace l’est.',
  };
}

function changesFinding(
  weeks: number,
  all: number,
  byKind: readonly { readonly kind: ChangeKind; readonly count: number }[],
): string {
  if (all === 0) return `Aucun changement n’a été ouvert ces ${String(weeks)} dernières semaines.`;
  const [most] = [...byKind].sort((a, b) => b.count - a.count);
  const first = `${counted(all, 'changement ouvert', 'changements ouverts')} en ${String(weeks)} semaines`;
  if (most === undefined) return `${first}.`;
  const kind = `« ${KIND_WORDS[most.kind].word} »`;
  return most.count === all
    ? `${first}, ${all === 1 ? '' : 'tous '}du genre ${kind}.`
    : `${first} ; le genre le plus fréquent est ${kind}, ${counted(most.count, 'fois', 'fois')}.`;
}

/** How long people took to decide, from the opening to enough approvals or a rejection. */
export function delaysFigure(weeks: readonly string[], decided: readonly DecidedChange[]): Figure {
  const overall = delayOf(decided);
  const byWeek = delaysByWeek(decided, weeks);
  const count = String(weeks.length);
  const finding =
    overall === null
      ? `Aucun changement n’a été décidé ces ${count} dernières semaines : il n’y a pas de délai à montrer.`
      : overall.count === 1
        ? `Un seul changement a été décidé en ${count} semaines : en ${delayText(overall.median)}.`
        : `Sur ${counted(overall.count, 'changement')} décidés en ${count} semaines, la moitié l’ont été en ${delayText(overall.median)} ou moins, 90 % en ${delayText(overall.p90)} ou moins.`;
  const { unit, ms } = unitOf(Math.max(0, ...byWeek.map(({ delay }) => delay?.p90 ?? 0)));
  return {
    id: 'delais',
    title: DELAYS,
    finding,
    chart:
      overall === null
        ? null
        : delayChart({
            id: 'delais',
            title: DELAYS,
            desc: finding,
            unit: `délai, en ${unit}`,
            weeks: byWeek.map(({ week, delay }) => ({
              week,
              delay: delay === null ? null : { median: delay.median / ms, p90: delay.p90 / ms },
            })),
          }),
    head: ['Semaine de la décision', 'Changements décidés', 'Médiane', '90 % en'],
    rows: byWeek.flatMap(({ week, delay }) =>
      delay === null ? [] : [[frenchDay(week), delay.count, delayText(delay.median), delayText(delay.p90)]],
    ),
    note: 'De l’ouverture du changement, dans la forme décidée, à son rejet ou à l’approbation qui suffit. Temps écoulé, nuits et fins de semaine comprises.',
  };
}

/** The unit in which the longest delay is still read easily. */
function unitOf(longest: number): { readonly unit: string; readonly ms: number } {
  if (longest >= 2 * DAY_MS) return { unit: 'jours', ms: DAY_MS };
  return longest >= 2 * 3_600_000 ? { unit: 'heures', ms: 3_600_000 } : { unit: 'minutes', ms: 60_000 };
}
