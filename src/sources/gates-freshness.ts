import type { Cadence, GateFinding, GateRules } from '../domain/gates.js';
import { dayText, whole } from './gates-words.js';

const DAY = 24 * 3600 * 1000;

/** What the gate of freshness needs to know of a source at one instant. */
export interface ContentAge {
  readonly source: string;
  readonly cadence: Cadence;
  /** Days allowed for this very source; null: those of its cadence. */
  readonly maxAgeDays: number | null;
  /** Where the content came from: a file, a folder or an address. */
  readonly origin: string;
  /** True when a person handed the file over for this run. */
  readonly imported: boolean;
  /** ISO date that the file states for its content, or null. */
  readonly contentDate: string | null;
  /** True for a flow whose date is that of its making: made anew every day, it may say the same for ever. */
  readonly generated: boolean;
  /** When a delivery last said something else than the one before it. */
  readonly changedAt: Date;
  readonly now: Date;
}

/** A date later than tomorrow is no date of a content: it would keep a dead source young for ever. */
export function isAhead(stated: string, now: Date): boolean {
  return Date.parse(stated) - now.getTime() > DAY;
}

/**
 * Gate X14: a content that stands still is a dead source, however many visits succeed (a real one was declared a success
 * for 113 days). Its age is that of the date it states, else of the day it last said something new; never of the visit.
 * A flow that is generated states the day of its making: it is as old as the older of the two.
 * A date in the future is told, and not believed. Whole days, UTC.
 *
 * - The limit is the source's own (`maxAgeDays`), else that of its cadence: a weekly list may stay the same for weeks and
 *   a yearly one for more than a year. Cadence `manual` has no limit, and the gate then gives nothing.
 * - It blocks what filror fetches by itself from an address. A file or a folder, whether configured or handed over
 *   (`--source`), only raises an alert: somebody put it there, perhaps an old extract on purpose, no visit could have
 *   brought a newer one, and blocking it would forbid any reading of the past. An explicit `maxAgeDays` says that
 *   the age matters all the same: it then blocks wherever the content came from.
 */
export function freshnessGate(
  rules: Pick<GateRules, 'freshness'>,
  content: ContentAge,
): readonly GateFinding[] {
  const limit =
    content.maxAgeDays ?? (content.cadence === 'manual' ? null : rules.freshness[content.cadence]);
  if (limit === null) return [];
  const changed = content.changedAt.toISOString().slice(0, 10);
  const stated = content.contentDate;
  const ahead = stated !== null && isAhead(stated, content.now);
  const stands = stated !== null && (content.generated || ahead) && changed < stated;
  const since = stated === null || stands ? changed : stated;
  const age = Math.max(0, Math.floor((content.now.getTime() - Date.parse(since)) / DAY));
  const fetched = /^https?:\/\//.test(content.origin) && !content.imported;
  const what =
    stated === null
      ? `rien de nouveau depuis le ${dayText(since)}`
      : stands
        ? `daté du ${dayText(stated)}, mais rien de nouveau depuis le ${dayText(since)}`
        : `contenu daté du ${dayText(since)}`;
  const findings: GateFinding[] = [
    {
      code: 'X14',
      strict: fetched || content.maxAgeDays !== null,
      ok: age <= limit,
      expected: limit,
      found: age,
      message: `« ${content.source} » : ${what}, il y a ${days(age)}, pour ${days(limit)} admis`,
      place: content.origin,
      remedy: `vérifiez que la source paraît encore, et à cette adresse. Si elle paraît plus rarement, donnez-lui son rythme (${content.source}.cadence) ou son âge admis (${content.source}.maxAgeDays) dans sources.yaml.`,
    },
  ];
  if (!ahead) return findings;
  return [
    ...findings,
    {
      code: 'X14',
      ok: false,
      expected: content.now.toISOString().slice(0, 10),
      found: stated,
      message: `« ${content.source} » : contenu daté du ${dayText(stated)}, qui est à venir ; son âge est compté du ${dayText(since)}`,
      place: content.origin,
      remedy:
        'vérifiez l’horloge de cette machine, puis signalez la date au propriétaire de la source. Le contenu est employé.',
    },
  ];
}

function days(count: number): string {
  return count < 2 ? `${String(count)} jour` : `${whole(count)} jours`;
}
