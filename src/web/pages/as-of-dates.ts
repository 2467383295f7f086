import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { frenchDay, parisClock } from '../../domain/time.js';
import type { PastDay } from '../../runs/as-of-day.js';
import type { daysOf } from '../../runs/as-of-events.js';
import { withQuery } from '../query-text.js';
import { happeningLine } from './as-of-parts.js';

/** Days of the list of dates, those nearest to the date that is shown. */
const DAYS_SHOWN = 60;
/** Days offered at the top of the page, the newest. */
const DAYS_OFFERED = 12;

type Days = ReturnType<typeof daysOf>;

/** Where the page stands: its path, and what of its address does not depend on the date. */
export interface Place {
  readonly path: string;
  readonly fixed: Readonly<Record<string, string>>;
  readonly day: PastDay;
  readonly comparer: string;
  /** `2026-11-22` */
  readonly today: string;
}

export function addressOf({ path, fixed, comparer }: Place, date: string): string {
  return withQuery(path, { ...fixed, date, comparer });
}

export function datesForm({ path, fixed, day, comparer, today }: Place): Html {
  return html`<form class="filters" method="get" action="${path}">
    ${Object.entries(fixed).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <div>
      <label for="date">À la fin de la journée du</label>
      <input id="date" name="date" type="date" value="${day.iso}" max="${today}" required />
    </div>
    <div>
      <label for="comparer">Comparer les offres avec la fin du (facultatif)</label>
      <input id="comparer" name="comparer" type="date" value="${comparer}" max="${today}" />
    </div>
    <button>Voir à cette date</button>
  </form>`;
}

/** The nearest days, before and after, on which something happened. */
export function neighbours(place: Place, days: Days): Html | null {
  const { iso } = place.day;
  const [before, after] = [days.findLast((day) => day.iso < iso), days.find((day) => day.iso > iso)];
  if (before === undefined && after === undefined) return null;
  const link = (day: Days[number], word: string, rel: string): Html =>
    html`<a class="button" href="${addressOf(place, day.iso)}" rel="${rel}"
      >${word} : ${frenchDay(day.iso)}</a
    >`;
  return html`<nav class="pager" aria-label="Dates voisines où quelque chose a changé">
    ${before === undefined ? html`<span>Rien avant cette date</span>` : link(before, 'Date précédente', 'prev')}
    ${after === undefined ? html`<span>Rien après cette date</span>` : link(after, 'Date suivante', 'next')}
  </nav>`;
}

/** The days on which something changed, newest first: whoever opens the page on today sees where to go. */
export function changedDays(place: Place, days: Days): Html | null {
  if (days.length === 0) return null;
  const shown = days.slice(-DAYS_OFFERED).reverse();
  const left = days.length - shown.length;
  return html`<nav aria-labelledby="jours">
    <p id="jours"><strong>Dates où quelque chose a changé</strong></p>
    <ul>
      ${shown.map(
        ({ iso, happenings }) =>
          html`<li>
            <a href="${addressOf(place, iso)}" ${iso === place.day.iso ? html`aria-current="date"` : null}
              >${frenchDay(iso)} (${counted(happenings.length, 'fait')})</a
            >
          </li>`,
      )}
      ${
        left === 0
          ? null
          : html`<li>
              <a href="#dates">${counted(left, 'date plus ancienne', 'dates plus anciennes')}, plus bas</a>
            </li>`
      }
    </ul>
  </nav>`;
}

/** The dates that matter, newest first, with what happened on each. */
export function timeline(region: string, place: Place, days: Days): Html {
  if (days.length === 0) return html`<p>Aucune : rien n’a encore été enregistré.</p>`;
  const { iso } = place.day;
  const near = Math.max(
    0,
    days.findLastIndex((day) => day.iso <= iso),
  );
  const from = Math.min(Math.max(0, near - DAYS_SHOWN / 2), Math.max(0, days.length - DAYS_SHOWN));
  const shown = days.slice(from, from + DAYS_SHOWN);
  const hidden = days.length - shown.length;
  return html`<ol class="dates" id="dates" reversed>
      ${[...shown].reverse().map(
        (day) =>
          html`<li>
            <a href="${addressOf(place, day.iso)}" ${day.iso === iso ? html`aria-current="date"` : null}
              >${frenchDay(day.iso)}</a
            >${day.iso === iso ? ' (date montrée)' : null}
            <ul>
              ${day.happenings.map((each) => happeningLine(region, each, parisClock(each.at)))}
            </ul>
          </li>`,
      )}
    </ol>
    ${
      hidden === 0
        ? null
        : html`<p>
            ${counted(hidden, 'autre date, plus loin de celle-ci, n’est pas montrée', 'autres dates, plus loin de celle-ci, ne sont pas montrées')}.
          </p>`
    }`;
}
