import { html, type Html } from '../../domain/html.js';
import type { Standing } from '../../runs/coverage.js';
import type { Chart } from './frame.js';
import type { LegendItem } from './legend.js';
import { middleOf, outlineOf, type LonLat, type Ring } from './outlines.js';
import { freeBox, freeBoxes, overlap, type Box } from './free-boxes.js';
import { projection, type Projection } from './projection.js';
import { STANDINGS, STANDING_WORDS, standingSign } from './signs.js';
import { clipped, px, widthOf } from './text.js';

export type StandingCounts = Readonly<Record<Standing, number>>;

export interface RegionMap {
  readonly id: string;
  readonly title: string;
  readonly desc: string;
  readonly departements: readonly { readonly code: string; readonly seen: number; readonly all: number }[];
  /** Sites that the register places, each with its number in the list beside. */
  readonly sites: readonly {
    readonly number: number;
    readonly name: string;
    readonly at: LonLat;
    readonly counts: StandingCounts;
  }[];
}

/** Two drawings of one map, in pixels: half of a wide page, and a narrow one where sites bear their number alone. */
const ROOM = { wide: { width: 580, margin: 16 }, narrow: { width: 272, margin: 8 } } as const;
const TALLEST = 720;
const LINE = 20;
/** Beyond so many sites their names would cover the map: the number alone, the name in the list. */
const NAMED_MOST = 14;
const NAME_MOST = 18;

/**
 * Outlines, a count in each département, and the sites: a point where the register places each, a line to its label.
 * @returns null when a département has no outline (overseas): there is no half of a map
 */
export function regionMap(
  { id, title, desc, departements, sites }: RegionMap,
  size: keyof typeof ROOM = 'wide',
): Chart | null {
  const { width, margin } = ROOM[size];
  const outlines = departements.map(({ code }) => outlineOf(code));
  const rings = outlines.flatMap((each) => each ?? []);
  if (rings.length === 0 || outlines.includes(null)) return null;
  const { at, height } = projection(rings, { width, tallest: TALLEST, margin });
  const named = size === 'wide' && sites.length <= NAMED_MOST;
  const wanted = sites.map((site) => {
    const [x, y] = at(site.at);
    return { x, y, width: labelWidth(site, named), height: LINE };
  });
  const dots = wanted.map(({ x, y }): Box => ({ x: x - 5, y: y - 5, width: 10, height: 10 }));
  const codes = departements.flatMap(({ code, seen, all }) => {
    const middle = middleOf(code);
    const words = all === 0 ? `${code} : aucun` : `${code} : ${String(seen)}/${String(all)}`;
    return middle === null ? [] : [{ words, middle: at(middle) }];
  });
  const codeBoxes = boxesOfCodes(codes, dots, { width, height });
  const boxes = freeBoxes(wanted, [...codeBoxes, ...dots], { width, height });
  const body = html`${outlines.map(
    (each) =>
      html`<path
        class="f-raised s-line"
        stroke-width="1"
        fill-rule="evenodd"
        d="${(each ?? []).map((ring) => pathOf(ring, at)).join('')}"
      />`,
  )}
  ${codes.map(({ words, middle }, index) => codeMark(words, middle, codeBoxes[index]))}
  ${wanted.map((from, index) => tie(from, boxes[index]))}
  ${sites.map((site, index) => siteMark(site, wanted[index], boxes[index], named))}`;
  return { id, title, desc, width, height, body, key: keyOf(sites) };
}

interface Code {
  readonly words: string;
  readonly middle: readonly [x: number, y: number];
}

/** In the middle of its département or just beside; where others stand there (around Paris), at the first free place. */
function boxesOfCodes(
  codes: readonly Code[],
  dots: readonly Box[],
  room: { readonly width: number; readonly height: number },
): Box[] {
  const boxes: Box[] = [];
  for (const { words, middle } of codes) {
    const width = widthOf(words);
    const [x, y] = middle;
    const near = [0, 22, -22]
      .map((lower) => ({ x: x - width / 2, y: y + lower - LINE / 2, width, height: LINE }))
      .find((box) => ![...boxes, ...dots].some((other) => overlap(box, other)));
    boxes.push(near ?? freeBox({ x, y, width, height: LINE }, [...boxes, ...dots], room));
  }
  return boxes;
}

/** Tied to its département when it had to stand elsewhere. */
function codeMark(words: string, [x, y]: Code['middle'], box: Box | undefined): Html {
  if (box === undefined) return html``;
  const middle = box.x + box.width / 2;
  const aside = Math.abs(middle - x) > 1;
  const near = Math.min(Math.max(x, box.x), box.x + box.width);
  return html`${aside ? html`<path class="s-muted" d="M${px(x)} ${px(y)}L${px(near)} ${px(box.y + LINE / 2)}" />` : null}
    <text class="f-muted strong" text-anchor="middle" x="${px(middle)}" y="${px(box.y + LINE - 5)}"
      >${words}</text
    >`;
}

type Site = RegionMap['sites'][number];

function labelOf({ number, name }: Site, named: boolean): string {
  return named ? `${String(number)}. ${clipped(name, NAME_MOST)}` : `${String(number)}.`;
}

function labelWidth(site: Site, named: boolean): number {
  const signs = STANDINGS.filter((standing) => site.counts[standing] > 0);
  return (
    widthOf(labelOf(site, named)) +
    signs.reduce((all, standing) => all + 20 + widthOf(String(site.counts[standing])), 0)
  );
}

/** From a site to its label: all of these are drawn before any label, which they then never cross. */
function tie(from: { readonly x: number; readonly y: number }, box: Box | undefined): Html {
  if (box === undefined) return html``;
  const near = Math.min(Math.max(from.x, box.x), box.x + box.width);
  return html`<path class="s-ink" d="M${px(from.x)} ${px(from.y)}L${px(near)} ${px(box.y + LINE / 2)}" />`;
}

function siteMark(
  site: Site,
  from: { x: number; y: number } | undefined,
  box: Box | undefined,
  named: boolean,
): Html {
  if (from === undefined || box === undefined) return html``;
  const middle = box.y + LINE / 2;
  const label = labelOf(site, named);
  let x = box.x + widthOf(label) + 8;
  const signs = STANDINGS.filter((standing) => site.counts[standing] > 0).map((standing) => {
    const count = String(site.counts[standing]);
    const drawn = html`${standingSign(standing, x, middle)}<text
        class="f-ink"
        x="${px(x + 9)}"
        y="${px(middle + 5)}"
        >${count}</text
      >`;
    x += 20 + widthOf(count);
    return drawn;
  });
  return html`<circle class="f-ink s-ground" cx="${px(from.x)}" cy="${px(from.y)}" r="3.5" />
    <rect
      class="f-ground s-line"
      stroke-width="0.5"
      x="${px(box.x - 3)}"
      y="${px(box.y)}"
      width="${px(box.width + 4)}"
      height="${px(box.height)}"
      rx="3"
    />
    <text class="f-ink" x="${px(box.x)}" y="${px(middle + 5)}">${label}</text>
    ${signs}`;
}

function keyOf(sites: RegionMap['sites']): LegendItem[] {
  const counts = {
    words: 'numéro du département : centres visibles / centres',
    sign: html`<text class="f-muted small" x="0" y="12">1/2</text>`,
  };
  return sites.length > 0
    ? [
        counts,
        {
          words: 'point : place du site selon FINESS',
          sign: html`<circle class="f-ink" cx="9" cy="7" r="3.5" />`,
        },
        ...STANDINGS.map((standing) => ({
          words: STANDING_WORDS[standing],
          sign: standingSign(standing, 9, 7),
        })),
      ]
    : [counts];
}

function pathOf(ring: Ring, at: Projection['at']): string {
  return `M${ring.map((point) => at(point).map(px).join(' ')).join('L')}Z`;
}
